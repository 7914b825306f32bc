"""Acting: what admins do to a retirement by hand, in the chat or on the command line, with its line in the audit log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.audit import Entry
from bot.chat import Context
from bot.desk import Desk
from bot.errors import ActRefused, NotAllowed
from bot.judging import judge_edits, remember, remembered, to_change
from bot.orders import State
from bot.ports import Unit
from bot.retirement import Act, Deed, Memory, Plan, done, fingerprint, objection, speaking
from bot.seats import seats

#: What a fact is called by which an interaction is known that was acted on, and for how long it is: platforms say a thing
#: again within the hour.
_ACTED: Final = "acted:"
_KNOWN: Final = timedelta(days=7)
#: How long before a closing an order that it ended may have been made: a hold is shorter.
_BEFORE: Final = timedelta(days=2)
#: How many orders are looked through for those that a closing ended.
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to do to a feature's retirement, and why."""

    feature: str
    deed: Deed
    why: str
    #: With "postpone": the new instant.
    to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """What a rollback does not undo: checkouts that are ended, monthly purchases that are stopped, sellers who are told."""

    checkouts: int
    monthly: int
    sellers: int


@dataclass(frozen=True, slots=True)
class Acting:
    """Acts on retirements. What follows from them is done by whoever keeps the calendar, on every replica within a second."""

    desk: Desk

    async def act(self, unit: Unit, wanted: Wanted, *, by: str, key: str) -> Plan:
        """In a unit: do something to a retirement, log it, and give the plan in force from now on.

        `key` is the interaction's; the same again does nothing more. Raises ActRefused.
        """
        memory, plan = await self._known(unit, wanted.feature)
        if not await self._first(unit, key):
            return plan
        if not wanted.why.strip() and wanted.deed in {"postpone", "rollback", "now"}:
            raise ActRefused(wanted.feature, "why")
        now = self.desk.clock.shows(unit.now)
        against = objection(plan, wanted.deed, now, wanted.to)
        if against:
            raise ActRefused(wanted.feature, against)
        on = memory.plans[wanted.feature].closing_key
        act = Act(wanted.feature, wanted.deed, now, by, wanted.why, on, wanted.to)
        memory = done(memory, act)
        await remember(unit, memory)
        after = memory.in_force[wanted.feature]
        details = {"before": plan.closes.isoformat(), "closes": after.closes.isoformat()}
        await self._log(unit, f"retire.{wanted.deed}", wanted.feature, by=by, why=wanted.why, details=details)
        return after

    async def stop_brownouts(self, unit: Unit, feature: str, why: str, *, by: str, key: str) -> Sequence[Plan]:
        """In a unit: stop the brownouts of a feature, "" for all, and give the plans concerned. Raises ActRefused."""
        memory = await self._memory(unit)
        now = self.desk.clock.shows(unit.now)
        plans = memory.in_force
        found = [feature] if feature else [name for name in plans if not objection(plans[name], "brownout_stop", now)]
        if not found and await unit.facts.get(f"acted:{key}") is None:
            raise ActRefused("", "no_brownouts")
        await unit.facts.put(f"acted:{key}", unit.now.isoformat())
        return [await self.act(unit, Wanted(name, "brownout_stop", why), by=by, key=f"{key}:{name}") for name in found]

    async def light(self, ctx: Context, feature: str, why: str) -> Sequence[Plan]:
        """Stop the brownouts of a feature, "" for all, for admins. Raises NotAllowed, ActRefused."""
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            return await self.stop_brownouts(unit, feature, why, by=ctx.person.key, key=ctx.key)

    async def approve(self, unit: Unit, feature: str, *, by: str, key: str) -> Plan:
        """In a unit: agree to the edit that waits, and give the plan it leads to. Raises ActRefused where none waits."""
        memory, plan = await self._known(unit, feature)
        waiting = memory.waiting.get(feature)
        if not await self._first(unit, key):
            return waiting or plan
        if waiting is None:
            raise ActRefused(feature, "not_waiting")
        approved = {**memory.approved, feature: fingerprint(waiting)}
        await remember(unit, replace(memory, approved=approved, judged=""))
        details = {"before": plan.closes.isoformat(), "closes": waiting.closes.isoformat()}
        await self._log(unit, "retire.approve", feature, by=by, why="", details=details)
        return waiting

    async def do(self, ctx: Context, wanted: Wanted) -> Plan:
        """Do something to a retirement, for admins. Raises NotAllowed, ActRefused."""
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            return await self.act(unit, wanted, by=ctx.person.key, key=ctx.key)

    async def agree(self, ctx: Context, feature: str) -> Plan:
        """Agree to the edit of a feature that waits, for admins. Raises NotAllowed, ActRefused."""
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            return await self.approve(unit, feature, by=ctx.person.key, key=ctx.key)

    async def lasting(self, feature: str) -> Lasting:
        """Count what a rollback of a feature would not undo. Raises ActRefused."""
        async with self.desk.store.reading() as unit:
            memory = await remembered(unit) or Memory()
            plan = memory.in_force.get(feature) or self.desk.shop().settings.plans.get(feature)
            if plan is None:
                raise ActRefused(feature, "unknown")
            ended = await unit.orders.listed(
                states=[State.EXPIRED], kind="buy", since=plan.closes - _BEFORE, most=_MOST
            )
            stopped = [each for each in await unit.pledges.going_on("") if each.ending == "closed"]
            told = await unit.facts.get(f"notice:{feature}") is not None
        checkouts = [order for order in ended if order.ending == "closed" and _of(plan, order.lines[0].product)]
        monthly = [pledge for pledge in stopped if _of(plan, pledge.product)]
        return Lasting(len(checkouts), len(monthly), len(seats(self.desk.shop().settings)) if told else 0)

    async def memory(self) -> Memory:
        """Give what is remembered of all retirements."""
        async with self.desk.store.reading() as unit:
            return await remembered(unit) or Memory(self.desk.shop().settings.plans)

    async def now(self) -> datetime:
        """Tell the calendar's now, on the database's clock."""
        async with self.desk.store.reading() as unit:
            return self.desk.clock.shows(unit.now)

    async def forget(self) -> None:
        """Tick: forget which interactions were acted on, once none of them can come again."""
        async with self.desk.store.reading() as unit:
            acted = await unit.facts.named(_ACTED)
            old = [name for name, at in acted.items() if unit.now - datetime.fromisoformat(at) > _KNOWN]
        for name in old:
            async with self.desk.store.unit() as unit:
                await unit.facts.take(name)

    async def ending(self, feature: str) -> Lasting:
        """Count what closing a feature at once would do that no rollback undoes. Raises ActRefused where that cannot be."""
        async with self.desk.store.reading() as unit:
            memory = await remembered(unit) or Memory()
            plan = memory.in_force.get(feature) or self.desk.shop().settings.plans.get(feature)
            if plan is None:
                raise ActRefused(feature, "unknown")
            against = objection(plan, "now", self.desk.clock.shows(unit.now))
            if against:
                raise ActRefused(feature, against)
            unpaid = [order for order in await unit.orders.unsettled("buy") if not order.ending]
            monthly = [pledge for pledge in await unit.pledges.active("buy") if _of(plan, pledge.product)]
        ended = [order for order in unpaid if _of(plan, order.lines[0].product)]
        checkouts = len(ended) if plan.leftovers.open_checkouts == "expire" else 0
        return Lasting(checkouts, len(monthly), len(seats(self.desk.shop().settings)))

    async def _known(self, unit: Unit, feature: str) -> tuple[Memory, Plan]:
        """Give what is remembered, to be changed, and the plan in force. Raises ActRefused where there is none."""
        memory = await self._memory(unit)
        plan = memory.in_force.get(feature)
        if plan is None:
            raise ActRefused(feature, "unknown")
        return memory, plan

    async def _memory(self, unit: Unit) -> Memory:
        """Give what is remembered, to be changed."""
        memory = await to_change(unit)  # held for writing at once: two who read it first would wait for each other
        if memory == Memory():  # no shop has run on this database yet
            memory = await judge_edits(self.desk, unit, self.desk.shop().settings) or memory
        return memory

    async def _first(self, unit: Unit, key: str) -> bool:
        """Take an interaction's key; False where it was taken: a platform said the same twice."""
        if await unit.facts.get(f"{_ACTED}{key}") is not None:
            return False
        await unit.facts.put(f"{_ACTED}{key}", unit.now.isoformat())
        return True

    async def _log(self, unit: Unit, what: str, feature: str, *, by: str, why: str, details: dict[str, str]) -> None:
        digest = self.desk.shop().settings.digest
        await unit.audit.add(Entry(by, what, feature, why, digest, json.dumps(details, sort_keys=True)))


def _of(plan: Plan, product: str) -> bool:
    return bool(speaking((plan,), product))
