"""The parts of a plan: everybody is told of the instant at which what they bought closes, and of no other one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.retirement import Override, Plan, Scope, Stand, parts, stand, stand_of, stand_text
from bot.retirement.calendar import closes_for
from tests.bot.retirement.samples import PRODUCTS, REGIONS, rich_plans

CLOSES = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = CLOSES + timedelta(days=30)
PLACE = Scope("slack", "T1")
BOUGHT = st.sets(
    st.builds(Scope, st.just("slack"), st.just("T1"), st.sampled_from(REGIONS), st.sampled_from(PRODUCTS[1:]))
)


def a_plan(*scopes: Scope, feature: str = "buy", products: tuple[str, ...] = ()) -> Plan:
    """Make a plan that closes a month later for these scopes."""
    overrides = tuple(Override(scope, LATER) for scope in scopes)
    zone = ZoneInfo("Europe/Paris")
    return Plan(feature, CLOSES - timedelta(days=90), CLOSES, zone, products=products, overrides=overrides)


def told(plan: Plan, *bought: tuple[str, str]) -> dict[datetime, Stand]:
    """Give from where somebody is told at each instant, who bought so: (region, product)."""
    scopes = [replace(PLACE, region=region, product=product) for region, product in bought]
    found = {part.closes.astimezone(UTC): stand(plan, part.closes, PLACE, scopes) for part in parts(plan)}
    return {closes: each for closes, each in found.items() if each is not None}


@given(rich_plans(), BOUGHT, st.sampled_from([(), ("mug",), ("mug", "print")]))
def test_what_is_told_is_so_and_nothing_that_was_bought_is_left_out(
    plan: Plan, bought: set[Scope], products: tuple[str, ...]
) -> None:
    """The date that is read at each telling is that of its part; everything bought is spoken of by the part of its date."""
    plan = replace(plan, products=products)
    bought = {scope for scope in bought if not products or scope.product in products}
    every = {part.closes.astimezone(UTC): stand(plan, part.closes, PLACE, bought) for part in parts(plan)}
    for closes, there in every.items():
        if there is not None:
            assert closes_for(plan, there.scope) == closes
            assert all(
                scope.product in there.goods for scope in bought if there.goods and closes_for(plan, scope) == closes
            )
    for scope in bought:
        spoken = every[closes_for(plan, scope)]
        assert spoken is not None
        assert not spoken.goods or scope.product in spoken.goods


@given(rich_plans())
def test_the_parts_are_the_plan_at_each_of_its_instants(plan: Plan) -> None:
    """The first is the plan itself, no instant comes twice, and whatever a scope closes at is among them."""
    found = parts(plan)
    instants = [part.closes.astimezone(UTC) for part in found]
    assert found[0] is plan
    assert len(set(instants)) == len(instants)
    assert len({part.closing_key for part in found}) == len(instants)
    scopes = [*(part.scope for part in plan.overrides), *(part.scope for part in plan.exemptions)]
    assert all(closes_for(plan, scope) in instants for scope in scopes)


def test_a_region_with_a_date_of_its_own_is_told_by_that_alone() -> None:
    """Who had it shipped there hears nothing of the others' date; who did not hears nothing of theirs."""
    plan = a_plan(Scope(region="FR"))
    assert told(plan, ("FR", "mug")) == {LATER: Stand(replace(PLACE, region="FR"))}
    assert told(plan, ("DE", "mug")) == {CLOSES: Stand(replace(PLACE, region="DE"))}
    assert told(plan, ("DE", "mug"), ("", "zine")) == {CLOSES: Stand(PLACE)}
    assert told(plan, ("FR", "mug"), ("", "zine")) == {
        CLOSES: Stand(replace(PLACE, product="zine"), ("zine",)),
        LATER: Stand(replace(PLACE, region="FR", product="mug"), ("mug",)),
    }


def test_a_product_with_a_date_of_its_own_is_told_besides() -> None:
    """Who bought it hears when Buy closes, and by name when that product does."""
    plan = a_plan(Scope(product="mug"))
    assert told(plan, ("", "print")) == {CLOSES: Stand(PLACE)}
    assert told(plan, ("", "mug"), ("", "print")) == {
        CLOSES: Stand(PLACE),
        LATER: Stand(replace(PLACE, product="mug"), ("mug",)),
    }


def test_of_a_campaign_only_what_was_bought_is_told_where_its_products_part() -> None:
    """Who bought the one hears of its date, not of that of the other."""
    plan = a_plan(Scope(product="mug"), feature="campaign.spring", products=("mug", "print"))
    assert told(plan, ("", "mug")) == {LATER: Stand(replace(PLACE, product="mug"), ("mug",))}
    assert told(plan, ("", "print")) == {CLOSES: Stand(replace(PLACE, product="print"), ("print",))}


def test_where_nothing_is_known_of_what_they_bought_they_are_told_by_where_they_are() -> None:
    """An override of the platform holds for whoever is there."""
    assert told(a_plan(Scope(platform="slack"))) == {LATER: Stand(PLACE)}
    assert told(a_plan(Scope(region="FR"))) == {CLOSES: Stand(PLACE)}


@given(st.builds(Stand, st.builds(Scope, region=st.sampled_from(REGIONS)), st.just(("mug", "zine"))))
def test_from_where_somebody_is_told_is_read_as_it_was_written(there: Stand) -> None:
    """What is kept with news for who reads them later comes back as it was."""
    assert stand_of(stand_text(there)) == there
