"""Rounds of reminders: one for each step of a closing, with what became of each person who was to be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from bot.retirement import Scope


class Outcome(StrEnum):
    """What became of the reminder to one person."""

    DUE = "due"  # waits to be told
    TOLD = "told"
    CLOSED = "closed"  # takes no direct messages
    GONE = "gone"  # the workspace, the platform or the person is no more
    OPTED_OUT = "opted_out"
    UNREACHED = "unreached"  # tried again and again, and then no more
    DROPPED = "dropped"  # the dates changed, or the next step spoke, before it was told


#: "finding": who is concerned is still being looked up; "telling": all of them are known.
Stage = Literal["finding", "telling", "ended"]


@dataclass(frozen=True, slots=True)
class Round:
    """The reminders of one step of one closing."""

    feature: str
    #: `Plan.closing_key` of the plan, or of the part of it (`parts`) that those concerned are told of.
    closing: str
    days: int
    #: When the step came due, and when this began (UTC).
    due: datetime
    opened: datetime
    stage: Stage = "finding"
    #: Up to whom (a person, and an order of theirs) those concerned are looked up.
    person: str = ""
    order: str = ""
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """One person who is to be told in a round, once ever. `person` is their key, or names a seat of the staff."""

    closing: str
    days: int
    person: str
    platform: str
    workspace: str
    #: Who is told one after another: the lane's jobs work it off.
    lane: str
    #: Whether it goes to who sells here, who hear of it before who buys.
    seat: bool = False
    outcome: Outcome = Outcome.DUE
    tries: int = 0
    #: When it is tried again.
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom a closing concerns."""

    person: str
    platform: str
    user: str
    workspace: str
    #: Where that which makes it concern them stands: each product, and the country that it ships to.
    bought: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of a round, on one platform and in one workspace, have which outcome."""

    closing: str
    days: int
    platform: str
    workspace: str
    outcome: Outcome
    people: int


@dataclass(frozen=True, slots=True)
class Rate:
    """How many people a minute a platform lets us write to, in each workspace or in all."""

    a_minute: float
    each: Literal["workspace", "bot"]


#: Slack: conversations.open is of tier 3, "50+ per minute" in each workspace
#: (https://docs.slack.dev/apis/web-api/rate-limits). Discord: 50 requests a second in all, and a direct message takes two
#: (https://docs.discord.com/developers/topics/rate-limits#global-rate-limit).
RATES: Final[Mapping[str, Rate]] = MappingProxyType({"slack": Rate(50, "workspace"), "discord": Rate(1500, "bot")})
#: People a minute who are written to on one platform, in all its workspaces: two at a time, and an answer takes a while.
PACE: Final = 400.0
#: On the web news waits for its reader: nothing is sent.
_AT_ONCE: Final = frozenset({"web"})


def seat_lane(platform: str) -> str:
    """Name the lane of the staff's seats on a platform: they are told before anybody who buys."""
    return f"{platform}:seats"


def seat_named(platform: str, channel: str, user: str) -> str:
    """Name a seat of the staff: a channel, or an admin in private."""
    return f"seat:{platform}:channel:{channel}" if channel else f"seat:{platform}:user:{user}"


def seat_of(telling: Telling) -> tuple[str, str]:
    """Give the channel, or the admin, that a seat's name tells; the other one is ""."""
    kind, _, name = telling.person.removeprefix(f"seat:{telling.platform}:").partition(":")
    return (name, "") if kind == "channel" else ("", name)


def outcomes(tallies: Iterable[Tally]) -> Mapping[Outcome, int]:
    """Add up how many people have which outcome."""
    found: Counter[Outcome] = Counter()
    for tally in tallies:
        found[tally.outcome] += tally.people
    return found


def time_left(tallies: Iterable[Tally]) -> timedelta:
    """Estimate how long it takes to tell those who wait, by what the platforms allow; they are told side by side."""
    waiting: Counter[str] = Counter()
    crowds: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        if tally.outcome is Outcome.DUE and tally.platform not in _AT_ONCE:
            waiting[tally.platform] += tally.people
            crowds[tally.platform, tally.workspace] += tally.people
    minutes = [0.0, *(many / PACE for many in waiting.values())]
    for platform, rate in RATES.items():
        each = [many for (where, _), many in crowds.items() if where == platform]
        minutes.append((max(each, default=0) if rate.each == "workspace" else sum(each)) / rate.a_minute)
    return timedelta(minutes=max(minutes))
