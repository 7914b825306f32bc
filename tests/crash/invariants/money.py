"""Money: every charge has one order that knows it, nobody pays twice, and what is given back is the same on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.orders import ENDED_UNPAID, SOLD, Order, State
from bot.refunds import ELSEWHERE, OPEN, Stage
from tests.crash.evidence import Evidence


def every_charge_has_its_order(evidence: Evidence) -> Iterator[str]:
    """See that each charge in the ledger is known to exactly one order."""
    for entry in evidence.ledger:
        if entry.kind != "charge":
            continue
        knowing = [order for order in evidence.orders if entry.payment in _payments(order)]
        if len(knowing) != 1:
            yield f"{entry.amount} charged for {entry.order or 'nobody'} is known to {len(knowing)} orders"
        for order in knowing:
            if entry.order and order.id.partition("-")[0] != entry.order:
                yield f"what was charged for {entry.order} is kept by {order.id}"


def nobody_charged_twice(evidence: Evidence) -> Iterator[str]:
    """See that an order keeps one charge, of what it says was paid; one that ended unpaid, or was given back, keeps none."""
    for order in evidence.orders:
        charges = evidence.charges(order)
        kept = [entry for entry in charges if evidence.refunded(entry.payment) < entry.amount]
        if order.state in SOLD:
            if len(kept) != 1:
                yield f"{order.id} is {order.state} and keeps {len(kept)} charges"
            paid = [entry.amount for entry in charges if entry.payment == order.payment_intent]
            if order.paid is None or paid != [order.paid.minor]:
                yield f"{order.id} says {order.paid} was paid, Stripe charged {paid}"
        elif kept and order.state in ENDED_UNPAID | {State.REFUNDED}:
            yield f"{order.id} is {order.state} and keeps {[entry.amount for entry in kept]}"


def one_session_an_order(evidence: Evidence) -> Iterator[str]:
    """See that of an order's sessions one at most was not expired; it is the one that the order points at."""
    live = Counter(session.order for session in evidence.sessions if session.status != "expired")
    for number, many in live.items():
        if many > 1:
            yield f"{number} has {many} sessions that could be paid"
    for session in evidence.sessions:
        order = evidence.order(session.order)
        if order is None:
            yield f"a session was opened for {session.order}, which is not there"
        elif session.status == "complete" and order.session != session.id and not order.late_payment:
            yield f"{order.id} was paid in a session that it does not point at"


def refunds_equal(evidence: Evidence) -> Iterator[str]:
    """See that what was given back is the same on both sides, and that what no order may keep was given back whole."""
    for order in evidence.orders:
        ours = order.refunded.minor if order.refunded else 0
        theirs = evidence.refunded(order.payment_intent) if order.payment_intent else 0
        if ours != theirs:
            yield f"{order.id} was given back {ours}, Stripe says {theirs}"
        whole = order.paid is not None and ours == order.paid.minor
        if whole != (order.state is State.REFUNDED):
            yield f"{order.id} is {order.state}, and {ours} of {order.paid} was given back"
        for payment in order.late_payment.split():
            charged = sum(
                entry.amount for entry in evidence.ledger if (entry.kind, entry.payment) == ("charge", payment)
            )
            if evidence.refunded(payment) != charged:
                yield f"a late payment for {order.id} was not given back"


def refunds_made_once(evidence: Evidence) -> Iterator[str]:
    """See that whatever went back of an order was asked for once, and whatever was asked for went back once, or never will.

    Both sides would agree on a part that was given back twice, too: so each refund has to have its wish. Nobody here
    refunds in the dashboard.
    """
    paid = {order.payment_intent: order for order in evidence.orders if order.payment_intent}
    made = {line.id: line for line in evidence.ledger if line.kind == "refund" and line.payment in paid}
    wished = {entry.provider_id: entry for entry in evidence.refunds if entry.provider_id}
    for name, line in made.items():
        entry = wished.get(name)
        if entry is None or entry.asked_by == ELSEWHERE:
            yield f"{line.amount} of {paid[line.payment].id} went back, for which nobody asked"
        elif entry.amount.minor != line.amount:
            yield f"{line.amount} went back for {entry.id}, which asked for {entry.amount}"
    for entry in evidence.refunds:
        if entry.stage in OPEN:
            yield f"{entry.id} is still {entry.stage}"
        if entry.stage is Stage.DONE and entry.provider_id not in made:
            yield f"{entry.id} counts as made, and was not"


def gifts_counted(evidence: Evidence) -> Iterator[str]:
    """See that a cause counts its paid gifts, less what was given back, and that receipts have no gaps."""
    raised: Counter[str] = Counter()
    receipts: dict[tuple[str, str], list[int]] = {}
    for order in evidence.orders:
        if order.donation is None or order.paid is None:
            continue
        back = min(order.refunded.minor, order.total.minor) if order.refunded else 0
        raised[order.donation.cause] += order.total.minor - back
        year, _, number = order.receipt.rpartition("-")
        receipts.setdefault((order.account, year), []).append(int(number))
    for cause in raised.keys() | evidence.raised.keys():
        if raised[cause] != evidence.raised.get(cause, 0):
            yield f"{cause} counts {evidence.raised.get(cause, 0)}, its gifts are {raised[cause]}"
    for series, numbers in receipts.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"the receipts of {series} are {sorted(numbers)}"


def _payments(order: Order) -> set[str]:
    return {order.payment_intent, *order.late_payment.split()} - {""}
