"""What Stripe answers: its objects, as plain JSON, become what the ports speak of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from adapters.stripe.limits import from_stripe
from bot.money import Money
from bot.ports import Dispute, Event, Invoice, Payment, Refund, Session, Subscription

Body = Mapping[str, Any]

#: The metadata by which a Payment Link says which variant it sells.
LINKED: Final = "tillbot"
#: The events that Tillbot has a use for. Stripe filters by at most 20: https://docs.stripe.com/api/events/list
TYPES: Final = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.updated",
    "customer.subscription.deleted",
)

#: https://docs.stripe.com/payments/paymentintents/lifecycle
_STATES: Final[Mapping[str, Literal["processing", "paid"]]] = {"processing": "processing", "succeeded": "paid"}
#: https://docs.stripe.com/api/refunds/object#refund_object-status
_REFUNDS: Final[Mapping[str, Literal["done", "failed"]]] = {
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}
#: https://docs.stripe.com/api/disputes/object#dispute_object-status
_DISPUTES: Final[Mapping[str, Literal["won", "lost"]]] = {
    "won": "won",
    "warning_closed": "won",
    "prevented": "won",
    "lost": "lost",
}

#: What ids and types are made of, "" for an object that has none. Whatever else is neither stored nor logged.
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{0,255}")


def takes_money(body: Body) -> bool:
    """Tell whether a checkout session is for money. One that only keeps a card for later has no currency and no amounts.

    Tillbot opens none, but other programs at the same account may: https://docs.stripe.com/payments/checkout/save-and-reuse
    """
    return body.get("mode") != "setup"


def order_of(body: Body) -> str:
    """Name the order that a session was opened for; "" where a Payment Link opened it.

    Whoever follows a link may put any reference into its address, somebody else's order too:
    https://docs.stripe.com/payment-links/url-parameters
    """
    return "" if body.get("payment_link") else body.get("client_reference_id") or ""


def session(body: Body, account: str, payment: Body | None) -> Session:
    """Read a checkout session; `payment` is its payment intent with `latest_charge`, where there is one.

    https://docs.stripe.com/api/checkout/sessions/object
    """
    currency = body["currency"]
    details = body.get("total_details") or {}
    return Session(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=order_of(body),
        status=body["status"],
        payment=_paid(body, payment),
        url=body.get("url") or "",
        total=from_stripe(body["amount_total"], currency),
        subtotal=from_stripe(body["amount_subtotal"], currency),
        discount=from_stripe(details.get("amount_discount") or 0, currency),
        shipping=from_stripe(details.get("amount_shipping") or 0, currency),
        tax=from_stripe(details.get("amount_tax") or 0, currency),
        expires=instant(body["expires_at"]),
        refunded=_refunded(payment, currency),
        payment_intent=payment["id"] if payment else "",
        subscription=named(body.get("subscription")),
        ship_to=_ship_to(body),
        country=_address(body).get("country") or "",
        # Stripe gives a session its link's metadata: https://docs.stripe.com/api/payment-link/object
        link=(body.get("metadata") or {}).get(LINKED, "") if body.get("payment_link") else "",
    )


def payment(body: Body, account: str, charges: Sequence[Body], refunds: Sequence[Body]) -> Payment:
    """Read a payment intent with all of its charges, each an attempt to pay it, and their refunds, newest first.

    https://docs.stripe.com/api/payment_intents/object
    """
    currency, error = body["currency"], body.get("last_payment_error") or {}
    back = sum(charge["amount_refunded"] for charge in charges)
    # Who fails 3-D Secure has tried too, though there is no charge of it.
    uncharged = bool(error) and not error.get("charge")
    return Payment(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=(body.get("metadata") or {}).get("order", ""),
        received=from_stripe(body["amount_received"], currency),
        refunded=from_stripe(back, currency),
        status=_STATES.get(body["status"], "unpaid"),
        declines=sum(charge["status"] == "failed" for charge in charges) + uncharged,
        declined=error.get("decline_code") or error.get("code") or "",
        refunds=tuple(refund(each) for each in reversed(refunds)),
    )


def refund(body: Body) -> Refund:
    """Read a refund.

    https://docs.stripe.com/api/refunds/object
    """
    return Refund(
        id=body["id"],
        key=(body.get("metadata") or {}).get("key", ""),
        amount=from_stripe(body["amount"], body["currency"]),
        status=_REFUNDS.get(body["status"], "pending"),
    )


def dispute(body: Body, account: str) -> Dispute:
    """Read a dispute.

    https://docs.stripe.com/api/disputes/object
    """
    due = (body.get("evidence_details") or {}).get("due_by")
    return Dispute(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        payment_intent=named(body.get("payment_intent")),
        amount=from_stripe(body["amount"], body["currency"]),
        status=_DISPUTES.get(body["status"], "open"),
        reason=body["reason"],
        due=instant(due) if due else None,
    )


def invoice(body: Body, account: str) -> Invoice | None:
    """Read an invoice with `payments`; None where no subscription made it.

    https://docs.stripe.com/api/invoices/object
    """
    details = (body.get("parent") or {}).get("subscription_details") or {}
    if not details.get("subscription"):
        return None
    again = body.get("next_payment_attempt")
    ends = [line["period"]["end"] for line in (body.get("lines") or {}).get("data", ())]
    return Invoice(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        subscription=named(details["subscription"]),
        order=(details.get("metadata") or {}).get("order", ""),
        first=body["billing_reason"] == "subscription_create",
        paid=body["status"] == "paid",
        total=from_stripe(body["total"], body["currency"]),
        payment_intent=paid_with(body),
        period_end=instant(max(ends)) if ends else None,
        attempts=body["attempt_count"],
        next_attempt=instant(again) if again else None,
        pay_url=body.get("hosted_invoice_url") or "",
    )


def subscription(body: Body, account: str) -> Subscription:
    """Read a subscription.

    https://docs.stripe.com/api/subscriptions/object
    """
    ends = [item["current_period_end"] for item in body["items"]["data"]]
    return Subscription(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=(body.get("metadata") or {}).get("order", ""),
        status=_status(body),
        until=instant(max(ends)) if ends else None,
        amount=_each_period(body),
    )


def event(body: Body, account: str) -> Event:
    """Read an event, and of its object only the id. Raises ValueError, TypeError or KeyError where it is none.

    https://docs.stripe.com/api/events/object
    """
    texts = (body["id"], body["type"], body["data"]["object"].get("id", ""))
    if body["object"] != "event" or type(body["livemode"]) is not bool or not all(map(_NAME.fullmatch, texts)):
        raise ValueError("not an event")
    return Event(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        type=body["type"],
        object_id=texts[2],
        created=instant(body["created"]),
    )


def paid_with(body: Body) -> str:
    """Give the id of the payment intent that paid an invoice, or is to pay it; "" where there is none."""
    payments = (body.get("payments") or {}).get("data", ())
    intents = {entry.get("status"): named(entry["payment"].get("payment_intent")) for entry in payments}
    return intents.get("paid") or next(iter(intents.values()), "")


def named(reference: Any) -> str:
    """Give the id of a reference, expanded or not; "" for none."""
    if reference is None:
        return ""
    return str(reference["id"]) if isinstance(reference, Mapping) else str(reference)


def instant(seconds: int) -> datetime:
    """Read Stripe's seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def _paid(body: Body, payment: Body | None) -> Literal["none", "processing", "paid", "failed"]:
    if body["status"] != "complete":
        return "none"
    if body["payment_status"] in {"paid", "no_payment_required"}:
        return "paid"
    # A complete session whose payment intent wants another method is one whose delayed payment failed.
    failed = payment is not None and payment["status"] in {"requires_payment_method", "canceled"}
    return "failed" if failed else "processing"


def _refunded(payment: Body | None, currency: str) -> Money:
    charge = (payment or {}).get("latest_charge")
    return from_stripe(charge["amount_refunded"] if isinstance(charge, Mapping) else 0, currency)


def _shipping(body: Body) -> Body:
    return (body.get("collected_information") or {}).get("shipping_details") or {}


def _address(body: Body) -> Body:
    return _shipping(body).get("address") or {}


def _ship_to(body: Body) -> str:
    shipping, address = _shipping(body), _address(body)
    town = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    lines = (
        shipping.get("name"),
        address.get("line1"),
        address.get("line2"),
        town,
        address.get("state"),
        address.get("country"),
        (body.get("customer_details") or {}).get("phone") if shipping else None,
    )
    return "\n".join(line for line in lines if line)


def _each_period(body: Body) -> Money | None:
    amounts = [(item["price"]["unit_amount"], item.get("quantity")) for item in body["items"]["data"]]
    if any(amount is None or quantity is None for amount, quantity in amounts):  # by tiers, or metered
        return None
    return from_stripe(sum(amount * quantity for amount, quantity in amounts), body["currency"])


def _status(body: Body) -> Literal["active", "stopping", "ended", "troubled"]:
    if body["status"] in {"canceled", "incomplete_expired"}:
        return "ended"
    if body.get("cancel_at_period_end") or body.get("cancel_at"):
        return "stopping"
    return "active" if body["status"] in {"active", "trialing"} else "troubled"
