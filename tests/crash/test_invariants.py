"""Each promise is looked at by something that can see it broken: a good ending, spoiled by hand in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bot.money import Money
from bot.orders import Buyer, Donation, Line, Move, Order, State
from bot.ports import Parked
from bot.refunds import ELSEWHERE, RefundEntry, Stage
from tests.crash.evidence import Asked, Entry, Evidence, Shown, Told, Waiting, Wish
from tests.crash.invariants import INVARIANTS, broken

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRET: Final = "the zine is behind the door"
ANN: Final = Buyer("slack", "T1/ann", "ann", "T1", "en")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def order(number: str, state: State, **more: object) -> Order:
    line = Line("zine", "zine", "Zine", 1, Money(400, "EUR"), "message", SECRET)
    plain = Order(
        id=number,
        kind="buy",
        state=state,
        buyer=ANN,
        total=Money(400, "EUR"),
        created=at(0),
        asked_by=f"wish {number}",
        account="",
        livemode=False,
        expires=at(2100),
        lines=(line,),
        session=f"cs_{number}",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def moves(number: str, *states: State) -> tuple[Move, ...]:
    told: list[Move] = []
    source: State | None = None
    for n, state in enumerate(states):
        told.append(Move(number, source, state, at(10 * n), "so it went"))
        source = state
    return tuple(told)


PAID: Final = order("PAID2222", State.FULFILLED, paid=Money(400, "EUR"), payment_intent="pi_paid", paid_at=at(20))
BACK: Final = order(
    "BACK2222",
    State.REFUNDED,
    paid=Money(400, "EUR"),
    refunded=Money(400, "EUR"),
    payment_intent="pi_back",
    paid_at=at(20),
)
LATE: Final = order("LATE2222", State.EXPIRED, late_payment="pi_late")
GIFT: Final = order(
    "GIFT2222",
    State.PAID,
    kind="donate",
    lines=(),
    donation=Donation("water", Money(400, "EUR")),
    paid=Money(400, "EUR"),
    payment_intent="pi_gift",
    receipt="2026-000001",
    paid_at=at(20),
)
RETURN: Final = RefundEntry(
    id="BACK2222-R1",
    order="BACK2222",
    amount=Money(400, "EUR"),
    reason="",
    asked_by="slack:T1/boss",
    asked_with="a slash command",
    stage=Stage.DONE,
    asked_at=at(24),
    provider_id="refund pi_back",
)
#: When Stripe charged, and when it was shown: after the order was paid, at 20 s.
CHARGED: Final = at(15).timestamp()
SEEN: Final = at(30).timestamp()


def entry(kind: str, payment: str, number: str, amount: int = 400) -> Entry:
    return Entry(kind, f"{kind} {payment}", payment, number, amount, CHARGED)  # type: ignore[arg-type]


GOOD: Final = Evidence(
    orders=(PAID, BACK, LATE, GIFT),
    history={
        "PAID2222": moves("PAID2222", State.DRAFT, State.AWAITING, State.PAID, State.FULFILLED),
        "BACK2222": moves("BACK2222", State.DRAFT, State.AWAITING, State.PAID, State.FULFILLED, State.REFUNDED),
        "LATE2222": moves("LATE2222", State.DRAFT, State.AWAITING, State.EXPIRED),
        "GIFT2222": moves("GIFT2222", State.DRAFT, State.AWAITING, State.PAID),
    },
    stock={"zine": (0, 1)},
    offered={"zine": 5},
    raised={"water": 400},
    news=(
        Told(ANN.key, 1, "paid", "PAID2222", at(20), told=True),
        Told(ANN.key, 2, "paid", "BACK2222", at(20), told=True),
        Told(ANN.key, 3, "refunded", "BACK2222", at(25), told=True),
        Told(ANN.key, 4, "expired", "LATE2222", at(20), told=True),
        Told(ANN.key, 5, "late", "LATE2222", at(25), told=True),
        Told(ANN.key, 6, "paid", "GIFT2222", at(20), told=True),
    ),
    jobs=(),
    parked=(),
    sessions=tuple(
        Asked(f"cs_{number}", number, "complete", paid=True)
        for number in ("PAID2222", "BACK2222", "GIFT2222", "LATE2222")
    ),
    ledger=(
        entry("charge", "pi_paid", "PAID2222"),
        entry("charge", "pi_back", "BACK2222"),
        entry("refund", "pi_back", "BACK2222"),
        entry("charge", "pi_late", "LATE2222"),
        entry("refund", "pi_late", "LATE2222"),
        entry("charge", "pi_gift", "GIFT2222"),
    ),
    undelivered=0,
    shown=(
        *(Shown(SEEN, ANN.key, f"Number: {number}\n{SECRET}") for number in ("PAID2222", "BACK2222")),
        *(Shown(SEEN, ANN.key, f"Number: {number}") for number in ("LATE2222", "GIFT2222")),
        *(Shown(SEEN, "", f"Order {number}") for number in ("PAID2222", "BACK2222", "GIFT2222")),
    ),
    wishes=tuple(
        Wish(f"wish {number}", ANN.key, "/buy zine", (at(0).timestamp(),), frozenset({number}))
        for number in ("PAID2222", "BACK2222", "GIFT2222", "LATE2222")
    ),
    refunds=(RETURN,),
    secrets={"zine": SECRET},
)


def changed(good: Evidence, name: str, value: object) -> Evidence:
    """Have one field be otherwise."""
    fields: dict[str, Any] = {name: value}
    return replace(good, **fields)


def swapped(old: Order, **change: object) -> Callable[[Evidence], Evidence]:
    """Have an order be otherwise than everything else says."""
    new = replace(old, **change)  # type: ignore[arg-type]
    return lambda good: replace(good, orders=tuple(new if each is old else each for each in good.orders))


def without(name: str, *words: str) -> Callable[[Evidence], Evidence]:
    """Leave out what speaks of all these words."""

    def spoil(good: Evidence) -> Evidence:
        kept = tuple(each for each in getattr(good, name) if not all(word in repr(each) for word in words))
        assert kept != getattr(good, name)
        return changed(good, name, kept)

    return spoil


def more(name: str, *added: object) -> Callable[[Evidence], Evidence]:
    """Have more of something."""
    return lambda good: changed(good, name, (*getattr(good, name), *added))


def again_by(**change: object) -> Callable[[Evidence], Evidence]:
    """Have 1.00 go back of PAID2222 besides, known on both sides, by an entry that is otherwise than it should be."""
    asked = replace(RETURN, id="PAID2222-R1", order="PAID2222", amount=Money(100, "EUR"), provider_id="refund pi_paid")

    def spoil(good: Evidence) -> Evidence:
        twice = more("ledger", entry("refund", "pi_paid", "PAID2222", 100))(swapped(PAID, refunded=asked.amount)(good))
        assert not broken(more("refunds", asked)(twice))
        return more("refunds", replace(asked, **change))(twice)  # type: ignore[arg-type]

    return spoil


#: What is spoiled, and the promise that it breaks; others may break with it.
SPOILED: Final[tuple[tuple[str, Callable[[Evidence], Evidence]], ...]] = (
    ("no order is lost", without("orders", "PAID2222")),
    ("no order is lost", swapped(PAID, buyer=replace(ANN, id="T1/bob"))),
    ("a wish is one order", more("orders", replace(LATE, id="TWIN2222", asked_by="wish PAID2222", late_payment=""))),
    ("a wish is one order", swapped(PAID, asked_by="nobody's wish")),
    ("every move is on the table", swapped(PAID, state=State.PAID)),
    (
        "every move is on the table",
        lambda good: replace(good, history={**good.history, "LATE2222": moves("LATE2222", State.DRAFT, State.PAID)}),
    ),
    ("nothing is stuck", swapped(LATE, state=State.AWAITING)),
    ("nothing is stuck", more("jobs", Waiting("tell", {}, at(0)))),
    ("nothing is stuck", more("parked", Parked(1, "give_back", "no answer", at(0)))),
    ("nothing is stuck", more("sessions", Asked("cs_stray", "LATE2222", "open", paid=False))),
    ("nothing is stuck", lambda good: replace(good, undelivered=1)),
    ("every charge has its order", more("ledger", entry("charge", "pi_lost", "LATE2222"))),
    ("every charge has its order", swapped(LATE, late_payment="pi_late pi_paid")),
    ("every charge has its order", swapped(LATE, late_payment="pi_gift")),
    ("nobody is charged twice", more("ledger", entry("charge", "pi_twice", "PAID2222"))),
    ("nobody is charged twice", without("ledger", "refund", "pi_late")),
    ("nobody is charged twice", swapped(PAID, paid=Money(399, "EUR"))),
    ("an order has one checkout session", more("sessions", Asked("cs_other", "PAID2222", "open", paid=False))),
    ("an order has one checkout session", more("sessions", Asked("cs_nobody", "GONE2222", "expired", paid=False))),
    ("an order has one checkout session", swapped(PAID, session="cs_other")),
    ("refunds are equal on both sides", without("ledger", "refund", "pi_back")),
    ("refunds are equal on both sides", more("ledger", entry("refund", "pi_paid", "PAID2222", 100))),
    ("refunds are equal on both sides", swapped(BACK, refunded=Money(100, "EUR"))),
    ("refunds are equal on both sides", without("ledger", "refund", "pi_late")),
    ("a refund is made once", without("refunds", "BACK2222-R1")),
    ("a refund is made once", without("ledger", "refund", "pi_back")),
    ("a refund is made once", again_by(asked_by=ELSEWHERE)),
    ("a refund is made once", again_by(stage=Stage.APPROVED, provider_id="")),
    ("a refund is made once", again_by(amount=Money(300, "EUR"))),
    ("gifts are counted", lambda good: replace(good, raised={"water": 800})),
    ("gifts are counted", swapped(GIFT, receipt="2026-000002")),
    ("stock is conserved", lambda good: replace(good, stock={"zine": (1, 1)})),
    ("stock is conserved", lambda good: replace(good, stock={})),
    ("stock is conserved", lambda good: replace(good, offered={"zine": 0})),
    ("what is paid is delivered once", without("shown", "PAID2222", SECRET)),
    ("what is paid is delivered once", more("shown", Shown(SEEN + 1, ANN.key, f"Number: PAID2222\n{SECRET}"))),
    ("what is paid is delivered once", more("shown", Shown(SEEN, ANN.key, f"Number: PAID2222\n{SECRET}"))),
    ("nothing is delivered unpaid", more("shown", Shown(CHARGED - 1, ANN.key, f"Number: PAID2222\n{SECRET}"))),
    ("nothing is delivered unpaid", more("shown", Shown(SEEN, ANN.key, f"Number: LATE2222\n{SECRET}"))),
    ("nothing is delivered unpaid", without("ledger", "charge", "pi_paid")),
    ("every outcome is told", without("news", "paid", "PAID2222")),
    ("every outcome is told", without("news", "late")),
    ("every outcome is told", lambda good: replace(good, news=(replace(good.news[0], told=False), *good.news[1:]))),
    ("what counts as told was shown", without("shown", "GIFT2222", "ann")),
    ("the staff knows every paid order", without("shown", "Order PAID2222")),
)


def test_a_good_ending_breaks_nothing() -> None:
    """An ending in which all is well is found to be so."""
    assert not broken(GOOD)


@pytest.mark.parametrize(("promise", "spoil"), SPOILED)
def test_a_bad_ending_breaks_its_promise(promise: str, spoil: Callable[[Evidence], Evidence]) -> None:
    """An ending that is spoiled in one place breaks the promise that speaks of it."""
    assert promise in broken(spoil(GOOD))


def test_every_promise_can_be_broken() -> None:
    """There is a bad ending for each of the promises."""
    assert {promise for promise, _ in SPOILED} == set(INVARIANTS)


@pytest.mark.parametrize("seconds", [0.0, 4.0])
def test_a_message_in_flight_may_come_twice(seconds: float) -> None:
    """A message that was in flight when its process was killed, or whose answer was lost, may be shown once more."""
    again = more("shown", Shown(SEEN + 6, ANN.key, f"Number: PAID2222\n{SECRET}"))(GOOD)
    assert "what is paid is delivered once" in broken(again)
    assert not broken(replace(again, kills=(SEEN + seconds,)))
    assert not broken(replace(again, lost=(SEEN + seconds,)))
    assert "what is paid is delivered once" in broken(replace(again, kills=(SEEN + 5.5,)))
