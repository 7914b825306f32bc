"""Goods: stock is never lost or made, what is paid is delivered once, and nothing before it is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bot.orders import HOLDING, SOLD, Order, State
from tests.crash.evidence import Evidence, Shown

#: Seconds in which it is noted that something was shown, on a busy machine. Slack has no idempotency for messages: who is
#: killed in between shows it once more.
IN_FLIGHT: Final = 5.0


def stock_conserved(evidence: Evidence) -> Iterator[str]:
    """See that reserved is what open orders hold, sold what paid ones keep; with what is available it is what was offered."""
    reserved: Counter[str] = Counter()
    sold: Counter[str] = Counter()
    for order in evidence.orders:
        for line in order.lines:
            reserved[line.variant] += line.quantity if order.state in HOLDING else 0
            sold[line.variant] += line.quantity if order.state in SOLD else 0
    for variant in evidence.stock.keys() | reserved.keys():
        counted = evidence.stock.get(variant, (0, 0))
        if counted != (reserved[variant], sold[variant]):
            yield f"{variant} counts {counted}, its orders hold {reserved[variant]} and keep {sold[variant]}"
        offered = evidence.offered.get(variant)
        if offered is not None and sum(counted) > offered:
            yield f"of {variant} {sum(counted)} are gone, {offered} were offered"


def delivered_once(evidence: Evidence) -> Iterator[str]:
    """See that what is delivered in chat is shown: once, and again only where it cannot be known that it was.

    That is: after a kill, or an answer that was lost, while it was in flight; as the answer to the same interaction
    delivered again; and where the order was refunded before it could be shown, perhaps never.
    """
    for order in evidence.orders:
        if order.paid is None or not _secrets(evidence, order) or order.problem:
            continue
        shown = deliveries(evidence, order)
        if not shown and order.state is not State.REFUNDED:
            yield f"{order.id} is paid and was never delivered"
        answers = sum(len(wish.sent) - 1 for wish in evidence.wishes if wish.key == order.asked_by)
        unexcused = [before for before, after in pairwise(shown) if not _doubtful(evidence, before, after)]
        if len(unexcused) > answers:
            when = [f"{each.at:.3f} ({each.how.strip()})" for each in shown]
            yield f"{order.id} was delivered at {', '.join(when)}: {len(unexcused) - answers} times for no reason"


def nothing_unpaid(evidence: Evidence) -> Iterator[str]:
    """See that nothing is delivered, or marked so, for which Stripe had not charged by then."""
    for order in evidence.orders:
        charged = min((entry.at for entry in evidence.charges(order)), default=None)
        for shown in deliveries(evidence, order)[:1]:
            if order.paid is None:
                yield f"{order.id} was delivered, and was never paid"
            elif charged is None or shown.at < charged:
                yield f"{order.id} was delivered before it was paid"
        if order.state in SOLD and charged is None:
            yield f"{order.id} is {order.state}, and nothing was charged"
        sent = min(
            (move.at for move in evidence.history.get(order.id, ()) if move.target is State.FULFILLED), default=None
        )
        if sent and (charged is None or sent.timestamp() < charged):
            yield f"{order.id} was fulfilled before it was paid"


def deliveries(evidence: Evidence, order: Order) -> list[Shown]:
    """Give what delivered an order in chat, in its order: what showed its buyer its number with what it buys."""
    secrets = _secrets(evidence, order)
    return sorted(
        (
            shown
            for shown in evidence.shown
            if secrets
            and shown.person == order.buyer.key
            and order.id in shown.text
            and all(s in shown.text for s in secrets)
        ),
        key=lambda shown: shown.at,
    )


def _secrets(evidence: Evidence, order: Order) -> list[str]:
    return [evidence.secrets[line.product] for line in order.lines if line.product in evidence.secrets]


def _doubtful(evidence: Evidence, before: Shown, after: Shown) -> bool:
    """Tell whether it was unknown, when it was shown again, that it had been shown before."""
    sent, noted = before.at - evidence.late, min(after.at, before.at + IN_FLIGHT)
    return any(sent <= at <= noted for at in (*evidence.kills, *evidence.lost))
