"""What goes, went or may go back of one order: its refunds and its disputes, read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.orders import Order
from bot.ports import Dispute, Unit
from bot.refunds import RefundEntry


@dataclass(frozen=True, slots=True)
class Returns:
    """An order's refunds and disputes, oldest first."""

    refunds: Sequence[RefundEntry] = ()
    disputes: Sequence[Dispute] = ()


async def returns_of(unit: Unit, order: Order) -> Returns:
    """Read what goes back of an order."""
    disputes = await unit.disputes.of(order.payment_intent) if order.payment_intent else ()
    return Returns(await unit.refunds.of(order.id), disputes)
