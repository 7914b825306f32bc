"""A balance that is kept in another currency than the payments: lines are of the balance's, and say what was charged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.sandbox.rules import Rules
from adapters.sandbox.server import Sandbox
from adapters.stripe.payments import StripePayments
from bot.money import Money
from tests.adapters.sandbox.buyer import Buyer
from tests.contracts.checkouts import MUGS

KEY = "sk_test_exchange"


async def test_an_exchanged_payment(tmp_path: Path) -> None:
    """Charge, refund and dispute are lines of the balance's currency, each with what it is in the payment's own."""
    rules = Rules(rates={"eur": ("usd", Decimal("1.10"))})
    async with (
        Sandbox(path=tmp_path / "sandbox.sqlite3", accounts={KEY: None}, rules=rules) as sandbox,
        Buyer() as buyer,
    ):
        payments = StripePayments(account="", key=KEY, base=sandbox.base)
        try:
            opened = await payments.open(MUGS, key="k")
            await buyer.pay(opened.url)
            intent = (await payments.session(opened.id)).payment_intent
            sandbox.refund(KEY, intent, 1000)
            sandbox.decide(KEY, sandbox.dispute(KEY, intent)["id"], "won")
            now = datetime.now(UTC)
            lines = await payments.transactions(since=now - timedelta(hours=1), until=now + timedelta(hours=1))
            assert [(line.type, line.amount, line.original) for line in lines] == [
                ("charge", Money(2750, "USD"), Money(2500, "EUR")),
                ("refund", Money(-1100, "USD"), Money(-1000, "EUR")),
                ("dispute", Money(-1650, "USD"), Money(-1500, "EUR")),
                ("dispute", Money(1650, "USD"), Money(1500, "EUR")),
            ]
            assert await payments.held() == [Money(sum(line.net.minor for line in lines), "USD")]
        finally:
            await payments.aclose()
