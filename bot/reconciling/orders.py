"""Our orders, compared with what Stripe knows of them: unknown there, stuck here, or waiting to be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.moving import go
from bot.orders import HOLDING, Order, State
from bot.reconciling.differences import Difference, Value
from bot.reconciling.scope import Differences, Scope, applied, known
from bot.reconciling.sessions import PAID, compare_late, compare_money, compare_session, session_of

#: An order whose time to pay is over has so long to hear of it by itself.
MARGIN: Final = timedelta(minutes=10)
#: A session asked for in doubt is looked for from so long before its order was made.
DOUBT: Final = timedelta(minutes=4)
#: Bank debits settle within 14 business days (https://docs.stripe.com/payments/sepa-debit); then somebody should look.
SETTLED_BY: Final = timedelta(days=21)
#: Goods paid for so long ago and not sent are worth a line.
SENT_BY: Final = timedelta(days=7)


async def compare_orders(scope: Scope, seen: set[str]) -> Differences:
    """Compare the orders made since then, and those that still hold stock; not those whose sessions were `seen`."""
    async with scope.desk.store.surveying() as unit:
        recent = await unit.orders.standing(tuple(State), since=scope.since)
        open_ = await unit.orders.standing(HOLDING)
        paid = await unit.orders.standing({State.PAID})
    mine = {each.id: each for each in (*open_, *recent) if each.account == scope.account}
    for done, order in enumerate(mine.values(), 1):
        if order.livemode == scope.payments.livemode:
            async for difference in _compare(scope, order, seen):
                yield difference
        elif order.state in HOLDING:
            yield scope.difference("other_mode", {"state": order.state.value}, order=order.id, stripe=order.session)
        scope.progress("orders", done, len(mine))
    for difference in _unsent(scope, [order for order in paid if order.account == scope.account]):
        yield difference


async def _compare(scope: Scope, order: Order, seen: set[str]) -> Differences:
    if order.state in HOLDING:
        async for difference in _open(scope, order):
            yield difference
    elif order.state in PAID and order.origin == "renewal":
        async for difference in _renewal(scope, order):
            yield difference
    elif order.state in PAID and order.session and order.session not in seen:
        async for difference in _sold(scope, order):
            yield difference
    if order.late_payment:
        async for difference in compare_late(scope, order):
            yield difference


async def _sold(scope: Scope, order: Order) -> Differences:
    """See whether Stripe knows a paid order's session at all, since it was not among those it listed."""
    session = await session_of(scope, order)
    if session is None:
        yield scope.difference("order_unknown", {"state": order.state.value}, order=order.id, stripe=order.session)
    elif session.status != "complete":
        values: dict[str, Value] = {"before": order.state.value, "now": order.state.value, "payment": session.status}
        yield scope.difference("session_disagrees", values, order=order.id, stripe=session.id)
    else:
        async for difference in compare_session(scope, session):
            yield difference


async def _renewal(scope: Scope, order: Order) -> Differences:
    if not order.payment_intent:
        return  # paid from the customer's credit, or by hand: no payment knows of it
    payment = await known(scope.payments.payment(order.payment_intent))
    if payment is None:
        yield scope.difference("payment_unknown", {}, order=order.id, stripe=order.payment_intent)
        return
    async for difference in compare_money(scope, order, payment.received, payment.refunded):
        yield difference


async def _open(scope: Scope, order: Order) -> Differences:
    """Bring on an order that should have ended or settled long ago."""
    if order.state is State.PROCESSING:
        if scope.now - order.created > SETTLED_BY:
            async for difference in _unsettled(scope, order):
                yield difference
        return
    if scope.now < order.expires + MARGIN:
        return
    if order.state is State.DRAFT:
        async for difference in _draft(scope, order):
            yield difference
        return
    session = await session_of(scope, order)
    if session is None:
        yield scope.difference("order_unknown", {"state": order.state.value}, order=order.id, stripe=order.session)
        return
    if not scope.dry:
        await applied(scope.settling.apply(session))
        await scope.checkouts.end(order.id, "expired")
    yield await _ended(scope, order, "hold_over")


async def _unsettled(scope: Scope, order: Order) -> Differences:
    session = await session_of(scope, order)
    if session is None:
        yield scope.difference("order_unknown", {"state": order.state.value}, order=order.id, stripe=order.session)
        return
    if session.payment == "processing":
        days = (scope.now - order.created).days
        yield scope.difference("settling_long", {"days": days}, order=order.id, stripe=session.id)
        return
    if not scope.dry:
        await applied(scope.settling.apply(session))
    yield await _ended(scope, order, "settled")


async def _draft(scope: Scope, order: Order) -> Differences:
    """End a draft that never got a session. Whatever session it may have had has expired with it, or is found paid."""
    session = await scope.payments.find(order.id, since=order.created - DOUBT)
    if not scope.dry:
        if session is not None:
            await applied(scope.settling.apply(session))
        else:
            await _end_draft(scope, order)
    yield await _ended(scope, order, "hold_over")


async def _end_draft(scope: Scope, order: Order) -> None:
    async with scope.desk.store.unit() as unit:
        current = await unit.orders.get(order.id)
        if current is None or current.state is not State.DRAFT or unit.now < current.expires + MARGIN:
            return
        target = State.CANCELLED if current.ending == "cancelled" else State.EXPIRED
        moved = await go(unit, current, target, "no session at Stripe")
        await scope.settling.tell(unit, moved, current.ending or "expired")


async def _ended(scope: Scope, order: Order, kind: str) -> Difference:
    """Say what became of an order that was brought on, or that it stays where it is."""
    now = await scope.order(order.id) or order
    values: dict[str, Value] = {"before": order.state.value, "now": now.state.value}
    if scope.dry or now.state is not order.state:
        return scope.mended(scope.difference(kind, values, order=order.id, stripe=now.session))
    return scope.difference("stuck", values, order=order.id, stripe=now.session)


def _unsent(scope: Scope, paid: Sequence[Order]) -> Sequence[Difference]:
    late = [
        order
        for order in paid
        if order.paid_at is not None
        and scope.now - order.paid_at > SENT_BY
        and any(line.fulfil == "ship" for line in order.lines)
    ]
    return [
        scope.difference("unsent", {"days": (scope.now - order.paid_at).days}, order=order.id, outcome="information")
        for order in late
        if order.paid_at is not None
    ]
