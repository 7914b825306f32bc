"""Fulfilling: the staff marks an order shipped, or notes a problem; pressed twice changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.chat import Context
from bot.desk import Desk
from bot.errors import NotAllowed, TooLate, UnknownOrder
from bot.moving import go
from bot.orders import Order, State
from bot.ports import Unit
from bot.settling import Settling


@dataclass(frozen=True, slots=True)
class Fulfilling:
    """What the staff does with paid orders."""

    desk: Desk
    settling: Settling

    async def ship(self, ctx: Context, order_id: str, tracking: str) -> Order:
        """Mark an order shipped, and have the buyer told. Raises NotAllowed, UnknownOrder, TooLate (its money is gone)."""
        async with self.desk.store.unit() as unit:
            order = await staff_order(unit, ctx, order_id)
            if order.state is State.FULFILLED:
                return order
            if order.disputed_away:
                raise TooLate(order.id, "taken_back")
            if order.state is not State.PAID or order.kind != "buy":
                raise TooLate(order.id, order.state)
            shipped = await go(unit, replace(order, tracking=tracking, problem=""), State.FULFILLED, "shipped")
            await self.settling.tell(unit, shipped, "shipped")
            await self.desk.jobs.defer(unit, "staff", {"order": order.id}, key=f"staff:{order.id}:shipped")
        return shipped

    async def problem(self, ctx: Context, order_id: str, note: str) -> Order:
        """Note a problem with an order for the rest of the staff. Raises NotAllowed, UnknownOrder."""
        async with self.desk.store.unit() as unit:
            order = await staff_order(unit, ctx, order_id)
            if order.problem == note:
                return order
            noted = replace(order, problem=note)
            await unit.orders.save(noted)
            await unit.orders.note(order.id, "problem noted")
            await self.desk.jobs.defer(unit, "staff", {"order": order.id})
        return noted


async def staff_order(unit: Unit, ctx: Context, order_id: str) -> Order:
    """Find anybody's order, for admins. Raises NotAllowed, UnknownOrder."""
    if not ctx.person.admin:
        raise NotAllowed
    order = await unit.orders.get(order_id.upper())
    if order is None:
        raise UnknownOrder(order_id)
    return order
