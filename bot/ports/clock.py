"""The calendar's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The calendar's clock. Only it travels in a demo; sessions, signatures and leases keep real time."""

    def now(self) -> datetime:
        """Tell the instant, with a zone (UTC)."""
        ...

    def shows(self, instant: datetime) -> datetime:
        """Tell what the calendar shows when the database's clock shows `instant`: that, where it does not travel."""
        ...
