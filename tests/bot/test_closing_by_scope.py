"""Closing by scope: each capability ends for whom it ends, of products and campaigns too; money finds its way, gifts stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Closed
from bot.facing import scope_of
from bot.orders import Order, State
from bot.retirement import Capability
from bot.selling import wish
from bot.undelivered import LOOK
from bot.words import plain
from commands.replies import Replies
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

ANNOUNCED = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
DELIVERED = CLOSES + timedelta(days=60)
PRODUCT = CLOSING.replace("retirement.buy", "retirement.product.mug")
CAMPAIGN = CLOSING.replace("retirement.buy", "retirement.campaign.spring").replace(
    "contact = ", 'products = ["mug", "print"]\ncontact = '
)
FRANCE_LATER = """
[[retirement.buy.override]]
region = "FR"
closes = 2026-05-10T12:00:00+00:00
"""
MONTHLY = SHOP.replace('[product.badge]\nname = "Badge"', '[product.badge]\nname = "Badge"\nevery = "month"').replace(
    '"0.20"', '"6.00"'
)


async def wants(rig: Rig, variant: str, country: str = "", who: str = "ann") -> Order | Closed:
    """Order one of something; what has closed is given back as that."""
    ctx = await rig.context(who)
    try:
        return await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants[variant], 1, "", country))
    except Closed as error:
        return error


@pytest.mark.parametrize(("text", "feature"), [(PRODUCT, "product.mug"), (CAMPAIGN, "campaign.spring")])
async def test_only_what_retires_closes(rig: Rig, text: str, feature: str) -> None:
    """From the instant on the product, or those of the campaign, are refused with their own plan, and all else is sold."""
    await rig.file(SHOP + text)
    rig.time.reach(CLOSES - timedelta(seconds=1))
    mug, zine = await wants(rig, "mug/blue"), await wants(rig, "zine", who="bob")
    assert isinstance(mug, Order)
    assert isinstance(zine, Order)
    rig.time.reach(CLOSES)
    await rig.tick()
    assert (await rig.order(mug.id)).state is State.EXPIRED
    assert (await rig.order(zine.id)).state is State.AWAITING
    refused = await wants(rig, "mug/blue")
    assert isinstance(refused, Closed)
    assert (refused.plan.feature, refused.capability) == (feature, Capability.CHECKOUT_NEW)
    assert isinstance(await wants(rig, "zine", who="cid"), Order)


async def test_each_order_ends_by_its_own_scope(rig: Rig) -> None:
    """A region that closes later is sold to and paid from until then, while the open checkouts of the others end."""
    await rig.file(SHOP + CLOSING + FRANCE_LATER)
    rig.time.reach(CLOSES - timedelta(minutes=10))
    france, germany = await wants(rig, "mug/blue", "FR"), await wants(rig, "mug/blue", "DE", "bob")
    assert isinstance(france, Order)
    assert isinstance(germany, Order)
    rig.time.reach(CLOSES)
    await rig.tick()
    assert (await rig.order(germany.id)).state is State.EXPIRED
    assert (await rig.paid(france, country="FR")).state is State.PAID
    assert isinstance(await wants(rig, "mug/blue", "DE", "cid"), Closed)
    assert isinstance(await wants(rig, "mug/blue", "FR", "cid"), Order)


async def test_what_was_begun_may_be_paid_where_that_is_decided(rig: Rig) -> None:
    """With `open_checkouts = "finish"` nothing is ended by us; what is paid after the closing is honoured."""
    await rig.file(SHOP + CLOSING + '\n[retirement.buy.leftovers]\nopen_checkouts = "finish"\n')
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order = await rig.place("zine")
    rig.time.reach(CLOSES + timedelta(minutes=5))
    await rig.tick()
    assert rig.stripe.asked["expire"] == 0
    assert (await rig.paid(order)).state is State.FULFILLED


async def test_no_month_begins_of_what_is_known_to_end(rig: Rig) -> None:
    """From the announcement on a monthly purchase is refused in words of its own, and single ones go on."""
    await rig.file(MONTHLY + CLOSING)
    rig.time.reach(ANNOUNCED - timedelta(seconds=1))
    assert isinstance(await wants(rig, "badge"), Order)
    rig.time.reach(ANNOUNCED)
    refused = await wants(rig, "badge", who="bob")
    assert isinstance(refused, Closed)
    assert refused.capability is Capability.SUBSCRIBE_NEW
    assert "no new monthly purchase begins any more" in str((await rig.say("/buy badge", "cid")).text)
    assert isinstance(await wants(rig, "zine", who="dan"), Order)


async def test_undelivered_orders_are_warned_of_and_then_given_back(rig: Rig) -> None:
    """The staff hears a week and a day before delivery ends, once each; then all goes back with a reason, gifts stay."""
    await rig.file(SHOP + CLOSING)
    rig.time.reach(CLOSES - timedelta(minutes=10))
    late, shipped = await rig.paid(await rig.place()), await rig.paid(await rig.place("mug/white", 1, "bob"))
    gift = await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen", "cid")).order))
    await rig.say(f"/shop ship {shipped.id} 1Z999", "boss")
    for before in (7, 7, 1, 1):
        rig.time.reach(DELIVERED - timedelta(days=before) + timedelta(hours=before))
        await rig.tick()
    warned = [text for card in rig.voice.to("boss") for text in map(plain, card.text) if "not delivered yet" in text]
    assert [late.id in text and shipped.id not in text for text in warned] == [True, True]
    assert (await rig.order(late.id)).state is State.PAID
    rig.time.reach(DELIVERED)
    await rig.tick()
    back = await rig.order(late.id)
    assert (back.state, back.refunded) == (State.REFUNDED, late.paid)
    assert (await rig.order(shipped.id)).state is State.FULFILLED
    assert (await rig.order(gift.id)).state is State.PAID
    assert "could not be delivered in time" in str(rig.voice.to("ann")[-1].text)
    assert rig.stripe.asked["refund"] == 1


async def test_undelivered_orders_go_back_at_once_where_that_is_decided(rig: Rig) -> None:
    """With `undelivered = "refund"` the money goes back when it closes, even where refunds take two admins, and not before."""
    two = SHOP.replace("[admins]\n", "[admins]\napprovals = 2\n")
    await rig.file(two + CLOSING + '\n[retirement.buy.leftovers]\nundelivered = "refund"\n')
    rig.time.reach(CLOSES - timedelta(seconds=10))
    order = await rig.paid(await rig.place())
    await rig.tick()
    assert (await rig.order(order.id)).state is State.PAID
    rig.time.reach(CLOSES + LOOK)
    await rig.tick()
    assert (await rig.order(order.id)).state is State.REFUNDED


async def test_what_settles_after_the_closing_goes_back_where_that_is_decided(rig: Rig) -> None:
    """With `unsettled = "refund"` a payment on its way at the closing is never delivered, and goes back when it settles."""
    await rig.file(SHOP + CLOSING + '\n[retirement.buy.leftovers]\nunsettled = "refund"\n')
    rig.time.reach(CLOSES - timedelta(minutes=10))
    order, early = await rig.place("zine"), await rig.place("zine", who="bob")
    for each in (order, early):
        rig.stripe.pay(each.session, "later")
    await rig.deliver()
    rig.stripe.settle(early.session)
    await rig.deliver()
    rig.time.reach(CLOSES + timedelta(days=2))
    await rig.tick()
    rig.stripe.settle(order.session)
    await rig.deliver()
    rig.time.pass_(seconds=LOOK.total_seconds())
    await rig.tick()
    back = await rig.order(order.id)
    assert (back.state, back.refunded) == (State.REFUNDED, back.paid)
    assert [move.target for move in await rig.history(order.id)].count(State.FULFILLED) == 0
    assert "settled after selling here had ended" in str(rig.voice.to("ann")[-1].text)
    assert (await rig.order(early.id)).state is State.FULFILLED


@pytest.mark.parametrize(("monthly", "state"), [("now", "ended"), ("period_end", "stopping")])
async def test_monthly_purchases_end_as_is_decided(rig: Rig, monthly: str, state: str) -> None:
    """At `renew` a monthly purchase ends at once or with its period, a monthly gift goes on, and nothing is asked twice."""
    await rig.file(MONTHLY + CLOSING + f'\n[retirement.buy.leftovers]\nmonthly = "{monthly}"\n')
    order = await rig.paid(await rig.place("badge"))
    gift = await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen monthly", "bob")).order))
    rig.time.reach(CLOSES)
    for _ in range(3):
        await rig.tick()
    assert (await rig.pledge(order.id)).state == state
    assert (await rig.pledge(gift.id)).state == "active"
    assert (rig.stripe.asked["end"], rig.stripe.asked["stop"]) == ((1, 0) if monthly == "now" else (0, 1))


async def test_refunds_end_with_their_own_date(rig: Rig) -> None:
    """After `refund` has closed an admin is told where else money is given back; of a gift it goes back from here."""
    await rig.file(SHOP + CLOSING)
    order = await rig.paid(await rig.place())
    gift = await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen", "cid")).order))
    await rig.say(f"/shop ship {order.id} 1Z999", "boss")
    rig.time.reach(CLOSES + timedelta(days=180))
    assert "dashboard" in str(await rig.say(f"/shop refund {order.id} 5.00 chipped", "boss"))
    assert (await rig.order(order.id)).refunded is None
    await rig.say(f"/shop refund {gift.id} 10.00 by mistake", "boss")
    assert (await rig.order(gift.id)).state is State.REFUNDED


async def test_paid_in_the_same_second_in_every_order(world: World) -> None:
    """Paid, its news, the closing's tick and its jobs in every order: paid is honoured once, or expired and never paid."""
    steps = ("pay", "news", "tick")
    for number, first in enumerate(steps):
        for second in (step for step in steps if step != first):
            third = next(step for step in steps if step not in {first, second})
            here = world.folder / f"{number}{second}"
            here.mkdir()
            async with opened(World(here)) as rig:
                await rig.file(SHOP + CLOSING)
                rig.time.reach(CLOSES - timedelta(milliseconds=1))
                order = await rig.place("zine")
                rig.time.reach(CLOSES)
                for step in (first, second, third):
                    if step == "pay" and rig.stripe.of(order.id)[0].status == "open":
                        rig.stripe.pay(order.session)
                    elif step == "news":
                        for event in rig.stripe.news():
                            await rig.house.settling.receive(event)
                    elif step == "tick":
                        await rig.house.retiring.tick()
                        await rig.database.jobs.drain()
                await rig.tick()
                after = await rig.order(order.id)
                paid = rig.stripe.of(order.id)[0].payment == "paid"
                assert after.state is (State.FULFILLED if paid else State.EXPIRED), (first, second, third)
                assert (await rig.kinds()).count("paid") == int(paid)
                assert after.late_payment == ""


async def test_a_gift_is_in_nobodys_scope(rig: Rig) -> None:
    """With a plan of each kind in force, what a gift began goes on being payable, new ones begin, and asking is an error."""
    await rig.file(SHOP + CLOSING + PRODUCT.replace("closes = 2026-04-10", "closes = 2026-04-09") + CAMPAIGN)
    rig.time.reach(CLOSES - timedelta(minutes=5))
    gift = await rig.order((await rig.say("/donate 10 to kitchen monthly")).order)
    order = await rig.place("zine", who="cid")
    rig.time.reach(CLOSES + timedelta(minutes=5))
    await rig.tick()
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert (await rig.paid(gift)).state is State.PAID
    assert (await rig.pledge(gift.id)).state == "active"
    assert (await rig.say("/donate 10 to water", "bob")).state == "awaiting"
    with pytest.raises(ValueError, match="no retirement can close"):
        scope_of(gift)


async def test_undelivered_orders_are_warned_of_by_their_own_date(rig: Rig) -> None:
    """Where delivery ends later for a part, its orders are named as that date is near, and the others as theirs is."""
    later = DELIVERED + timedelta(days=30)
    part = f'\n[[retirement.buy.override]]\nregion = "FR"\nfulfil = {later.isoformat()}\n'
    part += f"refund = {(CLOSES + timedelta(days=200)).isoformat()}\n"
    await rig.file(SHOP + CLOSING + part)
    rig.time.reach(CLOSES - timedelta(minutes=10))
    france, germany = await wants(rig, "mug/blue", "FR"), await wants(rig, "mug/blue", "DE", "bob")
    assert isinstance(france, Order)
    assert isinstance(germany, Order)
    await rig.paid(france, country="FR")
    await rig.paid(germany, country="DE")

    def warned() -> list[tuple[bool, bool]]:
        said = [text for card in rig.voice.to("boss") for text in map(plain, card.text) if "not delivered yet" in text]
        return [(france.id in text, germany.id in text) for text in said]

    rig.time.reach(DELIVERED - timedelta(days=6))
    await rig.tick()
    assert warned() == [(False, True)]
    rig.time.reach(later - timedelta(days=6))
    await rig.tick()
    assert warned() == [(False, True), (True, False)]


async def test_notices_do_not_end_what_may_be_finished(rig: Rig) -> None:
    """With `open_checkouts = "finish"` neither buyers nor sellers read that an unpaid order has ended, and else both do."""
    ended, stays = "not paid by then has ended", "can still be paid for as long as its payment page is open"
    told: list[str] = []
    for text in (SHOP + CLOSING, SHOP + CLOSING + '\n[retirement.buy.leftovers]\nopen_checkouts = "finish"\n'):
        rig.edit(text)
        rig.time.reach(CLOSES)
        ctx = await rig.context()
        plan = rig.live().settings.plans["buy"]
        buyers, sellers = Replies().refusal(ctx, Closed(plan)), Replies().sellers(ctx, plan, "closed", None)
        told += [" ".join(map(plain, card.text)) for card in (buyers, sellers)]
    assert ended in told[0]
    assert "What was not paid has been ended" in told[1]
    assert [stays in text for text in told] == [False, False, True, True]
    assert not any("ended, and nothing" in text for text in told[2:])
