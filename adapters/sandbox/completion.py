"""What happens when a buyer presses Pay: the session completes, waits for 3-D Secure, or stays open with an error."""

from dataclasses import dataclass

from adapters.sandbox import customers, dunning, payment_links, payments, subscriptions
from adapters.sandbox.books import Books
from adapters.sandbox.cards import CURRENCY_OF, NOT_A_TEST_CARD, NOT_AUTHENTICATED, Decline, Method, look_up
from adapters.sandbox.coupons import redeem
from adapters.sandbox.errors import Refusal
from adapters.sandbox.payments import Payer, Purpose, Tender
from adapters.sandbox.pricing import check_total
from adapters.sandbox.rows import Body
from adapters.sandbox.sessions import shipping_cost


@dataclass(frozen=True)
class Submission:
    """What was typed and chosen on the page."""

    number: str
    payer: Payer
    rate: str | None = None
    """The chosen shipping rate."""


class Declined(Exception):
    """The payment was refused; the session stays open. What happened so far is kept."""


def submit(books: Books, session: Body, submission: Submission, *, confirmed: bool | None = None) -> Body:
    """Pay a session: gives it complete, or still open where 3-D Secure asks first. Raises Declined with a sentence.

    `confirmed` is None before 3-D Secure, and then says how it went.
    """
    session = choose_rate(books, session, submission.rate)
    if session["amount_total"] == 0 and session["mode"] == "payment":
        return _complete(books, session, submission.payer, {}, "no_payment_required")
    method = _method(session, submission.number)
    if method.challenge and confirmed is None:
        if session["mode"] == "payment":
            session, payment = _intent(books, session, submission.payer)
            payments.challenged(books, payment)
        return session
    if session["mode"] == "payment":
        return _pay_once(books, session, submission, method, confirmed=confirmed)
    if confirmed is False:
        raise Declined(NOT_AUTHENTICATED.message)
    return _subscribe(books, session, submission, method)


def choose_rate(books: Books, session: Body, rate: str | None) -> Body:
    """Put the chosen shipping rate, one of those on offer, in place of the first."""
    offered = [option["shipping_rate"] for option in session["shipping_options"]]
    if rate is None or not offered:
        return session
    if rate not in offered:
        raise Refusal("That way of shipping is not on offer.", param="shipping_rate")
    before = session["total_details"]["amount_shipping"]
    cost = shipping_cost(books.get("shipping_rate", rate))
    session = session | {
        "amount_total": session["amount_total"] - before + cost["amount_total"],
        "shipping_cost": cost,
        "total_details": session["total_details"] | {"amount_shipping": cost["amount_total"]},
    }
    check_total(session["amount_total"], session["currency"])
    books.save(session)
    return session


def settle(books: Books, name: str) -> None:
    """End a payment that was processing, and tell its session and its invoice how."""
    row = books.row("payment_intent", name)
    if row.body["status"] != "processing":
        return
    method = look_up(books.row("charge", row.body["latest_charge"]).hidden["number"])
    decline = method.decline if method and method.settles == "failed" else None
    payment = payments.settle(books, row.body, decline)
    succeeded = payment["status"] == "succeeded"
    if "invoice" in row.hidden:
        dunning.collected(books, row.hidden["invoice"], succeeded=succeeded)
    if "session" in row.hidden:
        session = books.get("checkout.session", row.hidden["session"])
        if succeeded:
            session = session | {"payment_status": "paid"}
            books.save(session)
        books.emit(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)


def _method(session: Body, number: str) -> Method:
    method = look_up(number)
    if method is None:
        raise Declined("Your card number is invalid.")
    if method.decline is NOT_A_TEST_CARD:  # which may be somebody's own: it is kept nowhere
        raise Declined(NOT_A_TEST_CARD.message)
    currency = CURRENCY_OF.get(method.type)
    if currency not in {None, session["currency"]}:
        raise Declined(f"This bank account can only be debited in {str(currency).upper()}.")
    if method.type not in session["payment_method_types"]:
        raise Declined("This way to pay is not accepted here.")
    return method


def _pay_once(books: Books, session: Body, submission: Submission, method: Method, *, confirmed: bool | None) -> Body:
    session, payment = _intent(books, session, submission.payer)
    if confirmed is False:
        payments.not_authenticated(books, payment, NOT_AUTHENTICATED)
        raise Declined(NOT_AUTHENTICATED.message)
    decline = method.decline if method.settles == "now" else None
    payment = payments.attempt(books, payment, Tender(submission.number, method, submission.payer), decline)
    if decline is not None:
        raise Declined(decline.message)
    change: Body = {}
    if session["customer"] is None and session["customer_creation"] == "always":
        change["customer"] = customers.create(books, submission.payer)["id"]
        books.save(payment | {"customer": change["customer"]})
    if payment["status"] == "processing":
        books.later("settle", payment["id"], books.settle_after)
        return _complete(books, session, submission.payer, change, "unpaid")
    return _complete(books, session, submission.payer, change, "paid")


def _subscribe(books: Books, session: Body, submission: Submission, method: Method) -> Body:
    if method.decline is not None and method.settles == "now":
        _decline(books, session, Tender(submission.number, method, submission.payer), method.decline)
        raise Declined(method.decline.message)
    hidden = books.row("checkout.session", session["id"]).hidden
    if session["customer"] is None:
        customer = customers.create(books, submission.payer)
    else:
        customer = books.get("customer", session["customer"])
    coupon = session["discounts"][0]["coupon"] if session["discounts"] else None
    found = books.find(coupon, "coupon") if coupon else None
    terms = subscriptions.Terms(hidden["items"], submission.number, found.body if found else None)
    subscription = subscriptions.begin(books, customer, terms, hidden["subscription_data"])
    invoice, payment = subscriptions.bill(
        books, subscription, hidden["items"], submission.payer, reason="subscription_create", decline=None
    )
    if payment is not None:
        row = books.row("payment_intent", payment["id"])
        books.save(row.body, row.hidden | {"session": session["id"]})
    change = {"customer": customer["id"], "invoice": invoice["id"], "subscription": subscription["id"]}
    status = "no_payment_required"
    if payment is not None:
        status = "unpaid" if payment["status"] == "processing" else "paid"
    return _complete(books, session, submission.payer, change, status)


def _decline(books: Books, session: Body, tender: Tender, decline: Decline) -> None:
    """Leave behind what a declined attempt to begin a subscription does: a payment that nothing leads to."""
    row = books.row("checkout.session", session["id"])
    if "tried" in row.hidden:
        payment = books.get("payment_intent", row.hidden["tried"])
    else:
        purpose = Purpose(session["amount_total"], session["currency"], session["customer"], "Subscription creation")
        payment = payments.intend(books, purpose)
        books.save(row.body, row.hidden | {"tried": payment["id"]})
    payments.attempt(books, payment, tender, decline)


def _intent(books: Books, session: Body, payer: Payer) -> tuple[Body, Body]:
    """Give the session's PaymentIntent, made at the first attempt and kept through declines."""
    shipping = payer.shipping and payer.shipping | {"carrier": None, "phone": payer.phone, "tracking_number": None}
    if session["payment_intent"]:
        payment = books.get("payment_intent", session["payment_intent"])
        payment = payment | {"amount": session["amount_total"], "shipping": shipping}
        books.save(payment)
        return session, payment
    data = dict(books.row("checkout.session", session["id"]).hidden["payment_intent_data"])
    purpose = Purpose(
        session["amount_total"],
        session["currency"],
        session["customer"],
        data.pop("description", None),
        {key: value for key, value in data.pop("metadata", {}).items() if value},
        data | {"shipping": shipping},
        {"session": session["id"]},
    )
    payment = payments.intend(books, purpose)
    session = session | {"payment_intent": payment["id"]}
    books.save(session)
    return session, payment


def _complete(books: Books, session: Body, payer: Payer, change: Body, payment_status: str) -> Body:
    details = payer.details()
    session = (
        session
        | change
        | {
            "collected_information": {
                "business_name": None,
                "individual_name": None,
                "shipping_details": payer.shipping,
            },
            "consent": _consent(session),
            "customer_details": {
                "address": details["address"],
                "business_name": None,
                "email": payer.email,
                "individual_name": None,
                "name": payer.name,
                "phone": payer.phone,
                "tax_exempt": "none",
                "tax_ids": [],
            },
            "payment_status": payment_status,
            "status": "complete",
            "url": None,
        }
    )
    if session["automatic_tax"]["enabled"]:
        session["automatic_tax"] = session["automatic_tax"] | {"status": "complete"}
    books.save(session)
    books.storage.clear_timers("expire", session["id"])
    for discount in session["discounts"]:
        redeem(books, discount["coupon"])
    if session["payment_link"]:
        payment_links.completed(books, session["payment_link"])
    books.emit("checkout.session.completed", session)
    return session


def _consent(session: Body) -> Body | None:
    asked = session["consent_collection"]
    if asked is None:
        return None
    agreed = "accepted" if asked["terms_of_service"] == "required" else None
    return {"promotions": None, "terms_of_service": agreed}
