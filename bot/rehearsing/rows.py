"""What our own rows say of an order at its provider: the session it has, and the payments that were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bot.orders import Order, State
from bot.ports import Payment, Refund, Session
from bot.refunds import RefundEntry, Stage

_HAD: Final = frozenset({State.PAID, State.FULFILLED, State.REFUNDED})


def payments_of(order: Order, entries: Sequence[RefundEntry], *, name: str, livemode: bool) -> Iterator[Payment]:
    """Give an order's payment with its refunds, and those that came after the order had ended."""
    none = order.total * 0
    for late in order.late_payment.split():
        yield Payment(late, name, livemode, order.id, order.total, none)
    if order.state not in _HAD or not order.payment_intent:
        return
    refunds = tuple(
        Refund(each.provider_id, each.key, each.amount, "done")
        for each in entries
        if each.stage is Stage.DONE and each.provider_id  # what is told already is not told anew
    )
    paid, back = order.paid or order.total, order.refunded or none
    yield Payment(order.payment_intent, name, livemode, order.id, paid, back, refunds=refunds)


def session_of(order: Order, *, name: str, livemode: bool) -> Session | None:
    """Give an order's session, open or complete; None where it has none, or an expired one that nobody asks about."""
    if not order.session or order.state not in {State.AWAITING, State.PROCESSING, *_HAD}:
        return None
    none, is_open = order.total * 0, order.state is State.AWAITING
    discount = order.discount or none
    return Session(
        id=order.session,
        account=name,
        livemode=livemode,
        order=order.id,
        status="open" if is_open else "complete",
        payment="none" if is_open else "processing" if order.state is State.PROCESSING else "paid",
        url=order.session_url if is_open else "",
        total=order.paid or order.total,
        subtotal=order.total - order.postage + discount,
        discount=discount,
        shipping=order.postage,
        tax=none,
        expires=order.expires,
        refunded=order.refunded or none,
        payment_intent="" if is_open else order.payment_intent,
        subscription=order.subscription,
    )
