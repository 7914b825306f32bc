"""The steps of a plan's reminders: when each comes due, which one speaks, and from when on people may be told at that hour."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.retirement.calendar import left
from bot.retirement.plan import Plan

#: A step after the closing that is later than this has had its day, and nobody is told.
STALE: Final = timedelta(days=30)
_NOTHING: Final = timedelta(0)
#: Days in which an hour that is not quiet is looked for; a change of clocks may take away that of the first.
_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the reminders: so many days before the closing (below zero: after it), and the instant of that (UTC)."""

    days: int
    at: datetime


def steps(plan: Plan) -> tuple[Step, ...]:
    """Give the steps of a plan that were not over when it was announced, the earliest first.

    Days are those of the plan's zone: at the hour of the closing by the clock on the wall, whatever the clocks did since.
    """
    local = plan.closes.astimezone(plan.zone)
    found = (Step(days, (local - timedelta(days=days)).astimezone(UTC)) for days in set(plan.reminders.days) - {0})
    every = [*found, *([Step(0, plan.closes.astimezone(UTC))] if 0 in plan.reminders.days else [])]
    known = (step for step in every if left(step.at, plan.announced) >= _NOTHING)
    return tuple(sorted(known, key=lambda step: (step.at, -step.days)))


def due(plan: Plan, now: datetime) -> Step | None:
    """Give the step that speaks at `now`: of all that have come, the newest alone; None where none has, or all are over."""
    if plan.halted or left(plan.announced, now) > _NOTHING:
        return None
    come = [step for step in steps(plan) if left(step.at, now) <= _NOTHING]
    if not come:
        return None
    newest = come[-1]
    closed = left(plan.closes, now) <= _NOTHING
    if closed and (newest.days > 0 or -left(newest.at, now) > STALE):
        return None  # what was to be said before the closing is not said after it
    return newest


def is_quiet(plan: Plan, at: datetime) -> bool:
    """Tell whether an instant is within the plan's quiet hours, on the clocks of its zone."""
    if plan.reminders.quiet is None:
        return False
    begin, end = plan.reminders.quiet
    shown = at.astimezone(plan.zone).time()
    return begin <= shown < end if begin < end else shown >= begin or shown < end


def allowed(plan: Plan, at: datetime) -> datetime:
    """Give `at` where people may be told then, else the instant (UTC) at which the quiet hours end.

    Where the clocks skip that hour, it is as much later as they skip.
    """
    if plan.reminders.quiet is None or not is_quiet(plan, at):
        return at
    here, end = at.astimezone(UTC), plan.reminders.quiet[1]
    today = at.astimezone(plan.zone).date()
    ends = (
        _instant(plan, datetime.combine(today + timedelta(days=day), end), fold)
        for day in range(_AHEAD)
        for fold in (0, 1)
    )
    return next(instant for instant in sorted(ends) if instant > here and not is_quiet(plan, instant))


def months_before(at: datetime, months: int) -> datetime:
    """Give the instant so many calendar months earlier; where that month is shorter, on its last day."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def days_left(plan: Plan, until: datetime, now: datetime) -> int:
    """Count the days until an instant as a calendar of the plan's zone does: 0 on the day itself, below zero after it."""
    return (until.astimezone(plan.zone).date() - now.astimezone(plan.zone).date()).days


def _instant(plan: Plan, local: datetime, fold: int) -> datetime:
    return local.replace(tzinfo=plan.zone, fold=fold).astimezone(UTC)
