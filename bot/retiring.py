"""Retiring: once a second, what the calendar says is done, if it has not been done: announced, closed, open sessions ended.

The state that people see is never switched; it is derived from the plan and the clock. What is done here is only what
follows from it, each thing under a key that is accepted once ever: also when the process was down at that instant.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.checkouts import Checkouts
from bot.desk import Desk
from bot.errors import Outdated
from bot.ports import Unit
from bot.replicas import check_active
from bot.retirement import Capability, Plan, Stage, allows, stage
from bot.seats import seats

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Retiring:
    """What follows from the calendar."""

    desk: Desk
    checkouts: Checkouts
    _done: set[str] = field(default_factory=set)

    async def tick(self) -> None:
        """Do what has come due since the last tick, however long ago that was."""
        with suppress(Outdated):  # another replica has a newer plan: what follows from this one is not ours to do
            await self._follow(self.desk.clock.now())

    async def _follow(self, now: datetime) -> None:
        for plan in self.desk.shop().settings.plans.values():
            if stage(plan, now) in {Stage.ANNOUNCED, Stage.CLOSING_SOON}:
                await self._once(plan, "announced")
            if not allows(plan, Capability.CHECKOUT_NEW, now):
                await self._once(plan, "closed")
                await self._stop_monthly(plan)
            if not allows(plan, Capability.COMPLETE_OPEN, now):
                await self._end_open(plan)

    async def _once(self, plan: Plan, kind: str) -> None:
        name = f"{kind}:{plan.closing_key}"
        if name in self._done:
            return
        async with self.desk.store.unit() as unit:
            await self._check(unit)
            for seat in seats(self.desk.shop().settings):
                payload = {**seat, "feature": plan.feature, "closing": plan.closing_key, "kind": kind}
                await self.desk.jobs.defer(unit, "sellers", payload, key=f"{name}:{':'.join(seat.values())}")
            await self._remember(unit, plan, name)
        self._done.add(name)

    async def _remember(self, unit: Unit, plan: Plan, name: str) -> None:
        """Log an announcement or closing the first time it is seen, for good."""
        if await unit.facts.get(f"retirement:{name}") is None:
            await unit.facts.put(f"retirement:{name}", unit.now.isoformat())
            _log.info("retirement", extra={"feature": plan.feature, "step": name.partition(":")[0]})

    async def _end_open(self, plan: Plan) -> None:
        """Ask for the end of every open checkout of the feature. What is found complete meanwhile is treated as paid."""
        async with self.desk.store.reading() as unit:
            waiting = [order.id for order in await unit.orders.unsettled(plan.feature) if not order.ending]
        for order_id in waiting:
            async with self.desk.store.unit() as unit:
                await self._check(unit)
                await self.checkouts.ask_end(unit, order_id, "closed")

    async def _check(self, unit: Unit) -> None:
        """Make sure, in a unit, that this process's plans are the active ones. Raises Outdated."""
        await check_active(unit, self.desk.shop().settings.digest)

    async def _stop_monthly(self, plan: Plan) -> None:
        """Ask that each monthly purchase ends with the period that is paid for, once each time it was resumed; no gift does."""
        if plan.feature != "buy":
            return
        async with self.desk.store.reading() as unit:
            going = [
                (pledge.id, f"stop:{pledge.id}:{plan.closing_key}:{await unit.facts.get(f'resumed:{pledge.id}') or 0}")
                for pledge in await unit.pledges.active("buy")
            ]
        for number, key in going:
            if key in self._done:
                continue
            async with self.desk.store.unit() as unit:
                await self._check(unit)
                pledge = await unit.pledges.get(number)
                if pledge is not None and (pledge.kind, pledge.state) == ("buy", "active"):
                    await unit.pledges.put(replace(pledge, ending="closed"))
                    await self.desk.jobs.defer(unit, "stop", {"pledge": number}, key=key)
            self._done.add(key)
