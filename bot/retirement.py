"""The calendar of a retirement: pure functions of a plan and an instant. Intervals are half-open: at `closes` it is closed.

`donate` is no feature: nothing in this file can close it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

#: From here on before `closes`, the banner speaks up.
SOON: Final = timedelta(days=7)
_NOTHING: Final = timedelta(0)


class Stage(StrEnum):
    """What people see of a plan at an instant."""

    OPEN = "open"
    ANNOUNCED = "announced"
    CLOSING_SOON = "closing_soon"
    CLOSED = "closed_to_new"


class Capability(StrEnum):
    """What a feature lets people do, each with a closing instant of its own."""

    CHECKOUT_NEW = "checkout_new"
    COMPLETE_OPEN = "complete_open"


@dataclass(frozen=True, slots=True)
class Alternative:
    """Where to buy instead. With `products`, only for those."""

    name: str
    url: str
    products: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A retirement as the operator announced it. Instants carry their zone; `zone` is the one that dates are shown in."""

    feature: str
    announced: datetime
    closes: datetime
    zone: ZoneInfo
    reason: dict[str, str] = field(default_factory=dict)
    contact: str = ""
    short_notice_reason: dict[str, str] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()

    @property
    def closing_key(self) -> str:
        """Names this closing, once and for all: the feature and the instant it closes at, however that was written."""
        return f"{self.feature}:{self.closes.astimezone(UTC).isoformat()}"


def left(until: datetime, now: datetime) -> timedelta:
    """Tell how long it is from `now` until an instant, in real time.

    Python compares two times of one zone by what its clocks show, so that in the hour that comes twice one is an hour off.
    """
    return until.astimezone(UTC) - now.astimezone(UTC)


def closes_at(plan: Plan, capability: Capability) -> datetime:
    """Tell when a capability ends. `complete_open` defaults to the end of new checkouts, and is never earlier."""
    match capability:
        case Capability.CHECKOUT_NEW | Capability.COMPLETE_OPEN:
            return plan.closes


def allows(plan: Plan | None, capability: Capability, now: datetime) -> bool:
    """Tell whether the capability is open at `now`; without a plan everything is."""
    return plan is None or left(closes_at(plan, capability), now) > _NOTHING


def stage(plan: Plan | None, now: datetime) -> Stage:
    """Tell what people see at `now`."""
    if plan is None or left(plan.announced, now) > _NOTHING:
        return Stage.OPEN if allows(plan, Capability.CHECKOUT_NEW, now) else Stage.CLOSED
    if not allows(plan, Capability.CHECKOUT_NEW, now):
        return Stage.CLOSED
    return Stage.CLOSING_SOON if left(plan.closes, now) <= SOON else Stage.ANNOUNCED


def alternatives(plan: Plan, product: str = "") -> tuple[Alternative, ...]:
    """Give the places to buy instead, in the operator's order; for one product, those that have it."""
    return tuple(place for place in plan.alternatives if not product or not place.products or product in place.products)
