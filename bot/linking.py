"""Linking: whether the places to buy instead still answer. Dead ones are named last, and the admins are told once.

One failure proves nothing: a place is dead after three in a row, and alive again with its first answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.desk import Desk
from bot.errors import Outdated
from bot.outbox import warn
from bot.ports import Links
from bot.replicas import check_active
from bot.retirement import Alternative
from bot.retirement.calendar import left

_log: Final = logging.getLogger(__name__)

#: What the names of the facts begin with that say how addresses do.
PREFIX: Final = "link:"
#: How many failures in a row make a place dead.
DEAD: Final = 3
#: How long until a place is looked at again: one that answers, one that just failed, one that is dead.
WELL: Final = timedelta(hours=6)
DOUBTFUL: Final = timedelta(minutes=10)
GONE: Final = timedelta(hours=1)
#: How many are looked at in one round.
ROUND: Final = 5
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Health:
    """How an address did when it was last looked at."""

    url: str
    looked: str = ""  # when, in ISO 8601
    failed: int = 0  # failures in a row
    since: str = ""  # since when it fails
    why: str = ""

    @property
    def dead(self) -> bool:
        """Whether nobody is sent there first any more."""
        return self.failed >= DEAD

    def due(self, now: datetime) -> bool:
        """Tell whether it is to be looked at again."""
        pause = GONE if self.dead else DOUBTFUL if self.failed else WELL
        return not self.looked or left(now, datetime.fromisoformat(self.looked)) >= pause

    def after(self, why: str, now: datetime) -> Health:
        """Give how it does after a look that found `why` ("" where it answers)."""
        if not why:
            return Health(self.url, now.isoformat())
        return replace(
            self, looked=now.isoformat(), failed=self.failed + 1, since=self.since or now.isoformat(), why=why
        )


@dataclass(frozen=True, slots=True)
class Linking:
    """Looks after the addresses of all places that a plan names."""

    desk: Desk
    links: Links

    async def tick(self) -> None:
        """Look at the few addresses that are due, and forget those that no plan names any more."""
        async with self.desk.store.reading() as unit:
            try:
                await check_active(unit, self.desk.shop().settings.digest)
            except Outdated:
                return  # another replica has a newer list
            facts, now = await unit.facts.named(PREFIX), unit.now
        places = self._places()
        known = {health.url: health for health in map(_read, facts.values())}
        await self._forget([_name(url) for url in known if url not in places])
        due = [health for url in places if (health := known.get(url, Health(url))).due(now)]
        due.sort(key=lambda health: health.looked)
        await asyncio.gather(*(self._look(places[health.url], health) for health in due[:ROUND]))

    async def _look(self, place: Alternative, before: Health) -> None:
        why = await self.links.trouble(place.url)
        async with self.desk.store.unit() as unit:
            after = before.after(why, unit.now)
            await unit.facts.put(_name(place.url), _write(after))
            if after.dead and not before.dead:
                name = f"alert:{_name(place.url)}:{after.since}"
                await warn(self.desk, unit, name, "alert.link_dead", place=place.name, url=place.url, why=why)
        if after.dead != before.dead:
            _log.info("place to buy instead", extra={"place": place.name, "dead": after.dead, "why": why})

    def _places(self) -> Mapping[str, Alternative]:
        """Give the places of all plans that are not over, by address."""
        shop, now = self.desk.shop(), self.desk.clock.now()
        return {
            place.url: place
            for plan in shop.settings.plans.values()
            if plan.standing not in {"cancelled", "rolled_back"}
            for place in plan.alternatives
            if place.ends is None or left(place.ends, now) > _NOTHING
        }

    async def _forget(self, names: list[str]) -> None:
        if not names:
            return
        async with self.desk.store.unit() as unit:
            for name in names:
                await unit.facts.take(name)


def dead(facts: Mapping[str, str]) -> frozenset[str]:
    """Give the addresses that are dead, of the facts whose names begin with `PREFIX`."""
    return frozenset(health.url for health in map(_read, facts.values()) if health.dead)


def _name(url: str) -> str:
    return f"{PREFIX}{hashlib.sha256(url.encode()).hexdigest()[:24]}"


def _write(health: Health) -> str:
    return json.dumps(asdict(health), ensure_ascii=False)


def _read(text: str) -> Health:
    return Health(**json.loads(text))
