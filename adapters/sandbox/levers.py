"""What tests and demonstrations can have happen at the sandbox: what banks, time and the dashboard do."""

from datetime import UTC, datetime

from adapters.sandbox import balance, disputes, dunning, items, payouts, refunds, subscriptions
from adapters.sandbox.cards import DECLINED
from adapters.sandbox.completion import submit
from adapters.sandbox.disputes import Claim
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal, no_such
from adapters.sandbox.form import Form, checked
from adapters.sandbox.rows import Body
from adapters.sandbox.standing import change


def dispute(engine: Engine, account: str, payment_intent: str, claim: Claim) -> Body:
    """Have a payment disputed."""
    with engine.books(account) as books:
        payment = books.get("payment_intent", payment_intent, "payment_intent")
        return disputes.begin(books, books.get("charge", payment["latest_charge"] or ""), claim)


def decide(engine: Engine, account: str, name: str, outcome: str) -> Body:
    """Have the bank decide a dispute, `won` or `lost`, or `disputed`, which makes one of an inquiry."""
    with engine.books(account) as books:
        if outcome == "disputed":
            return disputes.escalate(books, name)
        return disputes.decide(books, name, outcome)


def refund(engine: Engine, account: str, payment_intent: str, amount: int | None = None) -> Body:
    """Refund in the dashboard, so much in minor units, or all that is left."""
    params: Body = {"payment_intent": payment_intent} | ({} if amount is None else {"amount": amount})
    with engine.books(account) as books:
        return refunds.create(books, params)


def fail_refund(engine: Engine, account: str, name: str) -> Body:
    """Have a refund fail, whatever it was made to."""
    with engine.books(account) as books:
        return refunds.fail(books, name)


def retry(engine: Engine, account: str, invoice: str, *, paid: bool = True) -> Body:
    """Try an open invoice again now, with what its subscription is paid with; with `paid` false it is declined."""
    with engine.books(account) as books:
        dunning.retry(books, invoice, None if paid else DECLINED)
        return books.get("invoice", invoice)


def reprice(engine: Engine, account: str, name: str, amount: int) -> Body:
    """Change in the dashboard what a subscription of one thing costs from its next invoice on, in minor units."""
    with engine.books(account) as books:
        subscription = books.get("subscription", name, "subscription")
        (item,) = subscription["items"]["data"]
        price = item["price"]
        data = {name: price[name] for name in ("currency", "product")} | {"unit_amount": amount}
        data["recurring"] = {name: price["recurring"][name] for name in ("interval", "interval_count")}
        wanted = {"items": [{"id": item["id"], "price_data": data}], "proration_behavior": "none"}
        return change(books, subscription, {"items": items.replaced(books, subscription, wanted)})


def cancel(engine: Engine, account: str, name: str) -> Body:
    """End a subscription in the dashboard, at once."""
    with engine.books(account) as books:
        return subscriptions.cancel(books, name, {})


def pay_out(engine: Engine, account: str) -> Body:
    """Pay out all that is there, now."""
    with engine.books(account) as books:
        return {"object": "list", "data": payouts.pay_out(books)}


def take_fee(engine: Engine, account: str, amount: int, currency: str) -> Body:
    """Take a fee that belongs to no payment, in minor units, as Stripe bills for its other services."""
    with engine.books(account) as books:
        return balance.record(
            books, balance.Movement("stripe_fee", "fee", -amount, currency, None, "Billing - Usage Fee")
        )


def pay(engine: Engine, name: str, number: str) -> Body:
    """Pay a session as somebody does who changes nothing on its page but the number. Raises Refusal, Declined."""
    row = engine.storage.find(name, kind="checkout.session")
    if row is None:
        raise no_such("checkout.session", name, "id")
    now = engine.now()
    submission = checked(row.body, Form.posted(row.body, {"number": number}, now), datetime.fromtimestamp(now, UTC))
    if isinstance(submission, str):
        raise Refusal(submission, param="number")
    with engine.books(row.account) as books:
        return submit(books, row.body, submission)
