"""What one who asks faces: the plan that speaks to them, where it stands for them, and whether it has ended what they want."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.orders import Order
from bot.retirement import Capability, Plan, Scope, Stage, allows, brownout, plan_for, speaking, stage


@dataclass(frozen=True, slots=True)
class Facing:
    """The plan that people should hear of, None where there is none, and how it stands for their scope."""

    plan: Plan | None
    stage: Stage
    scope: Scope
    #: Whether what was asked about has ended for them.
    closed: bool
    #: Whether it has not, but a brownout is on, so that nothing new is begun for now.
    browned: bool = False

    @property
    def shut(self) -> bool:
        """Whether nothing new can be bought now: it has ended, or waits for the end of a brownout."""
        return self.closed or self.browned


#: What begins something new: this alone waits for the end of a brownout.
_NEW: Final = frozenset({Capability.CHECKOUT_NEW, Capability.SUBSCRIBE_NEW})


def facing(
    plans: Iterable[Plan], now: datetime, scope: Scope, capability: Capability = Capability.CHECKOUT_NEW
) -> Facing:
    """Find what somebody faces. Whichever plan of the product has ended the capability closes it; the narrowest such speaks."""
    known = tuple(plans)
    ended = closed(known, capability, now, scope)
    held = browned(known, now, scope) if capability in _NEW and ended is None else None
    plan = ended or held or plan_for(known, now, scope.product)
    return Facing(plan, stage(plan, now, scope), scope, closed=ended is not None, browned=held is not None)


def closed(plans: Iterable[Plan], capability: Capability, now: datetime, scope: Scope) -> Plan | None:
    """Give the narrowest plan that has closed a capability for a scope; None while it is open."""
    return next((plan for plan in speaking(plans, scope.product) if not allows(plan, capability, now, scope)), None)


def browned(plans: Iterable[Plan], now: datetime, scope: Scope) -> Plan | None:
    """Give the narrowest plan whose brownout is on for a scope; None while none is."""
    return next((plan for plan in speaking(plans, scope.product) if brownout(plan, now, scope)), None)


def scope_of(order: Order) -> Scope:
    """Say where a purchase stands: whose it is, where it ships, and of what it is.

    Raises ValueError for a gift: no retirement speaks of giving, and whoever asks about one is mistaken.
    """
    if order.kind != "buy":
        raise ValueError(f"order {order.id} is a gift, which no retirement can close")
    product = order.lines[0].product if order.lines else ""
    region = order.shipping.region if order.shipping else ""
    return Scope(order.buyer.platform, order.buyer.workspace, region, product)
