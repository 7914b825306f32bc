"""Discord's `/buy` by the gateway: CPU of the bot's process for each, beside a bare bot that sends one constant reply."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.sandbox.server import Sandbox
from tests.bench.processes import spent
from tests.bench.row import Figure, Row, Scale, pairs
from tests.conformance.discord_door import DiscordGateway
from tests.conformance.world import HOOKS, KEYS, RETIREMENT, SHOP
from tests.crash.process import ROOT, Shop
from tests.databases import ready

#: People who type it at the same time.
AT_ONCE: Final = 8
#: Times before those that are measured.
WARM: Final = 10


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(1000, least=20)
    bare = [asyncio.run(_bare(many)) for _ in range(scale.rounds)]
    figures = []
    for name, closed in (("form", False), ("notice", True)):
        ours = [asyncio.run(_ours(many, closed=closed)) for _ in range(scale.rounds)]
        figures.append(pairs(name, "µs CPU", zip(ours, bare, strict=True), bound=1.2))
    return figures


async def _ours(many: int, *, closed: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            _door() as door,
            Sandbox(path=Path(folder) / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values())) as sandbox,
        ):
            config = Path(folder) / "shop.toml"
            config.write_text(SHOP + door.config() + (_closing() if closed else ""), encoding="utf-8")
            environ = {
                **KEYS,
                **HOOKS,
                "STRIPE_API_BASE": sandbox.base,
                "TILLBOT_SECRET": "a secret of the bench, long",
                **door.environ(),
            }
            shop = Shop(config, ready(Path(folder) / "till.sqlite3"), environ)
            await shop.start()
            try:
                return await _typed(door, shop.pid, many)
            finally:
                await shop.kill()


async def _bare(many: int) -> float:
    async with _door() as door:
        words = (door.platform.api_base, door.platform.gateway_url, door.platform.token)
        bare: Process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.bare_discord", *words, cwd=ROOT
        )
        try:
            return await _typed(door, bare.pid, many)
        finally:
            bare.kill()
            await bare.wait()


@asynccontextmanager
async def _door() -> AsyncIterator[DiscordGateway]:
    door = await DiscordGateway.open()
    try:
        yield door
    finally:
        await door.close()


async def _typed(door: DiscordGateway, pid: int, many: int) -> float:
    """Have people type /buy so often, and give what each took of the bot's CPU (µs)."""
    await door.connect("")
    await door.platform.registered("buy")
    people = [(await door.person(f"p{number}")).person for number in range(AT_ONCE)]
    for _ in range(WARM):
        await people[0].slash("buy")
    waiting, before = iter(range(many)), spent(pid)

    async def types(number: int) -> None:
        for _ in waiting:
            await people[number].slash("buy")

    await asyncio.gather(*(types(number) for number in range(AT_ONCE)))
    return (spent(pid) - before) / many * 1e6


def _closing() -> str:
    now = datetime.now(UTC)
    dates = {"announced": now - timedelta(days=40), "closes": now - timedelta(days=1)}
    return RETIREMENT.format(**{name: at.isoformat(timespec="seconds") for name, at in dates.items()})


ROW: Final = Row("Discord /buy by the gateway", "bare discord.py that sends one constant reply", _measure)
