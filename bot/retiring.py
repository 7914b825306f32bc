"""Retiring: once a second, what the calendar says is done, if it has not been done: open sessions and monthly purchases end.

The state that people see is never switched; it is derived from the plan and the clock. What is done here is only what
follows from it, for each order by its own scope, and each thing under a key that is accepted once ever: also when the
process was down at that instant. Gifts are nobody's here: every question is asked of purchases alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.checkouts import Checkouts
from bot.closings import closed_somewhere, plans_in
from bot.desk import Desk
from bot.errors import Outdated
from bot.facing import closed, scope_of
from bot.ports import Unit
from bot.replicas import check_active
from bot.retirement import Capability, Plan, Scope

if TYPE_CHECKING:
    from bot.announcing import Announcing
    from bot.changed import Changed
    from bot.deleting import Deleting
    from bot.undelivered import Undelivered


@dataclass(frozen=True, slots=True)
class Retiring:
    """What follows from the calendar."""

    desk: Desk
    checkouts: Checkouts
    announcing: Announcing
    undelivered: Undelivered
    changed: Changed
    deleting: Deleting
    _done: set[str] = field(default_factory=set)

    async def tick(self) -> None:
        """Do what has come due since the last tick, however long ago that was."""
        with suppress(Outdated):  # another replica has a newer plan: what follows from this one is not ours to do
            await self._follow()

    async def _follow(self) -> None:
        async with self.desk.store.reading() as unit:
            plans, now = tuple((await plans_in(self.desk, unit)).values()), self.desk.clock.shows(unit.now)
        for plan in plans:
            await self.announcing.follow(plan, now)
            await self.changed.follow(plan, now)
        if closed_somewhere(plans, Capability.COMPLETE_OPEN, now):
            await self._end_open(plans, now)
        if closed_somewhere(plans, Capability.RENEW, now):
            await self._stop_monthly(plans, now)
        await self.undelivered.follow(plans, now)
        await self.deleting.follow(plans, now)

    async def _end_open(self, plans: tuple[Plan, ...], now: datetime) -> None:
        """Ask for the end of every open checkout that has closed. What is found complete meanwhile is treated as paid."""
        async with self.desk.store.surveying() as unit:
            unpaid = [order for order in await unit.orders.unsettled("buy") if not order.ending]
        for order in unpaid:
            if not _ends(closed(plans, Capability.COMPLETE_OPEN, now, scope_of(order))):
                continue
            async with self.desk.store.unit() as unit:
                await self._check(unit)
                current = await unit.orders.get(order.id)
                if current and _ends(await self._closed_now(unit, Capability.COMPLETE_OPEN, scope_of(current))):
                    await self.checkouts.ask_end(unit, order.id, "closed")

    async def _check(self, unit: Unit) -> None:
        """Make sure, in a unit, that this process's config is the active one. Raises Outdated."""
        await check_active(unit, self.desk.shop().settings.digest)

    async def _closed_now(self, unit: Unit, capability: Capability, scope: Scope) -> Plan | None:
        """Ask again in the unit that acts: what was postponed meanwhile is not to be ended."""
        plans = await plans_in(self.desk, unit)
        return closed(plans.values(), capability, self.desk.clock.shows(unit.now), scope)

    async def _stop_monthly(self, plans: tuple[Plan, ...], now: datetime) -> None:
        """Ask that each monthly purchase ends with the period that is paid for, once each time it was resumed; no gift does."""
        going = []
        async with self.desk.store.surveying() as unit:
            for pledge in await unit.pledges.active("buy"):
                begun = await unit.orders.get(pledge.id)
                plan = closed(plans, Capability.RENEW, now, scope_of(begun)) if begun else None
                if plan is not None and begun is not None:
                    resumed = await unit.facts.get(f"resumed:{pledge.id}") or 0
                    going.append((begun, f"stop:{pledge.id}:{plan.closing_key}:{resumed}"))
        for begun, key in going:
            if key in self._done:
                continue
            async with self.desk.store.unit() as unit:
                await self._check(unit)
                current = await unit.pledges.get(begun.id)
                plan = await self._closed_now(unit, Capability.RENEW, scope_of(begun))
                if plan is not None and current is not None and (current.kind, current.state) == ("buy", "active"):
                    await unit.pledges.put(replace(current, ending="closed"))
                    await self.desk.jobs.defer(
                        unit, "stop", {"pledge": begun.id, "at_once": plan.leftovers.monthly == "now"}, key=key
                    )
            self._done.add(key)


def _ends(plan: Plan | None) -> bool:
    """Tell whether what is open ends with this plan, or may be paid until it expires by itself."""
    return plan is not None and plan.leftovers.open_checkouts == "expire"
