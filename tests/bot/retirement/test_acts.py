"""The operator's hand on a plan: nothing it does makes an end come early, but the one that says now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.retirement import (
    Act,
    Capability,
    Deed,
    Override,
    Plan,
    Scope,
    Stage,
    allows,
    in_force,
    objection,
    schedule,
    stage,
)
from tests.bot.retirement.samples import INSTANTS, SCOPES, plans, rich_plans

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = Plan("buy", NOON, NOON + 60 * DAY, ZoneInfo("Europe/Paris"))


def act(deed: Deed, at: datetime, to: datetime | None = None, plan: Plan = PLAN) -> Act:
    return Act(plan.feature, deed, at, "an admin", "a reason", plan.closing_key, to)


def test_a_pause_gives_back_the_days_it_took() -> None:
    """While paused nothing closes; resumed, everything that had not come yet comes as much later as the pause was long."""
    pause, resume = act("pause", NOON + 10 * DAY), act("resume", NOON + 15 * DAY)
    paused = in_force(PLAN, [pause])
    assert stage(paused, NOON + 100 * DAY) is Stage.PAUSED
    resumed = in_force(PLAN, [pause, resume])
    assert resumed.closes == PLAN.closes + 5 * DAY
    assert resumed.announced == PLAN.announced
    assert resumed.standing == "postponed"
    assert in_force(PLAN, [pause, pause, resume, resume]) == resumed


def test_a_postponement_takes_along_what_hangs_on_it() -> None:
    """A later closing moves what was given for after it as well, and leaves what is past where it was."""
    own = replace(PLAN, given={Capability.FULFIL: NOON + 70 * DAY, Capability.SUBSCRIBE_NEW: NOON + DAY})
    later = in_force(own, [act("postpone", NOON + 2 * DAY, NOON + 90 * DAY)])
    assert later.closes == NOON + 90 * DAY
    assert schedule(later)[Capability.FULFIL] == NOON + 100 * DAY
    assert schedule(later)[Capability.SUBSCRIBE_NEW] == NOON + DAY


def test_what_was_on_hold_over_its_date_moves_whole() -> None:
    """Put off or closed after the date had passed on hold, what was given for after it still comes as long after it."""
    part = Override(Scope("slack"), NOON + 62 * DAY)
    ends = {Capability.COMPLETE_OPEN: NOON + 61 * DAY, Capability.FULFIL: NOON + 63 * DAY}
    own = replace(PLAN, given=ends, overrides=(part,))
    pause, at = act("pause", NOON + 50 * DAY), NOON + 64 * DAY
    later = in_force(own, [pause, act("postpone", at, NOON + 90 * DAY)])
    assert schedule(later)[Capability.COMPLETE_OPEN] == NOON + 91 * DAY
    assert schedule(later)[Capability.FULFIL] == NOON + 93 * DAY
    assert schedule(later, Scope("slack"))[Capability.CHECKOUT_NEW] == NOON + 92 * DAY
    closed = in_force(own, [pause, act("now", at)])
    assert closed.closes == at
    assert schedule(closed)[Capability.FULFIL] == at + 3 * DAY


def test_a_rollback_opens_again() -> None:
    """Taken back after it closed, Buy is open, and is seen to have been taken back."""
    back = in_force(PLAN, [act("rollback", NOON + 61 * DAY)])
    assert stage(back, NOON + 62 * DAY) is Stage.ROLLED_BACK


def test_now_closes_everywhere_at_that_instant() -> None:
    """The emergency close spares no scope, and keeps the time for delivering and giving back."""
    at = NOON + 3 * DAY
    closed = in_force(PLAN, [act("now", at)])
    assert closed.closes == at
    assert stage(closed, at).closed
    assert schedule(closed)[Capability.REFUND] > at
    early = in_force(PLAN, [act("now", NOON - DAY)])
    assert stage(early, NOON - DAY).closed


def test_now_deletes_nothing_sooner() -> None:
    """The emergency close of selling leaves until when people can look up, take along and keep what is theirs."""
    ends = {Capability.HISTORY: NOON + 62 * DAY, Capability.EXPORT: NOON + 63 * DAY, Capability.DELETE: NOON + 64 * DAY}
    slack = Override(Scope("slack"), NOON + 70 * DAY, {Capability.DELETE: NOON + 90 * DAY})
    own = replace(PLAN, given={**ends, Capability.FULFIL: NOON + 61 * DAY}, overrides=(slack,))
    closed = in_force(own, [act("now", NOON + 3 * DAY)])
    assert {each: schedule(closed)[each] for each in ends} == ends
    assert schedule(closed)[Capability.FULFIL] == NOON + 4 * DAY
    assert schedule(closed, slack.scope)[Capability.DELETE] == NOON + 90 * DAY
    assert schedule(closed, slack.scope)[Capability.CHECKOUT_NEW] == NOON + 3 * DAY


@given(rich_plans(), SCOPES, INSTANTS, st.none() | INSTANTS)
def test_no_act_at_all_deletes_sooner(plan: Plan, scope: Scope, at: datetime, paused: datetime | None) -> None:
    """Whatever plan is closed at once, on hold or not: nobody's history is deleted before the day that was announced."""
    on_hold = [act("pause", min(paused, at), plan=plan)] if paused else []
    after = schedule(in_force(plan, [*on_hold, act("now", at, plan=plan)]), scope)
    before = schedule(plan, scope)
    assert (Capability.DELETE in after) == (Capability.DELETE in before)
    if Capability.DELETE in before:
        assert after[Capability.DELETE] >= before[Capability.DELETE]


def test_an_act_has_its_day_until_the_file_names_another_closing() -> None:
    """A date that is edited later is the newer word: what was postponed before that is not postponed again."""
    later = act("postpone", NOON, NOON + 90 * DAY)
    edited = replace(PLAN, closes=NOON + 120 * DAY)
    assert in_force(edited, [later]) == edited
    assert in_force(replace(PLAN, feature="product.mug"), [later]).closes == PLAN.closes


@given(
    rich_plans(),
    SCOPES,
    st.lists(st.tuples(st.sampled_from(["pause", "resume", "rollback"]), INSTANTS), max_size=6),
)
def test_no_act_but_now_makes_anything_earlier(plan: Plan, scope: Scope, acts: list[tuple[Deed, datetime]]) -> None:
    """Pausing, resuming and rolling back in any order: no capability ends before the instant it was announced for."""
    done = [act(deed, at, plan=plan) for deed, at in sorted(acts, key=lambda pair: pair[1])]
    after = schedule(in_force(plan, done), scope)
    assert all(after[capability] >= ends for capability, ends in schedule(plan, scope).items())


@given(rich_plans(), INSTANTS, INSTANTS)
def test_the_same_acts_give_the_same_plan(plan: Plan, at: datetime, to: datetime) -> None:
    """What is in force depends on plan and acts alone, so that every replica says the same."""
    acts = [act("pause", at, plan=plan), act("postpone", max(at, to), to, plan)]
    assert in_force(plan, acts) == in_force(plan, tuple(acts))


@given(
    plans(),
    st.lists(st.tuples(st.sampled_from(get_args(Deed)), st.timedeltas(DAY, 800 * DAY), st.timedeltas(-DAY, 90 * DAY))),
)
def test_what_has_closed_stays_closed_until_it_is_taken_back(
    plan: Plan, wishes: list[tuple[Deed, timedelta, timedelta]]
) -> None:
    """Whatever is allowed to be done to a plan, in any order: only a rollback opens again what has closed."""
    acts: list[Act] = []
    closed = False
    for deed, after, put_off in sorted(wishes, key=lambda wish: wish[1]):
        at = plan.announced.astimezone(UTC) + after
        now = in_force(plan, acts)
        assert not (closed and allows(now, Capability.CHECKOUT_NEW, at)), "time alone opens nothing"
        closed = not allows(now, Capability.CHECKOUT_NEW, at)
        to = now.closes + put_off
        if objection(now, deed, at, to):
            continue
        if deed == "rollback":
            return
        acts.append(act(deed, at, to, plan))
        assert not (closed and allows(in_force(plan, acts), Capability.CHECKOUT_NEW, at)), f"{deed} opened it again"
