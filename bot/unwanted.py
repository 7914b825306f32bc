"""Unwanted: purchases that were on their way at the closing and settle after it, where that is decided to go back."""

from __future__ import annotations

from typing import Final

from bot.closings import plans_in
from bot.desk import Desk
from bot.facing import closed, scope_of
from bot.orders import Order, State
from bot.ports import Unit
from bot.retirement import Capability

#: Begins the names of facts about such purchases: they go back, whatever becomes of the plan.
UNWANTED: Final = "unwanted:"


async def unwanted_in(desk: Desk, unit: Unit, order: Order) -> tuple[str, ...]:
    """In the unit that makes it paid: say why a purchase is not to be honoured, and note that it goes back; () where it is."""
    if order.state is not State.PROCESSING or order.kind != "buy":
        return ()
    plans, now = await plans_in(desk, unit), desk.clock.shows(unit.now)
    plan = closed(plans.values(), Capability.COMPLETE_OPEN, now, scope_of(order))
    if plan is None or plan.leftovers.unsettled != "refund":
        return ()
    await unit.facts.put(f"{UNWANTED}{order.id}", plan.feature)
    return ("settled after selling had ended",)
