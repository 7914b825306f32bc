"""What went wrong at Stripe, told as one of ours: refused, or in doubt."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stripe
from aiohttp import web

from adapters.sandbox import Sandbox
from adapters.sandbox.faults import Fault
from adapters.stripe import connection as module
from adapters.stripe.payments import StripePayments
from bot.errors import PaymentsRefused, PaymentsUnavailable, WrongAccount
from bot.money import Money
from tests.adapters.sandbox.buyer import Buyer
from tests.contracts.checkouts import MUGS

KEY = "sk_test_failures"


@asynccontextmanager
async def connected(base: str, key: str = KEY) -> AsyncIterator[StripePayments]:
    payments = StripePayments(account="", key=key, base=base)
    try:
        yield payments
    finally:
        await payments.aclose()


@asynccontextmanager
async def answering(answer: Callable[[web.Request], Any]) -> AsyncIterator[StripePayments]:
    """Give payments whose Stripe answers everything with `answer`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = await answer(request)
        return response

    app = web.Application()
    app.add_routes([web.route("*", "/{path:.*}", handle)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with connected(f"http://127.0.0.1:{runner.addresses[0][1]}") as payments:
            yield payments
    finally:
        await runner.cleanup()


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with Sandbox(path=tmp_path / "sandbox.sqlite3", accounts={KEY: None}) as running:
        yield running


async def test_rate_limited(sandbox: Sandbox) -> None:
    """A plain 429, which the SDK does not try again, is tried again by us, and after a few times is doubt."""
    async with connected(sandbox.base) as payments:
        sandbox.fail(Fault("429", count=2))
        opened = await payments.open(MUGS, key="k")
        sandbox.fail(Fault("429", count=3))
        with pytest.raises(PaymentsUnavailable):
            await payments.session(opened.id)


async def test_broken(sandbox: Sandbox) -> None:
    """A 500 is doubt: where Stripe had acted, the same key gives it for ever, and looking finds the session."""
    async with connected(sandbox.base) as payments:
        sandbox.fail(Fault("500", when="after", method="POST"))
        for _ in range(2):
            with pytest.raises(PaymentsUnavailable):
                await payments.open(MUGS, key="k:1")
        found = await payments.find(MUGS.order, since=MUGS.expires.replace(year=2020))
        assert found is not None
        assert (await payments.open(MUGS, key="k:2")).id != found.id


async def test_broken_after_a_refund(sandbox: Sandbox) -> None:
    """A refund whose 500 is kept under its key for ever is found by looking; one that was not made stays in doubt."""
    async with connected(sandbox.base) as payments, Buyer() as buyer:
        session = await payments.open(MUGS, key="k")
        await buyer.pay(session.url)
        intent = (await payments.session(session.id)).payment_intent
        sandbox.fail(Fault("500", when="before", method="POST", count=2))  # the SDK itself tries twice
        with pytest.raises(PaymentsUnavailable):
            await payments.refund(intent, None, key="back:1")
        sandbox.fail(Fault("500", when="after", method="POST"))
        for _ in range(2):
            payment = await payments.refund(intent, None, key="back:2")
            assert payment.refunded == payment.received
    assert [line["kind"] for line in sandbox.ledger()] == ["charge", "refund"]


async def test_silent(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is doubt."""
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    monkeypatch.setattr(module, "_RETRIES", 0)
    async with connected(sandbox.base) as payments:
        sandbox.fail(Fault("hang"))
        with pytest.raises(PaymentsUnavailable):
            await payments.open(MUGS, key="k")
        sandbox.forgive()


async def test_nobody_there() -> None:
    """Where nobody listens, it is doubt."""
    async with connected("http://127.0.0.1:9") as payments:
        with pytest.raises(PaymentsUnavailable):
            await payments.session("cs_test_1")


async def test_cut_short() -> None:
    """An answer that breaks off within its body is doubt."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"id": ')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with answering(answer) as payments:
        with pytest.raises(PaymentsUnavailable):
            await payments.session("cs_test_1")


@pytest.mark.parametrize("status", [200, 302, 502])
async def test_garbled(status: int) -> None:
    """An answer that is not Stripe's is doubt, whatever its status says."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text="<html>Gateway</html>")

    async with answering(answer) as payments:
        with pytest.raises(PaymentsUnavailable):
            await payments.session("cs_test_1")


async def test_other_livemode() -> None:
    """A live object met with a test key is refused, on its own and in a list."""

    async def answer(request: web.Request) -> web.Response:
        session = {"id": "cs_live_1", "object": "checkout.session", "livemode": True, "client_reference_id": "A"}
        listed = {"object": "list", "data": [session], "has_more": False, "url": "/v1/checkout/sessions"}
        return web.json_response(listed if request.path.endswith("sessions") else session)

    async with answering(answer) as payments:
        with pytest.raises(WrongAccount):
            await payments.session("cs_live_1")
        with pytest.raises(WrongAccount):
            await payments.find("A", since=MUGS.expires)


async def test_wrong_key(sandbox: Sandbox) -> None:
    """A key that is not accepted is a refusal, and is not in the error."""
    async with connected(sandbox.base, "sk_test_mistyped_or_revoked") as payments:
        with pytest.raises(PaymentsRefused) as refused:
            await payments.open(MUGS, key="k")
        assert "mistyped" not in repr(refused.value)
        assert "mistyped" not in repr(refused.value.__cause__)


async def test_misused_key(sandbox: Sandbox) -> None:
    """An idempotency key used for two different checkouts is refused: the second is never taken for the first."""
    async with connected(sandbox.base) as payments:
        await payments.open(MUGS, key="k")
        with pytest.raises(PaymentsRefused):
            await payments.open(replace(MUGS, order="OTHER"), key="k")


async def test_uneven_amount(sandbox: Sandbox) -> None:
    """An amount that Stripe cannot take, 5.124 dinars, is refused before anything is sent."""
    async with connected(sandbox.base) as payments:
        with pytest.raises(PaymentsRefused) as refused:
            await payments.refund("pi_1", Money(5124, "KWD"), key="r")
        assert refused.value.code == "invalid_charge_amount"


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_x", True), ("rk_live_x", True), ("sk_test_x", False), ("rk_test_x", False)]
)
async def test_livemode(key: str, *, live: bool) -> None:
    """The key says whether real money moves."""
    async with connected("http://127.0.0.1:9", key) as payments:
        assert payments.livemode is live


def test_version_is_pinned() -> None:
    """The API version is ours to change, not the SDK's; today they agree."""
    assert stripe.api_version == module.VERSION


def test_quiet() -> None:
    """The SDK sends no telemetry, and logs no answers, which hold names and addresses."""
    assert not stripe.enable_telemetry
    assert not logging.getLogger("stripe").isEnabledFor(logging.INFO)


def test_quiet_whatever_the_environment_says() -> None:
    """The SDK's own switch to print whole requests and answers is out of its reach."""
    said = "import adapters.stripe.connection as c; c.stripe._util.log_info('asked', post_data='for Grandma')"
    run = subprocess.run(  # noqa: S603 - what it runs stands above
        [sys.executable, "-c", said],
        env={**os.environ, "STRIPE_LOG": "debug"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "Grandma" not in run.stdout + run.stderr
