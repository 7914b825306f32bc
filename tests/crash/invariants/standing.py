"""Orders: none is lost, a wish makes one, each went by the table, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Iterator

from bot.orders import MOVES, State
from tests.crash.evidence import Evidence

#: Where an order rests.
_RESTING = {State.PAID, State.FULFILLED, State.REFUNDED, State.FAILED, State.CANCELLED, State.EXPIRED}


def no_order_lost(evidence: Evidence) -> Iterator[str]:
    """See that whoever was shown an order's number has that order."""
    for wish in evidence.wishes:
        for number in wish.orders:
            order = evidence.order(number)
            if order is None:
                yield f"{number} was shown to {wish.person} and is not there"
            elif order.buyer.key != wish.person:
                yield f"{number} was shown to {wish.person} and is {order.buyer.key}'s"


def one_order_a_wish(evidence: Evidence) -> Iterator[str]:
    """See that each order comes of an interaction, and no two of the same, however often it was delivered."""
    asked: dict[str, str] = {}
    for order in evidence.orders:
        if order.asked_by in asked:
            yield f"{order.id} and {asked[order.asked_by]} come of one interaction"
        asked[order.asked_by] = order.id
    keys = {wish.key for wish in evidence.wishes}
    for order in evidence.orders:
        if keys and order.origin == "chat" and order.asked_by not in keys:
            yield f"{order.id} comes of an interaction that there never was"


def legal_moves(evidence: Evidence) -> Iterator[str]:
    """See that the history of each order is one way along the table, and ends where it stands."""
    for order in evidence.orders:
        state: State | None = None
        for move in evidence.history.get(order.id, ()):
            if move.source == move.target:  # a note
                continue
            if move.source is not state:
                yield f"{order.id} moved from {move.source} where it was {state}"
            if move.source is not None and move.target not in MOVES[move.source]:
                yield f"{order.id} moved from {move.source} to {move.target}"
            state = move.target
        if state is not order.state:
            yield f"{order.id} is {order.state}, and its history ends {state}"


def nothing_stuck(evidence: Evidence) -> Iterator[str]:
    """See that in the end every order rests, and no job, no event and no session waits."""
    for order in evidence.orders:
        if order.state not in _RESTING:
            yield f"{order.id} is still {order.state}"
    for parked in evidence.parked:
        yield f"a job is parked: {parked.kind}: {parked.error}"
    for job in evidence.jobs:
        yield f"a job is left: {job.kind} {dict(job.payload)} at {job.at}"
    for session in evidence.sessions:
        if session.status == "open":
            yield f"a session of {session.order} can still be paid"
    if evidence.undelivered:
        yield f"{evidence.undelivered} events are still to be delivered"
