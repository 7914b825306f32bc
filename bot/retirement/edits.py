"""What an edit of a retirement may do: what was announced is a promise, and only some edits keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from bot.retirement.acts import Act, in_force
from bot.retirement.calendar import ANYWHERE, left, schedule
from bot.retirement.capabilities import Capability
from bot.retirement.plan import Plan, Scope

#: With less notice than this, a retirement says why.
NOTICE: Final = timedelta(days=30)
_NOTHING: Final = timedelta(0)
#: Plans that stand so promise nothing any more.
_RELEASED: Final = frozenset({"cancelled", "rolled_back"})

#: "part": the date stays, and something else ends at another instant, or for others.
Change = Literal["", "begun", "dropped", "later", "sooner", "part", "cancelled", "reopened", "words"]
#: Why an edit is refused; each has its sentence.
Refusal = Literal[
    "",
    "removed",
    "removed_closed",
    "cancelled_closed",
    "reopened_open",
    "moved_closed",
    "why",
    "why_part",
    "approval",
    "approval_part",
    "passed",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an edit: the plan of the file that holds now, what it changed, or why it changed nothing."""

    plan: Plan | None
    change: Change = ""
    refusal: Refusal = ""


def judge(known: Plan | None, new: Plan | None, now: datetime, *, approved: bool, acts: Iterable[Act] = ()) -> Verdict:
    """Judge an edit from the plan that is `known`, as the file had it when it last held, to the `new` one of the file.

    `approved` says whether a second admin has agreed to this very plan, or no second one is needed. What counts as
    promised is the known plan with the `acts` on it. A plan that nobody was told of yet may be changed and dropped at
    will. On first sight an `announced` in the past is believed; but nothing is deleted before people could read of it.
    """
    if known is None:
        closed = new is not None and left(new.closes, now) <= _NOTHING
        return _read_in_time(_said(new, closed=closed), "begun", now, approved=approved) if new else Verdict(None)
    held = in_force(known, acts)
    closed = left(held.closes, now) <= _NOTHING
    if left(held.announced, now) > _NOTHING or held.standing in _RELEASED:
        return _free(known, new, now, closed=closed, approved=approved)
    if new is None:
        return Verdict(known, refusal="removed_closed" if closed else "removed")
    if new.cancelled or new.reopened:
        return _withdrawn(known, new, closed=closed)
    if _deletes_at_once(held, in_force(new, acts), now):
        return Verdict(known, refusal="passed")
    if new.closing_key == known.closing_key:
        if new == known:
            return Verdict(new)
        refusal = _hasty(held, in_force(new, acts), now, approved=approved)
        return Verdict(known, refusal=refusal) if refusal else Verdict(new, _same_date(known, new))
    return _dated(known, held, new, now, approved=approved)


def _free(known: Plan, new: Plan | None, now: datetime, *, closed: bool, approved: bool) -> Verdict:
    """Judge an edit of what binds nobody: not announced, or called off."""
    if new is None:
        return Verdict(None, "dropped")
    if replace(new, standing="") == replace(known, standing=""):
        return Verdict(known)  # it stands as it stood when this was said
    change: Change = "words" if new.closing_key == known.closing_key else "begun"
    return _read_in_time(_said(new, closed=closed), change, now, approved=approved)


def _read_in_time(plan: Plan, change: Change, now: datetime, *, approved: bool) -> Verdict:
    """Accept what binds nobody yet; histories that would be deleted sooner than people can hear of it stay, unless it says why.

    All else of it holds: a year that was mistyped deletes nothing, and keeps nothing open either.
    """
    if _deletes_at_once(None, plan, now):
        return Verdict(_undeleted(plan), change, "passed")
    days = (schedule(plan, scope).get(Capability.DELETE) for scope in _scopes(plan))
    if not any(day is not None and left(day, now) < NOTICE for day in days):
        return Verdict(plan, change)
    if not plan.short_notice_reason:
        return Verdict(_undeleted(plan), change, "why_part")
    return Verdict(plan, change) if approved else Verdict(_undeleted(plan), change, "approval_part")


def _deletes_at_once(held: Plan | None, new: Plan, now: datetime) -> bool:
    """Tell whether a day for deleting has passed that was not in force: nobody can mean that, whatever reason is given."""
    for scope in (*_scopes(new), *(_scopes(held) if held else ())):
        day = schedule(new, scope).get(Capability.DELETE)
        known = schedule(held, scope).get(Capability.DELETE) if held else None
        if day is not None and left(day, now) <= _NOTHING and (known is None or left(known, now) > _NOTHING):
            return True
    return False


def _scopes(plan: Plan) -> tuple[Scope, ...]:
    """Name every scope of which a plan may say something of its own."""
    return (ANYWHERE, *(part.scope for part in plan.overrides))


def _undeleted(plan: Plan) -> Plan:
    """Give a plan without a day on which histories are deleted."""
    overrides = (replace(part, instants=_without(part.instants)) for part in plan.overrides)
    return replace(plan, given=_without(plan.given), overrides=tuple(overrides))


def _without(given: Mapping[Capability, datetime]) -> Mapping[Capability, datetime]:
    return {capability: ends for capability, ends in given.items() if capability is not Capability.DELETE}


def _withdrawn(known: Plan, new: Plan, *, closed: bool) -> Verdict:
    """Judge that a plan is called off before it closes, or taken back after."""
    if closed and not new.reopened:
        return Verdict(known, refusal="cancelled_closed")
    if not closed and not new.cancelled:
        return Verdict(known, refusal="reopened_open")
    return Verdict(_said(new, closed=closed), "reopened" if closed else "cancelled")


def _dated(known: Plan, held: Plan, new: Plan, now: datetime, *, approved: bool) -> Verdict:
    """Judge another date for what was announced. Later is a kindness; sooner breaks a promise, and says why."""
    if left(held.closes, now) <= _NOTHING:
        return Verdict(known, refusal="moved_closed")
    if new.closes.astimezone(UTC) >= held.closes.astimezone(UTC):
        refusal = _hasty(held, new, now, approved=approved)
        return Verdict(known, refusal=refusal) if refusal else Verdict(new, "later")
    if not new.short_notice_reason:
        return Verdict(known, refusal="why")
    return Verdict(new, "sooner") if approved else Verdict(known, refusal="approval")


def _same_date(known: Plan, new: Plan) -> Change:
    """Tell whether an edit that leaves the date alone changes what else ends when, or words alone."""
    kept, asked = (
        (plan.announced, plan.given, plan.overrides, plan.exemptions, plan.products, plan.brownouts)
        for plan in (known, new)
    )
    return "words" if kept == asked else "part"


def _hasty(held: Plan, new: Plan, now: datetime, *, approved: bool) -> Refusal:
    """Tell why an edit may not end something sooner, for anybody, than what is in force; "" where it may, or does not."""
    scopes = {ANYWHERE}
    for plan in (held, new):
        scopes |= {part.scope for part in plan.overrides} | {part.scope for part in plan.exemptions}
    here = now.astimezone(UTC)
    sooner = any(
        capability not in known or max(ends, here) < max(known[capability], here)
        for known, asked in ((schedule(held, scope), schedule(new, scope)) for scope in scopes)
        for capability, ends in asked.items()
    )
    if not sooner and not _darker(held, new, here):
        return ""
    if not new.short_notice_reason:
        return "why_part"
    return "" if approved else "approval_part"


def _darker(held: Plan, new: Plan, now: datetime) -> bool:
    """Tell whether an edit has a brownout at a time to come at which none was announced."""
    known = [(part.starts.astimezone(UTC), part.ends.astimezone(UTC)) for part in held.brownouts]
    return any(
        ends > now and not any(starts <= max(begins, now) and ends <= until for starts, until in known)
        for begins, ends in ((part.starts.astimezone(UTC), part.ends.astimezone(UTC)) for part in new.brownouts)
    )


def _said(plan: Plan, *, closed: bool) -> Plan:
    """Give a plan of the file its standing, by what it says of itself."""
    if not (plan.cancelled or plan.reopened):
        return plan
    return replace(plan, standing="rolled_back" if closed and plan.reopened else "cancelled")
