"""The balance: fees, a transaction for every movement, payouts, and a sum that always agrees."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox import Sandbox
from adapters.sandbox.balance import balance
from adapters.sandbox.cards import look_up
from adapters.sandbox.disputes import Claim
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal
from adapters.sandbox.levers import decide, dispute, fail_refund, pay_out, refund, take_fee
from adapters.sandbox.payments import Payer, Purpose, Tender, attempt, intend
from adapters.sandbox.rules import Rules
from tests.adapters.sandbox.buyer import CARD, SEPA, Buyer
from tests.adapters.sandbox.conftest import KEY, Time, item, sale
from tests.adapters.sandbox.endpoint import Taken


async def _paid(client: stripe.StripeClient, buyer: Buyer, number: str = CARD, **more: Any) -> str:
    made = await client.v1.checkout.sessions.create_async(sale(**more))
    await buyer.pay(str(made.url), number)
    return str((await client.v1.checkout.sessions.retrieve_async(made.id)).payment_intent)


async def _lines(client: stripe.StripeClient, **params: Any) -> list[stripe.BalanceTransaction]:
    return (await client.v1.balance_transactions.list_async({"limit": 100, **params})).data  # type: ignore[arg-type]


async def test_charge_and_refund(client: stripe.StripeClient, buyer: Buyer) -> None:
    """A charge comes in less its fee, a refund goes out whole, and each names the other end."""
    payment = await _paid(client, buyer)
    back = await client.v1.refunds.create_async({"payment_intent": payment, "amount": 1000})
    out, come = await _lines(client, expand=["data.source"])
    assert (come.type, come.reporting_category, come.amount, come.fee, come.net) == ("charge", "charge", 2500, 63, 2437)
    assert [(part.amount, part.type) for part in come.fee_details] == [(63, "stripe_fee")]
    assert (out.type, out.reporting_category, out.amount, out.fee, out.net) == ("refund", "refund", -1000, 0, -1000)
    assert isinstance(come.source, stripe.Charge)
    assert (come.source.balance_transaction, come.source.payment_intent) == (come.id, payment)
    assert isinstance(out.source, stripe.Refund)
    assert (out.source.id, back.balance_transaction) == (back.id, out.id)
    assert (await client.v1.balance_transactions.retrieve_async(out.id)).net == -1000
    available = (await client.v1.balance.retrieve_async()).available
    assert [(each.currency, each.amount) for each in available] == [("eur", 1437)]


async def test_bank_debit(client: stripe.StripeClient, buyer: Buyer, taken: Taken) -> None:
    """A bank debit is a payment, written when it is settled; its refund is a payment refund."""
    payment = await _paid(client, buyer, SEPA)
    await taken.wait("payment_intent.succeeded")
    await client.v1.refunds.create_async({"payment_intent": payment})
    assert [line.type for line in await _lines(client)] == ["payment_refund", "payment"]


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [(2500, "eur", 63), (500, "jpy", 8), (50_000, "isk", 800), (5120, "kwd", 330), (100_050, "huf", 1526)],
)
def test_fee(amount: int, currency: str, fee: int) -> None:
    """The fee is 1.5 % and 0.25, rounded to what the currency can pay."""
    assert Rules().fee(amount, currency) == fee


async def test_listed(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox) -> None:
    """Transactions are listed newest first, by type, currency, source, payout and time, page by page."""
    payment = await _paid(client, buyer)
    await _paid(client, buyer, line_items=[item(500, 1, "jpy")])
    back = await client.v1.refunds.create_async({"payment_intent": payment, "amount": 1000})
    (payout, *_) = sandbox.pay_out(KEY)
    assert [line.type for line in await _lines(client, currency="eur")] == ["payout", "refund", "charge"]
    assert [line.amount for line in await _lines(client, type="charge")] == [500, 2500]
    assert [line.amount for line in await _lines(client, source=back.id)] == [-1000]
    assert [line.type for line in await _lines(client, payout=payout["id"])] == ["payout", "refund", "charge"]
    every = await _lines(client)
    first = await client.v1.balance_transactions.list_async({"limit": 3})
    assert first.has_more
    rest = await client.v1.balance_transactions.list_async({"limit": 3, "starting_after": first.data[-1].id})
    assert [line.id for line in [*first.data, *rest.data]] == [line.id for line in every]
    assert await _lines(client, created={"gt": every[0].created}) == []
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await _lines(client, payout="po_none")
    assert refused.value.code == "resource_missing"
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        await _lines(client, colour="blue")


async def test_paid_out(client: stripe.StripeClient, buyer: Buyer, sandbox: Sandbox, taken: Taken) -> None:
    """A payout takes all that is there, is told, and leaves nothing; with nothing there is none."""
    await _paid(client, buyer)
    (payout,) = sandbox.pay_out(KEY)
    assert (payout["amount"], payout["currency"], payout["automatic"], payout["status"]) == (2437, "eur", True, "paid")
    assert [each.id for each in (await client.v1.payouts.list_async({"status": "paid"})).data] == [payout["id"]]
    assert (await client.v1.payouts.list_async({"created": {"gt": payout["created"]}})).data == []
    assert (await client.v1.payouts.list_async({"arrival_date": {"lte": payout["arrival_date"]}})).data != []
    assert (await client.v1.payouts.retrieve_async(payout["id"])).balance_transaction == payout["balance_transaction"]
    assert [each.amount for each in (await client.v1.balance.retrieve_async()).available] == [0]
    assert sandbox.pay_out(KEY) == []
    await taken.wait("payout.created", "payout.paid")


async def test_paid_out_daily(client: stripe.StripeClient, buyer: Buyer, taken: Taken, clock: Time) -> None:
    """A day after the balance first moved it is paid out by itself, and again a day after it moved anew."""
    await _paid(client, buyer)
    clock.ahead = 86_401
    await taken.wait("payout.paid")
    await _paid(client, buyer)
    assert len(taken.of("payout.paid")) == 1
    clock.ahead = 2 * 86_401
    await taken.wait("payout.paid", count=2)


async def test_other_fees(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """A fee that belongs to no payment goes out of the balance, which may fall below zero and is then not paid out."""
    sandbox.take_fee(KEY, 199, "eur")
    (line,) = await _lines(client)
    assert (line.type, line.reporting_category, line.net, line.source) == ("stripe_fee", "fee", -199, None)
    assert sandbox.pay_out(KEY) == []


async def test_kept_in_another_currency() -> None:
    """A balance that is kept in another currency has the charge changed into it, with the rate, and the fee in it."""
    engine = _engine(Rules(rates={"usd": ("eur", Decimal("0.9")), "jpy": ("eur", Decimal("0.006"))}))
    for amount, currency in ((1000, "usd"), (500, "jpy")):
        _charge(engine, amount, currency, CARD)
    with engine.books("acct_1") as books:
        second, first = (row.body for row in books.storage.newest("acct_1", "balance_transaction"))
        assert balance(books)["available"][0]["amount"] == 900 - 39 + 300 - 30
    assert (first["amount"], first["currency"], first["fee"], first["exchange_rate"]) == (900, "eur", 39, 0.9)
    assert (second["amount"], second["currency"], second["fee"]) == (300, "eur", 30)
    engine.storage.close()


def _engine(rules: Rules | None = None) -> Engine:
    return Engine(path=":memory:", accounts={}, settle_after=1, rules=rules or Rules(), now=lambda: 1_790_000_000.0)


def _charge(engine: Engine, amount: int, currency: str, number: str) -> str:
    """Charge something, and settle it if its bank takes its time; gives the payment intent's id."""
    number = number.replace(" ", "")
    method = look_up(number)
    assert method is not None
    with engine.books("acct_1") as books:
        tender = Tender(number, method, Payer("Test Buyer", "buyer@example.com"))
        payment = attempt(books, intend(books, Purpose(amount, currency)), tender, method.decline)
    if payment["status"] == "processing":
        engine.settle("acct_1", payment["id"])
    return str(payment["id"])


ACTIONS = st.tuples(
    st.sampled_from(["card", "bank", "declined", "refund", "fail", "dispute", "inquiry", "won", "lost", "out", "fee"]),
    st.integers(1, 5000),
    st.sampled_from(["eur", "jpy"]),
)


class Model:
    """What should be there, reckoned without looking at any transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.there: dict[str, int] = {}
        self.made: dict[str, list[str]] = {"charges": [], "refunds": [], "disputes": []}

    def act(self, what: str, amount: int, currency: str) -> None:
        """Do something at the sandbox, and reckon what it moves; what it refuses moves nothing."""
        before = dict(self.there)
        try:
            self._act(what, amount, currency)
        except Refusal:
            self.there = before

    def _act(self, what: str, amount: int, currency: str) -> None:
        engine, account, pick = self.engine, "acct_1", self._picker(amount)
        match what:
            case "card" | "bank" | "declined":
                number = {"card": CARD, "bank": SEPA, "declined": "4000000000000002"}[what]
                name = _charge(engine, amount, currency, number)
                if what != "declined":
                    self.made["charges"].append(name)
                    self._move(currency, amount - Rules().fee(amount, currency))
            case "refund":
                body = refund(engine, account, pick("charges"), amount)
                self.made["refunds"].append(body["id"])
                self._move(body["currency"], -amount)
            case "fail":
                body = fail_refund(engine, account, pick("refunds"))
                self._move(body["currency"], body["amount"])
            case "dispute" | "inquiry":
                body = dispute(engine, account, pick("charges"), Claim(inquiry=what == "inquiry"))
                self.made["disputes"].append(body["id"])
                if what == "dispute":
                    self._move(body["currency"], -body["amount"] - Rules().dispute_fee(body["currency"]))
            case "won" | "lost":
                body = decide(engine, account, pick("disputes"), what)
                self._move(body["currency"], body["amount"] if body["status"] == "won" else 0)
            case "out":
                for payout in pay_out(engine, account)["data"]:
                    self._move(payout["currency"], -payout["amount"])
                assert all(left <= 0 for left in self.there.values())
            case _:
                take_fee(engine, account, amount, currency)
                self._move(currency, -amount)

    def _picker(self, amount: int) -> Callable[[str], str]:
        def pick(kind: str) -> str:
            names = self.made[kind]
            return names[amount % len(names)] if names else "none"

        return pick

    def _move(self, currency: str, by: int) -> None:
        self.there[currency] = self.there.get(currency, 0) + by


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTIONS, max_size=25))
def test_always_agrees(actions: list[tuple[str, int, str]]) -> None:
    """Whatever happens, in whatever order, the balance is the sum of its transactions, and is what happened."""
    engine = _engine()
    model = Model(engine)
    for action in actions:
        model.act(*action)
        with engine.books("acct_1") as books:
            shown = {each["currency"]: each["amount"] for each in balance(books)["available"]}
            rows = books.storage.newest("acct_1", "balance_transaction")
        sums = {name: sum(row.body["net"] for row in rows if row.body["currency"] == name) for name in shown}
        assert shown == sums == model.there
        assert all(row.body["net"] == row.body["amount"] - row.body["fee"] for row in rows)
    engine.storage.close()


async def test_nothing_for_a_decline(client: stripe.StripeClient, buyer: Buyer) -> None:
    """What is declined moves nothing."""
    await _paid(client, buyer, "4000000000000002")
    assert await _lines(client) == []
