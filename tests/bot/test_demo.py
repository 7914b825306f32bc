"""What the demo keeps between its runs."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from bot.app.demo import demo
from config.sample import SAMPLE


async def _sandbox(folder: Path) -> str:
    """Open the demo, close it again, and give the address of its Stripe."""
    shutil.copyfile(SAMPLE, folder / "shop.toml")
    async with demo(config=folder / "shop.toml", folder=folder / "var", port=0, fresh=False) as opened:
        return opened.sandbox


async def test_pay_links_outlive_a_restart(tmp_path: Path) -> None:
    """The pages that were to be paid on are at the same address after a restart."""
    assert await _sandbox(tmp_path) == await _sandbox(tmp_path)


async def test_a_port_that_is_lost_is_replaced(tmp_path: Path) -> None:
    """Where somebody else has the port by now, or the note of it is damaged, the demo opens all the same."""
    before = await _sandbox(tmp_path)
    other = await asyncio.start_server(lambda *_: None, "127.0.0.1", int(before.rpartition(":")[2]))
    async with other:
        assert await _sandbox(tmp_path) != before
    for damaged in ("", "no port", "99999999"):
        (tmp_path / "var" / "demo.stripe.port").write_text(damaged)
        assert await _sandbox(tmp_path)
