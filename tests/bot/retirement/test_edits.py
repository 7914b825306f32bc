"""What an edit of a retirement may do: a promise that was made is kept, or broken aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from bot.retirement import Act, Capability, Exemption, Override, Plan, Scope, Stage, judge, stage
from tests.bot.retirement.samples import INSTANTS, plans

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLAN = Plan("buy", NOON, NOON + 60 * DAY, ZoneInfo("Europe/Paris"))
BEFORE, DURING, AFTER = NOON - DAY, NOON + DAY, NOON + 61 * DAY
WHY = {"en": "The platform gave no notice."}


def test_what_nobody_was_told_of_may_be_changed_and_dropped() -> None:
    """Before the announcement every edit holds."""
    assert judge(PLAN, None, BEFORE, approved=False).change == "dropped"
    sooner = replace(PLAN, closes=NOON + 31 * DAY)
    assert judge(PLAN, sooner, BEFORE, approved=False).plan == sooner


def test_on_first_sight_it_is_believed() -> None:
    """A plan that was announced in the past, or has closed already, holds when it is first seen."""
    for now in (BEFORE, DURING, AFTER):
        assert judge(None, PLAN, now, approved=False).plan == PLAN
    assert judge(None, None, DURING, approved=False).change == ""


def test_later_is_accepted_and_said() -> None:
    """A later closing holds, without a second admin."""
    later = replace(PLAN, closes=PLAN.closes + DAY)
    verdict = judge(PLAN, later, DURING, approved=False)
    assert (verdict.plan, verdict.change, verdict.refusal) == (later, "later", "")


def test_sooner_needs_its_reason_and_its_approval() -> None:
    """An earlier closing is refused without a reason, then without approval; refused, the old one stays in force."""
    sooner = replace(PLAN, closes=PLAN.closes - DAY)
    assert judge(PLAN, sooner, DURING, approved=True).refusal == "why"
    told = replace(sooner, short_notice_reason=WHY)
    refused = judge(PLAN, told, DURING, approved=False)
    assert (refused.plan, refused.refusal) == (PLAN, "approval")
    assert judge(PLAN, told, DURING, approved=True).change == "sooner"


def test_a_table_that_goes_away_is_refused_with_what_to_write() -> None:
    """After the announcement it must be called off, after the closing taken back; each in its own word."""
    assert judge(PLAN, None, DURING, approved=True).refusal == "removed"
    assert judge(PLAN, None, AFTER, approved=True).refusal == "removed_closed"
    off = replace(PLAN, cancelled=WHY)
    back = replace(PLAN, reopened=WHY)
    assert judge(PLAN, off, DURING, approved=False).change == "cancelled"
    assert judge(PLAN, off, AFTER, approved=False).refusal == "cancelled_closed"
    assert judge(PLAN, back, AFTER, approved=False).change == "reopened"
    assert judge(PLAN, back, DURING, approved=False).refusal == "reopened_open"


def test_what_was_called_off_or_taken_back_is_open_and_can_go() -> None:
    """Nobody is promised anything any more: everything is open, and the table may be taken out."""
    off = judge(PLAN, replace(PLAN, cancelled=WHY), DURING, approved=False).plan
    back = judge(PLAN, replace(PLAN, reopened=WHY), AFTER, approved=False).plan
    assert off is not None
    assert back is not None
    assert stage(off, AFTER) is Stage.OPEN
    assert stage(back, AFTER) is Stage.ROLLED_BACK
    assert judge(off, None, DURING, approved=False).change == "dropped"
    assert judge(back, None, AFTER, approved=False).change == "dropped"
    assert judge(off, replace(off, standing=""), DURING, approved=False) == judge(off, off, DURING, approved=False)


def test_a_closed_shop_is_not_opened_by_a_date() -> None:
    """After the closing another date is refused, in either direction."""
    for by in (DAY, -DAY):
        moved = replace(PLAN, closes=PLAN.closes + 30 * by, short_notice_reason=WHY)
        assert judge(PLAN, moved, AFTER, approved=True).refusal == "moved_closed"


def test_words_are_free() -> None:
    """Reason, contact and alternatives may change at any time; that is no change of what was promised."""
    for now in (BEFORE, DURING, AFTER):
        verdict = judge(PLAN, replace(PLAN, contact="shop@example.org"), now, approved=False)
        assert (verdict.change, verdict.refusal) == ("words", "")
    assert judge(PLAN, PLAN, DURING, approved=False).change == ""


SLACK = Scope("slack")


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (PLAN, replace(PLAN, overrides=(Override(SLACK, NOON + 5 * DAY),))),
        (PLAN, replace(PLAN, given={Capability.REFUND: NOON + 62 * DAY, Capability.FULFIL: NOON + 61 * DAY})),
        (replace(PLAN, exemptions=(Exemption("the fair", SLACK, NOON + 80 * DAY),)), PLAN),
        (
            replace(PLAN, overrides=(Override(SLACK, NOON + 90 * DAY),)),
            replace(PLAN, closes=PLAN.closes + DAY),
        ),
    ],
)
def test_a_part_that_ends_sooner_needs_its_reason_and_its_approval(known: Plan, new: Plan) -> None:
    """An override, a capability's own instant, an exception that goes: for whom it ends sooner, that is a sooner date."""
    refused = judge(known, new, DURING, approved=True)
    assert (refused.plan, refused.refusal) == (known, "why_part")
    told = replace(new, short_notice_reason=WHY)
    assert judge(known, told, DURING, approved=False).refusal == "approval_part"
    assert judge(known, told, DURING, approved=True).plan == told
    assert judge(new, replace(known, closes=new.closes), DURING, approved=False).refusal == ""


def test_a_part_that_has_ended_can_be_written_as_ending_even_sooner() -> None:
    """What is over is over, whatever the file says of when: that breaks no promise."""
    known = replace(PLAN, given={Capability.LIST_NEW: NOON + DAY})
    new = replace(PLAN, given={Capability.LIST_NEW: NOON})
    assert judge(known, new, NOON + 2 * DAY, approved=False).change == "part"


def test_a_postponed_closing_is_what_was_promised() -> None:
    """After a postponement by command, a date of the file that is sooner than that one breaks the promise."""
    act = Act("buy", "postpone", DURING, "an admin", "more time", PLAN.closing_key, PLAN.closes + 30 * DAY)
    between = replace(PLAN, closes=PLAN.closes + 10 * DAY)
    assert judge(PLAN, between, DURING, approved=True, acts=[act]).refusal == "why"
    beyond = replace(PLAN, closes=PLAN.closes + 40 * DAY)
    assert judge(PLAN, beyond, DURING, approved=True, acts=[act]).change == "later"


@given(plans(), plans(), INSTANTS)
def test_nothing_announced_ends_sooner_without_a_reason(known: Plan, new: Plan, now: datetime) -> None:
    """Whatever the edit: what was announced and stands never closes sooner without a reason and a second admin."""
    if known.announced <= now < known.closes:
        kept = judge(known, new, now, approved=False).plan
        assert kept is not None
        assert kept.closes >= known.closes
        assert judge(known, None, now, approved=True).plan == known
