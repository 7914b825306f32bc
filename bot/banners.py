"""To whom the banner of a retirement was shown, so that nobody reads it more often than the operator wants.

An opener cannot wait for a database, so what was shown is known in memory and written down twice a second; at a start, and
from other replicas, it is read. A process that is killed forgets half a second of it: better once more than never.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Store
from bot.retirement import Plan, Stage
from bot.retirement.calendar import left
from bot.shop import Shop
from bot.tokens import Signer

_log: Final = logging.getLogger(__name__)

_FACT: Final = "banner:"
#: What was written within the minute before is read again: another replica's unit may end late.
_OVERLAP: Final = timedelta(minutes=1)
#: How often what nobody needs to know any more is forgotten.
_SWEEP: Final = timedelta(hours=1)
_NOTHING: Final = timedelta(0)


@dataclass(slots=True)
class Banners:
    """Knows who saw which banner when. People are kept as keyed digests, never by name."""

    store: Store
    signer: Signer
    shop: Callable[[], Shop]
    #: Digest of person, closing and stage, to the calendar's instant at which they last saw it.
    _shown: dict[str, datetime] = field(default_factory=dict)
    _unwritten: dict[str, datetime] = field(default_factory=dict)
    _swept: datetime | None = None

    def due(self, person: str, plan: Plan, stage: Stage, now: datetime) -> bool:
        """Tell whether somebody is to see the banner now, and take it that they do.

        A plan that comes to its last week, or moves its date, has another banner.
        """
        every = timedelta(seconds=plan.banner_every)
        if every <= _NOTHING:
            return True
        key = self.signer.digest("banner", f"{person}\0{plan.closing_key}\0{stage}\0{plan.standing}")
        last = self._shown.get(key)
        if last is not None and _NOTHING <= left(now, last) < every:
            return False
        self._shown[key] = self._unwritten[key] = now
        return True

    async def refresh(self) -> None:
        """Write down what was shown here, and read what was elsewhere. Raises StoreUnavailable; nothing is lost by that."""
        every = self._longest()
        if every <= _NOTHING:
            return
        await self._write()
        async with self.store.reading() as unit:
            now = unit.now
            wanted = (_minute(now - _OVERLAP), _minute(now)) if self._swept else ("",)
            for minute in wanted:
                self._learn(await unit.facts.named(_FACT + minute))
        if self._swept is None or now - self._swept >= _SWEEP:
            await self._sweep(every)
            self._swept = now

    async def _write(self) -> None:
        shown = dict(self._unwritten)
        if not shown:
            return
        async with self.store.unit() as unit:
            minute = _minute(unit.now)
            for key, at in shown.items():
                await unit.facts.put(f"{_FACT}{minute}:{key}", at.isoformat())
        for key, at in shown.items():
            if self._unwritten.get(key) == at:
                del self._unwritten[key]

    def _learn(self, facts: Mapping[str, str]) -> None:
        for name, text in facts.items():
            key, at = name.rpartition(":")[2], datetime.fromisoformat(text)
            if key not in self._shown or left(at, self._shown[key]) > _NOTHING:
                self._shown[key] = at

    async def _sweep(self, every: timedelta) -> None:
        """Forget what was shown so long ago that it makes no difference."""
        newest = max(self._shown.values(), default=None, key=datetime.timestamp)
        if newest is None:
            return
        async with self.store.reading() as unit:
            facts = await unit.facts.named(_FACT)
        old = [name for name, text in facts.items() if left(newest, datetime.fromisoformat(text)) >= every]
        if old:
            async with self.store.unit() as unit:
                for name in old:
                    await unit.facts.take(name)
        self._shown = {key: at for key, at in self._shown.items() if left(newest, at) < every}
        _log.debug("banners forgotten", extra={"count": len(old)})

    def _longest(self) -> timedelta:
        plans = self.shop().settings.plans.values()
        return timedelta(seconds=max((plan.banner_every for plan in plans), default=0))


def _minute(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M")
