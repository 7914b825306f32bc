"""Mishaps: whatever dies half-way, is refused for a while or comes in the wrong order, is brought to its one right end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace

import pytest

from bot.errors import PaymentsRefused, StoreUnavailable, Unreachable
from bot.hearing import Hearing
from bot.holding import LEASE
from bot.orders import Order, State
from bot.polling import Polling
from bot.ports import Store, Unit
from bot.reloading import Reloading, tombstones
from bot.shop import Stock
from config.changes import changes
from config.read import check
from tests.bot.rig import SHOP, Rig, World, opened
from tests.commands.flat import flat
from tests.fakes.voice import FakeVoice

#: More units of work than any of these stories takes from the moment of death on.
MOMENTS = range(1, 12)


@dataclass
class Mortal:
    """The store of a process that is killed once, where it would begin its unit of that number."""

    store: Store
    moment: int

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """Begin a writing unit, or die."""
        self._live()
        async with self.store.unit() as unit:
            yield unit

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        """Begin a reading unit, or die."""
        self._live()
        async with self.store.reading() as unit:
            yield unit

    def _live(self) -> None:
        self.moment -= 1
        if self.moment == 0:
            raise asyncio.CancelledError  # nothing that follows in this task is done: the job is found by the next run

    @asynccontextmanager
    async def surveying(self) -> AsyncIterator[Unit]:
        """Begin one that reads much."""
        async with self.reading() as unit:
            yield unit

    async def keeps(self, person: str) -> bool:
        """Tell whether news is kept for somebody, or die."""
        self._live()
        return await self.store.keeps(person)


def kill(rig: Rig, moment: int) -> None:
    """Let whoever works with this rig's store die at that unit of work."""
    desk = rig.house.settling.desk
    object.__setattr__(desk, "store", Mortal(rig.database.store, moment))


async def _wait(rig: Rig) -> None:
    """Let enough time pass for what is in doubt to be asked again, and do all that is due."""
    for _ in range(3):
        rig.time.pass_(seconds=11)
        with suppress(asyncio.CancelledError):
            await rig.deliver()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_pay_link_found_after_doubt_is_told_wherever_it_died(rig: Rig, moment: int) -> None:
    """The answer was lost and the process dies: the link is there, one session, told once by itself."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    kill(rig, moment)
    await _wait(rig)
    assert (await rig.order(order.id)).state is State.AWAITING
    assert len(rig.stripe.of(order.id)) == 1
    assert await rig.kinds() == ["ready"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_refusal_after_doubt_is_told_wherever_it_died(rig: Rig, moment: int) -> None:
    """Stripe's no comes to the job and the process dies: the order is over, its stock free, its person told once."""
    rig.stripe.fail("before", "open")
    order = await rig.place()
    rig.stripe.refuse("open")
    kill(rig, moment)
    await _wait(rig)
    now = await rig.order(order.id)
    if now.state is State.AWAITING:  # it died after the no, before writing it: asked again, Stripe said yes
        assert await rig.kinds() == ["ready"]
    else:
        assert (now.state, await rig.stock()) == (State.CANCELLED, Stock())
        assert await rig.kinds() == ["refused"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_draft_that_is_to_end_ends_wherever_it_died(rig: Rig, moment: int) -> None:
    """Cancelled in doubt, then the process dies: its session is ended at Stripe without waiting for its own expiry."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    kill(rig, moment)
    with suppress(asyncio.CancelledError):
        await rig.press("orders.cancel", order.id)
    asked = (await rig.order(order.id)).ending
    await _wait(rig)
    now = await rig.order(order.id)
    if asked:
        assert (now.state, await rig.stock()) == (State.CANCELLED, Stock())
        assert [session.status for session in rig.stripe.of(order.id)] == ["expired"]
        assert await rig.kinds() == ["cancelled"]
    else:
        assert now.state is State.AWAITING


@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_is_paid_is_told_and_shown_to_the_staff_wherever_it_died(rig: Rig, moment: int) -> None:
    """Paid, then the process dies: paid once, sold once, told, and posted for the staff."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    kill(rig, moment)
    for event in rig.stripe.news():
        for _ in range(2):  # Stripe sends again what was not answered
            with suppress(asyncio.CancelledError):
                await rig.house.settling.receive(event)
    await _wait(rig)
    assert (await rig.order(order.id)).state is State.PAID
    assert (await rig.stock(), await rig.kinds()) == (Stock(sold=1), ["paid"])
    assert [card.order for card in rig.voice.posted.values()].count(order.id) >= 1
    assert all(news.told for news in await rig.news())


async def test_a_session_that_could_not_be_ended_when_it_was_found_is_ended_later(rig: Rig) -> None:
    """Cancelled in doubt; its session is found while Stripe does not answer the request to end it: it ends all the same."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    await rig.press("orders.cancel", order.id)
    rig.stripe.fail("before", "expire")
    rig.stripe.fail("before", "expire")
    await _wait(rig)
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert [session.status for session in rig.stripe.of(order.id)] == ["expired"]


async def test_when_its_time_is_over_an_order_ends_although_an_earlier_end_came_to_nothing(rig: Rig) -> None:
    """Its job to end was given up and Stripe's own word is lost: the end of the hold asks again, and the stock is free."""
    order = await rig.place()
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, ending="cancelled"))
    rig.time.reach(order.expires)
    rig.time.pass_(seconds=11)
    await rig.database.jobs.drain()
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert await rig.stock() == Stock()


async def test_a_look_up_that_is_refused_is_tried_again(rig: Rig) -> None:
    """A key that may not list sessions for a while leaves no order in doubt for ever, and tells nobody that it ended."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    rig.stripe.refuse("find")
    rig.time.pass_(minutes=5)
    await rig.deliver()
    assert await rig.kinds() == []
    await _wait(rig)
    assert (await rig.order(order.id)).state is State.AWAITING
    assert await rig.kinds() == ["ready"]


async def test_an_event_that_cannot_be_read_for_a_while_is_not_lost(rig: Rig) -> None:
    """Stripe refuses our key when the event comes: what it speaks of is applied when the key is good again."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    rig.stripe.refuse("look")
    await _wait(rig)
    assert (await rig.order(order.id)).state is State.PAID


async def test_a_refund_heard_of_before_its_payment_is_not_lost(rig: Rig) -> None:
    """The dashboard's refund overtakes the payment: both are recorded, nothing counts as sold, and nothing is handed out."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    paid = await rig.stripe.session(order.session)
    rig.stripe.give_back(paid.payment_intent)
    events = list(rig.stripe.news())
    for event in reversed(events):
        await rig.house.settling.handle(event)
    await rig.deliver()
    now = await rig.order(order.id)
    assert (now.state, now.refunded) == (State.REFUNDED, now.paid)
    assert await rig.stock("zine") == Stock()
    assert "harbour.example/zine" not in str(rig.voice.told)


async def test_a_refund_that_was_given_up_can_be_asked_for_again(world: World) -> None:
    """Refused while the balance was empty, which admins are told once: the next press is another refund, done by its job."""
    async with opened(world) as rig:
        order = await rig.paid(await rig.place())
        rig.stripe.refuse("refund")
        card = await rig.say(f"/shop refund {order.id}", "boss")
        assert "not made. (refused_by_the_fake)" in flat(card)
        await _wait(rig)
        assert await rig.database.jobs.parked() == []
        warned = [card for card in rig.voice.to("boss") if "Nothing went back" in flat(card)]
        assert len(warned) == 1
        assert rig.stripe.payments[order.payment_intent].refunded.minor == 0
        rig.stripe.fail("before", "refund")
        await rig.say(f"/shop refund {order.id}", "boss")
        await _wait(rig)
        payment = rig.stripe.payments[order.payment_intent]
        assert payment.refunded == payment.received
        assert (await rig.order(order.id)).state is State.REFUNDED


async def test_every_late_payment_is_given_back(rig: Rig) -> None:
    """Two sessions of one order that had ended were both paid: both payments go back, each once."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    first = rig.stripe.of(order.id)[0]
    second = await rig.stripe.open(rig.stripe.checkouts[first.id], key="thought lost")
    rig.stripe.refuse("open")
    await _wait(rig)
    for _ in range(2):
        for session in (first, second):
            rig.stripe.pay(session.id)
            await rig.house.settling.apply(await rig.stripe.session(session.id))
    await rig.deliver()
    assert len(rig.stripe.payments) == 2
    assert all(payment.refunded == payment.received for payment in rig.stripe.payments.values())
    assert await rig.kinds() == ["refused", "late", "late"]


async def test_a_gift_that_has_ended_does_not_come_back(rig: Rig) -> None:
    """An answer about a subscription that was asked for before its end, and applied after, changes nothing."""
    order: Order = await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    before = rig.water.subscriptions[order.subscription]
    await rig.house.subscribing.apply_subscription(replace(before, status="ended"))
    await rig.house.subscribing.apply_subscription(before)
    assert (await rig.pledge(order.id)).state == "ended"


async def test_a_refusal_is_told_on_the_card_where_somebody_waits_for_it(rig: Rig) -> None:
    """Where the no answers a person directly, no news follows."""
    rig.stripe.refuse("open")
    with pytest.raises(PaymentsRefused):
        await rig.place()
    await _wait(rig)
    assert await rig.kinds() == []


async def test_kept_news_that_could_not_be_shown_comes_again_at_the_next_word(rig: Rig) -> None:
    """The platform goes away while kept news is shown: it is not told yet, and the next word brings it."""
    order = await rig.place("zine")
    rig.voice.deaf = True
    await rig.paid(order)
    ctx = await rig.context()
    with suppress(Unreachable):
        async with rig.house.conversation.missed(ctx) as kept:
            assert [card.order for card in kept] == [order.id]
            raise Unreachable("gone again")
    async with rig.house.conversation.missed(ctx) as kept:
        assert [card.order for card in kept] == [order.id]
    async with rig.house.conversation.missed(ctx) as kept:
        assert list(kept) == []


async def test_what_dies_between_showing_and_noting_brings_kept_news_again(rig: Rig) -> None:
    """Better told twice than never: the news is there at the next word."""
    order = await rig.place("zine")
    rig.voice.deaf = True
    await rig.paid(order)
    ctx = await rig.context()
    desk = rig.house.telling.till.reading.desk
    object.__setattr__(desk, "store", Mortal(rig.database.store, 4))
    shown: list[str] = []
    with suppress(asyncio.CancelledError):
        async with rig.house.conversation.missed(ctx) as kept:
            shown += [card.order for card in kept]
    rig.time.pass_(seconds=LEASE)  # what it held is free then
    async with rig.house.conversation.missed(ctx) as kept:
        shown += [card.order for card in kept]
    assert shown == [order.id, order.id]


async def test_an_edit_while_the_disk_is_full_does_not_stop_the_shop(rig: Rig) -> None:
    """The new config is in force although its tombstones could not be set; the next edit sets them."""
    await rig.place("zine")
    without = SHOP[: SHOP.index("[product.zine]")] + SHOP[SHOP.index("[product.badge]") :]
    full = Full(rig.database.store)
    reloading = Reloading(lambda _: check(without, "shop.toml"), changes, rig.live, full, rig.house.telling)
    await reloading.reload()
    assert "zine" not in rig.live().catalogue.variants
    assert await tombstones(rig.database.store) == {}
    full.room = True
    await reloading.reload()
    assert await tombstones(rig.database.store) == {"zine": "Knots zine"}


@dataclass
class Full:
    """A store on a full disk: it reads, and takes no write until there is room."""

    store: Store
    room: bool = False

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a writing unit, where there is room."""
        if not self.room:
            raise StoreUnavailable("full")
        return self.store.unit()

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a reading unit."""
        return self.store.reading()

    def surveying(self) -> AbstractAsyncContextManager[Unit]:
        """Begin one that reads much."""
        return self.store.surveying()

    async def keeps(self, person: str) -> bool:
        """Tell whether news is kept for somebody."""
        return await self.store.keeps(person)


@pytest.mark.parametrize("down", ["slack", "discord"])
async def test_staff_on_one_platform_hears_of_an_order_while_another_is_down(world: World, down: str) -> None:
    """A channel that cannot be reached keeps no other from its card, and gets its own when it can be, once."""
    world.text = world.text.replace('slack = "C-STAFF"', 'discord = "42"\nslack = "C-STAFF"')
    async with opened(world) as rig:
        voices = {"discord": FakeVoice("discord"), "slack": FakeVoice("slack")}
        voices[down].deaf = True
        object.__setattr__(rig.house.telling, "voices", lambda: voices)
        order = await rig.paid(await rig.place())
        assert [platform for platform, voice in voices.items() if voice.posted] == [*({"slack", "discord"} - {down})]
        voices[down].deaf = False
        rig.time.pass_(minutes=1)
        await rig.deliver()
        for voice in voices.values():
            assert [card.order for card in voice.posted.values()] == [order.id]


async def test_two_staff_jobs_of_one_order_at_once_leave_one_card_as_things_are(rig: Rig) -> None:
    """Paid and shipped in the same breath: one card stands in the channel, and it says shipped."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    for event in rig.stripe.news():
        await rig.house.settling.handle(event)
    await rig.say(f"/shop ship {order.id} 1Z", "boss")
    await rig.deliver()
    rig.time.pass_(seconds=2)
    await rig.deliver()
    assert [card.state for card in rig.voice.posted.values()] == ["fulfilled"]


@pytest.mark.parametrize("public", [True, False])
async def test_a_webhook_that_never_comes_is_made_up_for(world: World, public: bool) -> None:
    """Beside webhooks as without them Stripe's events are listed: a lost one is found within five minutes."""
    if public:
        world.text = world.text.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')
    async with opened(world) as rig:
        polling = Polling(rig.house.settling.desk, rig.house.settling)
        await polling.tick()
        order = await rig.place()
        rig.stripe.pay(order.session)
        rig.stripe.news()  # lost
        rig.time.pass_(minutes=5)
        for _ in range(3):
            await polling.tick()
        await rig.database.jobs.drain()
        assert (await rig.order(order.id)).state is State.PAID
        assert rig.stripe.asked["events"] <= 3


async def test_replicas_ask_no_more_often_than_one_would(rig: Rig) -> None:
    """Whichever replica has the tick, Stripe is asked as often as by one alone, and a failure waits its turn too."""
    one, other = (Polling(rig.house.settling.desk, rig.house.settling) for _ in range(2))
    for polling in (one, other, other, one):
        await polling.tick()
    assert rig.stripe.asked["events"] == 1
    rig.time.pass_(minutes=5)
    for polling in (other, one):
        await polling.tick()
    assert rig.stripe.asked["events"] == 2


async def test_an_account_that_the_config_names_no_more_is_listed_while_it_has_open_orders(rig: Rig) -> None:
    """A cause is taken out of the config with a gift in flight: its payment is still heard of."""
    order = await rig.order((await rig.say("/donate 10 to water")).order)
    rig.edit(SHOP.replace('stripe_key_env = "WATER_STRIPE_KEY"\n', ""))
    rig.water.pay(order.session)
    rig.water.news()  # no webhook
    await Polling(rig.house.settling.desk, rig.house.settling).tick()
    await rig.database.jobs.drain()
    assert (await rig.order(order.id)).state is State.PAID


async def test_beside_webhooks_that_are_heard_only_what_none_took_is_listed(world: World) -> None:
    """Every five minutes what no webhook took, everything once an hour; and everything where webhooks fell silent."""
    world.text = world.text.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')
    async with opened(world) as rig:
        polling, hearing = Polling(rig.house.settling.desk, rig.house.settling), Hearing(rig.database.store)
        await polling.tick()
        first = await rig.place("zine")
        rig.stripe.pay(first.session)
        taken = [event.id for event in rig.stripe.news()]  # by a webhook, for all that Stripe knows; it never came here
        listed, missing = [], []
        for minutes in range(5, 125, 5):
            rig.time.pass_(minutes=5)
            if minutes <= 60:
                await hearing.note("", True)
                hearing._noted.clear()
            await polling.tick()
            async with rig.database.store.reading() as unit:
                listed.append(await unit.facts.get("asked whole:") == await unit.facts.get("asked:"))
                missing.append(bool(await unit.inbox.missing("", taken)))
        assert listed[:12] == [*[False] * 11, True]  # an hour after the first
        assert missing[:12] == [*[True] * 11, False], "only a full listing shows what a webhook took"
        assert listed[-1], "webhooks have been silent for an hour"


async def test_an_undelivered_event_is_taken_between_two_full_listings(world: World) -> None:
    """While webhooks are heard, one that failed is found within five minutes all the same."""
    world.text = world.text.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')
    async with opened(world) as rig:
        polling = Polling(rig.house.settling.desk, rig.house.settling)
        await Hearing(rig.database.store).note("", True)
        await polling.tick()
        order = await rig.place("zine")
        rig.stripe.lose()
        rig.stripe.pay(order.session)
        rig.stripe.news()
        async with rig.database.store.reading() as unit:
            whole = await unit.facts.get("asked whole:")
        rig.time.pass_(minutes=5)
        await polling.tick()
        await rig.database.jobs.drain()
        async with rig.database.store.reading() as unit:
            assert await unit.facts.get("asked whole:") == whole, "not by a full listing"
        assert (await rig.order(order.id)).state is State.FULFILLED
