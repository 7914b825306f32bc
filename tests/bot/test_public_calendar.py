"""What everybody may know of retirements: the page, its twin for programs, the calendar, and when a pay link ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from bot.calendar_feed import MOST, escaped, feed, fold
from bot.catalogue import Product
from bot.orders import Order
from bot.pages import Gone, Page, Redirect
from bot.public_calendar import Sunset, body
from bot.retirement import Alternative, Exemption, Plan, Scope
from bot.words import plain
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
MUGS = """
[retirement.product.mug]
announced = 2026-03-04T12:00:00+00:00
closes = 2026-04-05T12:00:00+00:00
reason.en = "The potter retires."
"""
SPRING = """
[retirement.campaign.spring]
products = ["print", "zine"]
announced = 2026-03-04T12:00:00+00:00
closes = 2026-04-06T12:00:00+00:00
complete_open = 2026-04-06T13:00:00+00:00
reason.en = "Spring is over."
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
AT = {"mug": datetime(2026, 4, 5, 12, tzinfo=UTC), "print": datetime(2026, 4, 6, 13, tzinfo=UTC)}
KNOWN = datetime(2026, 3, 4, 12, tzinfo=UTC)


def world_of(world: World, text: str) -> World:
    world.text = (SHOP + text).replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')
    return world


async def follow(rig: Rig, order: Order) -> Redirect | Page | Gone:
    """Press an order's pay link."""
    ctx = await rig.context()
    token = ctx.till.reading.pay_url(await rig.order(order.id)).rpartition("/")[2]
    return await rig.house.pages.pay(token, "en", "")


async def asked(rig: Rig, what: str) -> Order:
    """Ask for something by text."""
    return await rig.order((await rig.say(what)).order)


class Unread(tuple[Product, ...]):
    """Products that are not to be gone through one by one."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Product]:
        """Fail the test."""
        raise AssertionError("the whole catalogue was gone through")


def unread(rig: Rig) -> None:
    """Let the catalogue be one that is not to be gone through for what anybody may ask for."""
    settings = rig.live().settings
    few = settings.catalogue
    rig.live.swap(replace(settings, catalogue=replace(few, products=Unread(few.products))))


async def test_what_everybody_may_read_costs_as_much_in_any_catalogue(world: World) -> None:
    """The page, the calendar and the feed name the products of a campaign without going through all others."""
    async with opened(world_of(world, MUGS + SPRING)) as rig:
        rig.time.reach(NOW)
        unread(rig)
        said = await rig.house.pages.calendar("en") + await rig.house.pages.feed("en")
        page = await rig.house.pages.retirement("en")
        assert "Lighthouse print and Knots zine" in said
        assert page.card.facts[1][0] == "Lighthouse print and Knots zine"


async def test_a_product_s_pay_links_end_with_it(world: World) -> None:
    """Each order's link says when its own product or campaign ends, answers 410 from then on, and the others go on."""
    async with opened(world_of(world, MUGS + SPRING)) as rig:
        rig.time.reach(KNOWN - timedelta(minutes=1))
        early = await asked(rig, "/buy mug/blue")
        assert await follow(rig, early) == Redirect(early.session_url), "nothing is announced yet"
        rig.time.reach(AT["mug"] - timedelta(minutes=5))
        mug, print_ = await asked(rig, "/buy mug/blue"), await asked(rig, "/buy print")
        link = "https://till.example/retirement"
        assert await follow(rig, mug) == Redirect(mug.session_url, Sunset(AT["mug"], KNOWN, link))
        assert await follow(rig, print_) == Redirect(print_.session_url, Sunset(AT["print"], KNOWN, link))
        rig.time.reach(AT["mug"])
        gone = await follow(rig, mug)
        assert isinstance(gone, Gone)
        assert gone.sunset == Sunset(AT["mug"], KNOWN, link)
        assert isinstance(await follow(rig, print_), Redirect)
        gift = await asked(rig, "/donate 10 to water")
        rig.time.reach(AT["print"])
        assert isinstance(await follow(rig, print_), Gone)
        assert await follow(rig, gift) == Redirect(gift.session_url)


async def test_a_pay_link_says_the_end_that_comes_first(world: World) -> None:
    """Where Buy and a product both end, the earlier instant is the link's."""
    async with opened(world_of(world, CLOSING + MUGS)) as rig:
        rig.time.reach(NOW)
        mug, print_ = await asked(rig, "/buy mug/blue"), await asked(rig, "/buy print")
        found = [await follow(rig, order) for order in (mug, print_)]
        assert [each.sunset.at if isinstance(each, Redirect) and each.sunset else None for each in found] == [
            AT["mug"],
            datetime(2026, 4, 10, 12, tzinfo=UTC),
        ]


async def test_an_open_checkout_may_be_finished_where_the_operator_lets_it(world: World) -> None:
    """With open_checkouts = "finish" a link that is still payable leads to Stripe after the closing, too."""
    text = CLOSING.replace(
        "[[retirement.buy.alt", '[retirement.buy.leftovers]\nopen_checkouts = "finish"\n\n[[retirement.buy.alt'
    )
    async with opened(world_of(world, text)) as rig:
        closes = datetime(2026, 4, 10, 12, tzinfo=UTC)
        rig.time.reach(closes - timedelta(minutes=5))
        order = await asked(rig, "/buy print")
        rig.time.reach(closes)
        assert isinstance(await follow(rig, order), Redirect)


async def test_the_page_lists_every_feature_that_ends(world: World) -> None:
    """Only what is announced is on it; products and campaigns stand by name with their dates, for people and programs."""
    async with opened(world_of(world, MUGS + SPRING)) as rig:
        rig.time.reach(KNOWN - timedelta(seconds=1))
        assert (await rig.house.pages.retirement("en")).status == 404
        rig.time.reach(NOW)
        page = await rig.house.pages.retirement("en")
        assert page.card.title == "What ends here"
        assert [name for name, _ in page.card.facts] == ["Mug", "Lighthouse print and Knots zine"], page.card.facts
        assert "can be bought until 5 April 2026" in plain(page.card.facts[0][1])
        features = page.data["features"]
        assert isinstance(features, Mapping)
        assert list(features) == ["product.mug", "campaign.spring"]
        mug, spring = features["product.mug"], features["campaign.spring"]
        assert (mug["state"], mug["products"], spring["products"]) == ("announced", ["mug"], ["print", "zine"])
        assert datetime.fromisoformat(spring["capabilities"]["complete_open"]) == AT["print"]
        rig.time.reach(AT["mug"])
        assert "could be bought until 5 April 2026" in plain((await rig.house.pages.retirement("en")).card.facts[0][1])
        assert "était en vente jusqu’au" in plain((await rig.house.pages.retirement("fr")).card.facts[0][1])


async def test_the_calendar_is_in_utc_under_stable_names(world: World) -> None:
    """An event a capability: its name stays when the date is put off, and nothing is in it before the announcement."""
    async with opened(world_of(world, CLOSING)) as rig:
        assert await rig.house.pages.calendar("en") == ""
        rig.time.reach(NOW)
        before = events(await rig.house.pages.calendar("en"))
        assert before["buy.checkout_new@till.example"] == {
            "UID": "buy.checkout_new@till.example",
            "DTSTAMP": "20260305T120000Z",
            "DTSTART": "20260410T120000Z",
            "SUMMARY": "Test Harbour: last moment to buy",
            "DESCRIPTION": "The lease ends.\\nQuestions: help@harbour.example",
            "URL": "https://till.example/retirement",
            "STATUS": "CONFIRMED",
            "TRANSP": "TRANSPARENT",
        }
        rig.edit(rig.world.text.replace("closes = 2026-04-10", "closes = 2026-06-10"))
        after = events(await rig.house.pages.calendar("en"))
        assert after.keys() == before.keys()
        assert after["buy.checkout_new@till.example"]["DTSTART"] == "20260610T120000Z"


def test_programs_read_instants_of_its_zone_dead_places_last_and_no_names_of_exceptions() -> None:
    """Both dates stand in the plan's zone, a place whose link is dead comes last, and nobody reads for whom an exception is."""
    places = tuple(Alternative(name, f"https://{name}.example/") for name in ("fair", "market"))
    exempt = (Exemption("the club of Ann", Scope(workspace="T1"), datetime(2026, 5, 1, tzinfo=UTC)),)
    paris = ZoneInfo("Europe/Paris")
    plan = Plan("buy", KNOWN, AT["mug"], paris, alternatives=places, exemptions=exempt)
    found = body(plan, NOW, dead={"https://fair.example/"})
    assert (found["announced"], found["closes"]) == ("2026-03-04T13:00:00+01:00", "2026-04-05T14:00:00+02:00")
    assert [place["name"] for place in found["alternatives"]] == ["market", "fair"]  # type: ignore[attr-defined]  # JSON
    assert found["exceptions"] == [{"until": "2026-05-01T02:00:00+02:00"}]


def events(text: str) -> dict[str, dict[str, str]]:
    """Read a calendar: unfolded, by UID. It has CRLF ends only."""
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    found: dict[str, dict[str, str]] = {}
    event: dict[str, str] = {}
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT":
            found[event["UID"]] = event
        else:
            event[name] = value
    return found


@given(TEXTS)
def test_any_text_is_one_value(text: str) -> None:
    """Nothing in a text ends its line, and unescaped it is the text again, without control characters."""
    written = escaped(text)
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", written)
    read = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], written)
    assert read == re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\r", "\n"))


@given(TEXTS)
@example("x" * 200)
@example("é" * 100)
def test_lines_are_folded_between_characters(text: str) -> None:
    """No part has more than 75 octets; joined without the spaces that were put in they are the line."""
    parts = list(fold(f"SUMMARY:{escaped(text)}"))
    assert all(len(part.encode()) <= MOST for part in parts)
    assert "".join([parts[0], *(part[1:] for part in parts[1:])]) == f"SUMMARY:{escaped(text)}"
    assert all(part.startswith(" ") for part in parts[1:])


def test_what_is_paused_or_taken_back_says_so() -> None:
    """A paused closing is tentative, one that was taken back is cancelled, under the same name."""

    class Words:
        def summary(self, plan: Plan, capability: str) -> str:
            return f"{plan.feature} {capability}"

        def description(self, plan: Plan) -> str:
            return plan.contact

    def statuses(standing: str) -> set[str]:
        at = datetime(2026, 4, 10, tzinfo=UTC)
        plan = Plan("buy", at, at, ZoneInfo("UTC"), standing=standing)  # type: ignore[arg-type]  # one of its values
        text = feed([plan], Words(), now=NOW, host="till.example", link="")
        return {event["STATUS"] for event in events(text).values()}

    assert statuses("") == statuses("postponed") == {"CONFIRMED"}
    assert statuses("paused") == {"TENTATIVE"}
    assert statuses("rolled_back") == statuses("cancelled") == {"CANCELLED"}
