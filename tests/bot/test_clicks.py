"""Clicks on places to buy instead: by way of our own address to the configured one alone, counted by day, nobody known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Link
from bot.clicks import KEPT, clicked, name_of, way
from bot.closing import gather_statement
from bot.pages import Page
from bot.retirement import Alternative, address
from bot.retirement.alternatives import LONGEST
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened
from tests.bot.test_public_calendar import unread, world_of

DEEP = CLOSING + 'deep_link = "https://market.example/p/{product}?v={variant}"\n'
NOW = datetime(2026, 4, 12, 12, tzinfo=UTC)


async def total(rig: Rig) -> dict[str, int]:
    """Read how often each place was clicked."""
    await rig.house.telling.till.clicks.refresh()
    async with rig.database.store.reading() as unit:
        return {each.place.name: each.total for each in await clicked(unit, rig.live().settings.plans.values())}


async def follow(rig: Rig, link: str) -> str | Page:
    """Press a link to a place."""
    path, _, item = link.removeprefix("https://till.example/go/").partition("?item=")
    return await rig.house.pages.go(path, item.replace("%2F", "/"), "en")


async def test_a_notice_leads_by_way_of_us_to_the_very_product(world: World) -> None:
    """Each link of the notice is ours, leads to the product there, and is counted on its day in the shop's zone."""
    async with opened(world_of(world, DEEP)) as rig:
        rig.time.reach(NOW)
        card = await rig.say("/buy mug/blue")
        (link,) = (each.url for each in card.actions if isinstance(each, Link))
        assert link.startswith("https://till.example/go/")
        assert link.endswith("?item=mug%2Fblue")
        assert await follow(rig, link) == "https://market.example/p/mug?v=blue"
        (bare,) = (each.url for each in (await rig.say("/buy")).actions if isinstance(each, Link))
        assert await follow(rig, bare) == "https://market.example/"
        rig.time.reach(datetime(2026, 4, 12, 22, 30, tzinfo=UTC))
        assert await follow(rig, f"{bare}?item=https://evil.example/") == "https://market.example/"
        assert await total(rig) == {"The market": 3}
        async with rig.database.store.reading() as unit:
            (found,) = await clicked(unit, rig.live().settings.plans.values())
            kept = await unit.facts.named("clicks:")
        assert {day.isoformat(): many for day, many in found.days.items()} == {"2026-04-12": 2, "2026-04-13": 1}
        assert "ann" not in str(kept)


async def test_nothing_else_is_led_to(world: World) -> None:
    """A name of no place, and a place of what is not announced, are not found and not counted."""
    async with opened(world_of(world, CLOSING)) as rig:
        place = rig.live().settings.plans["buy"].alternatives[0]
        assert isinstance(await rig.house.pages.go(name_of(place), "", "en"), Page), "not announced yet"
        rig.time.reach(NOW)
        for name in ("", "x", "https://evil.example", name_of(place).upper()):
            assert isinstance(await rig.house.pages.go(name, "", "en"), Page)
        assert await total(rig) == {"The market": 0}


async def test_a_place_that_was_renamed_shows_where_to_buy_now(world: World) -> None:
    """An old message's link to a place that has another name now is no dead end: the page lists the places there are."""
    async with opened(world_of(world, CLOSING)) as rig:
        rig.time.reach(NOW)
        old = rig.live().settings.plans["buy"].alternatives[0]
        await rig.file(world.text.replace('"The market"', '"The fair"'))
        page = await rig.house.pages.go(name_of(old), "", "en")
        assert isinstance(page, Page)
        assert page.status == 404
        assert [action.label for action in page.card.actions if isinstance(action, Link)] == ["The fair"]
        assert await total(rig) == {"The fair": 0}


async def test_whatever_is_asked_for_costs_nothing(world: World) -> None:
    """Anybody may ask for anything: the catalogue is not gone through for it, however big it is."""
    async with opened(world_of(world, CLOSING)) as rig:
        rig.time.reach(NOW)
        unread(rig)
        name = name_of(rig.live().settings.plans["buy"].alternatives[0])
        assert await rig.house.pages.go(name, "no such thing", "en") == "https://market.example/"


async def test_a_statement_adds_up_what_has_one_name(world: World) -> None:
    """A place that one plan leads to at one address and another plan at another is one line, with the clicks of both."""
    mugs = CLOSING.replace("retirement.buy", "retirement.product.mug").replace("market.example/", "market.example/mugs")
    async with opened(world_of(world, CLOSING + mugs)) as rig:
        rig.time.reach(NOW)
        plans = rig.live().settings.plans
        for feature in ("buy", "product.mug", "product.mug"):
            await rig.house.pages.go(name_of(plans[feature].alternatives[0]), "", "en")
        await rig.house.telling.till.clicks.refresh()
        counted = await gather_statement(rig.database.store, rig.database.jobs, plans.values())
        assert counted.clicks == {"The market": 3}


async def test_without_an_address_of_our_own_links_are_direct(rig: Rig) -> None:
    """Where the shop has no public address, the notice leads straight to the place."""
    rig.edit(SHOP + DEEP)
    rig.time.reach(NOW)
    (link,) = (each.url for each in (await rig.say("/buy mug/blue")).actions if isinstance(each, Link))
    assert link == "https://market.example/p/mug?v=blue"


async def test_old_days_become_one_sum_and_replicas_add_up(world: World) -> None:
    """What is kept does not grow with time; two shops on one database count together."""
    async with opened(world_of(world, CLOSING)) as rig, opened(world) as other:
        name = name_of(rig.live().settings.plans["buy"].alternatives[0])
        for day in range(3):
            rig.time.reach(NOW + timedelta(days=day))
            await rig.house.pages.go(name, "", "en")
            await other.house.pages.go(name, "", "en")
            await other.house.telling.till.clicks.refresh()
            assert await total(rig) == {"The market": 2 * day + 2}
        rig.time.reach(NOW + timedelta(days=KEPT + 2))
        for _ in range(2):
            await rig.house.telling.till.clicks.tick()
            assert await total(rig) == {"The market": 6}
        async with rig.database.store.reading() as unit:
            assert dict(await unit.facts.named("clicks:")) == {
                f"clicks:before:{name}": "4",
                f"clicks:2026-04-14:{name}": "2",
            }


@given(st.text(max_size=20), st.sampled_from(["", "https://till.example", "https://" + "x" * LONGEST]))
def test_a_way_fits_a_button_and_names_no_other_place(name: str, public: str) -> None:
    """It is ours or the configured one, and never longer than a button takes."""
    place = Alternative(name, "https://market.example/")
    found = way(public, place)
    assert found in {f"{public}/go/{name_of(place)}", address(place)}
    assert len(found) <= LONGEST
