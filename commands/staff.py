"""An order as the staff sees it in their channel, without the address, which admins get privately."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from bot.chat import Action, Button, Card, Scene
from bot.orders import SOLD, Order, State
from bot.returns import Returns
from bot.words import Rich
from commands import refunds
from commands.order_card import facts
from commands.standing import state

NOTHING: Final = Returns()


def card(scene: Scene, order: Order, returns: Returns = NOTHING) -> Card:
    """Draw an order for the staff, with what can be done about it."""
    say, word = scene.tongue.say, scene.tongue.word
    text: list[Rich] = [say(f"staff.{order.kind}", state=state(scene, order))]
    if order.problem:
        text.append(say("staff.problem", problem=order.problem))
    text += refunds.lines(scene, order, returns)
    return Card(
        title=word(f"staff.title_{order.kind}", number=order.id),
        text=tuple(text),
        facts=facts(scene, _unsigned(order)),
        actions=(*refunds.buttons(scene, returns.refunds), *_actions(scene, order)),
        tone=_tone(order),
        order=order.id,
        state=str(order.state),
    )


def done(scene: Scene, order: Order) -> Card:
    """Answer the one who pressed, with how the order stands now."""
    return card(scene, order)


def _tone(order: Order) -> Literal["plain", "good", "warn"]:
    if order.problem or order.disputed or order.disputed_away:
        return "warn"
    return "good" if order.state is State.FULFILLED else "plain"


def _unsigned(order: Order) -> Order:
    """Leave out the dedication of somebody who wants to stay unknown."""
    if order.donation and order.donation.anonymous:
        return replace(order, donation=replace(order.donation, dedication=""))
    return order


def _actions(scene: Scene, order: Order) -> tuple[Action, ...]:
    from commands.shop import address, shop  # the card has these buttons, and they give the card

    word = scene.tongue.word
    if order.state not in SOLD:
        return ()
    given: list[Action] = []
    ships = any(line.fulfil == "ship" for line in order.lines)
    if order.kind == "buy" and order.state is State.PAID and not order.disputed_away:
        given.append(Button(word("staff.mark_shipped"), shop, f"ship {order.id}", style="primary"))
        given.append(Button(word("staff.note_problem"), shop, f"problem {order.id}"))
    if ships and order.ship_to:
        given.append(Button(word("staff.address"), address, order.id))
    if not (order.disputed or order.disputed_away):
        given.append(Button(word("shop.refund"), shop, f"refund {order.id} ?"))
    return tuple(given)
