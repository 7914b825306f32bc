"""What everybody may know of retirements: which are announced, what a program reads of them, and when an address ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.facing import closed, scope_of
from bot.orders import Order
from bot.retirement import Capability, Plan, Stage, alternatives, closes_at, schedule, speaking, stage


@dataclass(frozen=True, slots=True)
class Sunset:
    """When an address ends or ended, since when that is known, and where more is said."""

    at: datetime
    announced: datetime
    #: The address of the retirement's page.
    link: str


def announced(plans: Iterable[Plan], now: datetime) -> tuple[Plan, ...]:
    """Give the plans that people may know of, in the order of the config."""
    return tuple(plan for plan in plans if stage(plan, now) is not Stage.OPEN)


def body(plan: Plan, now: datetime, *, dead: Collection[str] = ()) -> Mapping[str, object]:
    """Give what a program reads of a plan: instants in its zone, places that are open now, those that are `dead` last.

    What an exception is called, and whose it is, is the shop's own: until when one holds is all that is said.
    """
    ends = schedule(plan)
    return {
        "state": str(stage(plan, now)),
        "announced": plan.announced.astimezone(plan.zone).isoformat(),
        "closes": plan.closes.astimezone(plan.zone).isoformat(),
        "zone": plan.zone.key,
        "products": list(plan.products),
        "capabilities": {
            str(capability): instant.astimezone(plan.zone).isoformat() for capability, instant in ends.items()
        },
        "brownouts": []
        if plan.lit
        else [
            {
                "starts": each.starts.astimezone(plan.zone).isoformat(),
                "ends": each.ends.astimezone(plan.zone).isoformat(),
            }
            for each in plan.brownouts
        ],
        "exceptions": [{"until": each.until.astimezone(plan.zone).isoformat()} for each in plan.exemptions],
        "alternatives": [{"name": place.name, "url": place.url} for place in alternatives(plan, now, dead=dead)],
        "contact": plan.contact,
    }


def closed_for(plans: Iterable[Plan], order: Order, now: datetime, capability: Capability) -> Plan | None:
    """Give the narrowest plan by which something can no longer be done with an order; None while it can. Gifts never end."""
    return closed(plans, capability, now, scope_of(order)) if order.kind == "buy" else None


def sunset_of(plans: Iterable[Plan], order: Order, now: datetime, link: str) -> Sunset | None:
    """Tell when an order's pay link ends by what is announced: by the plan that ends it first. None where nothing does."""
    if order.kind != "buy":
        return None
    scope = scope_of(order)
    quiet = {Stage.OPEN, Stage.PAUSED, Stage.ROLLED_BACK}
    known = [plan for plan in speaking(plans, scope.product) if stage(plan, now, scope) not in quiet]
    ends = [(closes_at(plan, Capability.COMPLETE_OPEN, scope), plan.announced) for plan in known]
    return Sunset(*min(ends), link) if ends else None
