"""Erasing: what the law does not make one keep of a person is forgotten; amounts and dates stay, under a name of nobody."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.audit import Entry
from bot.closing.liabilities import OWED, owed
from bot.desk import Desk
from bot.errors import Later
from bot.granting import pending_for, revoke_for
from bot.orders import Order
from bot.ports import Json, Unit
from bot.refunds import OPEN

#: Platform of the name that is left of a person: no door has it, so nobody is told anything there.
NOBODY: Final = "erased"
#: Seconds between two looks whether the perks are taken away, and for how long that is waited for.
_LOOK: Final = timedelta(seconds=5)
_PATIENCE: Final = timedelta(days=1)
#: Who asked for it, in the log of operators, where that is the person themself: their name is not to be kept.
THEMSELF: Final = "the person"
#: More orders than one person ever had.
_MOST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a wish to be forgotten; "open" names the orders that are not over yet."""

    stands: Literal["done", "soon", "open"]
    numbers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Erasing:
    """Forgets people."""

    desk: Desk

    async def standing(self, person: str) -> Sequence[str]:
        """Name the orders and monthly payments for which a person cannot be forgotten yet."""
        async with self.desk.store.reading() as unit:
            return await self._open(unit, person)

    async def ask(self, person: str, *, by: str = THEMSELF) -> Outcome:
        """Forget a person: now, or as soon as what they hold on a platform is taken away, while we know whose it is.

        Whose wish it is (`by`) is logged with the forgetting, but not who is forgotten.
        """
        async with self.desk.store.unit() as unit:
            numbers = await self._open(unit, person)
            if numbers:
                return Outcome("open", numbers)
            for order in await unit.orders.of(person, most=_MOST):
                await revoke_for(self.desk, unit, order)
            if not await pending_for(unit, person):
                return Outcome("done", await self._forget(unit, person, by))
            until = (unit.now + _PATIENCE).isoformat()
            await self.desk.jobs.defer(unit, "erase", {"person": person, "until": until, "by": by})
            return Outcome("soon")

    async def work(self, payload: Json) -> None:
        """Job "erase": forget a person whose perks are gone, unless they have bought something meanwhile."""
        person, until = str(payload["person"]), datetime.fromisoformat(str(payload["until"]))
        async with self.desk.store.unit() as unit:
            if await self._open(unit, person):
                return
            if await pending_for(unit, person) and unit.now < until:
                raise Later(unit.now + _LOOK)
            await self._forget(unit, person, str(payload.get("by") or THEMSELF))

    async def _open(self, unit: Unit, person: str) -> Sequence[str]:
        """Name what is open; where nothing is, nobody opens anything until the unit ends."""
        found = await self._named(unit, person)
        if not found:  # orders first, then all alone: as those lock them who buy
            await unit.orders.alone(person)
            found = await self._named(unit, person)
        return found

    async def _named(self, unit: Unit, person: str) -> Sequence[str]:
        orders = await unit.orders.of(person, most=_MOST)
        found = [order.id for order in orders if await unfinished(unit, order)]
        return [*found, *(pledge.id for pledge in await unit.pledges.of(person) if pledge.id not in found)]

    async def _forget(self, unit: Unit, person: str, by: str) -> Sequence[str]:
        numbers = await forget_all(self.desk, unit, person, f"{NOBODY}:{secrets.token_hex(8)}")
        for number in numbers:
            await unit.orders.note(number, "personal data erased")
        many = json.dumps({"orders": len(numbers)})
        await unit.audit.add(Entry(by, "erase", "a person", config=self.desk.shop().settings.digest, details=many))
        return numbers


async def forget_all(desk: Desk, unit: Unit, person: str, name: str) -> Sequence[str]:
    """In a unit: forget a person whole, also what is kept under a digest of them; give the orders that are `name`'s now."""
    numbers = await unit.people.forget(person, name)
    await unit.facts.take(f"burst:person:{desk.signer.digest('burst', person)}")
    return numbers


async def unfinished(unit: Unit, order: Order) -> bool:
    """Tell whether something of an order is still to come. A gift that is paid is over."""
    delivered = order.kind == "donate" and order.paid is not None
    owing = order.state in OWED and not delivered and bool(owed(order))
    return owing or order.disputed or any(entry.stage in OPEN for entry in await unit.refunds.of(order.id))
