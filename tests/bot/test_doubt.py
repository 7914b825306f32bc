"""Doubt: where Stripe is silent or says no, an order gets exactly one session, or ends and frees its stock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import PaymentsRefused
from bot.orders import State
from bot.shop import Stock
from tests.bot.rig import Rig, World, opened


async def test_an_order_stays_a_draft_while_stripe_is_silent_and_gets_its_link_later(rig: Rig) -> None:
    """Nothing is charged, the stock is held, the card says so, and the link comes by itself once."""
    rig.stripe.down = True
    card = await rig.say("/buy mug/blue 2")
    assert card.state == "draft"
    assert await rig.stock() == Stock(reserved=2)
    for _ in range(5):
        rig.time.pass_(seconds=11)
        await rig.deliver()
    rig.stripe.down = False
    rig.time.pass_(seconds=11)
    await rig.deliver()
    order = await rig.order(card.order)
    assert order.state is State.AWAITING
    assert len(rig.stripe.of(order.id)) == 1
    assert await rig.kinds() == ["ready"]
    rig.time.pass_(seconds=30)
    await rig.deliver()
    assert await rig.kinds() == ["ready"]


async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(rig: Rig) -> None:
    """Stripe acted and the answer was lost: the job's request is the first one's, and there is one session."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    assert order.state is State.DRAFT
    rig.time.pass_(seconds=11)
    await rig.deliver()
    order = await rig.order(order.id)
    assert (order.state, order.attempt) == (State.AWAITING, 1)
    assert [session.id for session in rig.stripe.of(order.id)] == [order.session]


async def test_after_four_minutes_the_session_is_looked_up_and_found(rig: Rig) -> None:
    """A session that was opened in the dark is found by its order, and none is opened beside it."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    rig.stripe.down = True
    rig.time.pass_(minutes=3, seconds=50)
    await rig.deliver()
    rig.stripe.down = False
    opened_before = rig.stripe.asked["open"]
    rig.time.pass_(seconds=11)
    await rig.deliver()
    order = await rig.order(order.id)
    assert order.state is State.AWAITING
    assert rig.stripe.asked["find"] == 1
    assert rig.stripe.asked["open"] == opened_before
    assert len(rig.stripe.of(order.id)) == 1


async def test_after_four_minutes_without_any_session_another_is_asked_for_with_a_new_key(rig: Rig) -> None:
    """Only where Stripe knows of none is a second attempt made, with a new expiry, and it is the only session."""
    rig.stripe.down = True
    order = await rig.place()
    rig.time.pass_(minutes=5)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.DRAFT
    rig.stripe.down = False
    rig.time.pass_(seconds=11)
    await rig.deliver()
    again = await rig.order(order.id)
    assert (again.state, again.attempt) == (State.AWAITING, 2)
    assert again.expires > order.expires
    assert len(rig.stripe.of(order.id)) == 1
    assert await rig.kinds() == ["ready"]
    rig.time.reach(order.expires + timedelta(minutes=1))
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.AWAITING, "the first hold is over, the second is not"


async def test_a_session_that_turns_up_beside_the_one_in_use_is_ended(rig: Rig) -> None:
    """Two sessions of one order, from a request that was thought lost: the stray one can take no money."""
    order = await rig.place()
    checkout = rig.stripe.checkouts[order.session]
    stray = await rig.stripe.open(checkout, key="thought lost")
    await rig.house.settling.apply(stray)
    await rig.deliver()
    assert [session.status for session in rig.stripe.of(order.id)] == ["open", "expired"]
    assert (await rig.order(order.id)).session == order.session


async def test_a_stray_session_that_was_paid_too_is_given_back_and_the_order_stays_paid(rig: Rig) -> None:
    """Who managed to pay twice gets one of the two back."""
    order = await rig.place()
    stray = await rig.stripe.open(rig.stripe.checkouts[order.session], key="thought lost")
    rig.stripe.pay(order.session)
    rig.stripe.pay(stray.id)
    await rig.deliver()
    kept = [payment for payment in rig.stripe.payments.values() if not payment.refunded]
    assert [payment.id for payment in kept] == [(await rig.order(order.id)).payment_intent]
    assert (await rig.order(order.id)).state is State.PAID
    assert sorted(await rig.kinds()) == ["late", "paid"]


async def test_a_refusal_ends_the_order_and_frees_its_stock(rig: Rig) -> None:
    """Stripe's no is final: cancelled, nothing reserved, and the person is told at once."""
    rig.stripe.refuse("open")
    with pytest.raises(PaymentsRefused):
        await rig.place()
    order = (await rig.mine())[0]
    assert order.state is State.CANCELLED
    assert await rig.stock() == Stock()
    rig.stripe.refuse("open")
    card = await rig.say("/buy mug/blue")
    assert "Nothing was charged" in str(card.text)
    assert await rig.stock() == Stock()
    rig.time.pass_(minutes=1)
    await rig.deliver()
    assert await rig.kinds() == []


async def test_a_refusal_after_doubt_is_told_once(rig: Rig) -> None:
    """Where the no comes to the job, the person hears of it by themselves."""
    rig.stripe.fail("before", "open")
    order = await rig.place()
    rig.stripe.refuse("open")
    rig.time.pass_(seconds=11)
    await rig.deliver()
    rig.time.pass_(minutes=10)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert await rig.kinds() == ["refused"]
    assert await rig.stock() == Stock()


async def test_a_draft_that_is_cancelled_never_gives_a_pay_link(rig: Rig) -> None:
    """Cancelled while Stripe was silent: the session, when it is found, is ended at once."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    await rig.press("orders.cancel", order.id)
    rig.time.pass_(seconds=11)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert [session.status for session in rig.stripe.of(order.id)] == ["expired"]
    assert await rig.kinds() == ["cancelled"]
    assert await rig.stock() == Stock()


async def test_a_draft_that_is_cancelled_and_never_had_a_session_ends_after_the_doubt(rig: Rig) -> None:
    """With no session at Stripe at all the cancelled draft ends, and no other attempt is made."""
    rig.stripe.down = True
    order = await rig.place()
    await rig.press("orders.cancel", order.id)
    rig.time.pass_(minutes=5)
    await rig.deliver()
    rig.stripe.down = False
    rig.time.pass_(seconds=11)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert rig.stripe.of(order.id) == []
    assert await rig.stock() == Stock()


async def test_a_payment_that_comes_after_the_order_ended_is_given_back_and_told_once(rig: Rig) -> None:
    """A late payment is recorded, refunded in full, told once, and the order stays ended."""
    rig.stripe.fail("after", "open")
    order = await rig.place()
    session = rig.stripe.of(order.id)[0]
    rig.stripe.refuse("open")
    rig.time.pass_(seconds=11)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.CANCELLED
    rig.stripe.pay(session.id)
    await rig.deliver()
    await rig.house.settling.apply(await rig.stripe.session(session.id))
    await rig.deliver()
    ended = await rig.order(order.id)
    assert ended.state is State.CANCELLED
    payment = rig.stripe.payments[ended.late_payment]
    assert payment.refunded == payment.received
    assert await rig.kinds() == ["refused", "late"]
    assert await rig.stock() == Stock()


async def test_a_monthly_gift_that_came_too_late_takes_no_second_month(rig: Rig) -> None:
    """The subscription of a gift whose order had ended is stopped, besides giving the first month back."""
    rig.water.fail("after", "open")
    card = await rig.say('/donate 10 to "Clean water" monthly')
    session = rig.water.of(card.order)[0]
    rig.water.refuse("open")
    rig.time.pass_(seconds=11)
    await rig.deliver()
    rig.water.pay(session.id)
    await rig.deliver()
    subscription = (await rig.water.session(session.id)).subscription
    assert rig.water.subscriptions[subscription].status == "stopping"
    assert all(payment.refunded == payment.received for payment in rig.water.payments.values())


async def test_what_was_in_doubt_when_the_process_died_is_done_by_the_next(world: World) -> None:
    """Killed between writing the order and Stripe's answer: the next process opens the session."""
    async with opened(world) as rig:
        world.payments[""].fail("after", "open")
        order = await rig.place()
    world.time.pass_(seconds=11)
    async with opened(world) as rig:
        await rig.deliver()
        assert (await rig.order(order.id)).state is State.AWAITING
        assert len(rig.stripe.of(order.id)) == 1


async def test_what_was_paid_while_the_process_was_down_is_found(world: World) -> None:
    """A webhook that never came is made up for by listing the events."""
    async with opened(world) as rig:
        order = await rig.place()
    world.payments[""].pay(order.session)
    world.payments[""].news()  # lost
    world.time.pass_(minutes=2)
    async with opened(world) as rig:
        for event in await rig.stripe.events(since=order.created):
            await rig.house.settling.receive(event)
        await rig.deliver()
        assert (await rig.order(order.id)).state is State.PAID
