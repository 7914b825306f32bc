"""What a shop remembers of its retirements: each plan as the file last held, the acts on it, and what an edit waits for.

It is one text in the database, so that whoever reads it, on whichever replica, finds the same plans in force.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from bot.retirement.acts import Act, in_force
from bot.retirement.edits import Refusal, Verdict, judge
from bot.retirement.plan import Plan
from bot.retirement.record import act_of, act_text, plan_of, plan_text


@dataclass(frozen=True, slots=True)
class Memory:
    """The retirements of a shop, as they hold."""

    #: By feature, as the file had it when it last held.
    plans: Mapping[str, Plan] = field(default_factory=dict)
    #: Oldest first. Those that had their day are gone from here; the audit log has them.
    acts: tuple[Act, ...] = ()
    #: The version of the config whose edits were judged last; "" where they are to be judged again.
    judged: str = ""
    #: By feature: why its edit was refused, and which edit that was.
    refused: Mapping[str, tuple[Refusal, str]] = field(default_factory=dict)
    #: By feature: the edit to a sooner date that waits for an admin, and the edit that one has agreed to.
    waiting: Mapping[str, Plan] = field(default_factory=dict)
    approved: Mapping[str, str] = field(default_factory=dict)

    def of(self, feature: str) -> tuple[Act, ...]:
        """Give the acts on a feature, oldest first."""
        return tuple(act for act in self.acts if act.feature == feature)

    @property
    def in_force(self) -> Mapping[str, Plan]:
        """Give the plans in force, by feature: what the file promised, after what was done by hand."""
        return MappingProxyType({feature: in_force(plan, self.acts) for feature, plan in self.plans.items()})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of the edit of one feature."""

    feature: str
    #: What was in force before.
    before: Plan | None
    verdict: Verdict
    #: Whether this very edit was refused for this very reason before.
    again: bool = False


def rule(
    memory: Memory, wanted: Mapping[str, Plan], now: datetime, *, version: str, alone: bool
) -> tuple[Memory, tuple[Ruling, ...]]:
    """Judge the edit of each feature from what is remembered to what the file (`version`) wants.

    `alone` says whether one admin is enough. Edits that are refused leave what is remembered of their feature as it is,
    and all others hold. An accepted edit of the date is newer than what was done by hand before it; but brownouts that were
    stopped stay so until the file has others.
    """
    plans: dict[str, Plan] = {}
    refused: dict[str, tuple[Refusal, str]] = {}
    waiting: dict[str, Plan] = {}
    spent: set[str] = set()
    kept: list[Act] = []
    rulings = []
    for feature in sorted({*memory.plans, *wanted}):
        known, new, acts = memory.plans.get(feature), wanted.get(feature), memory.of(feature)
        edit = fingerprint(new)
        verdict = judge(known, new, now, approved=alone or memory.approved.get(feature) == edit, acts=acts)
        if verdict.plan is not None:
            plans[feature] = verdict.plan
        if verdict.refusal:
            refused[feature] = (verdict.refusal, edit)
            if verdict.refusal in {"approval", "approval_part"} and new is not None:
                waiting[feature] = new
        elif verdict.change not in {"", "words", "part"}:
            spent.add(feature)
            kept += _stopped(known, verdict.plan, acts)
        before = in_force(known, acts) if known else None
        rulings.append(Ruling(feature, before, verdict, memory.refused.get(feature) == refused.get(feature)))
    acts = (*(act for act in memory.acts if act.feature not in spent), *kept)
    return Memory(plans, acts, version, refused, waiting), tuple(rulings)


def _stopped(known: Plan | None, new: Plan | None, acts: Iterable[Act]) -> Iterator[Act]:
    """Give the acts by which brownouts were stopped, as of the new date, where the file has the same brownouts still."""
    if known is None or new is None or known.brownouts != new.brownouts:
        return
    for act in acts:
        if act.deed == "brownout_stop" and act.on == known.closing_key:
            yield replace(act, on=new.closing_key)


def done(memory: Memory, act: Act) -> Memory:
    """Remember an act. What the file wants is judged again: it may hold now."""
    return replace(memory, acts=(*memory.acts, act), judged="")


def fingerprint(plan: Plan | None) -> str:
    """Name what a file wants of a feature, so that it is known again; "" where it wants nothing."""
    return hashlib.sha256(plan_text(plan).encode()).hexdigest()[:16] if plan else ""


def memory_text(memory: Memory) -> str:
    """Write a memory; the same memory gives the same text."""
    content = {
        "plans": {feature: plan_text(plan) for feature, plan in memory.plans.items()},
        "acts": [act_text(act) for act in memory.acts],
        "judged": memory.judged,
        "refused": {feature: list(each) for feature, each in memory.refused.items()},
        "waiting": {feature: plan_text(plan) for feature, plan in memory.waiting.items()},
        "approved": dict(memory.approved),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=4)
def memory_of(text: str) -> Memory:
    """Read a memory that `memory_text` wrote. It is read with every order, and changes a few times in a shop's life."""
    raw = json.loads(text)
    return Memory(
        plans={feature: plan_of(plan) for feature, plan in raw["plans"].items()},
        acts=tuple(act_of(act) for act in raw["acts"]),
        judged=raw["judged"],
        refused={feature: (why, edit) for feature, (why, edit) in raw["refused"].items()},
        waiting={feature: plan_of(plan) for feature, plan in raw["waiting"].items()},
        approved=raw["approved"],
    )
