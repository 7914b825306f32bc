"""What is remembered of retirements: whatever is edited and done, in whatever order, what was promised is not broken early."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.retirement import (
    Act,
    Capability,
    Deed,
    Memory,
    Plan,
    allows,
    done,
    in_force,
    memory_of,
    memory_text,
    objection,
    rule,
)
from tests.bot.retirement.samples import SCOPES, plans, rich_plans

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DAYS = st.integers(-100, 400).map(lambda days: timedelta(days=days))
#: What a file may say at each of some moments: nothing, or a date and a word of its own.
EDITS = st.tuples(DAYS, st.none() | DAYS, st.sampled_from(["", "why", "cancelled", "reopened"]))
ACTS = st.tuples(DAYS, st.sampled_from(get_args(Deed)), DAYS)
WHY = {"en": "It cannot be helped."}


def _plan(base: Plan, days: timedelta, word: str) -> Plan:
    plan = replace(base, announced=NOON, closes=NOON + timedelta(days=100) + abs(days))
    field = {"why": "short_notice_reason", "cancelled": "cancelled", "reopened": "reopened"}.get(word)
    return replace(plan, **{field: WHY}) if field else plan  # type: ignore[arg-type]  # the fields that hold texts


def _lived(
    base: Plan, edits: list[tuple[timedelta, timedelta | None, str]], acts: list[tuple[timedelta, Deed, timedelta]]
) -> list[tuple[datetime, Memory, Memory]]:
    """Let edits and acts happen in the order of time; give each moment with what was remembered before and after."""
    moments: list[tuple[datetime, tuple[str, timedelta | None]]] = [
        (NOON + at, (word, days)) for at, days, word in edits
    ]
    moments += [(NOON + at, (f"act:{deed}", to)) for at, deed, to in acts]
    memory, found = Memory(), []
    for at, (what, days) in sorted(moments, key=lambda moment: moment[0]):
        before = memory
        if what.startswith("act:"):
            memory = _acted(memory, what.removeprefix("act:"), at, at + (days or timedelta()))  # type: ignore[arg-type]
        else:
            wanted = {} if days is None else {"buy": _plan(base, days, what)}
            memory, _ = rule(memory, wanted, at, version=str(at), alone=True)
        found.append((at, before, memory))
    return found


def _acted(memory: Memory, deed: Deed, at: datetime, to: datetime) -> Memory:
    plan = memory.in_force.get("buy")
    if plan is None or objection(plan, deed, at, to):
        return memory
    return done(memory, Act("buy", deed, at, "cli:test", "why", memory.plans["buy"].closing_key, to))


@settings(max_examples=60)
@given(plans(), st.lists(EDITS, max_size=6), st.lists(ACTS, max_size=6))
def test_what_closed_opens_again_only_by_its_word(
    base: Plan,
    edits: list[tuple[timedelta, timedelta | None, str]],
    acts: list[tuple[timedelta, Deed, timedelta]],
) -> None:
    """No edit and no act opens what has closed, but for `reopened`, a rollback, and what follows once it was taken back."""
    for at, before, after in _lived(base, edits, acts):
        old, new = before.in_force.get("buy"), after.in_force.get("buy")
        if old is not None and not allows(old, Capability.CHECKOUT_NEW, at):
            assert new is not None
            assert not allows(new, Capability.CHECKOUT_NEW, at) or new.standing == "rolled_back"


@settings(max_examples=60)
@given(plans(), st.lists(EDITS, max_size=6), st.lists(ACTS, max_size=6))
def test_an_announced_date_comes_sooner_only_with_a_reason_or_by_the_emergency_act(
    base: Plan, edits: list[tuple[timedelta, timedelta | None, str]], acts: list[tuple[timedelta, Deed, timedelta]]
) -> None:
    """What was announced never closes sooner than it was said to, unless the file says why or an admin closes it at once."""
    for at, before, after in _lived(base, edits, acts):
        old, new = before.in_force.get("buy"), after.in_force.get("buy")
        if old is None or new is None or old.standing in {"cancelled", "rolled_back"} or old.announced > at:
            continue
        if new.standing in {"cancelled", "rolled_back"}:
            continue
        by_hand = [act.deed for act in after.acts if act not in before.acts]
        assert new.closes >= old.closes or new.short_notice_reason or by_hand == ["now"] or old.closes <= at


@settings(max_examples=60)
@given(plans(), st.lists(EDITS, max_size=6), st.lists(ACTS, max_size=6))
def test_every_replica_reads_the_same(
    base: Plan, edits: list[tuple[timedelta, timedelta | None, str]], acts: list[tuple[timedelta, Deed, timedelta]]
) -> None:
    """What one replica wrote another reads whole, judging it again by the same file changes nothing, and plans are the same."""
    for at, _, after in _lived(base, edits, acts):
        read = memory_of(memory_text(after))
        assert read == after
        assert read.in_force == after.in_force
        again, rulings = rule(read, dict(after.plans), at, version="same", alone=True)
        assert again.plans == after.plans
        assert all(not ruling.verdict.refusal for ruling in rulings)


@given(rich_plans(), SCOPES, st.integers(0, 500).map(lambda days: timedelta(days=days)))
def test_a_postponement_is_never_early_for_anybody(plan: Plan, scope: object, later: timedelta) -> None:
    """Whoever's capability had not ended when it was postponed keeps it at least as long as before."""
    at = plan.announced
    act = Act("buy", "postpone", at, "cli:test", "why", plan.closing_key, plan.closes + later)
    after = in_force(plan, [act])
    for capability in (Capability.CHECKOUT_NEW, Capability.COMPLETE_OPEN, Capability.FULFIL):
        for moment in (at, plan.closes, plan.closes + later):
            if moment >= at and allows(plan, capability, moment, scope):  # type: ignore[arg-type]
                assert allows(after, capability, moment, scope)  # type: ignore[arg-type]
