"""One replica of a shop on PostgreSQL, in a process of its own: it sells when it is told to, and says how long it took."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from bot.selling import wish
from tests.bot.rig import SHOP, Rig, Time, World, opened

#: People who buy at the same time.
AT_ONCE: Final = 64
#: The limits are not what is measured.
TEXT: Final = SHOP + "\n[limits]\nperson = 1000000\naddress = 1000000\nshop = 1000000\n"


async def sell(rig: Rig, who: str) -> None:
    """Take an order of somebody, and settle what Stripe says of it."""
    ctx = await rig.context(who, key=who)
    order = await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants["zine"], 1, ""))
    rig.stripe.pay(order.session)
    await rig.house.settling.apply(await rig.stripe.session(order.session))


async def main(url: str, name: str, many: int) -> None:
    """Sell so often, once a line is read; write the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(World(Path(folder), text=TEXT, url=url, time=Time(datetime.now(UTC)))) as rig:
            rig.stripe._numbers = count(int(name) * 10**8)  # each has a Stripe of its own, whose ids are no other's
            await sell(rig, f"{name}-first")
            print("ready", flush=True)  # noqa: T201 - to the process that measures
            await asyncio.to_thread(sys.stdin.readline)
            waiting = iter(range(many))

            async def people() -> None:
                for number in waiting:
                    await sell(rig, f"{name}-{number}")

            begun = time.perf_counter()
            await asyncio.gather(*(people() for _ in range(AT_ONCE)))
            print(time.perf_counter() - begun, flush=True)  # noqa: T201 - to the process that measures


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
