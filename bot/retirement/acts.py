"""What is done to a plan by hand: pause, resume, postpone, roll back, close now, stop brownouts. The config stays as it is.

Acts are kept in the order in which they were done. An act speaks of the closing that the config named when it was done;
once the config names another, the config's word is the newer one and the act has had its day. That brownouts were stopped
is taken over to the new one (`memory.rule`), where the config has the same brownouts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from bot.retirement.capabilities import Capability
from bot.retirement.plan import Brownout, Override, Plan

Deed = Literal["pause", "resume", "postpone", "rollback", "now", "brownout_stop"]
#: What the shop itself notes: that the announcement has arrived.
Done = Literal[Deed, "delivered"]

#: What has nothing to do with selling, so that no emergency makes it end before the day that was announced.
_THEIRS: Final = (Capability.HISTORY, Capability.EXPORT, Capability.DELETE)
_Instants = Mapping[Capability, datetime]


@dataclass(frozen=True, slots=True)
class Act:
    """One act on one feature: who, when (UTC), why, and on which closing of the config."""

    feature: str
    deed: Done
    at: datetime
    by: str
    why: str
    #: `Plan.closing_key` of the plan as the config has it.
    on: str
    #: With "postpone": the new instant.
    to: datetime | None = None


def in_force(plan: Plan, acts: Iterable[Act]) -> Plan:
    """Give the plan as it is in force after the acts on it, oldest first. While it was on hold, nothing of it came."""
    now = plan
    paused: datetime | None = None
    for act in (act for act in acts if act.feature == plan.feature and act.on == plan.closing_key):
        match act.deed:
            case "pause" if paused is None:
                paused = act.at
                now = replace(now, standing="paused")
            case "resume" if paused is not None:
                now = replace(moved(now, since=paused, by=act.at - paused), standing="postponed")
                paused = None
            case "postpone" if act.to is not None:
                later = act.to.astimezone(UTC) - now.closes.astimezone(UTC)
                now = replace(moved(now, since=paused or act.at, by=later), closes=act.to, standing="postponed")
                paused = None
            case "rollback":
                paused = None
                now = replace(now, standing="rolled_back")
            case "now":
                by = act.at - now.closes.astimezone(UTC)
                since = (paused or act.at).astimezone(UTC)
                begun = tuple(part for part in now.brownouts if part.starts.astimezone(UTC) < since)
                at_once = _kept(now, moved(now, since=paused or act.at, by=by))
                now = replace(at_once, closes=act.at, standing="", exemptions=(), brownouts=begun)
                paused = None
                now = replace(now, announced=min(now.announced, act.at, key=lambda instant: instant.astimezone(UTC)))
            case "brownout_stop":
                now = replace(now, lit=True)
            case "delivered":
                now = replace(now, delivered=True)
            case _:
                pass  # pausing what is paused, resuming what goes on
    return now


def moved(plan: Plan, *, since: datetime, by: timedelta) -> Plan:
    """Move everything of a plan that had not come by `since`; what has happened stays where it was."""

    def move(instant: datetime) -> datetime:
        here = instant.astimezone(UTC)
        return (here + by).astimezone(instant.tzinfo) if here > since.astimezone(UTC) else instant

    return replace(
        plan,
        closes=move(plan.closes),
        given={capability: move(instant) for capability, instant in plan.given.items()},
        overrides=tuple(
            replace(
                part,
                closes=move(part.closes) if part.closes else None,
                instants={capability: move(instant) for capability, instant in part.instants.items()},
            )
            for part in plan.overrides
        ),
        exemptions=tuple(replace(part, until=move(part.until)) for part in plan.exemptions),
        brownouts=tuple(
            Brownout(part.starts, part.ends)
            if part.starts.astimezone(UTC) <= since.astimezone(UTC)  # one that has begun is not made longer
            else Brownout(move(part.starts), move(part.ends))
            for part in plan.brownouts
        ),
    )


def _kept(before: Plan, after: Plan) -> Plan:
    """Give what a plan that closes at once has `after`, but let nobody lose sooner what is theirs: their history and its copy.

    What was given for a part of those concerned is spared for that alone.
    """
    overrides = tuple(
        Override(old.scope, instants=_theirs(old.instants, new.instants))
        for old, new in zip(before.overrides, after.overrides, strict=True)
    )
    given = {**after.given, **_theirs(before.given, after.given)}
    return replace(after, given=given, overrides=tuple(part for part in overrides if part.instants))


def _theirs(old: _Instants, new: _Instants) -> _Instants:
    return {each: max(old[each], new[each], key=lambda at: at.astimezone(UTC)) for each in _THEIRS if each in old}


#: Why an act cannot be done; each has its sentence.
Objection = Literal["", "withdrawn", "closed", "paused", "not_paused", "not_later", "no_brownouts"]


def objection(plan: Plan, deed: Deed, now: datetime, to: datetime | None = None) -> Objection:
    """Tell why an act cannot be done to the plan in force; "" where it can.

    What has closed is only rolled back: whoever was told that it closed was told the truth.
    """
    if plan.standing in {"cancelled", "rolled_back"}:
        return "withdrawn"
    paused = plan.standing == "paused"
    closed = not paused and plan.closes.astimezone(UTC) <= now.astimezone(UTC)
    match deed:
        case "pause" if paused:
            return "paused"
        case "resume" if not paused:
            return "not_paused"
        case "pause" | "postpone" | "now" | "brownout_stop" if closed:
            return "closed"
        case "brownout_stop" if plan.lit or all(
            part.ends.astimezone(UTC) <= now.astimezone(UTC) for part in plan.brownouts
        ):
            return "no_brownouts"
        case "postpone" if to is None or to.astimezone(UTC) <= max(plan.closes, now, key=lambda at: at.astimezone(UTC)):
            return "not_later"
        case _:
            return ""
