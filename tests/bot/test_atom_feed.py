"""The feed of what retires: valid Atom, under ids that never change, updated when there is something new to know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.atom_feed import atom, updated
from bot.retirement import Plan
from tests.bot.rig import CLOSING, World, opened
from tests.bot.test_public_calendar import MUGS, world_of

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def read(text: str) -> tuple[ET.Element, dict[str, ET.Element]]:
    """Read a feed: it, and its entries by title. What RFC 4287 wants of each is there, once."""
    root = ET.fromstring(text.encode())  # noqa: S314 - written by the code under test
    assert root.tag == f"{ATOM}feed"
    for each in [root, *root.iter(f"{ATOM}entry")]:
        for needed in ("id", "title", "updated"):
            assert len(each.findall(ATOM + needed)) == 1
        instant = said(each, "updated")
        assert instant == datetime.fromisoformat(instant).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    entries = {said(entry, "title"): entry for entry in root.iter(f"{ATOM}entry")}
    assert len({said(entry, "id") for entry in entries.values()} | {said(root, "id")}) == len(entries) + 1
    return root, entries


def said(element: ET.Element, name: str) -> str:
    """Give the text of a child."""
    return element.findtext(ATOM + name) or ""


async def test_an_entry_a_feature_that_keeps_its_id_and_says_when_it_changed(world: World) -> None:
    """Nothing before the announcement; then an entry a feature, which keeps its id when its date is put off, and is updated."""
    async with opened(world_of(world, CLOSING + MUGS)) as rig:
        assert await rig.house.pages.feed("en") == ""
        rig.time.reach(NOW)
        await rig.tick()
        root, before = read(await rig.house.pages.feed("en"))
        assert sorted(link.get("href") or "" for link in root.findall(f"{ATOM}link")) == [
            "https://till.example/retirement",
            "https://till.example/retirement.atom",
        ]
        (buy,) = (entry for title, entry in before.items() if title.startswith("Test Harbour"))
        assert "The lease ends." in said(buy, "content")
        assert said(buy, "published") == "2026-03-03T12:00:00Z"
        rig.time.reach(NOW + timedelta(days=3))
        await rig.say("/shop retire postpone buy 2026-06-10T14:00+02:00 The lease goes on.", "boss")
        await rig.live.refresh()
        await rig.tick()
        _, after = read(await rig.house.pages.feed("en"))
        (moved,) = (entry for title, entry in after.items() if title.startswith("Test Harbour"))
        assert said(moved, "id") == said(buy, "id")
        assert "10 June 2026" in said(moved, "title")
        assert said(moved, "updated").startswith("2026-03-08")
        (mugs,) = (title for title in after if title.startswith("Mug"))
        assert said(after[mugs], "updated") == said(before[mugs], "updated"), "of this one nothing changed"


def test_it_is_updated_when_an_end_has_come() -> None:
    """By its announcement, then by an edit, then by its closing; an instant that is still to come is no update."""
    plan = Plan("buy", NOW, CLOSES, ZoneInfo("Europe/Paris"))
    assert updated(plan, NOW + timedelta(days=1), None) == NOW
    assert updated(plan, NOW + timedelta(days=9), NOW + timedelta(days=2)) == NOW + timedelta(days=2)
    assert updated(plan, CLOSES - timedelta(seconds=1), None) == NOW
    assert updated(plan, CLOSES, NOW + timedelta(days=2)) == CLOSES


@given(st.text(max_size=60))
def test_whatever_an_operator_wrote_is_one_text(text: str) -> None:
    """Signs that XML knows are escaped, and those that no document can say are left out."""

    class Said:
        shop = "Shop"
        locale = "pt_BR"

        def title(self) -> str:
            return "Ends"

        def headline(self, plan: Plan) -> str:
            return f"{plan.feature} ends {text}"

        def description(self, plan: Plan) -> str:
            return plan.contact

    plan = Plan("buy", NOW, CLOSES, ZoneInfo("UTC"))
    root, entries = read(atom([plan], Said(), changed={}, now=NOW, host="till.example", public=""))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "pt-BR"
    (title,) = entries
    kept = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    assert title == "buy ends " + "".join(
        sign for sign in kept.replace("\r\n", "\n").replace("\r", "\n") if not "\ud800" <= sign <= "\udfff"
    )
