"""Stripe itself, in test mode, for those who have a key: `STRIPE_TEST_KEY=sk_test_... uv run pytest -m live`."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.stripe.payments import StripePayments
from bot.errors import PaymentsRefused
from bot.money import Money
from tests.contracts.checkouts import GIFT, MUGS

pytestmark = pytest.mark.live


async def test_stripe_itself() -> None:
    """A session and a monthly one are created, read, found and expired at Stripe, and what is too small is refused."""
    key = os.environ.get("STRIPE_TEST_KEY", "")
    if not key.startswith(("sk_test_", "rk_test_")):
        pytest.skip("STRIPE_TEST_KEY holds no test key")
    payments = StripePayments(account="", key=key)
    since = datetime.now(UTC) - timedelta(minutes=4)
    expires = (datetime.now(UTC) + timedelta(minutes=35)).replace(microsecond=0)
    try:
        for checkout in (replace(MUGS, discount=Money(500, "EUR"), total=Money(2000, "EUR")), GIFT):
            asked = replace(checkout, order=secrets.token_hex(8).upper(), expires=expires)
            opened = await payments.open(asked, key=f"{asked.order}:1")
            assert (opened.status, opened.total, opened.livemode) == ("open", asked.total, False)
            assert await payments.open(asked, key=f"{asked.order}:1") == opened
            assert await payments.session(opened.id) == opened
            assert await payments.find(asked.order, since=since) == opened
            assert (await payments.expire(opened.id)).status == "expired"
            assert (await payments.expire(opened.id)).status == "expired"
        lines = tuple(replace(line, quantity=1, price=Money(20, "EUR")) for line in MUGS.lines)
        small = replace(MUGS, lines=lines, total=Money(20, "EUR"), expires=expires)
        with pytest.raises(PaymentsRefused) as refused:
            await payments.open(small, key=secrets.token_hex(8))
        assert refused.value.code == "amount_too_small"
    finally:
        await payments.aclose()
