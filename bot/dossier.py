"""All that is kept of one order, read together: for an operator who looks it up, and for a bank that asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import UnknownOrder
from bot.orders import Move, Order
from bot.ports import Told, Unit
from bot.returns import Returns, returns_of


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order with its history, what went back of it, and what its person was told, each oldest first."""

    order: Order
    moves: Sequence[Move]
    returns: Returns
    told: Sequence[Told]
    #: Of a renewal: the order that began the subscription, at which the terms were accepted.
    begun: Dossier | None = None


async def dossier_of(unit: Unit, number: str) -> Dossier:
    """Read what is kept of an order, in a unit. Raises UnknownOrder."""
    order = await unit.orders.get(number.strip().upper())
    if order is None:
        raise UnknownOrder(number)
    begun = await dossier_of(unit, order.id.partition("-")[0]) if order.origin == "renewal" else None
    told = await unit.news.about(order.buyer.key, order.id)
    return Dossier(order, await unit.orders.history(order.id), await returns_of(unit, order), told, begun)
