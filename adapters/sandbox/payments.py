"""PaymentIntents and the charges they make (https://docs.stripe.com/api/payment_intents)."""

from dataclasses import dataclass, field

from adapters.sandbox.balance import Movement, record
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.cards import Decline, Method, look_up
from adapters.sandbox.rows import Body


@dataclass(frozen=True)
class Payer:
    """Who pays, as typed on the page; `shipping` is a name and an address, or None where nothing is shipped."""

    name: str
    email: str
    phone: str | None = None
    shipping: Body | None = None

    def details(self) -> Body:
        """Give the billing details."""
        address = self.shipping["address"] if self.shipping else NO_ADDRESS
        return {"address": address, "email": self.email, "name": self.name, "phone": self.phone, "tax_id": None}


@dataclass(frozen=True)
class Purpose:
    """What a payment is for: how much, and what leads back to it."""

    amount: int
    currency: str
    customer: str | None = None
    description: str | None = None
    metadata: Body = field(default_factory=dict)
    extra: Body = field(default_factory=dict)
    """Further fields of the PaymentIntent."""
    hidden: Body = field(default_factory=dict)
    """The session or invoice it pays."""


@dataclass(frozen=True)
class Tender:
    """What somebody pays with."""

    number: str
    method: Method
    payer: Payer


NO_ADDRESS: Body = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def intend(books: Books, purpose: Purpose) -> Body:
    """Create a PaymentIntent that waits for a way to pay."""
    name = new_id("pi")
    body = books.add(
        "payment_intent",
        name,
        purpose.hidden,
        **{
            "amount": purpose.amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{name}_{new_id('secret')}",
            "confirmation_method": "automatic",
            "currency": purpose.currency,
            "customer": purpose.customer,
            "customer_account": None,
            "description": purpose.description,
            "last_payment_error": None,
            "latest_charge": None,
            "metadata": purpose.metadata,
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        }
        | purpose.extra,
    )
    books.emit("payment_intent.created", body)
    return body


def attempt(books: Books, payment: Body, tender: Tender, decline: Decline | None) -> Body:
    """Charge: the PaymentIntent comes back succeeded, processing, or asking for another way to pay."""
    hidden = books.row("payment_intent", payment["id"]).hidden
    status = "failed" if decline else "succeeded" if tender.method.settles == "now" else "pending"
    charge = _charge(books, payment, tender, status)
    payment = payment | {
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
        "payment_method_types": [tender.method.type],
    }
    books.save(payment, hidden | {"charge": charge["id"]})
    if status == "pending":
        payment = payment | {"status": "processing"}
        books.save(payment)
        books.emit("charge.pending", charge)
        books.emit("payment_intent.processing", payment)
        return payment
    return _fail(books, payment, charge, decline) if decline else _succeed(books, payment, charge)


def settle(books: Books, payment: Body, decline: Decline | None) -> Body:
    """End a payment that was processing, as its bank decided."""
    charge = books.get("charge", payment["latest_charge"])
    return _fail(books, payment, charge, decline) if decline else _succeed(books, payment, charge)


def challenged(books: Books, payment: Body) -> Body:
    """Let a PaymentIntent wait for 3-D Secure."""
    payment = payment | {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
    books.save(payment)
    books.emit("payment_intent.requires_action", payment)
    return payment


def not_authenticated(books: Books, payment: Body, decline: Decline) -> Body:
    """Take a PaymentIntent back to where another way to pay can be chosen: 3-D Secure was failed."""
    payment = payment | {
        "status": "requires_payment_method",
        "next_action": None,
        "last_payment_error": _error(decline),
    }
    books.save(payment)
    books.emit("payment_intent.payment_failed", payment)
    return payment


def _succeed(books: Books, payment: Body, charge: Body) -> Body:
    outcome = {
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    charge = charge | {
        "amount_captured": charge["amount"],
        "captured": True,
        "outcome": outcome,
        "paid": True,
        "status": "succeeded",
    }
    payment = payment | {
        "amount_received": payment["amount"],
        "last_payment_error": None,
        "status": "succeeded",
    }
    card = charge["payment_method_details"]["type"] == "card"
    movement = Movement(
        "charge" if card else "payment",
        "charge",
        charge["amount"],
        charge["currency"],
        charge["id"],
        charge["description"],
        "charge",
    )
    charge["balance_transaction"] = record(books, movement)["id"]
    books.save(charge)
    books.save(payment)
    books.enter("charge", charge)
    method = look_up(books.row("charge", charge["id"]).hidden["number"])
    if method and method.dispute:
        books.later("dispute", charge["id"], books.settle_after)
    books.emit("charge.succeeded", charge)
    books.emit("payment_intent.succeeded", payment)
    return payment


def _fail(books: Books, payment: Body, charge: Body, decline: Decline) -> Body:
    outcome = {
        "network_decline_code": None,
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "seller_message": "The bank did not approve the payment.",
        "type": "issuer_declined",
    }
    charge = charge | {
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": outcome,
        "status": "failed",
    }
    payment = payment | {
        "last_payment_error": _error(decline) | {"charge": charge["id"]},
        "payment_method": None,
        "status": "requires_payment_method",
    }
    books.save(charge)
    books.save(payment)
    books.emit("charge.failed", charge)
    books.emit("payment_intent.payment_failed", payment)
    return payment


def _error(decline: Decline) -> Body:
    error: Body = {
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "type": "card_error",
    }
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    return error


def _charge(books: Books, payment: Body, tender: Tender, status: str) -> Body:
    method = tender.method
    details: Body = {"type": method.type, method.type: {"last4": tender.number[-4:]}}
    if method.type == "card":
        details["card"] |= {"brand": method.brand, "country": "US", "funding": "credit", "network": method.brand}
    return books.add(
        "charge",
        new_id("ch"),
        {"number": tender.number},
        amount=payment["amount"],
        amount_captured=0,
        amount_refunded=0,
        application=None,
        application_fee=None,
        application_fee_amount=None,
        balance_transaction=None,
        billing_details=tender.payer.details(),
        calculated_statement_descriptor=payment["statement_descriptor"],
        captured=False,
        currency=payment["currency"],
        customer=payment["customer"],
        description=payment["description"],
        destination=None,
        disputed=False,
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        fraud_details={},
        metadata=payment["metadata"],
        on_behalf_of=None,
        order=None,
        outcome=None,
        paid=False,
        payment_intent=payment["id"],
        payment_method=new_id("pm"),
        payment_method_details=details,
        radar_options={},
        receipt_email=payment["receipt_email"],
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        review=None,
        shipping=payment["shipping"],
        source=None,
        source_transfer=None,
        statement_descriptor=None,
        statement_descriptor_suffix=payment["statement_descriptor_suffix"],
        status=status,
        transfer_data=None,
        transfer_group=None,
    )
