"""Words: every outcome is told to its person, what counts as told was seen, and the staff knows what is paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from bot.orders import Move, Order, State
from tests.crash.evidence import Evidence

#: The news that an order makes when it comes to a state, any of them. What was told in the answer itself is told.
_NEWS: Final = {
    State.PROCESSING: {"processing"},
    State.PAID: {"paid", "renewed"},
    State.REFUNDED: {"refunded"},
    State.FAILED: {"failed"},
    State.CANCELLED: {"cancelled", "expired", "closed", "refused"},
    State.EXPIRED: {"cancelled", "expired", "closed"},
}


def every_outcome_told(evidence: Evidence) -> Iterator[str]:
    """See that each state that an order came to made news for its person, and all news was told."""
    for order in evidence.orders:
        kinds = {news.kind for news in evidence.news if news.order == order.id}
        for state in _rested(evidence.history.get(order.id, ())):
            wanted = _NEWS.get(state, {"shipped"} if _shipped(order, state) else set())
            if wanted and not wanted & kinds:
                yield f"{order.id} became {state}, of which there is no news"
        if order.late_payment and "late" not in kinds:
            yield f"{order.id} was paid late, of which there is no news"
    for news in evidence.news:
        if not news.told:
            yield f"{news.person} was never told {news.kind!r} of {news.order}"


def told_is_shown(evidence: Evidence) -> Iterator[str]:
    """See that whoever counts as told was shown the order after that became true."""
    seen: dict[tuple[str, str], float] = {}
    numbers = {news.order for news in evidence.news}
    for shown in evidence.shown:
        for number in numbers:
            if number in shown.text:
                seen[shown.person, number] = max(shown.at, seen.get((shown.person, number), 0.0))
    for news in evidence.news:
        if news.told and seen.get((news.person, news.order), 0.0) < news.at.timestamp():
            yield f"{news.person} counts as told {news.kind!r} of {news.order}, and saw nothing"


def staff_told(evidence: Evidence) -> Iterator[str]:
    """See that each order that was ever paid stood before the staff."""
    staff = [shown.text for shown in evidence.shown if not shown.person]
    for order in evidence.orders:
        if order.paid is not None and not any(order.id in text for text in staff):
            yield f"the staff never saw {order.id}"


def _rested(moves: Sequence[Move]) -> set[State]:
    """Give the states that an order came to; "processing" only where it stayed there longer than an instant."""
    moved = [move for move in moves if move.target != move.source]
    passed = {
        State.PROCESSING for here, there in pairwise(moved) if here.target is State.PROCESSING and here.at == there.at
    }
    return {move.target for move in moved} - passed


def _shipped(order: Order, state: State) -> bool:
    return state is State.FULFILLED and any(line.fulfil == "ship" for line in order.lines)
