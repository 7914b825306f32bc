"""A sandbox whose clock somebody moves: what is due happens then, and its webhooks are signed for today all the same."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.sandbox import Endpoint, Sandbox
from adapters.sandbox.completion import Declined
from adapters.sandbox.errors import Refusal
from tests.adapters.sandbox.conftest import KEY, SECRET, connected, sale
from tests.adapters.sandbox.endpoint import Taken

BEGIN = 1_400_000_000.0  # in 2014
DAY = 24 * 3600.0


@dataclass
class Moved:
    """A clock that stands where it is put."""

    at: float = BEGIN

    def __call__(self) -> float:
        """Give seconds since the epoch."""
        return self.at


async def test_moved_ahead(tmp_path: Path, taken: Taken) -> None:
    """A session expires when the clock is moved past its end, and whoever checks signatures by today's time takes that."""
    clock, endpoint = Moved(), Endpoint(taken.url, SECRET)
    async with (
        Sandbox(path=tmp_path / "moved.db", accounts={KEY: endpoint}, now=clock, stamp=time.time) as sandbox,
        connected(sandbox.base, KEY) as client,
    ):
        made = await client.v1.checkout.sessions.create_async(sale())
        assert made.created == BEGIN
        due = sandbox.next_due()
        assert due == BEGIN + DAY
        clock.at = due + 1
        sandbox.pass_time()
        (event,) = await taken.wait("checkout.session.expired")
        await sandbox.delivered()
        assert event["data"]["object"]["id"] == made.id
        assert sandbox.next_due() is None


async def test_paid_without_a_page(tmp_path: Path) -> None:
    """A session can be paid with a number alone, as its page would take it; a declined one stays open, others are refused."""
    async with (
        Sandbox(path=tmp_path / "paid.db", accounts={KEY: None}, now=Moved()) as sandbox,
        connected(sandbox.base, KEY) as client,
    ):
        made = await client.v1.checkout.sessions.create_async(sale())
        with pytest.raises(Declined):
            sandbox.pay(made.id, "4000000000000002")
        assert (await client.v1.checkout.sessions.retrieve_async(made.id)).status == "open"
        with pytest.raises(Refusal):
            sandbox.pay(made.id, "no number")
        assert sandbox.pay(made.id, "4242424242424242")["payment_status"] == "paid"
        assert (await client.v1.checkout.sessions.retrieve_async(made.id)).status == "complete"
        with pytest.raises(Refusal):
            sandbox.pay("cs_test_none", "4242424242424242")
