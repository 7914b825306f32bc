"""Judging: what an edit of the config does to retirements that were announced, in the unit that remembers and logs it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Final

from bot.audit import Entry
from bot.desk import Desk
from bot.errors import Problem
from bot.outbox import alert_in
from bot.ports import Unit
from bot.replicas import active_in
from bot.retirement import Memory, Plan, Refusal, Ruling, memory_of, memory_text, rule
from bot.settings import Settings

_log: Final = logging.getLogger(__name__)

#: What an edit is called in the log of what operators did, before what became of it.
_EDIT: Final = "retire.edit_"
#: The fact that holds the memory.
_FACT: Final = "retirements"

#: Of each refusal: the key of the table that is at fault, what is wrong, and what would be right.
_SAID: Final[dict[Refusal, tuple[str, str, str]]] = {
    "removed": (
        "",
        "was announced and is gone from the file",
        'put it back; to call it off, write cancelled = "why" in it',
    ),
    "removed_closed": (
        "",
        "has closed and is gone from the file",
        'put it back; to open again, write reopened = "why" in it',
    ),
    "cancelled_closed": ("cancelled", "has closed already", 'write reopened = "why" instead'),
    "reopened_open": ("reopened", "has not closed yet", 'write cancelled = "why" instead'),
    "moved_closed": (
        "closes",
        "has closed already, at {closes}",
        'write that instant again; to open again, write reopened = "why"',
    ),
    "why": (
        "closes",
        "is sooner than {closes}, which was announced",
        'write that instant or a later one, or say why in short_notice_reason = "…"',
    ),
    "why_part": (
        "",
        "ends something sooner than was announced",
        'write its instants again or later ones, or say why in short_notice_reason = "…"',
    ),
    "approval_part": (
        "",
        "ends something sooner than was announced, and waits for an admin",
        "say /shop retire approve {feature}, or write its instants again or later ones",
    ),
    "passed": ("delete", "has passed already", "write an instant that is still to come"),
    "approval": (
        "closes",
        "is sooner than {closes}, which was announced, and waits for an admin",
        "say /shop retire approve {feature}, or write that instant or a later one",
    ),
}


async def remembered(unit: Unit) -> Memory | None:
    """Give what is remembered, the same until the unit ends; None in a shop that never judged a file."""
    text = await unit.facts.hold(_FACT)
    return memory_of(text) if text else None


async def to_change(unit: Unit) -> Memory:
    """Give what is remembered, to be changed in this unit alone."""
    text = await unit.facts.get(_FACT)
    return memory_of(text) if text else Memory()


async def remember(unit: Unit, memory: Memory) -> None:
    """Keep a memory."""
    await unit.facts.put(_FACT, memory_text(memory))


async def judge_edits(desk: Desk, unit: Unit, settings: Settings, *, before: str = "") -> Memory | None:
    """Judge what a file wants of each retirement, and give what holds from now on.

    Only what the active version of the config wants is judged; `before` is the version that this one takes the place of.
    Accepted and refused edits are logged, and admins are told once of each that was refused.
    """
    active = await active_in(unit)
    if active not in {None, settings.digest, before}:
        return await remembered(unit)
    old = await to_change(unit)
    if old.judged == settings.digest:
        return old
    alone = settings.approval.admins == 1
    new, rulings = rule(old, settings.plans, desk.clock.shows(unit.now), version=settings.digest, alone=alone)
    await remember(unit, new)
    for ruling in rulings:
        if ruling.verdict.refusal and not ruling.again:
            text = str(_problem(settings, ruling.feature, ruling.verdict.refusal, ruling.before))
            number = await unit.facts.add("alerts", 1)
            await alert_in(desk, unit, f"alert:{number}", text)
            await unit.audit.add(_entry(ruling, settings, refusal=ruling.verdict.refusal))
        elif ruling.verdict.change:
            await unit.audit.add(_entry(ruling, settings))
            _log.info("retirement edited", extra={"feature": ruling.feature, "change": ruling.verdict.change})
    return new


def problems(settings: Settings, memory: Memory | None) -> Sequence[str]:
    """Say of each edit that was refused file, line and key, what is wrong, and what would be right."""
    return tuple(_problems(settings, memory)) if memory and memory.judged == settings.digest else ()


def _problems(settings: Settings, memory: Memory) -> Iterator[str]:
    for feature, (refusal, _) in memory.refused.items():
        yield str(_problem(settings, feature, refusal, memory.in_force.get(feature)))


def _problem(settings: Settings, feature: str, refusal: Refusal, held: Plan | None) -> Problem:
    key, what, instead = _SAID[refusal]
    closes = held.closes.astimezone(held.zone).isoformat() if held else ""
    name = ".".join(part for part in ("retirement", feature, key) if part)
    line = settings.retirement_lines.get((feature, key), 0)
    return Problem(settings.file, line, name, what.format(closes=closes), instead.format(feature=feature))


def _entry(ruling: Ruling, settings: Settings, *, refusal: Refusal = "") -> Entry:
    plan, before = ruling.verdict.plan, ruling.before
    wanted = settings.plans.get(ruling.feature)
    details = {
        "before": before.closes.isoformat() if before else "",
        "closes": wanted.closes.isoformat() if wanted else "",
        **({"refusal": refusal} if refusal else {}),
    }
    reasons = (plan.cancelled or plan.reopened or plan.short_notice_reason or plan.reason) if plan else {}
    return Entry(
        who="config",
        what=_EDIT + ("refused" if refusal else ruling.verdict.change),
        subject=ruling.feature,
        why=next(iter(reasons.values()), ""),
        config=settings.digest,
        details=json.dumps(details, sort_keys=True),
    )
