"""Undelivered: what is paid and not delivered as `fulfil` comes to its end: the staff is warned, then the money goes back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.closings import closed_somewhere, plans_in
from bot.desk import Desk
from bot.errors import BadAmount, Refused
from bot.facing import closed, scope_of
from bot.orders import Order, State
from bot.outbox import warn
from bot.ports import Unit
from bot.refunding import Refunding
from bot.replicas import check_active
from bot.retirement import ANYWHERE, Capability, Plan, closes_at, left, speaking
from bot.unwanted import UNWANTED
from bot.words import Tongue

_log: Final = logging.getLogger(__name__)

#: So long before `fulfil` ends the staff is warned, each time once.
WARNINGS: Final = (timedelta(days=1), timedelta(days=7))
#: How often the paid orders are looked at: a retired shop has many, and none of this is a matter of seconds.
LOOK: Final = timedelta(seconds=30)
#: Whose wish these refunds are, in the books.
BY: Final = "retirement"
#: How many numbers a warning names.
_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What becomes of paid orders that were not delivered in time."""

    desk: Desk
    refunding: Refunding
    #: How a buyer of this locale is spoken to.
    tongue: Callable[[str], Tongue]
    _looked: dict[str, tuple[tuple[Plan, ...], datetime]] = field(default_factory=dict)

    async def follow(self, plans: tuple[Plan, ...], now: datetime) -> None:
        """Warn of and give back what has come due. Raises Outdated."""
        known, looked = self._looked.get("", ((), now - LOOK))
        if known == plans and looked <= now < looked + LOOK:
            return
        if any(_begins(plan, now) for plan in plans) or closed_somewhere(plans, Capability.COMPLETE_OPEN, now):
            async with self.desk.store.surveying() as unit:
                unwanted = await unit.facts.named(UNWANTED)
                paid = [order for order in await unit.orders.standing({State.PAID}) if order.kind == "buy"]
            for plan in plans:
                await self._warn(plan, now, paid)
            for order in paid:
                if UNWANTED + order.id in unwanted or _due(plans, now, order) is not None:
                    await self._give_back(order.id)
        self._looked[""] = (plans, now)

    async def _warn(self, plan: Plan, now: datetime, paid: list[Order]) -> None:
        """Tell the staff once a step which orders of a plan are not delivered, while there is time: each by its own date."""
        mine: dict[datetime, list[str]] = {}
        for order in paid:
            scope = scope_of(order)
            if speaking((plan,), scope.product):
                mine.setdefault(closes_at(plan, Capability.FULFIL, scope), []).append(order.id)
        for until, numbers in sorted(mine.items()):
            step = _near(plan, until, now)
            if step is not None:
                await self._warn_once(plan, until, step, numbers)

    async def _warn_once(self, plan: Plan, until: datetime, step: timedelta, mine: list[str]) -> None:
        name = f"alert:undelivered:{plan.closing_key}:{until.isoformat()}:{step.days}"
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            if await unit.facts.get(name) is None:
                numbers = ", ".join(mine[:_NAMED]) + (" …" if len(mine) > _NAMED else "")
                await warn(self.desk, unit, name, "alert.retirement_undelivered", numbers=numbers, until=until)

    async def _give_back(self, number: str) -> None:
        """Have all that is left of an order go back, with the reason in its buyer's language; once, however often asked."""
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            order = await unit.orders.get(number)
            if order is None or order.state is not State.PAID:
                return
            unwanted = await unit.facts.get(f"{UNWANTED}{order.id}")
            plan = await self._due_now(unit, order)
            if plan is None and unwanted is None:
                return
            why = "refund.reason_settled_late" if unwanted is not None else "refund.reason_retired"
            reason = self.tongue(order.buyer.locale).word(why)
            with suppress(Refused, BadAmount):  # a dispute is open: it decides, and the staff knows of it
                key = f"retirement:{order.id}"
                await self.refunding.ask(unit, order.id, None, reason, by=BY, key=key, agreed=True)
                _log.info(
                    "undelivered order is given back",
                    extra={"order": order.id, "feature": plan.feature if plan else unwanted},
                )

    async def _due_now(self, unit: Unit, order: Order) -> Plan | None:
        plans = await plans_in(self.desk, unit)
        return _due(tuple(plans.values()), self.desk.clock.shows(unit.now), order)


def _due(plans: tuple[Plan, ...], now: datetime, order: Order) -> Plan | None:
    """Give the plan by which an order that is paid and not delivered is to be given back now."""
    scope = scope_of(order)
    plan = closed(plans, Capability.FULFIL, now, scope)
    if plan is not None:
        return plan
    plan = closed(plans, Capability.COMPLETE_OPEN, now, scope)
    return plan if plan is not None and plan.leftovers.undelivered == "refund" else None


def _begins(plan: Plan, now: datetime) -> bool:
    """Tell whether delivery comes to its end for anybody, so that the paid orders have to be looked at."""
    parts = (*(part.scope for part in plan.overrides), *(part.scope for part in plan.exemptions))
    ends = (closes_at(plan, Capability.FULFIL, scope) for scope in (ANYWHERE, *parts))
    return not plan.halted and any(left(until, now) <= max(WARNINGS) for until in ends)


def _near(plan: Plan, until: datetime, now: datetime) -> timedelta | None:
    """Give the nearest of the warnings that has come due before delivery ends; None before, after, and while it is halted."""
    still = left(until, now)
    if plan.halted or still <= timedelta(0):
        return None
    return next((step for step in WARNINGS if still <= step), None)
