"""Refunding: an admin gives an order's money back in full; what Stripe then says makes it refunded."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import Context
from bot.desk import Desk
from bot.errors import PaymentsUnavailable, TooLate
from bot.fulfilling import staff_order
from bot.orders import SOLD, Order, State
from bot.ports import Json
from bot.settling import Settling


@dataclass(frozen=True, slots=True)
class Refunding:
    """Giving money back."""

    desk: Desk
    settling: Settling

    async def refund(self, ctx: Context, order_id: str) -> Order:
        """Refund an order in full. Raises NotAllowed, UnknownOrder, TooLate (not paid, or a dispute is open).

        The order comes back still paid where Stripe did not answer: the job goes on, and news follow.
        """
        async with self.desk.store.unit() as unit:
            order = await staff_order(unit, ctx, order_id)
            if order.state is State.REFUNDED:
                return order
            if order.state not in SOLD or order.disputed or not order.payment_intent:
                raise TooLate(order.id, "disputed" if order.disputed else order.state)
            await unit.orders.note(order.id, "refund asked for")
            await self.desk.jobs.defer(unit, "refund", {"order": order.id})  # Stripe's key keeps two from being two
        try:
            await self.refund_now({"order": order.id})
        except PaymentsUnavailable:
            return order
        async with self.desk.store.reading() as unit:
            return await unit.orders.get(order.id) or order

    async def refund_now(self, payload: Json) -> None:
        """Job "refund": ask Stripe, with a key that makes the second call the first, and apply the answer."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(str(payload["order"]))
        if order is None or order.state not in SOLD:
            return
        payments = self.desk.payments(order.account)
        await self.settling.apply_payment(await payments.refund(order.payment_intent, None, key=f"refund:{order.id}"))
