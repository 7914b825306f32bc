"""Reloading: an edit of the config changes the running shop at once, or changes nothing and says why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.catalogue import Search
from bot.errors import BadConfig, StoreUnavailable
from bot.judging import judge_edits, problems
from bot.live import LiveShop
from bot.ports import Store
from bot.replicas import active_in
from bot.settings import Settings
from bot.telling import Telling

_log: Final = logging.getLogger(__name__)

#: Differences of two versions that the log names one by one; of more only how many there are.
MOST: Final = 200

Read = Callable[[Mapping[str, str]], Settings]


def _nothing(_: Settings) -> None:
    """Have nothing to get ready."""


async def _alone(_: str) -> None:
    """Have nobody to tell: a shop in a file is one process."""


@dataclass(slots=True)
class Reloading:
    """Keeps the shop in step with its file."""

    #: Reads the file, given the tombstones, in a thread of its own. Raises BadConfig.
    read: Read
    changes: Callable[[Settings, Settings], Sequence[str]]
    live: LiveShop
    store: Store
    telling: Telling
    #: Gets what was read ready to be in force. Raises BadConfig, and has changed nothing then.
    ready: Callable[[Settings], None] = field(default=_nothing)
    #: What is wrong with the file as it is now; () while it can be read.
    broken: Sequence[str] = field(default=())
    #: Has the other replicas know which version is in force here.
    edited: Callable[[str], Awaitable[None]] = field(default=_alone)
    #: Whoever puts settings in force does so alone, lest one who began with the file as it was takes an edit back.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with the file as it is now: all of it, or edits of retirements; () while all of it is in force."""
        return self.broken or problems(self.live.file, self.live.memory)

    async def begin(self) -> None:
        """Judge what the file that the shop began with wants of retirements: before the first answer."""
        settings = self.live.file
        await self._judge(settings, await self.live.searched(settings))

    async def keep_up(self) -> None:
        """Judge again where something has changed beside the file: an act, an approval, or which version is active."""
        async with self.turn:
            settings, memory = self.live.file, self.live.memory
            if memory is not None and memory.judged == settings.digest:
                return
            async with self.store.reading() as unit:
                active = await active_in(unit)
            if active in {None, settings.digest}:
                await self._judge(settings, await self.live.searched(settings))

    async def _judge(self, settings: Settings, search: Search, *, before: str = "") -> None:
        """Put settings in force with what becomes of their retirements; if nothing can be written, those stay as they were."""
        memory = None
        try:
            async with self.store.unit() as unit:
                memory = await judge_edits(self.telling.desk, unit, settings, before=before)
        except StoreUnavailable:
            _log.exception("retirements not judged")
        self.live.swap(settings, memory, search)

    async def follow(self, edits: AsyncIterator[str]) -> None:
        """Reload after every edit, until cancelled."""
        async for _ in edits:
            await self.reload()

    async def reload(self) -> None:
        """Read the file, and put it in force if it is good. Never raises over what the file says."""
        old = self.live().settings
        try:
            graves = await tombstones(self.store)
            # A big catalogue takes seconds to read, in which people are answered.
            settings = await asyncio.to_thread(self.read, graves)
            self.ready(settings)
        except BadConfig as error:
            self.broken = [str(problem) for problem in error.problems]
            for problem in self.broken:
                _log.error("config refused", extra={"problem": problem})
            await self._alert("\n".join(self.broken))
            return
        except StoreUnavailable:
            _log.exception("config not reloaded")
            return
        self.broken = ()
        search = await self.live.searched(settings)  # over a big catalogue that takes seconds, in which others look
        async with self.turn:
            await self._judge(settings, search, before=old.digest)
        for problem in self.problems:
            _log.error("edit refused", extra={"problem": problem})
        sentences = await asyncio.to_thread(self.changes, old, self.live().settings)
        for sentence in sentences[:MOST]:
            _log.info("config changed", extra={"change": sentence})
        if len(sentences) > MOST:
            _log.info("config changed", extra={"change": f"and {len(sentences) - MOST} more differences"})
        try:
            await self.edited(settings.digest)
            await bury(self.store, settings)
        except (
            StoreUnavailable
        ):  # the next edit sets the tombstones, or the next start; the next beat tells the replicas
            _log.exception("tombstones not set")

    async def _alert(self, text: str) -> None:
        try:
            async with self.store.unit() as unit:
                number = await unit.facts.add("alerts", 1)
            await self.telling.raise_alert(f"alert:{number}", text)
        except StoreUnavailable:
            _log.exception("admins not told")


async def tombstones(store: Store) -> Mapping[str, str]:
    """Give the ids of products that were sold and then removed, with the names they were sold under."""
    async with store.reading() as unit:
        return {name.partition(":")[2]: sold for name, sold in (await unit.facts.named("tomb:")).items() if sold}


async def bury(store: Store, settings: Settings) -> None:
    """Set a tombstone for each product that was ever sold and is not in the config any more; lift those that came back."""
    present = {product.id for product in settings.catalogue.products}
    async with store.reading() as unit:
        sold = await unit.facts.named("sold:")
        tombs = await unit.facts.named("tomb:")
    changed = {}
    for fact, name in sold.items():
        product = fact.partition(":")[2]
        stone = "" if product in present else name
        if tombs.get(f"tomb:{product}", "") != stone:
            changed[f"tomb:{product}"] = stone
    if changed:
        async with store.unit() as unit:
            for fact, name in changed.items():
                await unit.facts.put(fact, name)
