"""What Prometheus is shown of a retirement while a shop runs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.app.terminal import Terminal
from tests.conformance.web_door import WebDoor
from tests.conformance.world import World


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with World.at(await WebDoor.open(), tmp_path) as world:
        yield Terminal(world)


async def gauges(terminal: Terminal, name: str) -> dict[str, float]:
    """Read a gauge: its labels, as they are written, to its value."""
    async with ClientSession() as http, http.get(f"{terminal.world.app.address}/metrics") as response:
        text = await response.text()
    return {found[1]: float(found[2]) for found in re.finditer(rf"^{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE)}


async def test_what_is_owed_and_how_far_what_ends_is_used(terminal: Terminal) -> None:
    """Purchases that are not done are counted by kind, gifts never; use is counted from the announcement on, by feature."""
    await terminal.paid("/buy zine 1")
    await terminal.wish("/buy mug blue 2")
    await terminal.wish("/donate 12 to kitchen", "bob")
    assert await gauges(terminal, "tillbot_liabilities") == {
        'kind="dispute"': 0.0,
        'kind="monthly"': 0.0,
        'kind="open"': 1.0,
        'kind="refund"': 0.0,
    }
    assert await gauges(terminal, "tillbot_retiring_orders") == {}
    announced, closes = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=60)
    table = f'reason.en = "Ends."\nannounced = {announced.isoformat()}\ncloses = {closes.isoformat()}\n'
    await terminal.world.edit(lambda text: f"{text}\n[retirement.buy]\n{table}\n[retirement.product.mug]\n{table}")
    assert await gauges(terminal, "tillbot_retiring_orders") == {
        'feature="buy",platform="web",workspace=""': 2.0,
        'feature="product.mug",platform="web",workspace=""': 1.0,
    }


async def test_whether_the_work_is_done(terminal: Terminal) -> None:
    """An operator is woken by numbers: that orders are taken, that no job is late or parked, that the books agree."""
    async with ClientSession() as http, http.get(f"{terminal.world.app.address}/metrics") as response:
        text = await response.text()
    found = dict(re.findall(r"^(tillbot_[a-z_]+) (\S+)$", text, re.MULTILINE))
    assert found["tillbot_ready"] == "1.0"
    assert found["tillbot_jobs_parked"] == "0.0"
    assert found["tillbot_differences"] == "0.0"
    assert float(found["tillbot_jobs_late_seconds"]) < 60
