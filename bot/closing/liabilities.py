"""What is still owed when something retires: to buyers, by buyers, and what waits for somebody to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from bot.money import Money
from bot.orders import Order, Pledge, State
from bot.ports import Dispute, Parked
from bot.refunds import RefundEntry
from bot.retirement import Plan

Kind = Literal["open", "processing", "undelivered", "refund", "dispute", "monthly", "parked", "deletion"]

#: The states of an order in which something of it is owed, and what that is called.
OWED: Final[Mapping[State, Kind]] = {
    State.DRAFT: "open",
    State.AWAITING: "open",
    State.PROCESSING: "processing",
    State.PAID: "undelivered",
}


@dataclass(frozen=True, slots=True)
class Liability:
    """One thing that is not done yet."""

    kind: Kind
    #: The order's, refund's, dispute's, subscription's or job's number.
    number: str
    #: None of a job, which may be of no order.
    amount: Money | None
    #: How it stands: the state, stage or kind of job.
    state: str
    #: Since when, where that is known.
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the books say of things that are not done, read in one unit."""

    #: In one of the states of `OWED`, oldest first.
    orders: Sequence[Order] = ()
    refunds: Sequence[RefundEntry] = ()
    disputes: Sequence[Dispute] = ()
    #: The orders of those refunds and disputes, by number and by payment intent.
    known: Mapping[str, Order] = field(default_factory=dict)
    #: Monthly purchases that have not ended.
    pledges: Sequence[Pledge] = ()
    parked: Sequence[Parked] = ()


def liabilities(found: Found, plan: Plan | None = None) -> tuple[Liability, ...]:
    """List what is owed of a plan's feature, or (without one) of all that is sold; gifts are no part of a retirement.

    What is not known to be of another feature counts: a dispute of a payment that no order has, and every parked job.
    """
    return tuple(_listed(found, plan))


def concerns(plan: Plan | None, order: Order) -> bool:
    """Tell whether an order is of the feature: a purchase, and of one of the products where the plan names them."""
    if order.kind != "buy":
        return False
    return plan is None or plan.feature == "buy" or any(line.product in plan.products for line in order.lines)


def _listed(found: Found, plan: Plan | None) -> Iterator[Liability]:
    for order in found.orders:
        if concerns(plan, order) and owed(order):  # nothing is sent of what a lost dispute took away whole
            yield Liability(OWED[order.state], order.id, owed(order), str(order.state), order.paid_at or order.created)
    for entry in found.refunds:
        if entry.order in found.known and concerns(plan, found.known[entry.order]):
            yield Liability("refund", entry.id, entry.amount, str(entry.stage), entry.asked_at)
    for dispute in found.disputes:
        of = found.known.get(dispute.payment_intent)
        if of is None or concerns(plan, of):
            yield Liability("dispute", dispute.id, dispute.amount, dispute.status)
    for pledge in found.pledges:
        if pledge.kind == "buy" and (plan is None or plan.feature == "buy" or pledge.product in plan.products):
            yield Liability("monthly", pledge.id, pledge.amount, pledge.state)
    for job in found.parked:
        yield Liability("parked", str(job.id), None, job.kind)


def owed(order: Order) -> Money:
    """Tell what an order is about: what would be paid, or what was paid less what is back already."""
    if order.paid is None:
        return order.total
    none = Money(0, order.total.currency)
    return order.paid - (order.refunded or none) - (order.disputed_away or none)
