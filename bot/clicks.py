"""Clicks on places to buy instead: where each leads, and how many there were, by day and place. Nobody who clicks is known.

A click is counted in memory and written down once a second: a page that anybody may fetch makes no write of its own.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from bot.catalogue import Catalogue, Product, Variant
from bot.desk import Desk
from bot.ports import Unit
from bot.public_calendar import announced
from bot.retirement import Alternative, Plan, address
from bot.retirement.alternatives import LONGEST

#: Days for which clicks are kept by day; older ones are only part of the sum.
KEPT: Final = 400
_FACT: Final = "clicks:"
#: Stands for a day in the sum of those that are no longer kept by day.
_BEFORE: Final = "before"


@dataclass(frozen=True, slots=True)
class Clicked:
    """How often one place of one plan was clicked: by day, of those that are kept, and in all."""

    feature: str
    place: Alternative
    days: Mapping[date, int]
    total: int


@dataclass(frozen=True, slots=True)
class Clicks:
    """Leads to places, and counts it."""

    desk: Desk
    #: By fact, what happened here and is not written down yet.
    _unwritten: Counter[str] = field(default_factory=Counter)

    def lead(self, name: str, item: str) -> str:
        """Give the address in the config that a place's name stands for, and count one click; "" where it stands for none.

        `item` is a variant's or product's id: where the place can be asked for it, and it is sold here, it leads there.
        """
        shop, now = self.desk.shop(), self.desk.clock.now()
        plans = announced(shop.settings.plans.values(), now)
        place = next((each for plan in plans for each in plan.alternatives if name_of(each) == name), None)
        if place is None:
            return ""
        day = now.astimezone(shop.settings.zone).date()
        self._unwritten[f"{_FACT}{day.isoformat()}:{name}"] += 1
        variant, product = _named(shop.catalogue, item)
        return address(place, variant, product)

    async def refresh(self) -> None:
        """Write down what happened here. Raises StoreUnavailable; nothing is lost by that."""
        clicked = {name: many for name, many in self._unwritten.items() if many}
        self._unwritten.clear()
        if not clicked:
            return
        try:
            async with self.desk.store.unit() as unit:
                for name, many in sorted(clicked.items()):
                    await unit.facts.add(name, many)
        except BaseException:
            self._unwritten.update(clicked)
            raise

    async def tick(self) -> None:
        """Make one sum of what lies so far back that nobody asks for its days."""
        last = self.desk.clock.now().astimezone(self.desk.shop().settings.zone).date() - timedelta(days=KEPT)
        async with self.desk.store.reading() as unit:
            old = [name for name, day, _, _ in _read(await unit.facts.named(_FACT)) if day is not None and day < last]
        for name in old:
            async with self.desk.store.unit() as unit:
                text = await unit.facts.take(name)
                if text is not None:
                    await unit.facts.add(f"{_FACT}{_BEFORE}:{name.rpartition(':')[2]}", int(text))


def name_of(place: Alternative) -> str:
    """Name a place as its address here does: the same as long as its name and link are."""
    return hashlib.sha256(f"{place.name}\0{place.url}".encode()).hexdigest()[:12]


def way(public: str, place: Alternative, variant: Variant | None = None, product: Product | None = None) -> str:
    """Give the address of a place, or of the very product there, by way of our own; the direct one without `public`."""
    direct = address(place, variant, product)
    if not public:
        return direct
    item = variant.id if variant else product.id if product else ""
    ours = f"{public}/go/{name_of(place)}" + (f"?item={quote(item, safe='')}" if direct != place.url else "")
    return ours if len(ours) <= LONGEST else direct


async def clicked(unit: Unit, plans: Iterable[Plan]) -> tuple[Clicked, ...]:
    """Read how often the places of some plans were clicked, in the order of the config. A place of two plans is in both."""
    days: dict[str, dict[date, int]] = defaultdict(dict)
    sums: Counter[str] = Counter()
    for _, day, name, many in _read(await unit.facts.named(_FACT)):
        sums[name] += many
        if day is not None:
            days[name][day] = many
    return tuple(
        Clicked(plan.feature, place, days.get(name_of(place), {}), sums[name_of(place)])
        for plan in plans
        for place in plan.alternatives
    )


def _read(facts: Mapping[str, str]) -> Iterator[tuple[str, date | None, str, int]]:
    """Read facts of clicks: the fact's name, the day (None of the sum of old ones), the place's name, and how many."""
    for name, text in facts.items():
        day, _, place = name.removeprefix(_FACT).partition(":")
        yield name, None if day == _BEFORE else date.fromisoformat(day), place, int(text)


def _named(catalogue: Catalogue, item: str) -> tuple[Variant | None, Product | None]:
    variant = catalogue.variants.get(item)
    if variant is not None:
        return variant, variant.product
    return None, catalogue.named.get(item)
