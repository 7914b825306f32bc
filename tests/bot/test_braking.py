"""The brake on bursts of declined payments: who is stopped, for how long, who is told, and what is no attack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.braking import Braking
from bot.chat import Card
from bot.donations import Gift
from bot.errors import Braked
from bot.money import Money
from bot.orders import Order, State
from bot.ports import Event
from bot.selling import wish
from bot.words import plain
from tests.bot.rig import SHOP, Rig, World, opened

LIMITS = """
[limits]
person = 50
address = 50
declines_person = 3
declines_address = 5
declines_shop = 7
declines_minutes = 10
"""
WINDOW = timedelta(minutes=10)


@pytest.fixture
async def rig(world: World) -> AsyncIterator[Rig]:
    world.text = SHOP + LIMITS
    async with opened(world) as running:
        yield running


async def attempt(rig: Rig, who: str = "ann", *, address: str = "", key: str = "") -> Order | Braked:
    """Order a zine, or be refused."""
    ctx = await rig.context(who, address=address, key=key)
    try:
        return await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants["zine"], 1, ""))
    except Braked as refused:
        return refused


async def begun(rig: Rig, who: str = "ann", *, address: str = "") -> Order:
    """Order a zine."""
    order = await attempt(rig, who, address=address)
    assert isinstance(order, Order)
    return order


async def declined(rig: Rig, order: Order, times: int = 1) -> None:
    """Try cards that are declined, and let the shop hear of each."""
    for _ in range(times):
        rig.world.payments[order.account].pay(order.session, "declined")
        await rig.deliver()


async def give(rig: Rig, who: str, *, monthly: bool = False) -> Order:
    """Give to a cause."""
    ctx = await rig.context(who)
    cause = ctx.shop.settings.causes["kitchen"]
    gift = Gift(cause, Money(500, "EUR"), "monthly" if monthly else "once")
    return await ctx.till.giving.give(ctx, gift)


def alerts(rig: Rig) -> list[str]:
    """Give what the staff channel was told of declines."""
    cards = [card for (channel, _), card in rig.voice.posted.items() if channel == "C-STAFF"]
    return [said for card in cards if "stolen cards" in (said := "\n".join(map(plain, card.text)))]


def until(refused: Order | Braked) -> tuple[str, datetime]:
    """Give whose brake it is, and when it goes on."""
    assert isinstance(refused, Braked)
    return refused.whose, refused.until


async def test_below_the_limit_nothing_happens(rig: Rig) -> None:
    """Who is declined less often than the limit can begin another payment, and nobody is told."""
    order = await begun(rig)
    await declined(rig, order, 2)
    assert isinstance(await attempt(rig), Order)
    assert (await rig.order(order.id)).state is State.AWAITING
    assert alerts(rig) == []


async def test_a_person_is_stopped_until_the_window_has_passed(rig: Rig) -> None:
    """The third decline stops new payments of that person alone, until the first of the three is ten minutes ago."""
    order = await begun(rig)
    first = rig.time.at
    await declined(rig, order)
    rig.time.pass_(minutes=2)
    await declined(rig, order, 2)
    whose, goes_on = until(await attempt(rig))
    assert whose == "person"
    assert first - timedelta(seconds=1) <= goes_on - WINDOW <= first + timedelta(seconds=1)
    assert isinstance(await attempt(rig, "bob"), Order)
    with pytest.raises(Braked):
        await give(rig, "ann")
    rig.time.reach(goes_on)
    assert isinstance(await attempt(rig), Order)


async def test_the_card_says_when_it_goes_on(rig: Rig) -> None:
    """Who is stopped reads when they can go on, in the shop's civil time, and that nothing was charged."""
    order = await begun(rig)
    await declined(rig, order, 3)
    card = await rig.say("/buy zine 1")
    said = "\n".join(map(plain, card.text))
    assert "2 March 2026 at 13:10 (Europe/Paris)" in said
    assert "Nothing was charged" in said


async def test_open_payments_of_that_person_are_ended(rig: Rig) -> None:
    """Every open session of theirs is ended at Stripe, they are told why, stock is free; others' stay open."""
    orders = [await begun(rig) for _ in range(3)]
    other = await begun(rig, "bob")
    await declined(rig, orders[0], 3)
    assert {(await rig.order(order.id)).state for order in orders} == {State.EXPIRED}
    assert (await rig.order(other.id)).state is State.AWAITING
    assert {(await rig.stripe.session(order.session)).status for order in orders} == {"expired"}
    assert await rig.kinds() == ["braked"] * 3
    assert "declined" in plain(rig.voice.to("ann")[0].text[0])
    assert (await rig.stock("zine")).reserved == 1


async def test_paid_meanwhile_is_paid(rig: Rig) -> None:
    """A session that its person has just paid when it is to be ended is honoured."""
    paid, tried = await begun(rig), await begun(rig)
    rig.stripe.lose(1)
    rig.stripe.pay(paid.session)
    await declined(rig, tried, 3)
    assert (await rig.order(paid.id)).state is State.FULFILLED
    assert (await rig.order(tried.id)).state is State.EXPIRED


async def test_an_address_is_stopped(rig: Rig) -> None:
    """Persons who share an address are stopped together, though each was below their own limit."""
    for who in ("ann", "bob", "cat"):
        await declined(rig, await begun(rig, who, address="192.0.2.1"), 2 if who != "cat" else 1)
    assert until(await attempt(rig, "dan", address="192.0.2.1"))[0] == "address"
    assert isinstance(await attempt(rig, "dan", address="192.0.2.2"), Order)
    assert isinstance(await attempt(rig, "ann"), Order), "elsewhere they are not stopped"
    assert len(alerts(rig)) == 1
    assert "192.0.2.1" not in alerts(rig)[0]


async def test_the_whole_shop_is_stopped_for_a_while(rig: Rig) -> None:
    """Many declines of many persons stop everybody's new payments; those that are open can still be paid."""
    waiting = await begun(rig, "early")
    for who in ("ann", "bob", "cat", "dan"):
        await declined(rig, await begun(rig, who), 2 if who != "dan" else 1)
    whose, goes_on = until(await attempt(rig, "eve"))
    assert whose == "shop"
    assert len(alerts(rig)) == 1
    assert (await rig.paid(waiting)).state is State.FULFILLED
    rig.time.reach(goes_on)
    assert isinstance(await attempt(rig, "eve"), Order)


async def test_admins_are_told_once_for_each_burst(rig: Rig) -> None:
    """Further declines of the same burst tell nobody again; a burst after quiet does."""
    orders = [await begun(rig) for _ in range(3)]
    for order in orders:
        rig.stripe.pay(order.session, "declined")
        rig.stripe.pay(order.session, "declined")
    await rig.deliver()
    assert len(alerts(rig)) == 1
    assert orders[0].buyer.id not in alerts(rig)[0]
    rig.time.pass_(minutes=21)
    await declined(rig, await begun(rig), 3)
    assert len(alerts(rig)) == 2
    assert len([card for card in rig.voice.to("boss") if "stolen cards" in str(card)]) == 2


async def test_a_burst_that_is_over_is_forgotten(rig: Rig) -> None:
    """Of whom it was is kept as long as further declines are of the same burst, and no longer."""
    braking = Braking(rig.house.settling.desk, rig.house.retiring.checkouts.ask_end)
    await declined(rig, await begun(rig), 3)
    for minutes, kept in ((9, ["person"]), (2, []), (0, [])):
        rig.time.pass_(minutes=minutes)
        await braking.forget()
        async with rig.database.store.reading() as unit:
            assert [name.split(":")[1] for name in await unit.facts.named("burst:")] == kept


async def test_a_decline_counts_once_however_often_it_is_told(rig: Rig) -> None:
    """The same event again, another event of the same payment, and a restart: the count stays."""
    order = await begun(rig)
    rig.stripe.pay(order.session, "declined")
    rig.stripe.pay(order.session, "declined")
    events = rig.stripe.news()
    for _ in range(3):
        for event in events:
            await rig.house.settling.receive(event)
            await rig.house.settling.handle(event)
        await rig.database.jobs.drain()
    assert isinstance(await attempt(rig), Order)
    async with opened(rig.world) as again:
        for event in events:
            await again.house.settling.handle(event)
        assert isinstance(await attempt(again, key="second"), Order)
        await declined(again, order)
        assert until(await attempt(again, key="third"))[0] == "person"


async def test_a_late_event_stops_nobody(rig: Rig) -> None:
    """What was declined hours ago counts then, not now: no brake, no alert."""
    order = await begun(rig)
    for _ in range(3):
        rig.stripe.pay(order.session, "declined")
    rig.time.pass_(hours=2)
    await rig.deliver()
    assert isinstance(await attempt(rig), Order)
    assert alerts(rig) == []


async def test_a_refund_tells_of_no_decline(rig: Rig) -> None:
    """Declines that nobody heard of before the payment are not counted when it is refunded, weeks later."""
    order = await begun(rig)
    rig.stripe.lose(3)
    for _ in range(3):
        rig.stripe.pay(order.session, "declined")
    paid = await rig.paid(order)
    rig.time.pass_(days=20)
    rig.stripe.give_back(paid.payment_intent)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert isinstance(await attempt(rig), Order)


async def test_a_renewal_that_is_declined_is_no_attack(rig: Rig) -> None:
    """However often a monthly gift's card is declined, whichever event comes first, nobody is stopped and nobody alarmed."""
    order = await rig.paid(await give(rig, "ann", monthly=True))
    rig.time.pass_(days=30)
    await give(rig, "bob", monthly=True)  # so that a payment of no known order might be its
    invoice = rig.stripe.renew(order.subscription, paid=False)
    for _ in range(8):
        rig.stripe.retry(invoice, paid=False)
    events = list(rig.stripe.news())
    for event in sorted(events, key=lambda event: event.type, reverse=True):
        await rig.house.settling.receive(event)
    await rig.database.jobs.drain()
    rig.time.pass_(minutes=2)
    await rig.deliver()
    assert isinstance(await attempt(rig), Order)
    rig.stripe.mend(invoice)
    await rig.deliver()
    assert isinstance(await attempt(rig), Order)
    assert alerts(rig) == []


async def test_declines_of_monthly_checkouts_count_for_the_shop(rig: Rig) -> None:
    """A subscription's first payment bears no order's number: its declines count for the shop, after a minute."""
    for who in ("ann", "bob"):
        await declined(rig, await give(rig, who, monthly=True), 4)
    assert isinstance(await attempt(rig, "eve"), Order)
    rig.time.pass_(minutes=1, seconds=1)
    await rig.deliver()
    assert until(await attempt(rig, "eve"))[0] == "shop"
    assert len(alerts(rig)) == 1


async def test_payments_that_are_not_ours_count_for_nothing(rig: Rig) -> None:
    """An account that others use too brings declines of theirs: they stop nobody here."""
    await begun(rig)
    foreign = rig.stripe._intend(Money(500, "EUR"), "")
    for _ in range(9):
        rig.stripe._decline(foreign.id, "generic_decline")
    await rig.deliver()
    rig.time.pass_(minutes=2)
    await rig.deliver()
    assert isinstance(await attempt(rig), Order)


async def test_a_delayed_payment_that_fails_is_no_attack(rig: Rig) -> None:
    """Bank debits that come back days later are no cards that were tried."""
    orders = [await begun(rig) for _ in range(4)]
    for order in orders:
        rig.stripe.pay(order.session, "later_fails")
    await rig.deliver()
    for order in orders:
        rig.stripe.settle(order.session)
    await rig.deliver()
    assert {(await rig.order(order.id)).state for order in orders} == {State.FAILED}
    assert isinstance(await attempt(rig), Order)


async def test_an_event_of_another_livemode_counts_for_nothing(rig: Rig) -> None:
    """Declines of test money stop nobody who pays real money."""
    order = await begun(rig)
    rig.stripe.pay(order.session, "declined")
    payment = rig.stripe.attempted(order.session)
    assert payment is not None
    rig.stripe.attempts[payment.id] = payment.__class__(
        payment.id, "", not payment.livemode, order.id, payment.received, payment.refunded, "unpaid", declines=9
    )
    event = Event("evt_x", "", rig.stripe.livemode, "payment_intent.payment_failed", payment.id, rig.time.at)
    await rig.house.settling.handle(event)
    assert isinstance(await attempt(rig), Order)


async def test_a_press_that_is_replayed_finds_its_order(rig: Rig) -> None:
    """An interaction that made an order before the brake is no new checkout: delivered again it gives the same order."""
    order = await attempt(rig, key="press")
    assert isinstance(order, Order)
    await declined(rig, order, 3)
    again = await attempt(rig, key="press")
    assert isinstance(again, Order)
    assert again.id == order.id
    assert rig.stripe.asked["open"] == 1


async def test_admins_are_not_locked_out(rig: Rig) -> None:
    """An admin whose payments were declined works on in /shop, and can look at the order that the alert names."""
    order = await begun(rig, "boss")
    await declined(rig, order, 3)
    assert until(await attempt(rig, "boss"))[0] == "person"
    shown: Card = await rig.say(f"/shop order {order.id}", "boss")
    assert shown.order == order.id
    assert order.id in alerts(rig)[0]


async def test_another_limit_is_in_force_at_once(rig: Rig) -> None:
    """An operator who raises the limit lets people go on within the second."""
    await declined(rig, await begun(rig), 3)
    assert until(await attempt(rig))[0] == "person"
    rig.edit(SHOP + LIMITS.replace("declines_person = 3", "declines_person = 9"))
    assert isinstance(await attempt(rig), Order)


async def test_nothing_personal_is_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """The log says that there was a burst, and of which order; not of whom, nor from where."""
    await declined(rig, await begun(rig, "ann", address="192.0.2.1"), 3)
    said = [record for record in caplog.records if record.getMessage() == "burst of declines"]
    assert len(said) == 1
    assert "ann" not in str(said[0].__dict__)
    assert "192.0.2.1" not in str(said[0].__dict__)
