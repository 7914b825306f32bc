"""Replicas: which version of the config is active, so that several processes never take two prices at once.

Each replica reads its own file. One digest is active, in the database; whoever has another one takes no new orders, which
is asked inside the transaction that writes an order. An edit makes its version active if the one before it was; so the
first replica that is edited leads, and the others follow as their files do. A start never leads while somebody who has
the active version lives: a machine that slept through an edit cannot bring the old prices back.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

from bot.errors import Outdated
from bot.ports import Store, Unit

_log: Final = logging.getLogger(__name__)

_ACTIVE: Final = "config:active"
_REPLICA: Final = "replica:"
#: Seconds between two signs of life, and after how long without one a replica is taken to be gone.
BEAT: Final = 10.0
GONE: Final = timedelta(seconds=60)
#: Characters of a digest that people are shown.
_SHOWN: Final = 12


async def check_active(unit: Unit, digest: str) -> None:
    """In the unit that writes an order: make sure that its prices are the active ones, and stay so until it ends.

    Raises Outdated. Where nothing is active, in a shop of one process, every version is.
    """
    active = await active_in(unit)
    if active not in {None, digest}:
        raise Outdated


async def active_in(unit: Unit) -> str | None:
    """Give the active version, the same until the unit ends; None in a shop of one process."""
    return await unit.facts.hold(_ACTIVE)


@dataclass(slots=True)
class Replicas:
    """This process among the replicas of its shop."""

    store: Store
    id: str = field(default_factory=lambda: token_hex(8))
    #: The digest of this one's config, and the active one as last seen.
    mine: str = ""
    active: str = ""

    @property
    def stale(self) -> bool:
        """Whether another version than this one's is active."""
        return self.active not in {"", self.mine}

    @property
    def says(self) -> str:
        """Name both versions, for /readyz."""
        return f"this replica has {self.mine[:_SHOWN]}, active is {self.active[:_SHOWN]}: make the files the same"

    async def join(self, digest: str) -> None:
        """Begin with a version of the config. Raises StoreUnavailable."""
        self.mine = digest
        await self.beat()

    async def edited(self, digest: str) -> None:
        """Have another version from now on; it is active if the one before was. Raises StoreUnavailable."""
        before, self.mine = self.mine, digest
        async with self.store.unit() as unit:
            active = await unit.facts.get(_ACTIVE)
            if active in {None, before}:
                await unit.facts.put(_ACTIVE, digest)
        await self.beat()

    async def beat(self) -> None:
        """Show that this one lives, and look what is active; lead where nobody who has the active version lives."""
        async with self.store.unit() as unit:
            active = await unit.facts.get(_ACTIVE)  # locked first by everybody, then what replicas say of themselves
            await unit.facts.put(f"{_REPLICA}{self.id}", json.dumps({"digest": self.mine, "at": unit.now.isoformat()}))
            if active != self.mine and not await _lives(unit, active):
                await unit.facts.put(_ACTIVE, self.mine)
                active = self.mine
        if active != self.active:
            _log.info("active config", extra={"digest": active[:_SHOWN] if active else "", "mine": self.mine[:_SHOWN]})
        self.active = active or ""

    async def leave(self) -> None:
        """End: nobody has to wait for this one. Raises StoreUnavailable."""
        async with self.store.unit() as unit:
            await unit.facts.take(f"{_REPLICA}{self.id}")


async def _lives(unit: Unit, digest: str | None) -> bool:
    """Tell whether a replica that has this version has shown life lately; those long gone are forgotten."""
    lives = False
    for name, text in (await unit.facts.named(_REPLICA)).items():
        sign = json.loads(text)
        silent = unit.now - datetime.fromisoformat(sign["at"])
        if silent >= GONE * 60:
            await unit.facts.take(name)
        elif silent < GONE and sign["digest"] == digest:
            lives = True
    return lives
