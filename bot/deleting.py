"""Deleting: when the instant for it has come, the histories of what retired become nobody's, as if each had been erased.

Each order is a transaction of its own, which asks again whether all is as it was: a process that dies leaves some of them
done and the others to be done, and nothing twice. Gifts are nobody's here.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.closing import Liability
from bot.closings import closed_somewhere, plans_in
from bot.deletions import count_deleted
from bot.desk import Desk
from bot.erasing import NOBODY, forget_all, unfinished
from bot.facing import closed, scope_of
from bot.granting import forget_for, pending_for, revoke_for
from bot.orders import Order
from bot.ports import Unit
from bot.replicas import check_active
from bot.retirement import Capability, Plan, allows, closes_at, left

_log: Final = logging.getLogger(__name__)

#: What an order's history says from then on.
WHY: Final = "history deleted, as announced"
#: Orders that are looked for at once, and seconds for which it works before others have their turn.
_PAGE: Final = 100
_BREATH: Final = 2.0
#: How often it is looked again at what could not be deleted yet: it is not over.
_LOOK: Final = timedelta(minutes=10)
#: For how long it is waited until what somebody holds on a platform is taken away, while it is known whose it is.
_PATIENCE: Final = timedelta(days=1)


@dataclass(slots=True)
class _Pass:
    """How far a pass through the purchases has come, and when the next one begins."""

    after: str = ""
    rests: tuple[tuple[Plan, ...], datetime] | None = None


@dataclass(frozen=True, slots=True)
class Deleting:
    """Deletes histories."""

    desk: Desk
    _pass: _Pass = field(default_factory=_Pass)

    @property
    def under_way(self) -> bool:
        """Whether a pass has begun and gave way: the next tick goes on with it."""
        return bool(self._pass.after)

    async def follow(self, plans: tuple[Plan, ...], now: datetime) -> None:
        """Delete what has come due, for a breath at most. Raises Outdated."""
        if not closed_somewhere(plans, Capability.DELETE, now):
            return
        if self._pass.rests is not None:
            known, since = self._pass.rests
            if known == plans and timedelta(0) <= left(now, since) < _LOOK:
                return
            self._pass.rests = None
        clock = asyncio.get_running_loop().time
        until = clock() + _BREATH
        while clock() < until:
            async with self.desk.store.surveying() as unit:
                page = await unit.people.purchases(NOBODY, after=self._pass.after, most=_PAGE)
                orders = [await unit.orders.get(number) for number in page]
            for order in orders:
                if order is not None and due(plans, now, order) is not None:
                    await self._delete(order.id)
            self._pass.after = page[-1] if len(page) == _PAGE else ""
            if len(page) < _PAGE:
                self._pass.rests = (plans, now)
                return

    async def _delete(self, number: str) -> None:
        """Delete whose an order is, unless something of it is still to come, or to be taken away."""
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            order, now = await unit.orders.get(number), self.desk.clock.shows(unit.now)
            if order is None or order.buyer.platform == NOBODY:
                return
            plan = due((await plans_in(self.desk, unit)).values(), now, order)
            person = order.buyer.key
            if plan is None or await _goes_on(unit, order):
                return
            await revoke_for(self.desk, unit, order)
            patient = left(closes_at(plan, Capability.DELETE, scope_of(order)) + _PATIENCE, now) > timedelta(0)
            if patient and await pending_for(unit, person):
                return
            await forget_for(unit, order)
            name = f"{NOBODY}:{secrets.token_hex(8)}"
            await unit.people.forget_orders(person, name, [number])
            if not await _owns(unit, person):
                await unit.orders.alone(person)  # an order of theirs may be on its way
                if not await _owns(unit, person):
                    await forget_all(self.desk, unit, person, name)  # nothing here is theirs any more
            await unit.orders.note(number, WHY)
            await count_deleted(unit, plan.feature)
            _log.info("history deleted", extra={"order": number, "feature": plan.feature})


async def _owns(unit: Unit, person: str) -> bool:
    return bool(await unit.orders.of(person, most=1) or await unit.pledges.of(person))


def due(plans: Iterable[Plan], now: datetime, order: Order) -> Plan | None:
    """Give the plan by which an order's history is to be deleted; None while it is kept. A gift's always is.

    Never while its person can still take it along by any plan, whatever instants the plans give.
    """
    if order.kind != "buy":
        return None
    known, scope = tuple(plans), scope_of(order)
    plan = closed(known, Capability.DELETE, now, scope)
    return plan if plan is not None and not allows(plan, Capability.EXPORT, now, scope) else None


async def overdue(unit: Unit, plans: Iterable[Plan], now: datetime, *, most: int = 1000) -> tuple[Liability, ...]:
    """List the histories that are to be deleted by now and are not, up to so many."""
    known, found, after = tuple(plans), list[Liability](), ""
    while closed_somewhere(known, Capability.DELETE, now) and len(found) < most:
        page = await unit.people.purchases(NOBODY, after=after, most=_PAGE)
        for number in page:
            order = await unit.orders.get(number)
            plan = due(known, now, order) if order else None
            if plan is not None and order is not None:
                since = closes_at(plan, Capability.DELETE, scope_of(order))
                found.append(Liability("deletion", number, None, str(order.state), since))
        if len(page) < _PAGE:
            break
        after = page[-1]
    return tuple(found)


async def _goes_on(unit: Unit, order: Order) -> bool:
    begun = order.id.partition("-")[0]
    pledged = any(pledge.id == begun for pledge in await unit.pledges.of(order.buyer.key))
    return pledged or await unfinished(unit, order)
