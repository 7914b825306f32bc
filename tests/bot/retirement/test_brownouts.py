"""Brownouts as the calendar has them: never before the announcement has arrived, and never for what is begun."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facing import browned, closed, facing, scope_of
from bot.money import Money
from bot.orders import Buyer, Order, State
from bot.retirement import (
    Act,
    Brownout,
    Capability,
    Exemption,
    Plan,
    Scope,
    Stage,
    brownout,
    in_force,
    judge,
    objection,
    stage,
)
from bot.retirement.record import plan_of, plan_text
from tests.bot.retirement.samples import INSTANTS, SCOPES, UNIT, rich_plans

NEW = {Capability.CHECKOUT_NEW, Capability.SUBSCRIBE_NEW}
ANNOUNCED = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
FIRST = Brownout(datetime(2026, 3, 20, 12, tzinfo=UTC), datetime(2026, 3, 20, 13, tzinfo=UTC))
SECOND = Brownout(datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 3, 27, 15, tzinfo=UTC))
PLAN = Plan("buy", ANNOUNCED, CLOSES, ZoneInfo("Europe/Paris"), brownouts=(FIRST, SECOND), delivered=True)
WINDOWS = st.lists(
    st.builds(lambda at, long: Brownout(at, at + long), INSTANTS, st.timedeltas(UNIT, timedelta(days=4000))), max_size=4
)


@st.composite
def nights(draw: st.DrawFn) -> tuple[Plan, datetime]:
    """Draw a plan that was announced and has not closed, and an instant in one of its brownouts, or beside all of them."""
    plan = draw(rich_plans())
    now = plan.announced + draw(st.floats(0, 1, exclude_max=True)) * (plan.closes - plan.announced)
    before, after = draw(
        st.tuples(st.timedeltas(timedelta(0), timedelta(days=2)), st.timedeltas(UNIT, timedelta(days=2)))
    )
    around = [Brownout(now - before, now + after)] if draw(st.booleans()) else []
    return replace(plan, brownouts=(*draw(WINDOWS), *around)), now


@given(nights(), SCOPES, st.sampled_from([(True, False), (True, True), (False, False)]))
def test_it_touches_nothing_that_is_begun_or_paid(
    drawn: tuple[Plan, datetime], scope: Scope, acts: tuple[bool, bool]
) -> None:
    """Whatever the windows: each capability ends when it would without them, and only what begins something new waits."""
    (dark, now), (arrived, lit) = drawn, acts
    dark, plan = replace(dark, delivered=arrived, lit=lit), replace(dark, brownouts=())
    for capability in Capability:
        assert bool(closed([dark], capability, now, scope)) == bool(closed([plan], capability, now, scope))
        faced = facing([dark], now, scope, capability)
        assert faced.closed == facing([plan], now, scope, capability).closed
        assert not (faced.browned and faced.closed)
        if capability not in NEW:
            assert not faced.browned
    on = browned([dark], now, scope)
    if on is not None:
        assert arrived
        assert not lit
        assert plan.announced <= now
        assert any(part.starts <= now < part.ends for part in dark.brownouts)
        assert stage(dark, now, scope) is Stage.BROWNOUT
    assert stage(replace(dark, delivered=False), now, scope) is not Stage.BROWNOUT


def test_it_is_half_open() -> None:
    """On from the start, off from the end, to the microsecond, and the stage says so."""
    assert brownout(PLAN, FIRST.starts - UNIT) is None
    assert brownout(PLAN, FIRST.starts) == brownout(PLAN, FIRST.ends - UNIT) == FIRST
    assert brownout(PLAN, FIRST.ends) is None
    assert [stage(PLAN, at) for at in (FIRST.starts - UNIT, FIRST.starts, FIRST.ends)] == [
        Stage.ANNOUNCED,
        Stage.BROWNOUT,
        Stage.ANNOUNCED,
    ]


@pytest.mark.parametrize(
    "plan",
    [
        replace(PLAN, delivered=False),
        replace(PLAN, lit=True),
        replace(PLAN, standing="paused"),
        replace(PLAN, standing="rolled_back"),
        replace(PLAN, standing="cancelled"),
        replace(PLAN, announced=FIRST.ends),
        replace(PLAN, closes=FIRST.starts),
        replace(PLAN, exemptions=(Exemption("all of Slack", Scope(platform="slack"), CLOSES),)),
    ],
)
def test_there_is_none_where_there_may_be_none(plan: Plan) -> None:
    """Not delivered, stopped, halted, not announced, closed, or exempt: then nothing waits."""
    assert brownout(plan, FIRST.starts, Scope(platform="slack")) is None


def test_a_gift_has_no_brownout() -> None:
    """Who asks what a retirement says of a gift is mistaken, and is told so."""
    gift = Order(
        id="G",
        kind="donate",
        state=State.AWAITING,
        buyer=Buyer("web", "ann", "ann", "", "en"),
        total=Money(100, "EUR"),
        created=FIRST.starts,
        asked_by="k",
        account="",
        livemode=False,
        expires=FIRST.ends,
    )
    with pytest.raises(ValueError, match="gift"):
        browned([PLAN], FIRST.starts, scope_of(gift))


def test_stopped_by_hand_none_comes_any_more() -> None:
    """The act ends the one that is on and those to come; a second time there is nothing to stop; the date stays."""
    at = FIRST.starts + timedelta(minutes=5)
    bare = replace(PLAN, delivered=False)
    arrived = Act("buy", "delivered", ANNOUNCED, "tillbot", "", bare.closing_key)
    stop = Act("buy", "brownout_stop", at, "ann", "", bare.closing_key)
    assert brownout(in_force(bare, []), at) is None
    assert brownout(in_force(bare, [arrived]), at) == FIRST
    after = in_force(bare, [arrived, stop])
    assert brownout(after, at) is brownout(after, SECOND.starts) is None
    assert after.closes == CLOSES
    assert objection(PLAN, "brownout_stop", at) == ""
    assert objection(after, "brownout_stop", at) == objection(PLAN, "brownout_stop", SECOND.ends) == "no_brownouts"
    assert objection(PLAN, "brownout_stop", CLOSES) == "closed"


def test_a_pause_moves_what_is_to_come_and_makes_none_longer() -> None:
    """Paused in the first brownout for a day: that one is over, and the second comes a day later."""
    at = FIRST.starts + timedelta(minutes=5)
    acts = [
        Act("buy", "pause", at, "ann", "", PLAN.closing_key),
        Act("buy", "resume", at + timedelta(days=1), "ann", "", PLAN.closing_key),
    ]
    later = in_force(PLAN, acts)
    assert later.brownouts == (FIRST, Brownout(SECOND.starts + timedelta(days=1), SECOND.ends + timedelta(days=1)))


def test_closed_at_once_it_has_those_brownouts_that_there_were() -> None:
    """One that had been put off, or that came while all was on hold, never was: nobody reads of it once Buy has closed."""
    day = timedelta(days=1)
    off = Act("buy", "postpone", ANNOUNCED + day, "ann", "", PLAN.closing_key, CLOSES + 30 * day)
    at_once = Act("buy", "now", SECOND.ends + day, "ann", "", PLAN.closing_key)
    assert in_force(PLAN, [off, at_once]).brownouts == ()
    pause = Act("buy", "pause", FIRST.ends + day, "ann", "", PLAN.closing_key)
    assert in_force(PLAN, [pause, at_once]).brownouts == (FIRST,)
    assert in_force(PLAN, [at_once]).brownouts == (FIRST, SECOND)


def test_a_new_brownout_of_what_was_announced_is_an_end_that_comes_sooner() -> None:
    """It says why and waits for a second admin; one that is shorter, or taken away, is a kindness."""
    now = ANNOUNCED + timedelta(days=1)
    bare = replace(PLAN, brownouts=(), delivered=False)
    file = replace(PLAN, delivered=False)
    assert judge(bare, file, now, approved=True).refusal == "why_part"
    why = replace(file, short_notice_reason={"en": "x"})
    assert judge(bare, why, now, approved=False).refusal == "approval_part"
    assert judge(bare, why, now, approved=True).change == "part"
    assert judge(file, bare, now, approved=False).change == "part"
    shorter = replace(file, brownouts=(FIRST, replace(SECOND, ends=SECOND.ends - timedelta(hours=1))))
    assert judge(file, shorter, now, approved=False).change == "part"
    longer = replace(file, brownouts=(FIRST, replace(SECOND, ends=SECOND.ends + UNIT)))
    assert judge(file, longer, now, approved=False).refusal == "why_part"


def test_it_is_remembered() -> None:
    """A plan with brownouts is the same after it was written and read."""
    assert plan_of(plan_text(PLAN)) == PLAN
