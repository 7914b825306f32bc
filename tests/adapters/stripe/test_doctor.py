"""What the doctor says of a Stripe account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.sandbox.faults import Fault
from adapters.sandbox.rules import Rules
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint
from adapters.stripe.doctor import examine
from adapters.stripe.payments import StripePayments

KEY = "sk_test_doctor"
HERE = "https://till.example/stripe/webhook"


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(path=tmp_path / "stripe.sqlite3", accounts={KEY: None}) as opened:
        yield opened


async def said(sandbox: Sandbox, key: str = KEY, endpoint: str = HERE, heard: str = "", refused: str = "") -> list[str]:
    """Give the findings, each as what it says, with what to do after a dash where it is not well."""
    payments = StripePayments(account="", key=key, base=sandbox.base)
    try:
        found = await examine(payments, endpoint=endpoint, heard=heard, refused=refused)
    finally:
        await payments.aclose()
    return [finding.says if finding.well else f"{finding.says} - {finding.todo}" for finding in found]


async def test_all_is_well(sandbox: Sandbox) -> None:
    """A good key, an endpoint that leads here, and webhooks that were authentic."""
    sandbox.listen(KEY, Endpoint(HERE, "whsec_x"))
    lines = await said(sandbox, heard="2026-01-02T00:00:00+00:00", refused="2026-01-01T00:00:00+00:00")
    assert lines[0] == "the key is good, test mode"
    assert lines[1] == "the customer portal is set up"
    assert lines[2] == f"events are sent to {HERE}"
    assert "was authentic" in lines[3]


async def test_wrong_key(sandbox: Sandbox) -> None:
    """A key that Stripe does not know ends the examination with what to do."""
    assert (await said(sandbox, key="sk_test_other"))[0].endswith(
        "- make a new key in the dashboard (Developers, API keys) and set it"
    )


async def test_no_endpoint(sandbox: Sandbox) -> None:
    """Where no endpoint leads here, it says which one to add, and for which events."""
    sandbox.listen(KEY, Endpoint("https://elsewhere.example/", "whsec_x"))
    assert "no webhook endpoint leads here - add the endpoint https://till.example" in (await said(sandbox))[2]
    assert "checkout.session.completed" in (await said(sandbox))[2]


async def test_wrong_secret(sandbox: Sandbox) -> None:
    """A refused webhook after the last good one means a wrong secret, with the usual causes."""
    sandbox.listen(KEY, Endpoint(HERE, "whsec_x"))
    lines = await said(sandbox, heard="2026-01-01T00:00:00+00:00", refused="2026-01-02T00:00:00+00:00")
    assert "the secret of another endpoint" in lines[3]


async def test_behind_nat(sandbox: Sandbox) -> None:
    """Without a public address nothing is asked about webhooks."""
    assert await said(sandbox, endpoint="") == [
        "the key is good, test mode",
        "the customer portal is set up",
        "no public address: events are polled",
    ]


async def test_no_portal(tmp_path: Path) -> None:
    """A customer portal that was never set up is said, with where to do it."""
    rules = Rules(portal=False)
    async with Sandbox(path=tmp_path / "bare.sqlite3", accounts={KEY: None}, rules=rules) as bare:
        lines = await said(bare, endpoint="")
    assert "not set up" in lines[1]
    assert "Settings, Billing, Customer portal" in lines[1]


async def test_portal_in_doubt(sandbox: Sandbox) -> None:
    """A portal that cannot be asked about is said as such, and the rest is examined all the same."""
    sandbox.fail(Fault(answer="500", path="/billing_portal/", count=10))
    lines = await said(sandbox, endpoint="")
    assert lines[1].startswith("Stripe does not answer")
    assert lines[2] == "no public address: events are polled"


async def test_stripe_does_not_answer(sandbox: Sandbox) -> None:
    """Silence is said as such."""
    sandbox.fail(Fault(answer="500", when="before", count=10))
    assert (await said(sandbox))[0].startswith("Stripe does not answer")
