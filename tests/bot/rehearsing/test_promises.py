"""The promises of a rehearsal: each is broken by what breaks it, and by nothing near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.closing import Liability
from bot.orders import State
from bot.rehearsing import Asked, Message, Movement, Played, promises
from bot.retirement import Plan
from tests.app.harbour import eur
from tests.bot.rehearsing.test_account import NOON, OPEN, PAID

CLOSES = NOON + timedelta(days=40)
PLAN = Plan("buy", NOON, CLOSES, ZoneInfo("Europe/Paris"))
GIFT = replace(PAID, id="GIFT", kind="donate", lines=())
SENT = replace(PAID, state=State.FULFILLED)
WELL = Played(
    plans=[PLAN],
    before={"OPEN": OPEN, "PAID": PAID, "GIFT": GIFT},
    after={"OPEN": replace(OPEN, state=State.EXPIRED), "PAID": SENT, "GIFT": GIFT},
    moved=(),
    asked=[Asked(CLOSES, "session", "OPEN")],
    messages=(),
    left=(),
    excused=(),
)


def charge(order: str, intent: str, at: datetime = NOON) -> Movement:
    """Let an order be charged."""
    return Movement(at, "charge", order, eur(1250), intent)


def reminder(at: datetime, key: str, text: str = "It closes.") -> Message:
    """Let somebody be reminded."""
    return Message(at, "buyer", "slack", "Closing", text, key, person="slack:T1/U1")


BACK = Movement(NOON, "refund", "OPEN", eur(1250), "pi_a")


@pytest.mark.parametrize(
    ("promise", "breaks", "keeps"),
    [
        (
            "nobody is charged twice",
            {"moved": [charge("OPEN", "pi_a"), charge("OPEN", "pi_b")]},
            {"moved": [charge("OPEN", "pi_a"), charge("OPEN", "pi_b"), BACK], "excused": {"OPEN"}},
        ),
        ("nobody is charged twice", {"moved": [charge("PAID", "pi_b")]}, {"moved": [charge("NEW", "pi_b")]}),
        (
            "nobody is charged twice",
            {"moved": [Movement(CLOSES + timedelta(seconds=1), "renewal", "PAID", eur(400), "pi_c")]},
            {"moved": [Movement(CLOSES, "renewal", "PAID", eur(400), "pi_c")]},
        ),
        ("no paid order is lost", {"after": {"PAID": PAID}}, {"after": {"PAID": replace(PAID, state=State.REFUNDED)}}),
        ("no paid order is lost", {"moved": [charge("OPEN", "pi_a")]}, {"excused": {"OPEN"}}),
        ("gifts are untouched", {"asked": [Asked(CLOSES, "subscription", "GIFT")]}, {"asked": []}),
        (
            "gifts are untouched",
            {"moved": [Movement(CLOSES, "refund", "GIFT", eur(1250), "pi_2")]},
            {"moved": [Movement(CLOSES, "renewal", "GIFT", eur(1250), "pi_2")]},
        ),
        (
            "nobody is told twice",
            {"messages": [reminder(NOON, "a"), reminder(NOON + timedelta(hours=1), "b")]},
            {"messages": [reminder(NOON, "a"), reminder(NOON + timedelta(days=7), "b")]},
        ),
        (
            "nobody is told twice",
            {"messages": [reminder(NOON, "a", "one"), reminder(NOON, "a", "two")]},
            {"messages": [reminder(NOON, "a", "one"), reminder(NOON, "b", "two")]},
        ),
        (
            "nothing closes early",
            {"asked": [Asked(CLOSES - timedelta(microseconds=1), "session", "OPEN")]},
            {"asked": [Asked(CLOSES, "subscription", "PAID")]},
        ),
        (
            "nothing is owed at the end",
            {"left": [Liability("open", "OPEN", eur(1250), "awaiting")]},
            {"left": [Liability("dispute", "du_1", eur(1250), "open")], "excused": {"du_1"}},
        ),
    ],
)
def test_a_promise_is_broken_by_what_breaks_it(
    promise: str, breaks: Mapping[str, Any], keeps: Mapping[str, Any]
) -> None:
    """What breaks it is said, what only looks like it is not, and no other promise is concerned by that."""
    broken = {each.name for each in promises(replace(WELL, **breaks)) if each.broken}
    assert promise in broken
    assert [each for each in promises(replace(WELL, **keeps)) if each.broken] == []


def test_a_plan_that_is_on_hold_closes_nothing() -> None:
    """Whatever is ended of a plan that is on hold is ended early."""
    held = replace(WELL, plans=[replace(PLAN, standing="paused")])
    assert [each.name for each in promises(held) if each.broken] == ["nothing closes early"]
