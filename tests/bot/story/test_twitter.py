"""The story of Twitter's Buy button: its days, its people, and how each thing stood and stands on a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.retirement import Plan
from bot.story import TWITTER, as_it_was, as_tillbot
from bot.story.twitter import ANNOUNCED, FIRST_END, SECOND_END
from config.read import read
from config.sample import STORIES


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Give the retirement that the story's shop has in its config."""
    return read(STORIES["twitter"]).plans["buy"]


def was(day: date) -> dict[str, str]:
    """Say how things stood on a day."""
    return {row.name: row.state for row in as_it_was(day, TWITTER.jumps)}


def ours(plan: Plan, at: datetime) -> dict[str, str]:
    """Say how things stand at an instant."""
    return {row.name: row.state for row in as_tillbot(plan, at)}


def test_the_days_are_those_of_the_shops_own_calendar(plan: Plan) -> None:
    """The announcement and the first end are the days that the shop's config has, less than two weeks apart."""
    assert plan.announced.astimezone(TWITTER.zone).date() == ANNOUNCED
    assert plan.closes.astimezone(TWITTER.zone).date() == FIRST_END
    assert timedelta(0) < FIRST_END - ANNOUNCED < timedelta(days=14)
    assert (date(2017, 2, 1), date(2017, 4, 30)) == (FIRST_END, SECOND_END)
    assert (TWITTER.first.year, TWITTER.last.year) == (2014, 2017)


def test_a_day_is_looked_at_at_its_noon() -> None:
    """A day and the instant at which it is seen lead to each other; a day outside the story is refused."""
    for day in (TWITTER.first, FIRST_END, TWITTER.last):
        assert TWITTER.day(TWITTER.instant(day)) == day
    for outside in (TWITTER.first - timedelta(days=1), TWITTER.last + timedelta(days=1)):
        with pytest.raises(ValueError, match="not in the story"):
            TWITTER.instant(outside)


def test_its_people_act_in_order_within_its_days() -> None:
    """Each act has an instant of its own within the story, and nothing is sent before it was bought."""
    instants = [act.at for act in TWITTER.acts]
    assert instants == sorted(set(instants))
    assert all(TWITTER.first <= act.at.date() <= TWITTER.last for act in TWITTER.acts)
    assert all(act.ships is None or act.at < act.ships for act in TWITTER.acts)


def test_as_it_was() -> None:
    """Announced late, ended twice; with the second end cards stopped, links became plain, histories were deleted."""
    assert set(was(ANNOUNCED - timedelta(days=1)).values()) == {"quiet", "open", "live", "kept"}
    assert was(ANNOUNCED)["notice"] == "late"
    assert was(FIRST_END - timedelta(days=1))["buy"] == "open"
    assert was(FIRST_END) == {
        "notice": "late",
        "buy": "ended",
        "links": "live",
        "history": "kept",
        "elsewhere": "named",
        "donate": "alone",
    }
    before, after = was(SECOND_END - timedelta(days=1)), was(SECOND_END)
    assert (before["links"], before["history"]) == ("live", "kept")
    assert (after["buy"], after["links"], after["history"]) == ("ended_twice", "plain", "deleted")


def test_as_tillbot_does_it(plan: Plan) -> None:
    """One end at its instant; then links tell the notice, the history stays for what was announced, and giving goes on."""
    moment = timedelta(microseconds=1)
    assert ours(plan, plan.announced - moment)["notice"] == "quiet"
    assert ours(plan, plan.announced)["buy"] == "ending"
    assert ours(plan, plan.closes - moment)["links"] == "live"
    closed = ours(plan, plan.closes)
    assert (closed["buy"], closed["links"], closed["history"]) == ("ended", "notice", "kept")
    assert ours(plan, TWITTER.instant(TWITTER.last))["history"] == "kept"
    assert ours(plan, plan.closes + timedelta(days=400))["history"] == "copy"
    assert ours(plan, plan.closes + timedelta(days=800))["history"] == "over"
    assert ours(plan, plan.closes + timedelta(days=800))["donate"] == "untouched"
