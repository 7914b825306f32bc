"""The days of a story, from its first to its last, and the instants at which they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.story.acts import Act

#: The hour at which a day of the story is looked at: its calendar changes at midnight.
NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class Story:
    """The days of a story, and what its people do."""

    zone: ZoneInfo
    first: date
    last: date
    #: The days one wants to see, by the name of the button that leads there.
    jumps: Mapping[str, date]
    acts: Sequence[Act]

    def instant(self, day: date) -> datetime:
        """Give the instant at which a day is looked at. ValueError for a day that is not in the story."""
        if not self.first <= day <= self.last:
            raise ValueError("this day is not in the story")
        return datetime.combine(day, NOON, self.zone)

    def day(self, at: datetime) -> date:
        """Give the day that an instant is on."""
        return min(max(at.astimezone(self.zone).date(), self.first), self.last)
