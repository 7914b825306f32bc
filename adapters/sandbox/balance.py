"""The balance: a transaction for every movement, and their sum (https://docs.stripe.com/api/balance_transactions).

What is taken in is available at once; at Stripe it is pending for some days.
"""

from dataclasses import dataclass
from typing import Literal

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.listing import newest
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Currency, Kind, Range, Text

LIST: dict[str, Kind] = {
    "created": Range(),
    "currency": Currency(),
    "payout": Text(),
    "source": Text(),
    "type": Text(),
}
URL = "/v1/balance_transactions"


@dataclass(frozen=True)
class Movement:
    """What moves the balance: `amount` in minor units of the payment's `currency`, below zero where it leaves."""

    type: str
    category: str
    """https://docs.stripe.com/reports/reporting-categories"""
    amount: int
    currency: str
    source: str | None
    description: str | None = None
    fee: Literal["none", "charge", "dispute"] = "none"


def record(books: Books, movement: Movement, payout: str | None = None) -> Body:
    """Write a movement down; `payout` is given for a payout's own."""
    amount, currency, rate = (movement.amount, movement.currency, None)
    if payout is None:
        amount, currency, rate = books.rules.settled(movement.amount, movement.currency)
    match movement.fee:
        case "charge":
            fee, why = books.rules.fee(amount, currency), "Stripe processing fees"
        case "dispute":
            fee, why = books.rules.dispute_fee(currency), "Dispute fee"
        case _:
            fee, why = 0, ""
    details = {"amount": fee, "application": None, "currency": currency, "description": why, "type": "stripe_fee"}
    body = books.add(
        "balance_transaction",
        new_id("txn"),
        {"payout": payout},
        amount=amount,
        available_on=books.at,
        balance_type="payments",
        currency=currency,
        description=movement.description,
        exchange_rate=None if rate is None else float(rate),
        fee=fee,
        fee_details=[details] if fee else [],
        net=amount - fee,
        reporting_category=movement.category,
        source=movement.source,
        status="available",
        type=movement.type,
    )
    pause = books.rules.payout_after
    if payout is None and pause is not None and not books.storage.awaits("payout", books.account):
        books.later("payout", books.account, pause)
    return body


def total(books: Books) -> dict[str, int]:
    """Give what is there, by currency, in minor units."""
    return books.storage.sums(books.account, "balance_transaction", "net", by="currency")


def balance(books: Books) -> Body:
    """Show what is there (https://docs.stripe.com/api/balance/balance_object)."""
    available = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(total(books).items())
    ]
    pending = [entry | {"amount": 0, "source_types": {"card": 0}} for entry in available]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


def listed(books: Books, params: Body) -> Body:
    """List transactions, newest first; with `payout` those that went by it, its own among them."""
    tests: list[tuple[str, str, str]] = [
        (name, "is", params[name]) for name in ("currency", "source", "type") if name in params
    ]
    if "payout" in params:
        books.row("payout", params["payout"], "payout", status=400)
        tests.append(("hidden.payout", "is", params["payout"]))
    return newest(books, "balance_transaction", params, *tests, url=URL)
