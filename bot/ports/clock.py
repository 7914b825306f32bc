"""The calendar's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The calendar's clock. Only it travels in a demo; sessions, signatures and leases keep real time."""

    def now(self) -> datetime:
        """Tell the instant, with a zone (UTC)."""
        ...
