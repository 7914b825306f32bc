"""The calendar: half-open, never early, never back; and nothing in it can name Donate."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import giving, retirement
from bot.retirement import Alternative, Capability, Plan, Stage, allows, alternatives, closes_at, stage

ZONES = [
    "Europe/Paris",
    "Europe/Dublin",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Jerusalem",
    "Africa/Cairo",
]
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ORDER = [Stage.OPEN, Stage.ANNOUNCED, Stage.CLOSING_SOON, Stage.CLOSED]
UNIT = timedelta(microseconds=1)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    announced = draw(INSTANTS)
    notice = draw(st.timedeltas(timedelta(0), timedelta(days=400)))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return Plan("buy", announced.astimezone(zone), (announced + notice).astimezone(zone), zone)


@given(plans(), INSTANTS)
def test_it_is_open_before_the_instant_and_closed_from_it_on(plan: Plan, now: datetime) -> None:
    """Half-open: a microsecond before `closes` everything can be bought, at `closes` nothing can."""
    for capability in Capability:
        closes = closes_at(plan, capability)
        assert allows(plan, capability, closes - UNIT)
        assert not allows(plan, capability, closes)
        assert allows(plan, capability, now) == (now < closes)
    assert closes_at(plan, Capability.COMPLETE_OPEN) >= closes_at(plan, Capability.CHECKOUT_NEW)


@given(plans(), st.lists(INSTANTS, min_size=2))
def test_stages_only_go_forward(plan: Plan, instants: list[datetime]) -> None:
    """As time passes, what people see goes from open to closed and never back."""
    near = [plan.announced, plan.closes, plan.announced - UNIT, plan.closes - UNIT, plan.closes - retirement.SOON]
    seen = [ORDER.index(stage(plan, now)) for now in sorted([*instants, *near])]
    assert seen == sorted(seen)


@given(plans(), INSTANTS)
def test_nothing_is_said_before_it_is_announced_and_nothing_ends_before_it_closes(plan: Plan, now: datetime) -> None:
    """The stage is open before `announced`, closed from `closes` on, and else says that it will close."""
    said = stage(plan, now)
    if now >= plan.closes:
        assert said is Stage.CLOSED
    elif now < plan.announced:
        assert said is Stage.OPEN
    else:
        assert said is (Stage.CLOSING_SOON if plan.closes - now <= timedelta(days=7) else Stage.ANNOUNCED)


@given(INSTANTS)
def test_without_a_plan_everything_is_open_for_good(now: datetime) -> None:
    """What nobody planned to close is open."""
    assert stage(None, now) is Stage.OPEN
    assert all(allows(None, capability, now) for capability in Capability)


def _changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """Find the instants of a year at which a zone's clocks change, to the minute."""
    found, at = [], datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        if at.astimezone(zone).utcoffset() != (at + timedelta(minutes=30)).astimezone(zone).utcoffset():
            found.append(at + timedelta(minutes=30))
        at += timedelta(minutes=30)
    return found


@pytest.mark.parametrize("name", ZONES)
def test_no_change_of_clocks_makes_it_early_or_late(name: str) -> None:
    """Around each change of clocks of 2026, a plan in local time closes at its one instant, seen from any zone."""
    zone = ZoneInfo(name)
    changes = _changes(zone, 2026)
    assert changes, f"{name} changes its clocks in 2026"
    for change in changes:
        for minutes in range(-150, 151, 30):
            closes = (change + timedelta(minutes=minutes)).astimezone(zone)
            instant = closes.astimezone(UTC)
            plan = Plan("buy", closes - timedelta(days=40), closes, zone)
            for reader in map(ZoneInfo, ZONES):
                assert allows(plan, Capability.CHECKOUT_NEW, (instant - UNIT).astimezone(reader))
                assert not allows(plan, Capability.CHECKOUT_NEW, instant.astimezone(reader))
                assert stage(plan, (instant - UNIT).astimezone(reader)) is Stage.CLOSING_SOON
                assert stage(plan, instant.astimezone(reader)) is Stage.CLOSED


def test_the_local_hour_that_comes_twice_closes_at_its_own_one() -> None:
    """In Paris 02:30 comes twice on 25 October 2026: a plan for the second is open through the first."""
    paris = ZoneInfo("Europe/Paris")
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=paris)
    first = second.replace(fold=0)
    plan = Plan("buy", first - timedelta(days=40), second, paris)
    assert allows(plan, Capability.CHECKOUT_NEW, first.astimezone(UTC))
    assert allows(plan, Capability.CHECKOUT_NEW, datetime(2026, 10, 25, 1, 29, 59, tzinfo=UTC))
    assert not allows(plan, Capability.CHECKOUT_NEW, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


def test_there_is_no_way_to_name_donate() -> None:
    """No capability speaks of giving, and what takes gifts asks no calendar."""
    assert not [capability for capability in Capability if "donate" in capability or "give" in capability]
    assert "retirement" not in inspect.getsource(giving).replace("No retirement is asked here", "")


def test_alternatives_keep_their_order_and_know_their_products() -> None:
    """For one product only the places that have it are named; without one, all."""
    everywhere, mugs, prints = (
        Alternative("A", "https://a.example/"),
        Alternative("B", "https://b.example/", ("mug",)),
        Alternative("C", "https://c.example/", ("print",)),
    )
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    plan = Plan("buy", noon, noon, ZoneInfo("UTC"), alternatives=(mugs, everywhere, prints))
    assert alternatives(plan) == (mugs, everywhere, prints)
    assert alternatives(plan, "mug") == (mugs, everywhere)
    assert alternatives(plan, "zine") == (everywhere,)


@given(plans(), plans())
def test_each_closing_has_a_key_of_its_own(one: Plan, other: Plan) -> None:
    """The key is the same for the same instant, however it is written, and another for another."""
    same = one.closes.timestamp() == other.closes.timestamp()
    assert (one.closing_key == other.closing_key) == same
    elsewhere = replace(one, closes=one.closes.astimezone(UTC), zone=ZoneInfo("UTC"))
    assert elsewhere.closing_key == one.closing_key
