"""What a day of a story looks like from outside: the calendar, the notices that went out, and the money in flight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bot.money import Money
from bot.orders import Order, State
from bot.ports import Store, Unit
from bot.retirement import Capability, Plan, closes_at, steps
from bot.rounds import Outcome

#: What of the calendar is shown beside the announcement, the closing and the reminders.
_LATER: Final = (Capability.FULFIL, Capability.REFUND, Capability.HISTORY, Capability.EXPORT)

NoticeKind = Literal["sellers_announced", "sellers_closed", "remind"]
FlowKind = Literal["open", "processing", "undelivered", "refund", "monthly", "sold", "given"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One instant of the calendar: "announced", "closes", "second", a capability, or "remind" with the days before."""

    at: datetime
    kind: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """One round of notices that went out: so many people and seats of the staff were told."""

    at: datetime
    kind: NoticeKind
    people: int
    days: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """Money of one kind: of so many orders, or pledges where it comes monthly."""

    kind: FlowKind
    many: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Seen:
    """A day as it is."""

    at: datetime
    plan: Plan
    marks: Sequence[Mark]
    notices: Sequence[Notice]
    money: Sequence[Flow]


async def look(store: Store, plan: Plan, at: datetime, *, currency: str, second: datetime) -> Seen:
    """Read from the shop's own books how things are; `second` is the second end, which no calendar of ours has."""
    async with store.reading() as unit:
        notices = [*await _sellers(unit), *await _rounds(unit)]
        money = await _money(unit, currency)
    marks = (*_marks(plan), Mark(second, "second"))
    return Seen(
        at,
        plan,
        tuple(sorted(marks, key=lambda mark: mark.at)),
        tuple(sorted(notices, key=lambda notice: notice.at)),
        money,
    )


def _marks(plan: Plan) -> Sequence[Mark]:
    reminders = (Mark(step.at, "remind", step.days) for step in steps(plan) if step.days != 0)
    later = (Mark(closes_at(plan, capability), capability.value) for capability in _LATER)
    return (Mark(plan.announced, "announced"), Mark(plan.closes, "closes"), *reminders, *later)


async def _sellers(unit: Unit) -> Sequence[Notice]:
    """Give what the staff was told of the retirement: its news in the web chat."""
    found = await unit.news.since("web:staff", 0)
    kinds: Mapping[str, NoticeKind] = {"sellers.announced": "sellers_announced", "sellers.closed": "sellers_closed"}
    return [Notice(news.at, kinds[news.kind], 1) for news in found if news.kind in kinds]


async def _rounds(unit: Unit) -> Sequence[Notice]:
    found: list[Notice] = []
    for each in await unit.rounds.newest():
        tallies = await unit.rounds.tallies(each.closing, each.days)
        told = sum(tally.people for tally in tallies if tally.outcome is Outcome.TOLD)
        found.append(Notice(each.opened, "remind", told, each.days))
    return found


async def _money(unit: Unit, currency: str) -> Sequence[Flow]:
    """Add up what is begun and not done, what comes monthly, and what came in."""
    standing = await unit.orders.standing(frozenset(State))
    waiting = {
        "open": [order for order in standing if order.state in {State.DRAFT, State.AWAITING}],
        "processing": [order for order in standing if order.state is State.PROCESSING],
        "undelivered": [order for order in standing if order.kind == "buy" and order.state is State.PAID],
    }
    refunds = [entry.amount for entry in await unit.refunds.undone()]
    monthly = [pledge.amount for pledge in await unit.pledges.running("donate")]
    come = [order for order in standing if order.state in {State.PAID, State.FULFILLED}]
    sums: dict[FlowKind, list[Money]] = {
        "open": _totals(waiting["open"]),
        "processing": _totals(waiting["processing"]),
        "undelivered": _totals(waiting["undelivered"]),
        "refund": refunds,
        "monthly": monthly,
        "sold": _totals([order for order in come if order.kind == "buy"]),
        "given": _totals([order for order in come if order.kind == "donate"]),
    }
    return [Flow(kind, len(amounts), _sum(amounts, currency)) for kind, amounts in sums.items()]


def _totals(orders: Sequence[Order]) -> list[Money]:
    return [order.paid or order.total for order in orders]


def _sum(amounts: Sequence[Money], currency: str) -> Money:
    return Money(sum(amount.minor for amount in amounts), currency)
