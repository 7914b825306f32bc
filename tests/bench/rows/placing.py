"""Orders placed, 64 at once, on SQLite: admitted, reserved, written with their jobs, beside one bare insert a transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from bot.chat import Context
from bot.selling import wish
from tests.bench.row import Figure, Row, Scale, pairs
from tests.bot.rig import SHOP, Rig, World, opened

#: People who order at the same time.
AT_ONCE = 64
#: The limits and the stock are not what is measured.
OPEN = (
    SHOP.replace("stock = 8", "stock = 1000000") + "\n[limits]\nperson = 1000000\naddress = 1000000\nshop = 1000000\n"
)


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(1000, least=AT_ONCE)
    both = [(_ours(many), _bare(many)) for _ in range(scale.rounds)]
    return [pairs("orders", "a second", both, bound=0.15, at_least=True)]


def _bare(many: int) -> float:
    row = ("N", "buy", "draft", "slack:T/U", 1250, "EUR", "x" * 300)
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "bare.sqlite3")) as bare:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, a, b, c, d, e, f, g)")
        begun = time.perf_counter()
        for _ in range(many):
            bare.execute("INSERT INTO orders (a, b, c, d, e, f, g) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            bare.commit()
        return many / (time.perf_counter() - begun)


def _ours(many: int) -> float:
    return asyncio.run(_place(many))


async def _place(many: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(World(Path(folder), text=OPEN, lasting=True)) as rig:
            rig.stripe.down = True  # opening a session is Stripe's work, and comes after
            contexts = [await rig.context(f"p{n}", key=f"k{n}") for n in range(many)]
            waiting = iter(contexts)

            async def people() -> None:
                for ctx in waiting:
                    await _one(rig, ctx)

            begun = time.perf_counter()
            await asyncio.gather(*(people() for _ in range(AT_ONCE)))
            return many / (time.perf_counter() - begun)


async def _one(rig: Rig, ctx: Context) -> None:
    await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants["mug/blue"], 1, ""))


ROW: Final = Row(
    "orders placed (admitted, reserved, written), 64 at once, SQLite", "sqlite3, an insert a transaction", _measure
)
