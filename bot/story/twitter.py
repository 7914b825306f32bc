"""The story of Twitter's Buy button, 2014 to 2017, as a partner's shop that sells by Tillbot lives through it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.story.acts import YOU, Act
from bot.story.days import Story

ZONE: Final = ZoneInfo("America/Los_Angeles")


def _at(year: int, month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


#: What is sold, given and sent is made up; the dates of the ends are those of 2017.
_ACTS: Final = (
    Act(_at(2014, 2, 3), "buyer-1", "/buy single 1"),
    Act(_at(2014, 9, 8), YOU, "/buy single 1"),
    Act(_at(2014, 12, 5), "buyer-2", "/buy shirt/m 2", ships=_at(2014, 12, 9)),
    Act(_at(2015, 4, 20), "giver-1", "/donate 25 to relief"),
    Act(_at(2015, 7, 6), "buyer-3", "/buy shirt/s 1", ships=_at(2015, 7, 8)),
    Act(_at(2015, 11, 27), "buyer-1", "/buy shirt/l 1", pays=""),
    Act(_at(2016, 3, 14), "giver-2", "/donate 10 to relief monthly"),
    Act(_at(2016, 6, 1), YOU, "/buy shirt/m 1", ships=_at(2016, 6, 3)),
    Act(_at(2016, 8, 22), "buyer-4", "/buy single 2"),
    Act(_at(2016, 12, 12), "buyer-5", "/buy shirt/m 1", ships=_at(2016, 12, 15)),
    Act(_at(2017, 1, 20), YOU, "/buy shirt/l 1", ships=_at(2017, 1, 24)),
    Act(_at(2017, 1, 28), "buyer-6", "/buy shirt/s 2", ships=_at(2017, 2, 6)),
    Act(_at(2017, 1, 30), "buyer-2", "/buy shirt/m 1", pays="bank", ships=_at(2017, 2, 7)),
    Act(_at(2017, 1, 31, 22), "buyer-7", "/buy single 1"),
    Act(_at(2017, 1, 31, 23, 50), "buyer-3", "/buy shirt/l 1", pays=""),
    Act(_at(2017, 2, 1, 9), "buyer-8", "/buy shirt/m 1"),
    Act(_at(2017, 2, 14), "giver-1", "/donate 50 to relief"),
    Act(_at(2017, 5, 8), YOU, "/donate 10 to relief"),
)

#: Announced, ended for the first time, and for the second: when cards stopped working, links became plain links, and all
#: order history was deleted.
ANNOUNCED: Final = date(2017, 1, 19)
FIRST_END: Final = date(2017, 2, 1)
SECOND_END: Final = date(2017, 4, 30)

TWITTER: Final = Story(
    zone=ZONE,
    first=date(2014, 1, 1),
    last=date(2017, 12, 31),
    jumps={"announcement": ANNOUNCED, "closing": FIRST_END, "second": SECOND_END},
    acts=_ACTS,
)
