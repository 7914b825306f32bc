"""What has closed for whom: a capability asked of every plan that speaks, and asked again in the unit that depends on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.chat import Context
from bot.desk import Desk
from bot.errors import Closed
from bot.judging import remembered
from bot.orders import Order
from bot.ports import Unit
from bot.retirement import ANYWHERE, Capability, Plan, Scope, allows, speaking


def closed(plans: Iterable[Plan], capability: Capability, now: datetime, scope: Scope) -> Plan | None:
    """Give the narrowest plan that has closed a capability for a scope; None while it is open."""
    return next((plan for plan in speaking(plans, scope.product) if not allows(plan, capability, now, scope)), None)


def closed_somewhere(plans: Iterable[Plan], capability: Capability, now: datetime) -> bool:
    """Tell whether a capability has closed for anybody: where not, no order has to be looked at."""
    return any(
        not allows(plan, capability, now, scope)
        for plan in plans
        for scope in (ANYWHERE, *(override.scope for override in plan.overrides))
    )


def scope_of(order: Order) -> Scope:
    """Say where a purchase stands: whose it is, where it ships, and of what it is.

    Raises ValueError for a gift: no retirement speaks of giving, and whoever asks about one is mistaken.
    """
    if order.kind != "buy":
        raise ValueError(f"order {order.id} is a gift, which no retirement can close")
    return Scope(
        order.buyer.platform,
        order.buyer.workspace,
        order.shipping.region if order.shipping else "",
        order.lines[0].product if order.lines else "",
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


def refuse(plans: Iterable[Plan], now: datetime, scope: Scope, *wanted: Capability) -> None:
    """Make sure that all that is wanted is open for a scope. Raises Closed."""
    known = tuple(plans)
    for capability in wanted:
        plan = closed(known, capability, now, scope)
        if plan is not None:
            raise Closed(plan, capability)
