"""Lines of Stripe's balance: other currencies than the payment's, long lists, payouts made by hand, and old payments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from adapters.stripe.balance import line
from adapters.stripe.payments import StripePayments
from bot.errors import PaymentsRefused
from bot.money import Money
from bot.ports import Transaction

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
AT = int(SINCE.timestamp()) + 1000


def body(name: str, **more: Any) -> dict[str, Any]:
    """Give a balance transaction as Stripe answers it."""
    shown = {
        "id": name,
        "object": "balance_transaction",
        "amount": 2500,
        "created": AT,
        "currency": "eur",
        "exchange_rate": None,
        "fee": 63,
        "net": 2437,
        "reporting_category": "charge",
        "source": None,
        "type": "charge",
    }
    return shown | more


@pytest.mark.parametrize(
    ("currency", "amount", "net", "read"),
    [
        ("eur", 2500, 2437, (2500, 63, 2437)),
        ("jpy", -500, -500, (-500, 0, -500)),
        ("isk", 50_000, 49_200, (500, 8, 492)),
        ("isk", -50_000, -50_000, (-500, 0, -500)),
        ("ugx", -150, -150, (-1, 0, -1)),
        ("huf", 100_050, 98_524, (100_050, 1526, 98_524)),
        ("kwd", 5120, 4790, (5120, 330, 4790)),
        ("mga", 5, 4, (500, 100, 400)),
    ],
)
def test_currencies(currency: str, amount: int, net: int, read: tuple[int, int, int]) -> None:
    """Amounts are read in minor units of ISO 4217, below zero too, and always add up."""
    found = line(body("txn_1", currency=currency, amount=amount, net=net, fee=amount - net), "")
    assert (found.amount, found.fee, found.net) == tuple(Money(minor, currency.upper()) for minor in read)
    assert found.amount - found.fee == found.net


def test_changed_money() -> None:
    """A payment in dollars that went into a balance in euros is a line in euros."""
    source = {"id": "ch_1", "object": "charge", "amount": 3000, "currency": "usd", "payment_intent": "pi_1"}
    found = line(body("txn_1", exchange_rate=0.9, source=source | {"metadata": {"order": "T1"}}), "water")
    assert (found.amount, found.account) == (Money(2500, "EUR"), "water")
    assert (found.payment_intent, found.order, found.payout) == ("pi_1", "T1", "")


@pytest.mark.parametrize(
    ("category", "type_"),
    [
        ("charge", "charge"),
        ("charge_failure", "charge"),
        ("refund_failure", "refund"),
        ("dispute_reversal", "dispute"),
        ("payout_reversal", "payout"),
        ("fee", "other"),
        ("something_new", "other"),
    ],
)
def test_categories(category: str, type_: str) -> None:
    """Stripe's reporting categories are one of ours, and what is not known yet is other."""
    assert line(body("txn_1", reporting_category=category, source="x_1"), "").type == type_


@dataclass
class Bank:
    """A Stripe that answers from lists, and what it was asked."""

    lines: list[dict[str, Any]]
    payouts: dict[str, list[str]] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer the three requests that are needed."""
        query, path = request.query, request.path.removeprefix("/v1/")
        self.asked.append(path + (f"?payout={query['payout']}" if "payout" in query else ""))
        match path.split("/"):
            case ["payouts"]:
                rows = [{"id": name, "automatic": name not in self.by_hand} for name in reversed(self.payouts)]
            case ["payment_intents", "pi_hidden"]:
                error = {"type": "invalid_request_error", "message": "The key may not read it."}
                return web.json_response({"error": error}, status=403)
            case ["payment_intents", name]:
                return web.json_response({"id": name, "livemode": False, "metadata": {"order": f"of {name}"}})
            case _ if "payout" in query:
                rows = [body(name) for name in self.payouts[query["payout"]]]
            case _:
                assert (query["created[gte]"], query["created[lt]"]) == (
                    str(int(SINCE.timestamp())),
                    str(int(UNTIL.timestamp())),
                )
                rows = self.lines
        begin = next((place + 1 for place, row in enumerate(rows) if row["id"] == query.get("starting_after")), 0)
        page = rows[begin : begin + int(query["limit"])]
        more = begin + len(page) < len(rows)
        return web.json_response({"object": "list", "data": page, "has_more": more, "url": request.path})

    @asynccontextmanager
    async def open(self) -> AsyncIterator[StripePayments]:
        """Serve it."""
        app = web.Application()
        app.add_routes([web.get("/{tail:.*}", self.answer)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        payments = StripePayments(account="", key="sk_test_x", base=f"http://127.0.0.1:{runner.addresses[0][1]}")
        try:
            yield payments
        finally:
            await payments.aclose()
            await runner.cleanup()


async def _listed(bank: Bank) -> list[Transaction]:
    async with bank.open() as payments:
        return list(await payments.transactions(since=SINCE, until=UNTIL))


async def test_page_by_page() -> None:
    """A month of more lines than a page holds is listed whole, oldest first, and so is a payout of as many."""
    names = [f"txn_{number}" for number in range(250)]
    bank = Bank([body(name) for name in reversed(names)], {"po_1": names[:130], "po_2": names[130:249]})
    lines = await _listed(bank)
    assert [each.id for each in lines] == names
    assert [each.payout for each in lines] == ["po_1"] * 130 + ["po_2"] * 119 + [""]
    assert len(bank.asked) == 3 + 1 + 2 + 2


async def test_no_more_is_asked_than_needed() -> None:
    """Once every line has its payout, later payouts are not looked into; those made by hand never are."""
    bank = Bank([body("txn_1")], {"po_hand": [], "po_1": ["txn_1"], "po_2": []}, by_hand={"po_hand"})
    assert [each.payout for each in await _listed(bank)] == ["po_1"]
    assert [path for path in bank.asked if "?" in path] == ["balance_transactions?payout=po_1"]


async def test_refund_of_an_earlier_month() -> None:
    """A refund leads to the order of a payment that is not in the list, which is asked for once."""
    gone = {"amount": -100, "net": -100, "fee": 0, "type": "refund", "reporting_category": "refund"}
    source = {"object": "refund", "payment_intent": "pi_1", "metadata": {}}
    bank = Bank([body(f"txn_{number}", **gone, source=source | {"id": f"re_{number}"}) for number in range(2)])
    assert [(each.type, each.order) for each in await _listed(bank)] == [("refund", "of pi_1")] * 2
    assert bank.asked.count("payment_intents/pi_1") == 1


async def test_own_payout() -> None:
    """A payout's own line went by itself."""
    own = {"type": "payout", "reporting_category": "payout", "source": {"id": "po_1", "object": "payout"}}
    bank = Bank([body("txn_1", amount=-100, net=-100, fee=0, **own)], {"po_1": []})
    (only,) = await _listed(bank)
    assert (only.type, only.payout, only.payment_intent) == ("payout", "po_1", "")


async def test_before_the_account() -> None:
    """A span in which nothing moved asks for no payout at all."""
    bank = Bank([], {"po_1": []})
    assert await _listed(bank) == []
    assert not [path for path in bank.asked if "?" in path]


async def test_refused_payment() -> None:
    """Where a payment behind a line may not be read, that is said, and not taken for one without an order."""
    gone = {"type": "refund", "reporting_category": "refund"}
    bank = Bank([body("txn_1", **gone, source={"id": "re_1", "object": "refund", "payment_intent": "pi_hidden"})])
    with pytest.raises(PaymentsRefused):
        await _listed(bank)
