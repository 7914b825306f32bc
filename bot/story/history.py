"""What became of Buy in 2017 as it was done, and as Tillbot does it: for each day, how each thing stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.retirement import Capability, Plan, Stage, allows, stage


@dataclass(frozen=True, slots=True)
class Row:
    """How one thing stands: "notice", "buy", "links", "history", "elsewhere" or "donate"."""

    name: str
    state: str


#: The same things in the same order, on both sides.
Lines = tuple[Row, ...]


def as_it_was(day: date, jumps: Mapping[str, date]) -> Lines:
    """Say how things stood on a day of 2014 to 2017: announced late, and ended twice."""
    known, ended, gone = (day >= jumps[name] for name in ("announcement", "closing", "second"))
    return (
        Row("notice", "late" if known else "quiet"),
        Row("buy", "ended_twice" if gone else "ended" if ended else "open"),
        Row("links", "plain" if gone else "live"),
        Row("history", "deleted" if gone else "kept"),
        Row("elsewhere", "named" if ended else "quiet"),
        Row("donate", "alone" if ended else "open"),
    )


def as_tillbot(plan: Plan, at: datetime) -> Lines:
    """Say how things stand at an instant by the plan that is in force."""
    now = stage(plan, at)
    told = now is not Stage.OPEN
    history = "kept" if allows(plan, Capability.HISTORY, at) else "copy" if _copies(plan, at) else "over"
    return (
        Row("notice", "told" if told else "quiet"),
        Row("buy", "ended" if now.closed else "ending" if told else "open"),
        Row("links", "notice" if now.closed else "live"),
        Row("history", history if told else "open"),
        Row("elsewhere", "linked" if told else "quiet"),
        Row("donate", "untouched" if now.closed else "open"),
    )


def _copies(plan: Plan, at: datetime) -> bool:
    return allows(plan, Capability.EXPORT, at)
