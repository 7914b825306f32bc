"""The living shop: the snapshot that everybody reads, swapped whole when the config, plans, stock or gifts change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.catalogue import Catalogue, Search
from bot.donations import Cause
from bot.judging import remembered
from bot.linking import PREFIX as LINKS
from bot.linking import dead
from bot.money import Money
from bot.ports import Store
from bot.retirement import Memory
from bot.settings import Settings
from bot.shop import Shop


class LiveShop:
    """Call it for the snapshot of this moment."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        search: Callable[[Catalogue, Search | None], Search],
        test_money: Callable[[], bool],
        minimums: Mapping[str, Money],
    ) -> None:
        """Take `search` to make one over a catalogue; it is given the one before, of which it may take over what it likes."""
        self._store = store
        self._search = search
        self._test_money = test_money
        self._file = settings
        self._memory: Memory | None = None
        self._shop = Shop(
            settings=settings, search=search(settings.catalogue, None), test_money=test_money(), minimums=minimums
        )

    def __call__(self) -> Shop:
        """Give the shop as it is now; what it says is at most a second old."""
        return self._shop

    @property
    def file(self) -> Settings:
        """The settings as the file has them; those in force have the plans that hold, whatever the file wants."""
        return self._file

    @property
    def memory(self) -> Memory | None:
        """What is remembered of retirements, as last read; None in a shop that never judged a file."""
        return self._memory

    async def searched(self, settings: Settings) -> Search:
        """Get the search over the settings' catalogue ready; beside all else, for over a big one that takes seconds."""
        catalogue = settings.catalogue
        same = catalogue is self._file.catalogue
        before = self._shop.search
        return before if same else await asyncio.to_thread(self._search, catalogue, before)

    def swap(self, settings: Settings, memory: Memory | None = None, search: Search | None = None) -> None:
        """Put new settings in force, whole: with the plans that are remembered, as of now where that is given.

        `search` is what `searched` gave for them; without it the search is made here and now, where the catalogue is another.
        """
        if search is None:
            same = settings.catalogue is self._file.catalogue
            before = self._shop.search
            search = before if same else self._search(settings.catalogue, before)
        self._file, self._memory = settings, memory or self._memory
        self._shop = replace(
            self._shop,
            settings=_in_force(settings, self._memory),
            search=search,
            test_money=self._test_money(),
        )

    async def refresh(self) -> None:
        """Read stock, gifts, dead links and what was done to retirements from the store."""
        async with self._store.reading() as unit:
            stock = await unit.stock.all()
            raised = await unit.facts.named("raised:")
            memory = await remembered(unit)
            gone = dead(await unit.facts.named(LINKS))
        settings = self._shop.settings
        if memory is not None and memory != self._memory:
            self._memory, settings = memory, _in_force(self._file, memory)
        sums = _sums(raised, settings.causes)
        self._shop = replace(self._shop, settings=settings, stock=stock, raised=sums, dead=gone)


def _in_force(settings: Settings, memory: Memory | None) -> Settings:
    return settings if memory is None else replace(settings, plans=memory.in_force)


def _sums(raised: Mapping[str, str], causes: Mapping[str, Cause]) -> Mapping[str, Money]:
    """Read "raised:CAUSE:CURRENCY" facts: of each cause what came in the currency that it has now."""
    names = {cause.id: f"raised:{cause.id}:{cause.currency}" for cause in causes.values()}
    return {cause: Money(int(raised[name]), causes[cause].currency) for cause, name in names.items() if name in raised}
