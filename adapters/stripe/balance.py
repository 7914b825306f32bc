"""An account's balance, line by line, and the payout that each line went to the bank with.

https://docs.stripe.com/api/balance_transactions and https://docs.stripe.com/payouts/reconciliation
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from adapters.stripe.connection import Connection
from adapters.stripe.limits import from_stripe
from adapters.stripe.shapes import Body, instant, named
from bot.money import Money, total
from bot.ports import Transaction

_Type = Literal["charge", "refund", "dispute", "payout", "other"]
#: Stripe's reporting categories, where they are one of ours; the rest is "other".
#: https://docs.stripe.com/reports/reporting-categories
_CATEGORIES: Final[Mapping[str, _Type]] = {
    "charge": "charge",
    "charge_failure": "charge",
    "refund": "refund",
    "refund_failure": "refund",
    "partial_capture_reversal": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "payout": "payout",
    "payout_reversal": "payout",
}


async def transactions(connection: Connection, account: str, *, since: datetime, until: datetime) -> list[Transaction]:
    """List the lines from `since` to before `until`, oldest first."""
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    params: Any = {"created": created, "expand": ["data.source"]}
    listing = connection.v1.balance_transactions.list_async
    lines = [line(body, account) async for body in connection.pages(listing, params)][::-1]
    orders = {each.payment_intent: each.order for each in lines if each.type == "charge"}
    for each in lines:  # a refund or a dispute of an earlier month's payment does not say its order
        if each.payment_intent and each.payment_intent not in orders:
            intents = connection.v1.payment_intents
            payment = await connection.ask("payment", intents.retrieve_async, each.payment_intent)
            orders[each.payment_intent] = (payment.get("metadata") or {}).get("order", "")
    payouts = await _payouts(connection, lines, since)
    return [
        replace(
            each,
            order=orders.get(each.payment_intent, ""),
            payout=each.payout or payouts.get(each.id, ""),
        )
        for each in lines
    ]


async def held(connection: Connection) -> list[Money]:
    """Add up what is available and what is pending, by currency: https://docs.stripe.com/api/balance/balance_object."""
    body = await connection.ask("balance", connection.v1.balance.retrieve_async)
    amounts = [from_stripe(each["amount"], each["currency"]) for each in (*body["available"], *body["pending"])]
    names = sorted({each.currency for each in amounts})
    return [total((each for each in amounts if each.currency == name), name) for name in names]


def line(body: Body, account: str) -> Transaction:
    """Read a balance transaction with its `source`.

    Its amounts are in the balance's currency, whatever the payment's: https://docs.stripe.com/currencies/conversions
    """
    source = body["source"] if isinstance(body.get("source"), Mapping) else {}
    type_ = _CATEGORIES.get(body["reporting_category"], "other")
    amount, net = from_stripe(body["amount"], body["currency"]), from_stripe(body["net"], body["currency"])
    return Transaction(
        id=body["id"],
        account=account,
        type=type_,
        kind=body["type"],
        amount=amount,
        fee=amount - net,
        net=net,
        created=instant(body["created"]),
        payment_intent=named(source.get("payment_intent")),
        order=(source.get("metadata") or {}).get("order", "") if type_ == "charge" else "",
        payout=named(body["source"]) if type_ == "payout" else "",
        original=_original(source, amount),
    )


def _original(source: Body, amount: Money) -> Money | None:
    """Read what a charge, a refund or a dispute was of, where that is another currency; with the sign of the line."""
    if not {"amount", "currency"} <= source.keys():
        return None
    found = from_stripe(source["amount"], source["currency"])
    if found.currency == amount.currency:
        return None
    return found * -1 if (amount.minor < 0) != (found.minor < 0) else found


async def _payouts(connection: Connection, lines: list[Transaction], since: datetime) -> dict[str, str]:
    """Say which payout each line went with. Stripe tells it from the other end only: what a payout consists of."""
    waiting = {each.id for each in lines if not each.payout}
    found: dict[str, str] = {}
    v1 = connection.v1
    listed = connection.pages(v1.payouts.list_async, {"created": {"gte": int(since.timestamp())}})
    # Of those made by hand Stripe does not know what they consist of.
    payouts = [body["id"] async for body in listed if body["automatic"]]
    for payout in payouts[::-1]:
        if not waiting:
            break
        async for body in connection.pages(v1.balance_transactions.list_async, {"payout": payout}):
            if body["id"] in waiting:
                waiting.discard(body["id"])
                found[body["id"]] = payout
    return found
