"""Concerning: what a round of reminders speaks of, and from where each whom it concerns is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.desk import Desk
from bot.orders import Order
from bot.retirement import Plan, Scope, Stand, due, parts, stand
from bot.rounds import Round


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a round speaks of: a plan, and one of the instants at which it closes."""

    plan: Plan
    closes: datetime

    def to(self, platform: str, workspace: str, bought: Iterable[Scope]) -> Stand | None:
        """Say from where somebody is told of it who bought that; None where it closes for them at other instants."""
        return stand(self.plan, self.closes, Scope(platform, workspace), bought)


def speaking(desk: Desk, found: Round) -> Spoken | None:
    """Give what a round speaks of, if that is still what is to be said."""
    plan = desk.shop().plan(found.feature)
    part = next((each for each in parts(plan) if each.closing_key == found.closing), None) if plan else None
    if plan is None or part is None:
        return None
    step = due(part, desk.clock.now())
    return Spoken(plan, part.closes) if step is not None and step.days == found.days else None


def bought(plan: Plan, orders: Iterable[Order]) -> frozenset[Scope]:
    """Say where those purchases among somebody's orders stand of which a plan speaks."""
    return frozenset(
        Scope(
            order.buyer.platform, order.buyer.workspace, order.shipping.region if order.shipping else "", line.product
        )
        for order in orders
        if order.kind == "buy"
        for line in order.lines
        if not plan.products or line.product in plan.products
    )
