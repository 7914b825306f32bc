"""The retirement engine: what ends, when, for whom, and where to go instead. Pure data and pure functions."""

from __future__ import annotations

from bot.retirement.acts import Act, Deed, Done, Objection, in_force, objection
from bot.retirement.alternatives import address, alternatives
from bot.retirement.calendar import (
    ANYWHERE,
    SOON,
    Stage,
    allows,
    brownout,
    closes_at,
    covers,
    left,
    plan_for,
    schedule,
    speaking,
    stage,
)
from bot.retirement.capabilities import Capability, disorder
from bot.retirement.edits import NOTICE, Change, Refusal, Verdict, judge
from bot.retirement.memory import Memory, Ruling, done, fingerprint, memory_of, memory_text, rule
from bot.retirement.parts import Stand, parts, stand
from bot.retirement.plan import (
    PLACEHOLDERS,
    Alternative,
    Brownout,
    Exemption,
    Fuse,
    Leftovers,
    Override,
    Plan,
    Reminders,
    Scope,
    Standing,
)
from bot.retirement.record import stand_of, stand_text
from bot.retirement.steps import Step, allowed, days_left, due, is_quiet, months_before, steps

__all__ = [
    "ANYWHERE",
    "NOTICE",
    "PLACEHOLDERS",
    "SOON",
    "Act",
    "Alternative",
    "Brownout",
    "Capability",
    "Change",
    "Deed",
    "Done",
    "Exemption",
    "Fuse",
    "Leftovers",
    "Memory",
    "Objection",
    "Override",
    "Plan",
    "Refusal",
    "Reminders",
    "Ruling",
    "Scope",
    "Stage",
    "Stand",
    "Standing",
    "Step",
    "Verdict",
    "address",
    "allowed",
    "allows",
    "alternatives",
    "brownout",
    "closes_at",
    "covers",
    "days_left",
    "disorder",
    "done",
    "due",
    "fingerprint",
    "in_force",
    "is_quiet",
    "judge",
    "left",
    "memory_of",
    "memory_text",
    "months_before",
    "objection",
    "parts",
    "plan_for",
    "rule",
    "schedule",
    "speaking",
    "stage",
    "stand",
    "stand_of",
    "stand_text",
    "steps",
]
