"""The end of the history: which of one's orders are still shown, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat import Context
from bot.facing import scope_of
from bot.orders import Order
from bot.retirement import Capability
from bot.words import Rich
from commands.order_card import ordered
from commands.told import Told


def shown(ctx: Context, orders: Sequence[Order]) -> tuple[Sequence[Order], Sequence[Rich]]:
    """Give the orders that are still shown, and a sentence for each history that has ended. Gifts are always shown."""
    kept: list[Order] = []
    ended: dict[str, Rich] = {}
    for order in orders:
        if order.kind != "buy":
            kept.append(order)
            continue
        scope = scope_of(order)
        faced = ordered(ctx, order).facing(scope.product, scope.region, Capability.HISTORY)
        if faced.plan and faced.closed:
            told = Told(ordered(ctx, order), faced.plan, scope.product, scope.region)
            ended.setdefault(faced.plan.feature, _ended(told))
        else:
            kept.append(order)
    for plan in ctx.shop.settings.plans.values():
        told = Told(ctx, plan, plan.products[0] if len(plan.products) == 1 else "")
        if not told.allows(Capability.DELETE):  # then whose they were is forgotten, and nothing is found of them
            ended.setdefault(plan.feature, told.say("orders.history_deleted", date=told.day(Capability.DELETE)))
    return kept, tuple(ended.values())


def _ended(told: Told) -> Rich:
    """Say when the history ended, and where a copy is to be had as long as there is one."""
    say = told.scene.tongue.say
    ended, export = told.day(Capability.HISTORY), told.day(Capability.EXPORT)
    if told.allows(Capability.EXPORT):
        return say("orders.history_ended", ended=ended, export=export, contact=told.plan.contact)
    return say("orders.history_gone", ended=ended, contact=told.plan.contact)
