"""The clock of a story: it runs, is held, and is put ahead, but never back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.story import StoryClock

BEGIN = datetime(2014, 1, 1, 12, tzinfo=UTC)


class Real:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        """Tell them."""
        return self.at


def test_it_runs_as_real_time_does_from_where_it_is() -> None:
    """Let flow, it is later by the seconds that really pass, from the instant it was put to."""
    real = Real()
    clock = StoryClock(BEGIN, real=real)
    clock.reach(BEGIN + timedelta(days=1000))
    clock.flow()
    begun = clock.now()
    real.at += 90
    assert clock.now() - begun == timedelta(seconds=90)
    assert clock.seconds() == clock.now().timestamp()


def test_held_it_stands_still_but_no_two_looks_are_equal() -> None:
    """While it is held, real seconds do not count, and what is done later comes later all the same."""
    real = Real()
    clock = StoryClock(BEGIN, real=real)
    clock.flow()
    real.at += 5
    clock.hold()
    first = clock()
    real.at += 3600
    second = clock()
    assert first < second < first + timedelta(milliseconds=1)
    assert BEGIN + timedelta(seconds=5) <= first


def test_it_is_never_put_back() -> None:
    """An instant that has passed leaves it where it is, held or not."""
    real = Real()
    clock = StoryClock(BEGIN, real=real)
    clock.reach(BEGIN - timedelta(days=1))
    assert clock() >= BEGIN
    clock.flow()
    real.at += 60
    clock.reach(BEGIN)
    assert clock() >= BEGIN + timedelta(seconds=60)
    clock.reach(BEGIN + timedelta(days=1))
    real.at += 1
    assert clock() >= BEGIN + timedelta(days=1, seconds=1)
