"""A gift's receipt: who got it, under which number, when and how much, and that nothing was received in return."""

from __future__ import annotations

from bot.chat import Card, Scene
from bot.orders import Order
from bot.words import Rich


def card(scene: Scene, order: Order) -> Card:
    """Draw the receipt of a paid gift."""
    say, word, gift = scene.tongue.say, scene.tongue.word, order.donation
    if gift is None or order.paid_at is None:
        raise LookupError(order.id)
    cause = scene.shop.settings.causes.get(gift.cause)
    day = scene.tongue.language.day(order.paid_at, scene.tongue.zone, scene.tongue.locale)
    rows: list[tuple[str, Rich]] = [
        (word("order.receipt"), (order.receipt,)),
        (word("donate.recipient"), (gift.recipient,)),
        (word("receipt.registration"), (gift.registration,)),
        (word("donate.cause"), (cause.name if cause else gift.cause,)),
        (word("receipt.day"), (day,)),
        (word("receipt.amount"), say("order.amount", amount=order.paid or order.total)),
        (word("order.number"), (order.id,)),
    ]
    if gift.dedication:
        rows.append((word("donate.dedication"), (gift.dedication,)))
    if order.refunded:
        rows.append((word("order.refunded"), say("order.amount", amount=order.refunded)))
    return Card(
        word("receipt.title"), (say("receipt.nothing_in_return"),), tuple(rows), order=order.id, state=str(order.state)
    )
