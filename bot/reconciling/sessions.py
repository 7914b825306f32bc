"""Complete checkout sessions at Stripe, compared with the orders that they paid for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.link_sales import label
from bot.money import Money
from bot.orders import Order, State
from bot.ports import Session
from bot.reconciling.differences import Difference, Value
from bot.reconciling.scope import Differences, Scope, applied, known
from bot.selling import like_a_number

#: For so long a payment that came too late may be on its way back.
PATIENCE: Final = timedelta(hours=1)
#: The states of an order that was paid, whatever became of it since.
PAID: Final = frozenset({State.PAID, State.FULFILLED, State.REFUNDED})


async def compare_sessions(scope: Scope, seen: set[str]) -> Differences:
    """Compare each complete session made since then; `seen` is filled with their ids."""
    sessions = await scope.payments.sessions(since=scope.since)
    for done, session in enumerate(sessions, 1):
        seen.add(session.id)
        async for difference in compare_session(scope, session):
            yield difference
        scope.progress("sessions", done, len(sessions))


async def compare_session(scope: Scope, session: Session) -> Differences:
    """Compare one session with its order, and apply it where the order thinks otherwise."""
    order = await scope.order(session.order)
    if order is None:
        if session.link and not scope.dry:  # what a link sold is told now, where its event was lost
            await applied(scope.settling.apply(session))
        if session.payment == "paid" and session.refunded < session.total:
            yield _stranger(scope, session)
        return
    if (order.account, order.livemode) != (session.account, session.livemode):
        yield scope.difference("elsewhere", {"of": order.account or "shop"}, order=order.id, stripe=session.id)
        return
    if not _agree(order, session):
        before = order.state
        if not scope.dry:
            await applied(scope.settling.apply(session))
            order = await scope.order(order.id) or order
        mended = scope.dry or _agree(order, session)
        values: dict[str, Value] = {"before": before.value, "now": order.state.value, "payment": session.payment}
        kind = "session_applied" if mended else "session_disagrees"
        difference = scope.difference(kind, values, order=order.id, stripe=session.id)
        yield scope.mended(difference) if mended else difference
    elif session.id == order.session and order.state in PAID:
        async for difference in compare_money(scope, order, session.total, session.refunded, session):
            yield difference


async def compare_money(
    scope: Scope, order: Order, paid: Money, refunded: Money, session: Session | None = None
) -> Differences:
    """Compare what Stripe took and gave back with what a paid order says; refunds that we never heard of are applied."""
    kept, stripe = order.paid or order.total, order.payment_intent or order.session
    if paid != kept:
        yield scope.difference("paid_differs", {"here": kept, "there": paid}, order=order.id, stripe=stripe)
    before = _refunded(order)
    if refunded == before:
        return
    if not scope.dry:
        if session is not None:
            await applied(scope.settling.apply(session))
        if order.payment_intent:
            await applied(scope.settling.apply_payment(await scope.payments.payment(order.payment_intent)))
        order = await scope.order(order.id) or order
    mended = refunded > before if scope.dry else _refunded(order) == refunded
    kind = "refund_applied" if mended else "refund_differs"
    difference = scope.difference(kind, {"here": before, "there": refunded}, order=order.id, stripe=stripe)
    yield scope.mended(difference) if mended else difference


async def compare_late(scope: Scope, order: Order) -> Differences:
    """See whether payments that came after an order had ended were given back."""
    if scope.now - order.created < PATIENCE:
        return
    for name in order.late_payment.split():
        payment = await known(scope.payments.payment(name))
        if payment is None:
            yield scope.difference("payment_unknown", {}, order=order.id, stripe=name)
        elif payment.refunded < payment.received and not order.disputed:  # Stripe takes no refund while it is
            left = payment.received - payment.refunded
            yield scope.difference("late_kept", {"left": left}, order=order.id, stripe=name)


async def session_of(scope: Scope, order: Order) -> Session | None:
    """Say what an order's session is at Stripe; None where Stripe knows none."""
    return await known(scope.payments.session(order.session))


def _stranger(scope: Scope, session: Session) -> Difference:
    """Say of a paid session that no order is here: listed, for whose it is would be a guess."""
    if session.link:
        values: dict[str, Value] = {"paid": session.total - session.refunded, "what": label(scope.desk, session.link)}
        return scope.difference("link_sold", values, stripe=session.id, outcome="information")
    mine = like_a_number(session.order)
    return scope.difference(
        "session_unknown" if mine else "session_foreign",
        {"paid": session.total - session.refunded},
        order=session.order if mine else "",
        stripe=session.id,
        outcome="person" if mine else "information",
    )


def _agree(order: Order, session: Session) -> bool:
    """Tell whether an order is where its complete session says that it should be."""
    if session.payment_intent and session.payment_intent in order.late_payment.split():
        return True
    match session.payment:
        case "paid":
            return order.session == session.id and order.state in PAID
        case "failed":
            return order.session != session.id or order.state is State.FAILED
        case _:
            return order.session != session.id or order.state not in {State.DRAFT, State.AWAITING}


def _refunded(order: Order) -> Money:
    return order.refunded or Money(0, order.total.currency)
