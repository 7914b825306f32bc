"""The steps of reminders: in time and never before the announcement, only the newest speaks, and nobody is woken at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retirement import Plan, Reminders, allowed, days_left, due, months_before, steps
from bot.retirement.steps import STALE, is_quiet
from tests.bot.retirement.samples import INSTANTS, UNIT, ZONES, plans

#: Hours of quiet, through midnight and within a day.
QUIET = st.tuples(st.times(), st.times()).filter(lambda hours: hours[0] != hours[1])
DAY = timedelta(days=1)
PARIS = ZoneInfo("Europe/Paris")
PLAN = Plan("buy", datetime(2026, 1, 1, 12, tzinfo=PARIS), datetime(2026, 6, 1, 12, tzinfo=PARIS), PARIS)


def at(days: float) -> datetime:
    """Give the instant so many days before the sample closes."""
    return PLAN.closes.astimezone(UTC) - timedelta(days=days)


@given(plans(), INSTANTS)
def test_no_step_speaks_before_it_has_come_or_before_the_announcement(plan: Plan, now: datetime) -> None:
    """What speaks has come, was announced, and nothing that came later is passed over."""
    step = due(plan, now)
    if step is not None:
        assert plan.announced.astimezone(UTC) <= step.at <= now
        assert not [each for each in steps(plan) if step.at < each.at <= now]


@given(plans(), st.data())
def test_of_several_steps_that_were_slept_through_the_newest_alone_speaks(plan: Plan, data: st.DataObject) -> None:
    """At each step's instant it speaks itself; a moment before, the one before it does, or none."""
    every = steps(plan)
    if not every:
        return
    number = data.draw(st.integers(0, len(every) - 1))
    assert due(plan, every[number].at) == every[number]
    before = due(plan, every[number].at - UNIT)
    assert before in {None, every[number - 1] if number else None}


@given(plans())
def test_steps_keep_the_hour_of_the_closing_on_the_wall(plan: Plan) -> None:
    """Each step is so many days of the plan's zone away, at the same hour, but where the clocks skip that hour."""
    closes = plan.closes.astimezone(plan.zone)
    for step in steps(plan):
        local = step.at.astimezone(plan.zone)
        gap = local.replace(tzinfo=None) - (closes.replace(tzinfo=None) - timedelta(days=step.days))
        assert timedelta(0) <= gap <= timedelta(hours=1)
    assert all(step.at == plan.closes.astimezone(UTC) for step in steps(plan) if step.days == 0)


@pytest.mark.parametrize("standing", ["paused", "rolled_back", "cancelled"])
def test_a_plan_that_is_halted_reminds_nobody(standing: str) -> None:
    """Paused, rolled back or cancelled, no step speaks; postponed, those of the new date do."""
    assert due(PLAN, at(7)) is not None
    assert due(replace(PLAN, standing=standing), at(7)) is None  # type: ignore[arg-type]
    assert due(replace(PLAN, standing="postponed"), at(7)) is not None


def test_what_was_to_be_said_before_the_closing_is_not_said_after_it() -> None:
    """Without a step at the closing itself, one that was slept through until then stays unsaid."""
    early = replace(PLAN, reminders=Reminders(days=(30, 1)))
    assert due(early, at(0) - UNIT) is not None
    assert due(early, at(0)) is None


def test_the_last_step_has_its_day_and_then_no_more() -> None:
    """A process that slept for very long tells nobody of what everybody knows by then."""
    (last,) = [step for step in steps(PLAN) if step.days == -30]
    assert due(PLAN, last.at + STALE) == last
    assert due(PLAN, last.at + STALE + UNIT) is None


@given(plans(), QUIET, INSTANTS)
def test_nobody_is_told_in_quiet_hours_and_as_soon_as_they_end(
    plan: Plan, quiet: tuple[time, time], now: datetime
) -> None:
    """The instant is no quiet one, never an earlier one, and at most an hour behind the end of the quiet."""
    plan = replace(plan, reminders=Reminders(quiet=quiet))
    found = allowed(plan, now)
    assert found >= now
    assert not is_quiet(plan, found)
    assert (found == now) is not is_quiet(plan, now)
    hours = range(int((found - now) / timedelta(minutes=30)))
    missed = [now + timedelta(minutes=30) * n for n in hours if not is_quiet(plan, now + timedelta(minutes=30) * n)]
    assert not missed or found - missed[0] <= timedelta(hours=1)


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_clocks_of_2026_keeps_the_night(zone: str) -> None:
    """In each zone, at each half hour of the year, the default's night ends at eight on the clock of that place."""
    plan = replace(PLAN, zone=ZoneInfo(zone))
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for half in range(0, 365 * 48, 7):
        now = begin + timedelta(minutes=30 * half)
        found = allowed(plan, now)
        local = found.astimezone(plan.zone)
        assert time(8) <= local.time() < time(21)
        assert found - now <= timedelta(hours=12)
        assert found == now or (local.hour, local.minute) == (8, 0)


def test_without_quiet_hours_any_hour_will_do() -> None:
    """Nothing is put off."""
    now = datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert allowed(replace(PLAN, reminders=Reminders(quiet=None)), now) == now
    assert allowed(PLAN, now) == datetime(2026, 3, 1, 8, tzinfo=PARIS)


def test_months_are_those_of_the_calendar() -> None:
    """A year before the last of February is the last of February."""
    assert months_before(datetime(2028, 2, 29, tzinfo=UTC), 12) == datetime(2027, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 31, tzinfo=UTC), 2) == datetime(2025, 11, 30, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 15, tzinfo=UTC), 1) == datetime(2025, 12, 15, tzinfo=UTC)
    assert months_before(datetime(2026, 12, 15, tzinfo=UTC), 12) == datetime(2025, 12, 15, tzinfo=UTC)
    assert months_before(datetime(2026, 1, 31, tzinfo=UTC), 0) == datetime(2026, 1, 31, tzinfo=UTC)


def test_days_are_counted_as_a_calendar_does() -> None:
    """At midnight of the plan's zone one day less is left; on the day itself none is."""
    closes = PLAN.closes
    assert days_left(PLAN, closes, datetime(2026, 5, 30, 21, 59, tzinfo=UTC)) == 2
    assert days_left(PLAN, closes, datetime(2026, 5, 30, 22, 0, tzinfo=UTC)) == 1
    assert days_left(PLAN, closes, datetime(2026, 6, 1, 0, 0, tzinfo=PARIS)) == 0
