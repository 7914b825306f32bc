"""Brownouts in a running shop: /buy answers with the notice for a while, and everything begun, paid or given goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.chat import Button, Card
from bot.errors import Closed
from bot.facing import browned
from bot.orders import State
from bot.pages import Redirect
from bot.retirement import Brownout, Plan, Scope, Stage
from bot.selling import wish
from bot.words import plain
from commands.notice import buyers
from tests.bot.rig import CLOSING, SHOP, Rig, opened
from tests.bot.test_edited_retirements import ANNOUNCED, deeds, lines, stage
from tests.bot.test_public_calendar import events, follow

FIRST = datetime(2026, 3, 20, 12, tzinfo=UTC)
SECOND = datetime(2026, 3, 27, 12, tzinfo=UTC)
TEXT = SHOP.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]') + CLOSING.replace(
    'contact = "',
    """brownouts = [
    {starts = 2026-03-20T12:00:00Z, ends = 2026-03-20T13:00:00Z},
    {starts = 2026-03-27T12:00:00Z, ends = 2026-03-27T15:00:00Z},
]
brownout_errors = 2
brownout_complaints = 2
contact = \"""",
)


@pytest.fixture
async def announced(rig: Rig) -> Rig:
    """Give a shop whose closing has been announced, with brownouts."""
    rig.time.reach(ANNOUNCED)
    await rig.file(TEXT)
    return rig


def said(card: Card) -> str:
    """Read a card's sentences."""
    return "\n".join(plain(line) for line in card.text)


async def watch(rig: Rig) -> None:
    """Let the tick of brownouts pass, and do what follows."""
    await rig.house.telling.till.brownouts.refresh()
    await rig.house.telling.till.brownouts.tick()
    await rig.deliver()
    await rig.live.refresh()


async def remind(rig: Rig) -> None:
    """Let a round of reminders be opened, told and ended."""
    for _ in range(3):
        await rig.house.reminding.tick()
        await rig.deliver()


@pytest.fixture
async def delivered(announced: Rig) -> Rig:
    """Give such a shop after its first reminders were told."""
    announced.time.reach(datetime(2026, 3, 11, 13, 5, tzinfo=UTC))  # the step is at 14:00 in Paris
    await remind(announced)
    await watch(announced)
    return announced


async def test_there_is_none_before_the_announcement_has_arrived(announced: Rig) -> None:
    """Reminders that are still under way hold it off; once they were told it is on, and the log says since when."""
    announced.time.reach(FIRST)
    await watch(announced)
    assert stage(announced) is Stage.ANNOUNCED
    assert (await announced.place()).state is State.AWAITING
    await announced.house.reminding.tick()  # opened, and nobody told yet
    await watch_without_telling(announced)
    assert stage(announced) is Stage.ANNOUNCED
    await remind(announced)
    await watch(announced)
    assert stage(announced) is Stage.BROWNOUT
    assert (await deeds(announced))[-1] == "retire.delivered"


async def test_a_round_that_was_cut_short_is_no_announcement(rig: Rig) -> None:
    """Where the next step speaks before a round has found whom it concerns, brownouts wait for that one to be told."""
    rig.time.reach(ANNOUNCED)
    await rig.file(TEXT.replace('slack = ["boss"]', "").replace('slack = "C-STAFF"', ""))
    await rig.paid(await rig.place("zine"))
    rig.time.reach(datetime(2026, 3, 11, 13, 5, tzinfo=UTC))
    await rig.house.reminding.tick()  # opened; then the shop is down for two weeks
    rig.time.reach(SECOND + timedelta(hours=1, minutes=5))
    await rig.house.reminding.tick()
    await watch_without_telling(rig)
    assert stage(rig) is Stage.ANNOUNCED
    await remind(rig)
    await watch(rig)
    assert stage(rig) is Stage.BROWNOUT


async def watch_without_telling(rig: Rig) -> None:
    """Let the tick of brownouts pass while jobs wait."""
    await rig.house.telling.till.brownouts.tick()
    await rig.live.refresh()


async def test_sellers_read_of_them_with_the_date(announced: Rig) -> None:
    """The notice that announces the closing says when nothing new is sold before it."""
    assert "Before that nothing new is sold here for a while: 20 March 2026" in said(announced.voice.to("boss")[-1])


async def test_where_nobody_is_reminded_the_staff_has_heard(rig: Rig) -> None:
    """Without reminders before the closing it waits until each seat was told of the date."""
    rig.time.reach(ANNOUNCED)
    await rig.file(TEXT + "\n[retirement.buy.reminders]\ndays = [0]\n")
    rig.time.reach(FIRST)
    await rig.deliver()
    await watch(rig)
    assert stage(rig) is Stage.BROWNOUT


async def test_what_is_begun_paid_or_given_goes_on(delivered: Rig) -> None:
    """In the window /buy answers with the notice in all its forms; pay links lead on, paid orders are delivered, gifts too."""
    delivered.time.reach(FIRST - timedelta(minutes=5))
    begun, other = await delivered.place("zine"), await delivered.place("mug/blue", who="bob")
    ctx = await delivered.context("cid")
    wanted = wish(ctx, ctx.shop.catalogue.variants["zine"], 1, "")
    delivered.time.reach(FIRST)
    for text in ("/buy", "/buy zine", "/buy something else"):
        card = await delivered.say(text)
        assert card.title == "Buy is closed for now"
        assert "Buying works again on 20 March 2026 at 14:00 (Europe/Paris)" in said(card)
    assert (await delivered.press("buy.place", product="zine", quantity="1")).title == "Buy is closed for now"
    with pytest.raises(Closed):  # in the unit that would take it, whatever the snapshot said
        await ctx.till.selling.place(ctx, wanted)
    assert isinstance(await follow(delivered, begun), Redirect)
    assert (await delivered.paid(begun)).state is State.FULFILLED
    await delivered.tick()
    assert (await delivered.order(other.id)).state is State.AWAITING, "nothing that is open is ended"
    moved = await delivered.press("orders.reroute", f"{other.id} DE", "bob")
    assert (await delivered.order(moved.order)).state is State.AWAITING, "what is begun can ship elsewhere"
    assert (await delivered.say("/donate 10 to water")).state == "awaiting"
    delivered.time.reach(FIRST + timedelta(hours=1))
    assert (await delivered.place("zine", who="cid")).state is State.AWAITING


async def test_every_replica_gives_the_same_answer(delivered: Rig) -> None:
    """Another shop on the same database has the brownout, and has none as soon as the first was told to stop it."""
    delivered.time.reach(FIRST)
    async with opened(delivered.world) as other:
        assert (await other.say("/buy zine", "bob")).title == "Buy is closed for now"
        await delivered.say("/shop retire brownout stop", "boss")
        assert (await other.place("zine", who="bob")).state is State.AWAITING


async def test_stopped_by_hand(delivered: Rig) -> None:
    """It ends at once, none comes any more, the closing stays, and the log has who, when and why; twice is refused."""
    delivered.time.reach(FIRST + timedelta(minutes=5))
    assert stage(delivered) is Stage.BROWNOUT
    assert "what you can say" in str(await delivered.say("/shop retire brownout stop")).casefold(), "only admins"
    stopped = await delivered.say("/shop retire brownout stop The exams.", "boss", key="stop")
    assert "no brownout any more" in said(stopped)
    assert str((await delivered.say("/shop retire brownout stop The exams.", "boss", key="stop")).text) == "()"
    assert stage(delivered) is Stage.ANNOUNCED
    assert (await delivered.place()).state is State.AWAITING
    delivered.time.reach(SECOND)
    assert stage(delivered) is Stage.ANNOUNCED
    entry = (await lines(delivered))[-1].entry
    assert (entry.who, entry.what, entry.why) == ("slack:boss", "retire.brownout_stop", "The exams.")
    assert "No brownout is to come" in str(await delivered.say("/shop retire brownout stop", "boss"))
    assert "were stopped" in said(await delivered.say("/shop retire", "boss"))


async def test_too_many_complaints_stop_it(delivered: Rig) -> None:
    """One person counts once; at the second person it stops, admins are told, and the next click says that one can buy."""
    delivered.time.reach(FIRST + timedelta(minutes=5))
    card = await delivered.say("/buy zine")
    (button,) = (each for each in card.actions if isinstance(each, Button) and each.to.id == "buy.complain")
    for _ in range(2):
        assert "this is stopped at once" in plain((await delivered.press("buy.complain", button.value)).text[0])
    await watch(delivered)
    assert stage(delivered) is Stage.BROWNOUT
    await delivered.press("buy.complain", button.value, "bob")
    await watch(delivered)
    assert stage(delivered) is Stage.ANNOUNCED
    assert (await delivered.place()).state is State.AWAITING
    assert "people who could not wait: 2" in said(delivered.voice.to("boss")[-1])
    assert (await delivered.press("buy.complain", button.value, "cid")).title == "You can buy again"
    entry = (await lines(delivered))[-1].entry
    assert (entry.who, entry.why) == ("tillbot", "0 errors, 2 complaints")
    async with delivered.database.store.reading() as unit:
        kept = str(await unit.facts.named("brownout:"))
    assert "ann" not in kept
    assert "bob" not in kept


async def test_an_old_button_says_what_is_so(delivered: Rig) -> None:
    """Who presses it after the window can buy again; after the closing they read the notice, and not that they can."""
    delivered.time.reach(FIRST + timedelta(hours=1))
    assert (await delivered.press("buy.complain", "zine")).title == "You can buy again"
    delivered.time.reach(datetime(2026, 4, 10, 12, tzinfo=UTC))
    assert (await delivered.press("buy.complain", "zine")).title == (await delivered.say("/buy zine")).title
    assert (await delivered.press("buy.complain", "")).title == "Buy has closed here"


async def test_who_complained_is_forgotten_after_it(delivered: Rig) -> None:
    """While it is on, one person counts once; when it is over, only how many they were is kept."""
    brownouts = delivered.house.telling.till.brownouts
    delivered.time.reach(FIRST + timedelta(minutes=5))
    for _ in range(2):
        await delivered.press("buy.complain", "zine")
        await brownouts.forget()
    await watch(delivered)
    assert stage(delivered) is Stage.BROWNOUT
    delivered.time.reach(FIRST + timedelta(hours=1))
    await brownouts.forget()
    async with delivered.database.store.reading() as unit:
        kept = await unit.facts.named("brownout:")
    assert list(kept.values()) == ["1"]
    assert all(name.endswith(":complaints") for name in kept)


async def test_who_cannot_wait_for_a_campaign_is_heard(rig: Rig) -> None:
    """Also where the notice speaks of several products, its button speaks of one whose brownout is on."""
    settings = rig.live().settings
    plan = Plan("campaign.spring", ANNOUNCED, FIRST + timedelta(days=9), ZoneInfo("UTC"), products=("print", "zine"))
    plan = replace(plan, brownouts=(Brownout(FIRST, FIRST + timedelta(hours=1)),), delivered=True)
    rig.live.swap(replace(settings, plans={plan.feature: plan}))
    rig.time.reach(FIRST)
    card = buyers(rig.house.telling.scene(), plan)
    (button,) = (each for each in card.actions if isinstance(each, Button) and each.to.id == "buy.complain")
    assert browned([plan], rig.time.at, Scope(product=button.value)) == plan


async def test_too_many_errors_stop_it(delivered: Rig) -> None:
    """Answers that fail while it is on are counted over replicas; before and after they count for nothing."""
    brownouts = delivered.house.telling.till.brownouts
    brownouts.failed()
    delivered.time.reach(FIRST + timedelta(minutes=5))
    brownouts.failed()
    await watch(delivered)
    assert stage(delivered) is Stage.BROWNOUT
    brownouts.failed()
    await watch(delivered)
    assert stage(delivered) is Stage.ANNOUNCED
    assert "Answers that failed: 2" in said(delivered.voice.to("boss")[-1])


async def test_a_feature_is_known_however_it_is_written(rig: Rig) -> None:
    """Who stops those of "Buy" stops no others, and says nothing as the reason."""
    rig.time.reach(ANNOUNCED)
    mugs = CLOSING.replace("retirement.buy", "retirement.product.mug").replace(
        'contact = "', 'brownouts = [{starts = 2026-03-20T12:00:00Z, ends = 2026-03-20T13:00:00Z}]\ncontact = "'
    )
    await rig.file(TEXT + mugs)
    await rig.say("/shop retire brownout stop Buy", "boss")
    await rig.live.refresh()
    assert {name: plan.lit for name, plan in rig.live().settings.plans.items()} == {"buy": True, "product.mug": False}
    assert (await lines(rig))[-1].entry.why == ""


async def test_stopped_for_good(delivered: Rig) -> None:
    """Another date in the file brings no brownout back that was stopped; other windows do."""
    delivered.time.reach(FIRST + timedelta(minutes=5))
    await delivered.say("/shop retire brownout stop", "boss")
    later = TEXT.replace("closes = 2026-04-10", "closes = 2026-04-11")
    await delivered.file(later)
    delivered.time.reach(SECOND + timedelta(minutes=5))
    await remind(delivered)
    await watch(delivered)
    assert stage(delivered) is Stage.ANNOUNCED
    assert "were stopped" in said(await delivered.say("/shop retire", "boss"))
    moved = later.replace("closes = 2026-04-11", "closes = 2026-04-12").replace("2026-03-27T12", "2026-03-28T12")
    why = 'short_notice_reason.en = "One more try."\nreason.en = "The'
    await delivered.file(moved.replace("2026-03-27T15", "2026-03-28T15").replace('reason.en = "The', why))
    delivered.time.reach(SECOND + timedelta(days=1, minutes=5))
    await remind(delivered)
    await watch(delivered)
    assert stage(delivered) is Stage.BROWNOUT


async def test_what_was_stopped_once_stops_again(delivered: Rig) -> None:
    """Where an edit lets the window of a brownout that was stopped go on, too much trouble stops it again, and admins hear."""
    delivered.time.reach(FIRST + timedelta(minutes=5))
    await suffer(delivered)
    assert stage(delivered) is Stage.ANNOUNCED
    why = 'short_notice_reason.en = "One more try."\n'
    longer = TEXT.replace("2026-03-20T13:00:00Z", "2026-03-20T14:00:00Z").replace(
        'reason.en = "The', why + 'reason.en = "The'
    )
    await delivered.file(longer.replace("closes = 2026-04-10", "closes = 2026-04-11"))
    for at in (FIRST + timedelta(minutes=6), datetime(2026, 3, 20, 13, 5, tzinfo=UTC)):
        delivered.time.reach(at)
        await remind(delivered)
    await suffer(delivered)
    assert stage(delivered) is Stage.ANNOUNCED
    assert (await deeds(delivered)).count("retire.brownout_stop") == 2
    stopped = [card for card in delivered.voice.to("boss") if "Answers that failed" in said(card)]
    assert len(stopped) == 2


async def suffer(rig: Rig) -> None:
    """Let as many answers fail as a brownout bears."""
    for _ in range(2):
        rig.house.telling.till.brownouts.failed()
    for _ in range(2):
        await watch(rig)


async def test_everybody_can_plan_by_it(delivered: Rig) -> None:
    """Programs read the windows, the calendar has an event for each, called off when they were stopped; the page says it."""
    assert "Before that nothing new is sold here for a while: 20 March 2026" in said(
        (await delivered.house.pages.retirement("en")).card
    )
    data = (await delivered.house.pages.retirement("en")).data["features"]["buy"]  # type: ignore[index]  # JSON
    assert data["brownouts"][1] == {"starts": "2026-03-27T13:00:00+01:00", "ends": "2026-03-27T16:00:00+01:00"}
    found = events(await delivered.house.pages.calendar("en"))["buy.brownout.2@till.example"]
    assert (found["DTSTART"], found["DTEND"], found["STATUS"]) == ("20260327T120000Z", "20260327T150000Z", "CONFIRMED")
    delivered.time.reach(FIRST)
    assert (await delivered.house.pages.retirement("en")).card.title == "Buy is closed for now"
    await delivered.say("/shop retire brownout stop", "boss")
    await delivered.live.refresh()
    found = events(await delivered.house.pages.calendar("en"))["buy.brownout.2@till.example"]
    assert found["STATUS"] == "CANCELLED"
