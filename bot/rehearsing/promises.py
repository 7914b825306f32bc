"""Whether a rehearsal kept what is promised: data in, sentences out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.closing import Liability
from bot.facing import scope_of
from bot.orders import Order, State
from bot.rehearsing.messages import Message
from bot.rehearsing.outside import Asked, Movement
from bot.retirement import Capability, Plan, closes_at, speaking

#: While a plan stands so, nothing of it ends.
_HALTED: Final = frozenset({"paused", "rolled_back", "cancelled"})
#: Two notes of the same to the same person within so long are the same telling, said twice.
_SAME: Final = timedelta(hours=20)
#: How many of one kind are named.
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Played:
    """What a rehearsal began with, what happened, and what it ended with."""

    plans: Sequence[Plan]
    before: Mapping[str, Order]
    after: Mapping[str, Order]
    moved: Sequence[Movement]
    asked: Sequence[Asked]
    messages: Sequence[Message]
    #: What `verify` would list at the end, and the numbers that only people or banks can settle.
    left: Sequence[Liability]
    excused: Collection[str]


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, and how it would be broken; () where it would be kept."""

    name: str
    broken: tuple[str, ...] = ()


def promises(played: Played) -> tuple[Promise, ...]:
    """Look at each promise."""
    return tuple(
        Promise(name, tuple(sorted(set(found(played)))[:_NAMED]))
        for name, found in {
            "nobody is charged twice": _charged_twice,
            "no paid order is lost": _lost,
            "gifts are untouched": _gifts,
            "nobody is told twice": _told_twice,
            "nothing closes early": _early,
            "nothing is owed at the end": _owed,
        }.items()
    )


def closing_of(plans: Sequence[Plan], order: Order, capability: Capability) -> datetime | None:
    """Tell when a capability ends for a purchase (UTC): by the first of the plans that speak of it, None where none does."""
    scope = scope_of(order)
    ends = [
        closes_at(plan, capability, scope) for plan in speaking(plans, scope.product) if plan.standing not in _HALTED
    ]
    return min(ends, default=None)


def _charged_twice(played: Played) -> Iterator[str]:
    """Find orders of which more than one charge is kept, and renewals after a purchase was to be renewed no more."""
    back = Counter[str]()
    for moved in played.moved:
        if moved.kind == "refund":
            back[moved.payment_intent] += moved.amount.minor
    kept = Counter(
        moved.order
        for moved in played.moved
        if moved.kind == "charge" and back[moved.payment_intent] < moved.amount.minor
    )
    for number, order in played.before.items():
        if order.paid is not None and order.state is not State.REFUNDED:
            kept[number] += 1
    yield from (f"order {number} is paid {many} times" for number, many in kept.items() if many > 1)
    for moved in played.moved:
        begun = played.before.get(moved.order)
        ends = closing_of(played.plans, begun, Capability.RENEW) if begun and begun.kind == "buy" else None
        if moved.kind == "renewal" and ends is not None and moved.at > ends and back[moved.payment_intent] == 0:
            yield f"order {moved.order} is renewed at {_iso(moved.at)}, after {_iso(ends)}"


def _lost(played: Played) -> Iterator[str]:
    """Find purchases that were paid and are at the end neither delivered nor given back in full."""
    paid = {moved.order for moved in played.moved if moved.kind == "charge"}
    for number, order in played.after.items():
        had = number in paid or (number in played.before and played.before[number].state is State.PAID)
        if order.kind != "buy" or not had or number in played.excused:
            continue
        if order.state not in {State.FULFILLED, State.REFUNDED} and not order.late_payment and not _gone(order):
            yield f"order {number} is paid and stays {order.state}"


def _gone(order: Order) -> bool:
    """Tell whether nothing of what was paid is left: given back, or taken by a dispute."""
    if order.paid is None:
        return False
    none = order.total * 0
    return order.paid <= (order.refunded or none) + (order.disputed_away or none)


def _gifts(played: Played) -> Iterator[str]:
    """Find gifts that were ended or given back by more than their own time."""
    gifts = {number for number, order in played.after.items() if order.kind == "donate"}
    for asked in played.asked:
        if asked.order in gifts:
            yield f"the {asked.what} of gift {asked.order} is ended"
    for number in gifts & played.before.keys():
        order, before = played.after[number], played.before[number]
        if order.ending == "closed" != before.ending:
            yield f"gift {number} is ended by the closing"
    for moved in played.moved:
        if moved.kind == "refund" and moved.order in gifts and moved.order not in played.excused:
            yield f"gift {moved.order} is given back"


def _told_twice(played: Played) -> Iterator[str]:
    """Find who would read the same twice: under one key, or with the same words within a day."""
    keys = Counter((each.platform, each.person, each.key) for each in played.messages if each.whom != "changed")
    for (platform, _, key), many in keys.items():
        if many > 1:
            yield f"somebody on {platform} is told {many} times: {key.split(':')[0]}"
    last: dict[tuple[str, ...], datetime] = {}
    for each in played.messages:
        if each.whom != "buyer" or each.order:
            continue  # what is said of an order has a key of its own
        said = (each.platform, each.person, each.title, each.text)
        if said in last and each.at - last[said] < _SAME:
            yield f"somebody on {each.platform} reads “{each.title}” twice on {each.at.date().isoformat()}"
        last[said] = each.at


def _early(played: Played) -> Iterator[str]:
    """Find purchases whose payment or renewal was ended before its time."""
    for asked in played.asked:
        order = played.before.get(asked.order)
        if order is None or order.kind != "buy" or order.ending:
            continue
        session = asked.what == "session"
        ends = closing_of(played.plans, order, Capability.COMPLETE_OPEN if session else Capability.RENEW)
        if ends is None or asked.at < ends:
            yield f"the {asked.what} of order {asked.order} is ended at {_iso(asked.at)}, its time is {_iso(ends)}"


def _owed(played: Played) -> Iterator[str]:
    """Find what would still be owed, and is nobody else's to settle."""
    for each in played.left:
        if each.number not in played.excused:
            yield f"{each.kind} {each.number} ({each.state})"


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else "never"
