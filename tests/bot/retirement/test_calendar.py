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
from bot.retirement import (
    Capability,
    Plan,
    Scope,
    Stage,
    Standing,
    allows,
    closes_at,
    disorder,
    plan_for,
    schedule,
    speaking,
    stage,
)
from tests.bot.retirement.samples import INSTANTS, SCOPES, UNIT, ZONES, plans, rich_plans

ORDER = [Stage.OPEN, Stage.ANNOUNCED, Stage.CLOSING_SOON, Stage.CLOSED, Stage.DRAINING, Stage.RETIRED]


@given(plans(), INSTANTS)
def test_it_is_open_before_the_instant_and_closed_from_it_on(plan: Plan, now: datetime) -> None:
    """Half-open: a microsecond before `closes` everything can be bought, at `closes` nothing can."""
    assert allows(plan, Capability.DELETE, now), "what nobody gave an instant for does not end"
    for capability in schedule(plan):
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
        assert said.closed
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
                assert stage(plan, instant.astimezone(reader)) is Stage.DRAINING


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


@given(plans(), plans())
def test_each_closing_has_a_key_of_its_own(one: Plan, other: Plan) -> None:
    """The key is the same for the same instant, however it is written, and another for another."""
    same = one.closes.timestamp() == other.closes.timestamp()
    assert (one.closing_key == other.closing_key) == same
    elsewhere = replace(one, closes=one.closes.astimezone(UTC), zone=ZoneInfo("UTC"))
    assert elsewhere.closing_key == one.closing_key


@given(rich_plans(), SCOPES, INSTANTS)
def test_every_capability_is_half_open_in_every_scope(plan: Plan, scope: Scope, now: datetime) -> None:
    """Whatever is said for whom: a microsecond before its end a capability is open, at its end it is not."""
    for capability, ends in schedule(plan, scope).items():
        assert allows(plan, capability, ends - UNIT, scope)
        assert not allows(plan, capability, ends, scope)
        assert allows(plan, capability, now, scope) == (now < ends)


@given(rich_plans(), SCOPES, st.lists(INSTANTS, min_size=2))
def test_stages_only_go_forward_in_every_scope(plan: Plan, scope: Scope, instants: list[datetime]) -> None:
    """As time passes, what people see goes forward and never back, also where instants were given out of order."""
    near = [end + step for end in schedule(plan, scope).values() for step in (-UNIT, timedelta(0))]
    seen = [ORDER.index(stage(plan, now, scope)) for now in sorted([*instants, *near])]
    assert seen == sorted(seen)


@given(
    plans(),
    st.dictionaries(
        st.sampled_from([part for part in Capability if part is not Capability.CHECKOUT_NEW]), INSTANTS, max_size=3
    ),
)
def test_what_is_derived_breaks_no_order(plan: Plan, given_instants: dict[Capability, datetime]) -> None:
    """Only what was given can be out of order; everything derived makes way for it."""
    found = schedule(replace(plan, given=given_instants))
    assert all({later, earlier} & given_instants.keys() for later, earlier in disorder(found))
    assert found[Capability.CHECKOUT_NEW] == plan.closes.astimezone(
        UTC
    )  # else never equal in the hour that comes twice


@given(rich_plans(), SCOPES)
def test_the_narrowest_that_speaks_wins(plan: Plan, scope: Scope) -> None:
    """Of all overrides that cover a scope and name `closes`, the narrowest decides: product, region, workspace, platform."""
    plan = replace(plan, exemptions=())
    speaking_of_it = [
        part
        for part in plan.overrides
        if part.closes is not None
        and part.scope.platform in {"", scope.platform}
        and part.scope.workspace in {"", scope.workspace}
        and part.scope.region in {"", scope.region}
        and part.scope.product in {"", scope.product}
    ]
    width = [
        [bool(getattr(part.scope, name)) for name in ("product", "region", "workspace", "platform")]
        for part in speaking_of_it
    ]
    ends = closes_at(plan, Capability.CHECKOUT_NEW, scope)
    if not speaking_of_it:
        assert ends == plan.closes.astimezone(UTC)
    else:
        narrowest = max(width)
        widest = [part.closes for part, rank in zip(speaking_of_it, width, strict=True) if rank == narrowest]
        assert ends in {closes.astimezone(UTC) for closes in widest if closes}


@given(rich_plans(), SCOPES, INSTANTS)
def test_an_exemption_only_lengthens_and_only_for_its_own(plan: Plan, scope: Scope, now: datetime) -> None:
    """With its exemptions a plan never closes sooner, and for whom none was made it closes as without them."""
    bare = replace(plan, exemptions=())
    for capability in Capability:
        assert allows(plan, capability, now, scope) or not allows(bare, capability, now, scope)
    stranger = Scope("web", "elsewhere", "JP", "tour")
    named = [part for part in plan.exemptions if part.scope != Scope()]
    assert schedule(replace(plan, exemptions=tuple(named)), stranger) == schedule(bare, stranger)


@given(rich_plans(), INSTANTS, st.sampled_from(["paused", "cancelled", "rolled_back"]))
def test_what_is_halted_closes_nothing(plan: Plan, now: datetime, standing: Standing) -> None:
    """While a plan is paused, called off or taken back, everything is open."""
    halted = replace(plan, standing=standing)
    assert all(allows(halted, capability, now) for capability in Capability)
    assert not stage(halted, now).closed


NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _plan(feature: str, closes: datetime, *products: str) -> Plan:
    return Plan(feature, NOON, closes, ZoneInfo("UTC"), products=products)


def test_of_several_features_the_narrowest_speaks() -> None:
    """A mug's own plan comes before its campaign's, and that before Buy's; of two campaigns the one that ends first."""
    buy = _plan("buy", NOON + 90 * DAY)
    spring = _plan("campaign.spring", NOON + 60 * DAY, "mug", "print")
    easter = _plan("campaign.easter", NOON + 40 * DAY, "mug")
    mug = _plan("product.mug", NOON + 50 * DAY, "mug")
    everything = [buy, spring, easter, mug]
    assert speaking(everything, "mug") == (mug, easter, spring, buy)
    assert speaking(everything, "print") == (spring, buy)
    assert speaking(everything) == (buy,)
    assert plan_for(everything, NOON - DAY, "mug") is mug
    assert plan_for(everything, NOON, "print") is spring
    assert plan_for([replace(mug, announced=NOON + DAY), buy], NOON, "mug") is buy  # nobody was told of the mug's yet
    assert plan_for([], NOON) is None
