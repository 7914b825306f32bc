"""The one clock of a story: calendar, database and payment provider look at it; it runs on, and whoever plays moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

#: How much later it is at each look while it is held, so that of two things done one comes after the other.
LOOK: Final = timedelta(microseconds=1)


class StoryClock:
    """Runs as fast as the real time from where it was put; held, it stands still but for a microsecond at each look."""

    def __init__(self, at: datetime, *, real: Callable[[], float] = time.monotonic) -> None:
        """Begin at an instant, held. `real` gives seconds that only grow."""
        self._at = at.astimezone(UTC)
        self._real = real
        self._since: float | None = None

    def __call__(self) -> datetime:
        """Tell the time, as the database's clock does (UTC)."""
        if self._since is None:
            self._at += LOOK
            return self._at
        return self._at + timedelta(seconds=self._real() - self._since)

    def now(self) -> datetime:
        """Tell the time, as the calendar's clock does (UTC)."""
        return self()

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: calendar and database have this one clock."""
        return instant

    def seconds(self) -> float:
        """Tell the time, as the payment provider's clock does: seconds since 1970."""
        return self().timestamp()

    def hold(self) -> None:
        """Let it stand still, so that what is played comes at the instants that the story says."""
        self._at, self._since = self(), None

    def flow(self) -> None:
        """Let it run on from where it is."""
        self._at, self._since = self(), self._real()

    def reach(self, at: datetime) -> None:
        """Let it be then, where that is later: it never goes back."""
        later = max(self(), at.astimezone(UTC))
        self._at = later
        if self._since is not None:
            self._since = self._real()
