"""Disputes: admins are told in time and reminded, nothing goes back meanwhile, and a lost one takes away what was paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.chat import Card
from bot.errors import TooLate
from bot.money import Money
from bot.orders import Order, State
from bot.shop import Stock
from tests.bot.rig import SHOP, Rig, World, opened
from tests.commands.flat import flat

PERK = """
[perk.club]
platform = "slack"
kind = "channel"
target = "CCLUB"
name = "the club"
"""
WITH_PERK = SHOP.replace("[product.zine]", '[product.zine]\nperks = ["club"]') + PERK


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def warned(rig: Rig, words: str) -> list[Card]:
    """Give the cards with these words that the admin was told."""
    return [card for card in rig.voice.to("boss") if words in flat(card)]


async def disputed(rig: Rig, variant: str = "mug/blue", *, inquiry: bool = False) -> tuple[Order, str]:
    """Sell something whose payment is disputed, and let the shop hear of it."""
    order = await rig.paid(await rig.place(variant))
    dispute = rig.stripe.dispute(order.payment_intent, inquiry=inquiry)
    await rig.deliver()
    return await rig.order(order.id), dispute


@pytest.mark.parametrize("inquiry", [True, False])
async def test_an_open_dispute_is_told_with_its_deadline_and_stops_refunds(rig: Rig, inquiry: bool) -> None:
    """Admins are told once, with the last day; no refund while it is open; the buyer is sent nothing."""
    order, _ = await disputed(rig, inquiry=inquiry)
    await rig.deliver()
    assert order.disputed
    (card,) = warned(rig, "Evidence can be handed in at Stripe until")
    assert "11 March 2026" in flat(card)
    ctx = await rig.context("boss")
    with pytest.raises(TooLate) as refused:
        await ctx.till.refunding.refund(ctx, order.id)
    assert refused.value.state == "disputed"
    assert rig.stripe.asked["refund"] == 0
    assert await rig.kinds() == ["paid"]
    assert "disputed" in flat(await rig.press("orders.show"))
    (posted,) = [card for card in rig.voice.posted.values() if card.order == order.id]
    assert "The payer’s bank disputes" in flat(posted)


async def test_a_refund_on_its_way_is_stopped_by_a_dispute(rig: Rig) -> None:
    """Asked for while Stripe was down, and disputed before Stripe answers: it is not made, and admins hear of it."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.down = True
    await rig.say(f"/shop refund {order.id}", "boss")
    rig.stripe.down = False
    rig.stripe.dispute(order.payment_intent)
    for event in rig.stripe.news():
        await rig.house.settling.handle(event)
    rig.time.pass_(minutes=5)
    await rig.deliver()
    assert rig.stripe.payments[order.payment_intent].refunded == eur(0)
    assert len(warned(rig, "was not made (the payment is disputed)")) == 1


async def test_admins_are_reminded_three_days_and_one_day_before_the_last(rig: Rig) -> None:
    """Once each, ever, and not after the dispute was decided."""
    _, dispute = await disputed(rig)
    due = rig.stripe.disputes[dispute].due
    assert due is not None
    reminders = []
    for _ in range(10):
        rig.time.pass_(days=1)
        await rig.deliver()
        reminders.append(len(warned(rig, "and not after")))
    assert reminders == [0, 0, 0, 0, 0, 1, 1, 2, 2, 2]


async def test_a_decided_dispute_is_not_reminded_of(rig: Rig) -> None:
    """What was won in time needs nobody."""
    _, dispute = await disputed(rig)
    rig.stripe.decide(dispute, "won")
    for _ in range(10):
        rig.time.pass_(days=1)
        await rig.deliver()
    assert warned(rig, "and not after") == []


async def test_a_day_that_was_moved_is_reminded_of_in_its_own_time(rig: Rig) -> None:
    """An inquiry that becomes a dispute has another last day: the old one's reminders fall silent."""
    _, dispute = await disputed(rig, inquiry=True)
    before = rig.stripe.disputes[dispute]
    assert before.due is not None
    later = replace(before, due=before.due.replace(month=4))
    await rig.house.disputing.apply(later)
    for _ in range(12):
        rig.time.pass_(days=1)
        await rig.database.jobs.drain()
    assert warned(rig, "and not after") == []
    rig.time.reach(later.due or before.due)
    rig.time.pass_(days=-2)
    await rig.database.jobs.drain()
    assert len(warned(rig, "and not after")) == 1


async def test_a_lost_one_takes_the_perk_and_counts_apart_from_refunds(rig: Rig) -> None:
    """The money is gone: kept apart from what was refunded, the perk is taken, stock stays sold, the buyer is left alone."""
    rig.edit(WITH_PERK)
    order, dispute = await disputed(rig, "zine")
    assert rig.perks.held
    rig.stripe.decide(dispute, "lost")
    await rig.deliver()
    now = await rig.order(order.id)
    assert (now.state, now.disputed, now.disputed_away, now.refunded) == (State.FULFILLED, False, order.paid, None)
    assert not rig.perks.held
    assert await rig.stock("zine") == Stock(0, 1)
    assert await rig.kinds() == ["paid"]
    page = flat(await rig.press("orders.show"))
    assert "taken back by the bank" in page
    assert "Nothing is left" in flat(await rig.say(f"/shop refund {order.id}", "boss"))
    assert rig.stripe.asked["refund"] == 0


async def test_what_was_not_sent_is_not_sent_any_more(rig: Rig) -> None:
    """After a lost dispute the staff's card says so and has no button to ship; shipping by hand is refused."""
    order, dispute = await disputed(rig)
    assert order.state is State.PAID
    rig.stripe.decide(dispute, "lost")
    await rig.deliver()
    (posted,) = [card for card in rig.voice.posted.values() if card.order == order.id]
    assert "do not send anything any more" in flat(posted)
    assert "Mark shipped" not in flat(posted)
    card = await rig.say(f"/shop ship {order.id} 1Z", "boss")
    assert "taken back by the bank" in flat(card)
    assert (await rig.order(order.id)).state is State.PAID


async def test_a_won_one_leaves_all_as_it_was(rig: Rig) -> None:
    """Order, perk and stock are as before, and it can be refunded again."""
    rig.edit(WITH_PERK)
    order, dispute = await disputed(rig, "zine")
    rig.stripe.decide(dispute, "won")
    await rig.deliver()
    now = await rig.order(order.id)
    assert (now.disputed, now.disputed_away) == (False, None)
    assert rig.perks.held
    assert len(warned(rig, "is won")) == 1
    assert (await rig.say(f"/shop refund {order.id}", "boss")).state == "refunded"


async def test_a_gift_disputed_away_counts_no_more(rig: Rig) -> None:
    """What was raised falls by what a lost dispute took, beside what was refunded before."""
    gift = await rig.paid(await rig.order((await rig.say("/donate 20 to kitchen")).order))
    await rig.say(f"/shop refund {gift.id} 5", "boss")
    dispute = rig.stripe.dispute(gift.payment_intent)
    rig.stripe.decide(dispute, "lost")
    await rig.deliver()
    await rig.live.refresh()
    now = await rig.order(gift.id)
    assert (now.refunded, now.disputed_away) == (eur(500), eur(1500))
    assert rig.live().raised["kitchen"] == eur(0)


async def test_a_dispute_about_a_renewal_is_the_renewals(rig: Rig) -> None:
    """It concerns the month that it is about, also where it is heard of before that month's invoice."""
    begun = await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    rig.time.pass_(days=30)
    rig.water.renew(begun.subscription)
    renewal = list(rig.water.payments)[-1]
    refund = rig.water.give_back(renewal, 200)
    dispute = rig.water.dispute(renewal)
    events = list(rig.water.news())
    for event in reversed(events):
        await rig.house.settling.receive(event)
        await rig.database.jobs.drain()
    await rig.deliver()
    month = (await rig.mine())[0]
    assert (month.origin, month.disputed, month.refunded) == ("renewal", True, eur(200)), (refund, dispute)
    first = await rig.order(begun.id)
    assert (first.disputed, first.refunded) == (False, None)


async def test_a_dispute_heard_of_before_its_payment_is_not_lost(rig: Rig) -> None:
    """The dispute's event overtakes the payment's: the order is disputed as soon as it is paid."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    intent = (await rig.stripe.session(order.session)).payment_intent
    rig.stripe.dispute(intent)
    for event in reversed(rig.stripe.news()):
        await rig.house.settling.handle(event)
    await rig.database.jobs.drain()
    assert (await rig.order(order.id)).disputed
    assert len(warned(rig, "Evidence can be handed in")) == 1


@pytest.mark.parametrize("change", [{"account": "water"}, {"livemode": False}])
async def test_a_dispute_of_another_account_or_mode_changes_nothing(rig: Rig, change: dict[str, str | bool]) -> None:
    """A dispute is held against an order of its own account and mode only."""
    order = await rig.paid(await rig.place("zine"))
    name = rig.stripe.dispute(order.payment_intent)
    stranger = replace(rig.stripe.disputes[name], **change)  # type: ignore[arg-type]  # two fields of a Dispute
    await rig.house.disputing.apply(stranger)
    assert not (await rig.order(order.id)).disputed


async def test_what_was_decided_is_not_open_again(rig: Rig) -> None:
    """An answer that was asked before the decision and comes after it changes nothing."""
    order, name = await disputed(rig, "zine")
    old = rig.stripe.disputes[name]
    rig.stripe.decide(name, "won")
    await rig.deliver()
    await rig.house.disputing.apply(old)
    assert not (await rig.order(order.id)).disputed


async def test_a_loss_in_another_currency_is_told_and_summed_by_nobody(world: World) -> None:
    """A dispute lost in another currency is kept, said to admins in words, and takes perks; no sum of ours counts it."""
    world.text = WITH_PERK
    async with opened(world) as rig:
        order, dispute = await disputed(rig, "zine")
        rig.stripe.disputes[dispute] = replace(rig.stripe.disputes[dispute], amount=Money(460, "USD"))
        rig.stripe.decide(dispute, "lost")
        await rig.deliver()
        assert await rig.database.jobs.parked() == []
        now = await rig.order(order.id)
        assert (now.disputed, now.disputed_away) == (False, None)
        (card,) = warned(rig, "another currency than the order")
        assert "$4.60" in flat(card)
        assert warned(rig, "what the order granted is taken away") == [card]
        assert rig.perks.held == set()
        async with rig.database.store.reading() as unit:
            (kept,) = await unit.disputes.of(order.payment_intent)
        assert (kept.status, kept.amount) == ("lost", Money(460, "USD"))


async def test_a_loss_that_is_overturned_gives_the_perk_back(world: World) -> None:
    """Where the bank thinks again after a loss, the money counts again, and so does the perk; told twice it is once."""
    world.text = WITH_PERK
    async with opened(world) as rig:
        order, dispute = await disputed(rig, "zine")
        rig.stripe.decide(dispute, "lost")
        await rig.deliver()
        assert rig.perks.held == set()
        rig.stripe.decide(dispute, "won")
        await rig.deliver()
        assert rig.perks.held == {("ann", "CCLUB")}
        now = await rig.order(order.id)
        assert (now.disputed, now.disputed_away) == (False, eur(0))
        assert [done for done in rig.perks.done if done.startswith("grant")] == ["grant ann CCLUB"] * 2


async def test_sales_show_what_disputes_took(rig: Rig) -> None:
    """Among the sales of a day stands what was lost in disputes, beside what was given back."""
    _, dispute = await disputed(rig)
    assert "lost in disputes" not in flat(await rig.say("/shop sales today", "boss"))
    rig.stripe.decide(dispute, "lost")
    await rig.deliver()
    assert "€17.00, of which €17.00 lost in disputes" in flat(await rig.say("/shop sales today", "boss"))
    other = await rig.paid(await rig.place("zine", who="bob"))
    rig.stripe.give_back(other.payment_intent, 150)
    await rig.deliver()
    said = flat(await rig.say("/shop sales today", "boss"))
    assert "€21.00, of which €1.50 refunded and €17.00 lost in disputes" in said
