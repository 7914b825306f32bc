"""Since when who bought is told, by calendar months."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.closing import since_of
from bot.retirement import Plan, Reminders


@pytest.mark.parametrize(
    ("now", "months", "since"),
    [
        ("2026-11-25T10:00:00+00:00", 12, "2025-11-25T10:00:00+00:00"),
        ("2026-01-15T00:00:00+00:00", 1, "2025-12-15T00:00:00+00:00"),
        ("2026-12-15T00:00:00+00:00", 12, "2025-12-15T00:00:00+00:00"),
        ("2026-03-31T00:00:00+00:00", 1, "2026-02-28T00:00:00+00:00"),
        ("2028-02-29T00:00:00+00:00", 12, "2027-02-28T00:00:00+00:00"),
    ],
)
def test_who_bought_in_so_many_months(now: str, months: int, since: str) -> None:
    """It is the same day so many months before, or the last one of a month that has no such day."""
    at = datetime(2030, 1, 1, tzinfo=UTC)
    plan = Plan("buy", at, at, ZoneInfo("Europe/Paris"), reminders=Reminders(months=months))
    assert since_of(plan, datetime.fromisoformat(now)).isoformat() == since
