"""What has closed for whom: a capability asked of every plan that speaks, and asked again in the unit that depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.chat import Context
from bot.desk import Desk
from bot.errors import Closed
from bot.facing import browned, closed
from bot.judging import remembered
from bot.ports import Unit
from bot.retirement import ANYWHERE, Capability, Plan, Scope, allows


def closed_somewhere(plans: Iterable[Plan], capability: Capability, now: datetime) -> bool:
    """Tell whether a capability has closed for anybody: where not, no order has to be looked at."""
    return any(
        not allows(plan, capability, now, scope)
        for plan in plans
        for scope in (ANYWHERE, *(override.scope for override in plan.overrides))
    )


def scope_for(ctx: Context, product: str, region: str) -> Scope:
    """Say where somebody stands who wants a product, shipped to a region or ("") not at all."""
    return Scope(ctx.person.platform, ctx.person.workspace, region, product)


async def plans_in(desk: Desk, unit: Unit) -> Mapping[str, Plan]:
    """Give the plans in force, in a unit: whatever is done to them meanwhile comes before or after it, everywhere."""
    memory = await remembered(unit)
    return desk.shop().settings.plans if memory is None else memory.in_force


async def check_open(desk: Desk, unit: Unit, scope: Scope, *wanted: Capability) -> None:
    """In the unit that depends on it, on the database's clock: make sure that all that is wanted is open. Raises Closed."""
    plans, now = await plans_in(desk, unit), desk.clock.shows(unit.now)
    refuse(plans.values(), now, scope, *wanted)


async def check_new(desk: Desk, unit: Unit, scope: Scope, *wanted: Capability) -> None:
    """In the unit that takes a new order, on the database's clock: make sure that one may begin. Raises Closed."""
    plans, now = await plans_in(desk, unit), desk.clock.shows(unit.now)
    refuse_new(plans.values(), now, scope, *wanted)


def refuse_new(plans: Iterable[Plan], now: datetime, scope: Scope, *wanted: Capability) -> None:
    """Make sure that all that is wanted is open for a scope, and that no brownout is on. Raises Closed."""
    known = tuple(plans)
    refuse(known, now, scope, *wanted)
    plan = browned(known, now, scope)
    if plan is not None:
        raise Closed(plan, Capability.CHECKOUT_NEW)


def refuse(plans: Iterable[Plan], now: datetime, scope: Scope, *wanted: Capability) -> None:
    """Make sure that all that is wanted is open for a scope. Raises Closed."""
    known = tuple(plans)
    for capability in wanted:
        plan = closed(known, capability, now, scope)
        if plan is not None:
            raise Closed(plan, capability)
