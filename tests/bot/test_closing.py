"""Closing Buy: each thing that follows from the calendar is done once, whenever the process comes to it; Donate stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.chat import Button
from bot.errors import Closed
from bot.orders import State
from bot.pages import Gone, Page, Redirect
from bot.public_calendar import Sunset
from bot.selling import wish
from bot.shop import Stock
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

ANNOUNCED = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def world(world: World) -> World:
    world.text = SHOP + CLOSING
    return world


async def test_before_it_is_announced_nothing_is_said(rig: Rig) -> None:
    """Neither a banner nor a notice a moment before `announced`."""
    rig.time.reach(ANNOUNCED - timedelta(seconds=1))
    await rig.tick()
    assert "closes" not in str(await rig.say("/buy mug/blue"))
    assert rig.voice.posted == {}


async def test_from_the_announcement_on_every_buy_says_when(rig: Rig) -> None:
    """The form and the card carry the banner with the date, and everything works as before."""
    rig.time.reach(ANNOUNCED)
    assert "10 April 2026" in str((await rig.form("/buy")).intro)
    card = await rig.say("/buy mug/blue")
    assert "Buy closes here on" in str(card.text[0])
    assert card.state == "awaiting"
    rig.time.reach(CLOSES - timedelta(days=2))
    assert "Last days" in str((await rig.form("/buy")).intro)


async def test_sellers_are_told_once_for_each_seat_at_both_instants(rig: Rig) -> None:
    """The staff channel and each admin in private get both notices once, however often the calendar ticks."""
    for at, title in ((ANNOUNCED, "Selling here will end"), (CLOSES, "Selling here has ended")):
        rig.time.reach(at)
        for _ in range(3):
            await rig.tick()
        assert [card.title for card in rig.voice.posted.values()].count(title) == 1
        assert [card.title for card in rig.voice.to("boss")].count(title) == 1
    assert len(rig.voice.posted) == len(rig.voice.to("boss")) == 2


async def test_a_replica_with_an_older_config_follows_no_calendar(rig: Rig) -> None:
    """Where another version of the config is active, nothing that this one's dates say is done; as the active one, all is."""
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order = await rig.place()
    async with rig.database.store.unit() as unit:
        await unit.facts.put("config:active", "another version")
    rig.time.reach(CLOSES)
    await rig.tick()
    assert "Selling here has ended" not in [card.title for card in rig.voice.posted.values()]
    assert (await rig.order(order.id)).state is State.AWAITING
    async with rig.database.store.unit() as unit:
        await unit.facts.put("config:active", rig.live().settings.digest)
    await rig.tick()
    assert [card.title for card in rig.voice.posted.values()].count("Selling here has ended") == 1
    assert (await rig.order(order.id)).state is State.EXPIRED


async def test_what_came_due_while_the_process_was_down_is_done_once_at_its_start(world: World) -> None:
    """Down at both instants: the next process tells of the closing, ends the open checkout, and a third does nothing."""
    async with opened(world) as rig:
        order = await rig.place()
    world.time.reach(CLOSES + timedelta(hours=3))
    for _ in range(2):
        async with opened(world) as rig:
            await rig.tick()
            await rig.tick()
            assert (await rig.order(order.id)).state is State.EXPIRED
    assert [card.title for card in world.voice.posted.values()] == ["Selling here has ended"]
    assert [card.title for card in world.voice.to("boss")] == ["Selling here has ended"]
    assert await _kinds(world, order.buyer.id) == ["closed"]


async def _kinds(world: World, who: str) -> list[str]:
    async with opened(world) as rig:
        return await rig.kinds(who)


async def test_nothing_that_is_said_or_pressed_opens_a_checkout_from_closing_on(rig: Rig) -> None:
    """Typed, submitted late, an old button, a card of choices: all answer with the notice, and Stripe is not asked."""
    ctx = await rig.context()
    form = await rig.form("/buy")
    wanted = wish(ctx, ctx.shop.catalogue.variants["mug/blue"], 1, "")
    rig.time.reach(CLOSES)
    late = [
        await rig.say("/buy"),
        await rig.say("/buy mug/blue 2"),
        await rig.say("!buy nonsense", locale="en"),
        await rig.press(form.to.id, product="mug/blue", quantity="1", code=""),
        await rig.press("buy.choose", "mug/blue 1"),
        await rig.press("buy"),
    ]
    for card in late:
        assert card.title == "Buy has closed here"
        assert any(isinstance(action, Button) and action.to.id == "donate" for action in card.actions)
    with pytest.raises(Closed):
        await ctx.till.selling.place(ctx, wanted)
    assert rig.stripe.asked["open"] == 0


async def test_donate_and_orders_are_as_before(rig: Rig) -> None:
    """From closing on people give and read their orders as ever."""
    rig.time.reach(CLOSES + timedelta(days=1))
    await rig.tick()
    card = await rig.say("/donate 10 to water")
    assert card.state == "awaiting"
    assert "clos" not in str(card.text).casefold()
    assert (await rig.paid(await rig.order(card.order))).state is State.PAID
    assert "Clean water" in str((await rig.say("/orders")).text)


async def test_open_checkouts_end_at_stripe_once_and_their_stock_is_free(rig: Rig) -> None:
    """Each open checkout is expired at Stripe, its person told once with the alternatives; gifts are left alone."""
    rig.time.reach(CLOSES - timedelta(minutes=10))
    orders = [await rig.place("mug/blue", 1, who) for who in ("ann", "bob")]
    gift = await rig.order((await rig.say("/donate 10 to kitchen", "cid")).order)
    rig.time.reach(CLOSES)
    for _ in range(3):
        await rig.tick()
    for order, who in zip(orders, ("ann", "bob"), strict=True):
        assert (await rig.order(order.id)).state is State.EXPIRED
        assert await rig.kinds(who) == ["closed"]
        assert "The market" in str(rig.voice.to(who)[-1].text)
    assert rig.stripe.asked["expire"] == 2
    assert await rig.stock() == Stock()
    assert (await rig.order(gift.id)).state is State.AWAITING
    assert rig.stripe.of(gift.id)[0].status == "open"


async def test_one_found_complete_while_closing_is_paid(rig: Rig) -> None:
    """Paid a second before, the news not yet here: Stripe's word makes it a paid order, and it is delivered."""
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    rig.stripe.news()  # the webhook is lost
    rig.time.reach(CLOSES)
    await rig.tick()
    assert (await rig.order(order.id)).state is State.FULFILLED
    assert await rig.kinds() == ["paid"]


async def test_a_payment_still_settling_is_waited_for_and_honoured(rig: Rig) -> None:
    """Awaiting settlement at closing: left alone, and delivered when the money is there."""
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order = await rig.place("zine")
    rig.stripe.pay(order.session, "later")
    await rig.deliver()
    rig.time.reach(CLOSES + timedelta(days=2))
    await rig.tick()
    assert (await rig.order(order.id)).state is State.PROCESSING
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.FULFILLED


async def test_a_draft_at_closing_gives_no_pay_link(rig: Rig) -> None:
    """In doubt when it closed: its session is ended the moment it is found."""
    rig.time.reach(CLOSES - timedelta(seconds=2))
    rig.stripe.fail("after", "open")
    order = await rig.place()
    rig.time.reach(CLOSES)
    await rig.tick()
    rig.time.pass_(seconds=11)
    await rig.tick()
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert [session.status for session in rig.stripe.of(order.id)] == ["expired"]
    assert await rig.kinds() == ["closed"]


async def test_closing_goes_on_when_stripe_answers_again(rig: Rig) -> None:
    """Stripe down at the instant: the open checkout is ended as soon as it answers, once."""
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order = await rig.place()
    rig.time.reach(CLOSES)
    rig.stripe.down = True
    await rig.tick()
    assert (await rig.order(order.id)).state is State.AWAITING
    rig.stripe.down = False
    rig.time.pass_(minutes=1)
    await rig.tick()
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert await rig.kinds() == ["closed"]


async def test_old_pay_links_are_gone_and_honest(world: World) -> None:
    """A pay link leads to Stripe while it is open, to the order once that is paid, and answers 410 when Buy has closed."""
    world.text = world.text.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')
    async with opened(world) as rig:
        rig.time.reach(CLOSES - timedelta(minutes=10))
        unpaid, paid = await rig.place(), await rig.place()
        gift = await rig.order((await rig.say("/donate 10 to water")).order)
        ctx = await rig.context()

        async def follow(number: str) -> Redirect | Page | Gone:
            token = ctx.till.reading.pay_url(await rig.order(number)).rpartition("/")[2]
            return await rig.house.pages.pay(token, "en", "")

        ends = Sunset(CLOSES, ANNOUNCED, "https://till.example/retirement")
        assert await follow(unpaid.id) == Redirect(unpaid.session_url, ends)
        await rig.paid(paid)
        rig.time.reach(CLOSES)
        gone = await follow(unpaid.id)
        assert isinstance(gone, Gone), "before the job has come to it, too"
        assert (gone.sunset, gone.alternates) == (ends, ("https://market.example/",))
        await rig.tick()
        assert isinstance(await follow(unpaid.id), Gone)
        shown = await follow(paid.id)
        assert isinstance(shown, Page)
        assert shown.card.state == "paid"
        assert await follow(gift.id) == Redirect(gift.session_url)
        forged = await rig.house.pages.pay(f"{unpaid.id}.AAAAAAAAAAAAAAAAAAAAAA", "en", "")
        assert isinstance(forged, Page)
        assert forged.status == 404


async def test_a_closing_that_is_postponed_is_announced_anew(rig: Rig) -> None:
    """A later date is another closing: its sellers hear of it, and Buy stays open until then."""
    rig.time.reach(ANNOUNCED)
    await rig.tick()
    rig.edit(SHOP + CLOSING.replace("2026-04-10", "2026-06-10"))
    await rig.tick()
    first, second = rig.voice.posted.values()
    assert (first.title, second.title) == ("Selling here will end", "The date on which selling here ends has changed")
    assert "10 June 2026" in str(second.text[0])
    assert "10 April 2026" in str(second.text[1])
    rig.time.reach(CLOSES)
    await rig.tick()
    assert (await rig.say("/buy mug/blue")).state == "awaiting"


async def test_the_same_instant_written_in_another_zone_is_the_same_closing(rig: Rig) -> None:
    """Rewriting 12:00 UTC as 14:00 in Paris tells nobody twice."""
    rig.time.reach(ANNOUNCED)
    await rig.tick()
    rig.edit(SHOP + CLOSING.replace("closes = 2026-04-10T12:00:00+00:00", "closes = 2026-04-10T14:00:00+02:00"))
    async with opened(rig.world) as other:
        other.edit(SHOP + CLOSING.replace("closes = 2026-04-10T12:00:00+00:00", "closes = 2026-04-10T14:00:00+02:00"))
        await other.tick()
    assert len(rig.voice.posted) == 1
