"""Moves an order in a unit of work: state, history, stock and what it raised, all or nothing."""

from __future__ import annotations

import logging
from typing import Final

from bot.orders import Order, State, move, stock_change
from bot.ports import Unit

_log: Final = logging.getLogger(__name__)


async def put(unit: Unit, order: Order, why: str) -> None:
    """Write a new order, in any state it may be born in, and take its stock."""
    await unit.orders.add(order, why)
    _log.info("order written", extra={"order": order.id, "kind": order.kind, "to": str(order.state), "why": why})
    await _shift(unit, order, None, order.state)


async def go(unit: Unit, order: Order, target: State, why: str) -> Order:
    """Move an order along the table, with its history row and its stock. Raises IllegalMove."""
    moved, row = move(order, target, at=unit.now, why=why)
    await unit.orders.save(moved, row)
    await _shift(unit, order, order.state, target)
    _log.info("order moved", extra={"order": order.id, "from": str(order.state), "to": str(target), "why": why})
    return moved


async def raise_by(unit: Unit, order: Order, minor: int) -> None:
    """Count a gift (or, below zero, its refund) towards its cause, in minor units of the order's currency."""
    if order.donation is not None and minor:
        await unit.facts.add(f"raised:{order.donation.cause}:{order.total.currency}", minor)


async def _shift(unit: Unit, order: Order, source: State | None, target: State) -> None:
    for line in sorted(order.lines, key=lambda line: line.variant):  # in one order, lest two orders wait for each other
        reserved, sold = stock_change(line, source, target)
        if reserved or sold:
            await unit.stock.shift(line.variant, reserved, sold)
