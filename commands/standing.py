"""How an order stands, in a word that fits what was ordered: goods are shipped, a text is delivered, a ticket is paid."""

from __future__ import annotations

from bot.chat import Scene
from bot.orders import Order, State


def standing(order: Order) -> str:
    """Name how an order stands, as the last part of a key: "awaiting", "ending_closed", "shipped"."""
    if order.state in {State.DRAFT, State.AWAITING} and order.ending:
        return f"ending_{order.ending}"
    return _state(order)


def state(scene: Scene, order: Order) -> str:
    """Say an order's state in a word; a dispute counts for more than how far the order had come."""
    if order.disputed:
        return scene.tongue.word("state.disputed")
    if order.disputed_away:
        return scene.tongue.word("state.taken_back")
    return scene.tongue.word(f"state.{_state(order)}")


def _state(order: Order) -> str:
    if order.state is not State.FULFILLED or order.kind != "buy":
        return str(order.state)
    ways = {line.fulfil for line in order.lines}
    return "shipped" if "ship" in ways else "fulfilled" if "message" in ways else "paid"
