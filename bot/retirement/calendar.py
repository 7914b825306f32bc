"""The calendar of a retirement: pure functions of plan, scope and instant. Intervals are half-open: at `closes` it is closed.

`donate` is no capability and causes are no products: nothing in this folder can close giving.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.retirement.capabilities import Capability, instants
from bot.retirement.plan import Brownout, Override, Plan, Scope

#: From here on before `closes`, the banner speaks up.
SOON: Final = timedelta(days=7)
ANYWHERE: Final = Scope()
_NOTHING: Final = timedelta(0)
#: Schedules by plan and scope, for every sentence of a notice asks for one: plans never change, others take their place. As
#: many of each are kept as a shop could ever have at once, and not more.
_asked: Final[dict[int, tuple[Plan, dict[Scope, Mapping[Capability, datetime]]]]] = {}
_MOST: Final = 256


class Stage(StrEnum):
    """What people see of a plan at an instant."""

    OPEN = "open"
    ANNOUNCED = "announced"
    CLOSING_SOON = "closing_soon"
    BROWNOUT = "brownout"
    CLOSED = "closed_to_new"
    DRAINING = "draining"
    RETIRED = "retired"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"

    @property
    def closed(self) -> bool:
        """Whether nothing new can be bought."""
        return self in {Stage.CLOSED, Stage.DRAINING, Stage.RETIRED}


def left(until: datetime, now: datetime) -> timedelta:
    """Tell how long it is from `now` until an instant, in real time.

    Python compares two times of one zone by what its clocks show, so that in the hour that comes twice one is an hour off.
    """
    return until.astimezone(UTC) - now.astimezone(UTC)


def covers(where: Scope, asked: Scope) -> bool:
    """Tell whether what is said for `where` speaks of `asked`: everything that it names is the same there."""
    pairs = (
        (where.platform, asked.platform),
        (where.workspace, asked.workspace),
        (where.region, asked.region),
        (where.product, asked.product),
    )
    return all(not named or named == found for named, found in pairs)


def schedule(plan: Plan, scope: Scope = ANYWHERE) -> Mapping[Capability, datetime]:
    """Give when each capability ends for a scope (UTC): of all that is said of one, the narrowest wins.

    An override or exemption that moves `closes` moves what is derived from it, not what was given.
    """
    asked = _asked.get(id(plan))
    if asked is None or asked[0] is not plan:
        if len(_asked) >= _MOST:
            _asked.clear()
        asked = _asked[id(plan)] = (plan, {})
    found = asked[1].get(scope)
    if found is None:
        if len(asked[1]) >= _MOST:
            asked[1].clear()
        found = asked[1][scope] = MappingProxyType(_schedule(plan, scope))
    return found


def closes_for(plan: Plan, scope: Scope) -> datetime:
    """Tell which instant is the closing for a scope (UTC): what is derived, and people are reminded, goes by it."""
    closes = plan.closes
    for override in _covering(plan, scope):
        closes = override.closes or closes
    exempt = (exemption.until for exemption in plan.exemptions if covers(exemption.scope, scope))
    return max(instant.astimezone(UTC) for instant in (closes, *exempt))


def _covering(plan: Plan, scope: Scope) -> list[Override]:
    return sorted((part for part in plan.overrides if covers(part.scope, scope)), key=lambda part: part.rank)


def _schedule(plan: Plan, scope: Scope) -> dict[Capability, datetime]:
    given = dict(plan.given)
    for override in _covering(plan, scope):
        given |= override.instants
    absolute = {capability: instant.astimezone(UTC) for capability, instant in given.items()}
    return dict(instants(plan.announced.astimezone(UTC), closes_for(plan, scope), absolute))


def closes_at(plan: Plan, capability: Capability, scope: Scope = ANYWHERE) -> datetime:
    """Tell when a capability ends for a scope (UTC). Raises KeyError for `delete` where the plan gives no instant for it."""
    return schedule(plan, scope)[capability]


def allows(plan: Plan | None, capability: Capability, now: datetime, scope: Scope = ANYWHERE) -> bool:
    """Tell whether the capability is open at `now`; without a plan, or while one is halted, everything is."""
    if plan is None or plan.halted:
        return True
    ends = schedule(plan, scope).get(capability)
    return ends is None or left(ends, now) > _NOTHING


def brownout(plan: Plan | None, now: datetime, scope: Scope = ANYWHERE) -> Brownout | None:
    """Give the brownout that is on at `now`; None while everything that has not ended can be bought.

    There is none before the announcement has arrived, none after brownouts were stopped, and none for whom an exemption
    is. It is no end of a capability: `allows` knows nothing of it, so that whatever was begun or paid goes on.
    """
    if plan is None or plan.halted or plan.lit or not plan.delivered or left(plan.announced, now) > _NOTHING:
        return None
    if not allows(plan, Capability.CHECKOUT_NEW, now, scope) or any(covers(e.scope, scope) for e in plan.exemptions):
        return None
    on = (part for part in plan.brownouts if left(part.starts, now) <= _NOTHING < left(part.ends, now))
    return next(on, None)


def stage(plan: Plan | None, now: datetime, scope: Scope = ANYWHERE) -> Stage:
    """Tell what people see at `now`."""
    if plan is None or plan.standing == "cancelled":
        return Stage.OPEN
    if plan.standing == "rolled_back":
        return Stage.ROLLED_BACK
    known = left(plan.announced, now) <= _NOTHING
    if plan.standing == "paused":
        return Stage.PAUSED if known else Stage.OPEN
    if allows(plan, Capability.CHECKOUT_NEW, now, scope):
        if not known:
            return Stage.OPEN
        if brownout(plan, now, scope) is not None:
            return Stage.BROWNOUT
        soon = left(closes_at(plan, Capability.CHECKOUT_NEW, scope), now) <= SOON
        return Stage.CLOSING_SOON if soon else Stage.ANNOUNCED
    if allows(plan, Capability.COMPLETE_OPEN, now, scope):
        return Stage.CLOSED
    going = (Capability.RENEW, Capability.FULFIL, Capability.REFUND)
    return Stage.DRAINING if any(allows(plan, part, now, scope) for part in going) else Stage.RETIRED


def speaking(plans: Iterable[Plan], product: str = "") -> tuple[Plan, ...]:
    """Give the plans that speak of a product, the narrowest first: its own, those of campaigns with it, that of Buy.

    Among campaigns the one that closes first comes first. Without a product only Buy's own plan speaks.
    """
    found = [plan for plan in plans if plan.feature == "buy" or product in plan.products]
    return tuple(sorted(found, key=lambda plan: (_breadth(plan), plan.closes.astimezone(UTC))))


def plan_for(plans: Iterable[Plan], now: datetime, product: str = "") -> Plan | None:
    """Give the plan that people should hear of: the narrowest that says something now, else the narrowest."""
    found = speaking(plans, product)
    quiet = {Stage.OPEN, Stage.ROLLED_BACK}
    return next((plan for plan in found if stage(plan, now) not in quiet), next(iter(found), None))


def _breadth(plan: Plan) -> int:
    return {"product": 0, "campaign": 1}.get(plan.feature.partition(".")[0], 2)
