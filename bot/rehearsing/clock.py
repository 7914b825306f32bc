"""The one clock of a rehearsal: calendar, database and provider all look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How much later it is at each look, so that of two things done one comes after the other.
LOOK = timedelta(microseconds=1)


@dataclass
class PlayedClock:
    """Stands still until it is moved, but for a microsecond at each look."""

    at: datetime  # UTC

    def __call__(self) -> datetime:
        """Tell the time, as the database's clock does."""
        self.at += LOOK
        return self.at

    def now(self) -> datetime:
        """Tell the time, as the calendar's clock does."""
        return self()

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: both clocks are one."""
        return instant

    def reach(self, at: datetime) -> None:
        """Let time pass until then; it never goes back."""
        self.at = max(self.at, at)
