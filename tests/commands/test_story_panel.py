"""What the panel of a story says: complete in every language, on every kind of day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bot.money import Money
from bot.retirement import Plan
from bot.story import TWITTER, Flow, Mark, Notice, Seen
from bot.words import Tongue
from commands.story_panel import panel
from config.read import read
from config.sample import STORIES
from config.words import Words

WORDS = Words.load()
DAYS = (date(2014, 1, 1), date(2017, 1, 19), date(2017, 1, 31), date(2017, 2, 1), date(2017, 4, 30), date(2017, 12, 31))


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Give the retirement that the story's shop has in its config."""
    return read(STORIES["twitter"]).plans["buy"]


def said(plan: Plan, day: date, locale: str = "en") -> dict[str, Any]:
    """Write the panel of a day, with one notice of each kind and one sum."""
    kinds = ("announced", "closes", "second", "fulfil", "refund", "history", "export")
    marks = [Mark(plan.closes + timedelta(days=number), kind) for number, kind in enumerate(kinds)]
    marks += [Mark(plan.closes - timedelta(days=1), "remind", 1), Mark(plan.closes + timedelta(days=7), "remind", -7)]
    seen = Seen(
        at=TWITTER.instant(day),
        plan=plan,
        marks=sorted(marks, key=lambda mark: mark.at),
        notices=[
            Notice(plan.announced, "sellers_announced", 1),
            Notice(plan.closes, "sellers_closed", 1),
            Notice(plan.closes, "remind", 6, 0),
        ],
        money=[
            Flow(kind, 2, Money(4500, "USD"))
            for kind in ("open", "processing", "undelivered", "refund", "monthly", "sold", "given")
        ],
    )
    tongue = Tongue(WORDS, locale, TWITTER.zone)
    return dict(panel(tongue, TWITTER, seen))


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_day_can_be_said(plan: Plan, locale: str) -> None:
    """On every kind of day each thing is said on both sides, in each language, with no hole left in a sentence."""
    for day in DAYS:
        shown = said(plan, day, locale)
        texts = [text for row in shown["compare"] for text in row.values()]
        texts += [shown["stage"], *(row["text"] for row in (*shown["calendar"], *shown["notices"], *shown["money"]))]
        assert len(shown["compare"]) == 6
        assert all(texts)
        assert not [text for text in texts if "{" in text]


def test_the_calendar_has_todays_mark_once(plan: Plan) -> None:
    """Today is marked at its place among the instants, on a day of the calendar as on any other."""
    for day, text in ((date(2017, 1, 28), "Today"), (date(2017, 2, 1), "The end is announced")):
        rows = said(plan, day)["calendar"]
        states = [row["state"] for row in rows]
        assert states == sorted(states, key=["past", "today", "ahead"].index)
        assert [row["text"] for row in rows if row["state"] == "today"] == [text]


def test_notices_and_money_are_written_in_the_readers_way(plan: Plan) -> None:
    """The newest notice comes first, each with how many were told; sums say how many they are of."""
    english, french = said(plan, date(2017, 2, 1)), said(plan, date(2017, 2, 1), "fr")
    assert english["notices"][0] == {"date": "1 February 2017", "text": "Reminder on the day", "value": "6 told"}
    assert french["date"] == "1er février 2017"
    assert {"text": "Given so far", "many": 2, "value": "$45.00 (2)"} in english["money"]
