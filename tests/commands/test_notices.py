"""Notices in every state of a retirement, to buyers and to sellers, of Buy, a product and a campaign, on each door."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.discord import cards as discord_cards
from adapters.slack.cards import message
from adapters.web.render import render
from bot.chat import Card, Scene
from bot.retirement import Brownout, Capability, Plan, Stage, closes_at
from bot.words import plain
from commands.notice import announced, banner, buyers
from commands.replies import Replies
from config.find import locales
from tests.bot.rig import SHOP, Rig
from tests.commands.flat import flat, hold

LOCALES = list(locales())
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
TABLE = """
zone = "Europe/Paris"
announced = 2026-03-03T12:00:00+00:00
closes = 2026-04-10T12:00:00+00:00
complete_open = 2026-04-12T12:00:00+00:00
reason.en = "The lease ends."
reason.fr = "Le bail prend fin."
contact = "help@harbour.example"
"""
PLACE = """
[[retirement.{feature}.alternative]]
name = "The market"
url = "https://market.example/"
deep_link = "https://market.example/p/{{product}}"
note.en = "Saturdays, 9 to 1."
note.fr = "Le samedi, de 9 h à 13 h."
"""
DELETED = "delete = 2028-06-01T12:00:00+00:00\n"
FEATURES = {
    "buy": TABLE + PLACE.format(feature="buy"),
    "product.mug": TABLE + PLACE.format(feature="product.mug"),
    "campaign.spring": 'products = ["mug", "print", "zine"]\n' + TABLE + DELETED,
}
#: What each state is made of: when it is, and how the plan stands.
STATES: dict[str, tuple[timedelta, str, Stage]] = {
    "announced": (-timedelta(days=20), "", Stage.ANNOUNCED),
    "closing soon": (-timedelta(days=2), "", Stage.CLOSING_SOON),
    "closed": (timedelta(days=1), "", Stage.CLOSED),
    "draining": (timedelta(days=30), "", Stage.DRAINING),
    "retired": (timedelta(days=200), "", Stage.RETIRED),
    "history ended": (timedelta(days=400), "", Stage.RETIRED),
    "deleted": (timedelta(days=800), "", Stage.RETIRED),
    "paused": (-timedelta(days=2), "paused", Stage.PAUSED),
    "postponed": (-timedelta(days=20), "postponed", Stage.ANNOUNCED),
    "rolled back": (timedelta(days=1), "rolled_back", Stage.ROLLED_BACK),
}
STATES["brownout"] = (-timedelta(days=10), "", Stage.BROWNOUT)
KINDS = ["announced", "moved", "closed", "paused", "cancelled", "reopened"]


def _stage(rig: Rig, feature: str, state: str, locale: str) -> tuple[Scene, Plan]:
    """Bring a plan into a state, and set the scene for a reader."""
    since, standing, expected = STATES[state]
    rig.edit(f"{SHOP}[retirement.{feature}]\n{FEATURES[feature]}")
    settings = rig.live().settings
    why = {"en": "The lease was renewed.", "fr": "Le bail a été renouvelé."}
    plan = replace(
        settings.plans[feature],
        standing=standing,  # type: ignore[arg-type]  # of the table above
        reopened=why if standing == "rolled_back" else {},
    )
    if state == "brownout":
        at = CLOSES + since
        on = Brownout(at - timedelta(hours=1), at + timedelta(hours=2))
        plan = replace(plan, brownouts=(on,), delivered=True)
    rig.live.swap(replace(settings, plans={feature: plan}))
    rig.time.reach(CLOSES + since)
    scene = rig.house.telling.scene(locale)
    assert scene.facing("mug").stage is expected
    return scene, plan


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("feature", FEATURES)
async def test_what_buyers_read_in_every_state(rig: Rig, feature: str, locale: str) -> None:
    """Each state has its own title and sentences: what stops and when, what goes on, where to go, orders, whom to ask."""
    parts = []
    for state in STATES:
        scene, plan = _stage(rig, feature, state, locale)
        product = "mug" if feature == "product.mug" else ""
        above = plain(banner(scene, "mug")) or "-"
        parts.append(f"=== {state}\nbanner: {above}\n{flat(announced(scene, plan, product))}")
    text = "\n\n".join(parts)
    assert ("Lighthouse print" in text) == (feature != "product.mug")
    hold(f"buyers.{feature}.{locale}", text)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("feature", FEATURES)
async def test_what_sellers_read_of_every_turn(rig: Rig, feature: str, locale: str) -> None:
    """Announced, moved to another day, closed, on hold, called off, taken back: which day, why, where else, open orders."""
    parts = []
    for kind in KINDS:
        state = {"cancelled": "rolled back", "reopened": "rolled back", "closed": "closed", "paused": "paused"}
        scene, plan = _stage(rig, feature, state.get(kind, "announced"), locale)
        was = CLOSES - timedelta(days=7) if kind == "moved" else None
        parts.append(f"=== {kind}\n{flat(Replies().sellers(scene, plan, kind, was))}")
    hold(f"sellers.{feature}.{locale}", "\n\n".join(parts))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("door", ["slack", "discord", "web"])
async def test_how_each_door_says_it(rig: Rig, door: str, locale: str) -> None:
    """The same notice as each platform carries it, so that nothing of it is lost on the way and a screen reader reads all."""
    parts = []
    for state in STATES:
        scene, plan = _stage(rig, "product.mug", state, locale)
        card = announced(scene, plan, "mug")
        said = _drawn(door, card)
        pieces = [piece.strip() for paragraph in card.text for piece in paragraph if isinstance(piece, str)]
        assert [piece for piece in pieces if piece not in said.replace("\\", "")] == []
        parts.append(f"=== {state}\n{said}")
    hold(f"doors.{door}.{locale}", "\n\n".join(parts))


def _drawn(door: str, card: Card) -> str:
    if door == "slack":
        return message(card).text
    if door == "discord":
        drawn = discord_cards.card(card).embed
        return "\n".join(
            [str(drawn.title), str(drawn.description), *(f"{each.name}: {each.value}" for each in drawn.fields)]
        )
    reply = render(card, ZoneInfo("Europe/Paris"))
    return "\n".join([str(reply["title"]), str(reply["body"]), str(reply["facts"])])


OWN = """
[retirement.buy.text]
banner.en = "<!channel> *Last* orders by {date} @everyone {{really}}"
banner_soon.en = "Hurry: {date}"
ended.en = "Over since {date} <b>sorry</b> [press](https://evil.example)"
orders.en = "Parcels go on."
contact.en = "Ring {contact}."
"""


async def test_the_operators_own_words_are_said_in_the_language_they_wrote(rig: Rig) -> None:
    """Their banner, notice, orders and contact take the place of Tillbot's; who reads another language reads Tillbot's."""
    rig.edit(f"{SHOP}[retirement.buy]\n{FEATURES['buy']}{OWN}")
    rig.time.reach(CLOSES - timedelta(days=20))
    date = "10 April 2026 at 14:00 (Europe/Paris)"
    english, french = rig.house.telling.scene("en"), rig.house.telling.scene("fr")
    assert plain(banner(english)) == f"<!channel> *Last* orders by {date} @everyone {{really}}"
    assert plain(banner(french)).startswith("La vente s’arrête ici le 10 avril 2026")
    rig.time.reach(CLOSES - timedelta(days=2))
    assert plain(banner(rig.house.telling.scene("en"))) == f"Hurry: {date}"
    rig.time.reach(CLOSES + timedelta(days=5))
    plan = rig.live().settings.plans["buy"]
    said = [plain(line) for line in buyers(rig.house.telling.scene("en"), plan).text]
    assert said[0] == f"Over since {date} <b>sorry</b> [press](https://evil.example)"
    assert {"Parcels go on.", "Ring help@harbour.example."} <= set(said)
    assert "Over since" not in flat(buyers(rig.house.telling.scene("fr"), plan))


async def test_the_operators_own_words_are_data_on_every_door(rig: Rig) -> None:
    """Markup and mentions in them are shown as they were written, and a text of any length stays within the limits."""
    long = 'banner.en = "{date} ' + "<!here> *x* @everyone " * 85 + '"\n'
    rig.edit(f"{SHOP}[retirement.buy]\n{FEATURES['buy']}[retirement.buy.text]\n{long}")
    rig.time.reach(CLOSES - timedelta(days=20))
    card = announced(rig.house.telling.scene("en"), rig.live().settings.plans["buy"])
    drawn = message(card)
    assert "<!here>" not in str(drawn.blocks) + drawn.text
    assert len(drawn.text) <= 4000
    described = str(discord_cards.card(card).embed.description)
    assert "\\*x\\*" in described
    assert len(described) <= 4096


def test_a_state_stands_for_a_part_of_the_calendar() -> None:
    """The instants of the states lie where the calendar has them: nothing here goes stale when a default moves."""
    plan = Plan("buy", CLOSES - timedelta(days=38), CLOSES, ZoneInfo("Europe/Paris"))
    assert closes_at(plan, Capability.REFUND) < CLOSES + STATES["retired"][0]
    assert closes_at(plan, Capability.HISTORY) < CLOSES + STATES["history ended"][0]
    assert closes_at(plan, Capability.HISTORY) > CLOSES + STATES["retired"][0]
