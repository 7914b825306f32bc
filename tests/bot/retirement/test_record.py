"""What was announced is remembered whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given

from bot.money import Money
from bot.retirement import Act, Alternative, Leftovers, Plan, Reminders, Scope, schedule
from bot.retirement.record import act_of, act_text, plan_of, plan_text
from tests.bot.retirement.samples import INSTANTS, SCOPES, rich_plans

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@given(rich_plans(), SCOPES)
def test_a_plan_comes_back_as_it_went(plan: Plan, scope: Scope) -> None:
    """Written down and read again, a plan says the same of every scope, and is written the same again."""
    again = plan_of(plan_text(plan))
    assert schedule(again, scope) == schedule(plan, scope)
    assert again.closing_key == plan.closing_key
    assert plan_text(again) == plan_text(plan)


def test_every_field_is_kept() -> None:
    """Texts, places, reminders, leftovers and standing come back too."""
    place = Alternative(
        "A",
        "https://a.example/",
        ("mug",),
        {"en": "Saturdays."},
        ("FR",),
        ("fr",),
        Money(100, "EUR"),
        Money(900, "EUR"),
        NOON,
        NOON,
        "https://a.example/{sku}",
        "pinterest",
    )
    plan = Plan(
        "campaign.spring",
        NOON,
        NOON,
        ZoneInfo("Europe/Paris"),
        reason={"en": "R"},
        contact="c",
        short_notice_reason={"fr": "S"},
        alternatives=(place,),
        products=("mug", "print"),
        cancelled={"en": "C"},
        reminders=Reminders((7, 0), 3, (time(20, 30), time(9))),
        leftovers=Leftovers(monthly="now"),
        texts={"banner": {"en": "{date}"}},
        standing="cancelled",
    )
    assert plan_of(plan_text(plan)) == plan
    assert plan_of(plan_text(replace(plan, reminders=Reminders(quiet=None)))).reminders.quiet is None


def test_an_older_record_is_read() -> None:
    """What an older version did not write down has its default."""
    plan = Plan("buy", NOON, NOON, ZoneInfo("UTC"))
    raw = json.loads(plan_text(plan))
    for name in ("reminders", "leftovers", "texts", "exemptions"):
        del raw[name]
    assert plan_of(json.dumps(raw)) == plan


def test_a_place_of_an_older_record_goes_by_no_channel() -> None:
    """A place that was written down before places could name a channel is read as one that names none."""
    plan = Plan("buy", NOON, NOON, ZoneInfo("UTC"), alternatives=(Alternative("A", "https://a.example/"),))
    raw = json.loads(plan_text(plan))
    del raw["alternatives"][0]["channel"]
    assert plan_of(json.dumps(raw)) == plan


@given(INSTANTS)
def test_an_act_comes_back_as_it_went(at: datetime) -> None:
    """Who did what, when, why, and on which closing."""
    for to in (None, at):
        act = Act("buy", "postpone", at, "somebody", "a reason", "buy:x", to)
        assert act_of(act_text(act)) == act
