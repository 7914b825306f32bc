"""Holding: being the only one at something, on whichever replica, for as long as a block lasts; dying lets go of it."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.errors import StoreUnavailable
from bot.ports import Store

_log: Final = logging.getLogger(__name__)

#: Seconds after which what a dead process held is free: long enough for one that is only slow.
LEASE: Final = 30.0


async def first(store: Store, name: str, seconds: float) -> bool:
    """Take a name for so many seconds; False where somebody did less than that ago. Raises StoreUnavailable."""
    async with store.unit() as unit:
        return await unit.leases.take(name, secrets.token_hex(8), seconds)


@asynccontextmanager
async def held(
    store: Store, name: str, *, seconds: float = LEASE, after: float = 0.0, lost: asyncio.Event | None = None
) -> AsyncIterator[bool]:
    """Hold a name in the block, renewed all the while; False where somebody does already, also of this process.

    It is free when the block ends, or `after` seconds from when the block began. `lost` is set where it could not be
    renewed in time, so that somebody else may hold it by now. Raises StoreUnavailable.
    """
    holder = secrets.token_hex(8)
    until = asyncio.get_running_loop().time() + seconds
    async with store.unit() as unit:
        began, taken = unit.now, await unit.leases.take(name, holder, seconds)
    if not taken:
        yield False
        return
    gone = lost or asyncio.Event()
    renewing = asyncio.create_task(_renew(store, name, holder, seconds, lost=gone, until=until), name=f"holding {name}")
    try:
        yield True
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})
        try:
            async with store.unit() as unit:
                passed = (unit.now - began).total_seconds()
                await unit.leases.release(name, holder, after=after - passed)
        except StoreUnavailable as error:
            _log.info("not let go of: it is free in a while", extra={"held": name, "why": str(error)})


async def _renew(store: Store, name: str, holder: str, seconds: float, *, lost: asyncio.Event, until: float) -> None:
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        await asyncio.sleep(seconds / 3)
        asked = loop.time()
        try:
            async with asyncio.timeout_at(until), store.unit() as unit:
                if not await unit.leases.take(name, holder, seconds):
                    break
        except (StoreUnavailable, TimeoutError):
            continue
        until = asked + seconds
    _log.warning("somebody else may take over", extra={"held": name})
    lost.set()
