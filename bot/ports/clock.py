"""The calendar's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The calendar's clock. Where it travels alone, sessions and leases keep real time; in a story they travel with it."""

    def now(self) -> datetime:
        """Tell the instant, with a zone (UTC)."""
        ...

    def shows(self, instant: datetime) -> datetime:
        """Tell what the calendar shows when the database's clock shows `instant`: that, where it does not travel."""
        ...
