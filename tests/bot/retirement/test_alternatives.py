"""Where to buy instead: the operator's order, narrowed to who asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.catalogue import Product, Variant
from bot.money import Money
from bot.retirement import Alternative, Plan, address, alternatives

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
EVERYWHERE = Alternative("A", "https://a.example/")
MUGS = Alternative("B", "https://b.example/", ("mug",))
PRINTS = Alternative("C", "https://c.example/", ("print",))


def plan(*places: Alternative) -> Plan:
    return Plan("buy", NOON, NOON, ZoneInfo("UTC"), alternatives=places)


def test_they_keep_their_order_and_know_their_products() -> None:
    """For one product only the places that have it are named; without one, all."""
    here = plan(MUGS, EVERYWHERE, PRINTS)
    assert alternatives(here, NOON) == (MUGS, EVERYWHERE, PRINTS)
    assert alternatives(here, NOON, product="mug") == (MUGS, EVERYWHERE)
    assert alternatives(here, NOON, product="zine") == (EVERYWHERE,)


def test_region_and_language_narrow_what_they_name() -> None:
    """A place that names countries or languages is for those; who says neither is shown it all the same."""
    french = replace(EVERYWHERE, regions=("FR", "BE"), languages=("fr",))
    here = plan(french, MUGS)
    assert alternatives(here, NOON) == (french, MUGS)
    assert alternatives(here, NOON, region="BE", language="fr_CA") == (french, MUGS)
    assert alternatives(here, NOON, region="DE") == (MUGS,)
    assert alternatives(here, NOON, language="en") == (MUGS,)


def test_a_price_outside_its_bounds_leaves_a_place_out() -> None:
    """Bounds are inclusive, and say nothing of another currency."""
    cheap = replace(EVERYWHERE, dearest=Money(2000, "EUR"))
    dear = replace(MUGS, products=(), cheapest=Money(2000, "EUR"))
    here = plan(cheap, dear)
    assert alternatives(here, NOON, price=Money(1999, "EUR")) == (cheap,)
    assert alternatives(here, NOON, price=Money(2000, "EUR")) == (cheap, dear)
    assert alternatives(here, NOON, price=Money(2001, "EUR")) == (dear,)
    assert alternatives(here, NOON, price=Money(1, "JPY")) == (cheap, dear)


def test_a_place_can_retire_too() -> None:
    """A place is named from the instant it opens, and at the instant it ends it is not."""
    brief = replace(EVERYWHERE, opens=NOON, ends=NOON + timedelta(days=1))
    here = plan(brief, MUGS)
    assert alternatives(here, NOON - timedelta(microseconds=1)) == (MUGS,)
    assert alternatives(here, NOON) == (brief, MUGS)
    assert alternatives(here, NOON + timedelta(days=1)) == (MUGS,)


def test_a_dead_link_comes_last() -> None:
    """What did not answer is not left out, for it may be back, but nobody is sent there first."""
    here = plan(EVERYWHERE, MUGS, PRINTS)
    assert alternatives(here, NOON, dead={EVERYWHERE.url}) == (MUGS, PRINTS, EVERYWHERE)


def test_a_deep_link_leads_to_the_same_thing() -> None:
    """What the link asks for is filled in and quoted; where it asks for a number that there is not, the place itself."""
    product = Product("mug", "Mug")
    blue = Variant("mug/blue", product, "blue & white", Money(1250, "EUR"), sku="M 1/2")
    place = replace(EVERYWHERE, deep_link="https://a.example/p/{product}/{variant}?sku={sku}&q={name}")
    assert address(place, blue) == "https://a.example/p/mug/blue?sku=M%201%2F2&q=Mug%2C%20blue%20%26%20white"
    assert address(place) == place.url
    assert address(place, replace(blue, sku="")) == place.url
    assert address(EVERYWHERE, blue) == EVERYWHERE.url
