"""The shop is restarted at the worst moments; nothing is lost, nothing happens twice."""

from __future__ import annotations

from datetime import timedelta

from adapters.sandbox.webhooks import Mischief
from bot.orders import State
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.world import World


async def test_between_order_and_payment(world: World) -> None:
    """An order placed before a restart is paid after it, by the same link, and its person is told."""
    buyer = await world.door.person("ann")
    card = await buyer.say("/buy zine")
    number = await order_of(world, card)
    await world.restart()
    session = (await world.order(number)).session_url
    await world.pay(session)
    await buyer.hears("twelve-knots")
    assert (await world.order(number)).state is State.FULFILLED


async def test_between_payment_and_webhook(world: World) -> None:
    """A payment made while the shop is down is settled once it is back."""
    buyer = await world.door.person("ann")
    card = await buyer.say("/buy zine")
    number = await order_of(world, card)
    session = (await world.order(number)).session_url
    await world.stop()
    await world.pay(session)
    await world.start()
    await buyer.hears("twelve-knots")
    assert (await world.order(number)).state is State.FULFILLED
    assert len(world.sandbox.ledger()) == 1


async def test_over_the_closing_instant(world: World) -> None:
    """A shop that was down when Buy closed is closed before its first answer, and ends what was open."""
    await world.retire(announced=timedelta(days=-1), closes=timedelta(hours=1))
    buyer = await world.door.person("ann")
    card = await buyer.say("/buy print")
    number = await order_of(world, card)
    await world.stop()
    world.clock.shift = timedelta(hours=2)
    await world.start()
    assert "ended on" in (await buyer.say("/buy zine")).text
    await state_is(world, number, State.EXPIRED)


async def test_paid_while_closing(world: World) -> None:
    """A session found complete while it is being expired is treated as paid, and delivered."""
    await world.retire(announced=timedelta(days=-1), closes=timedelta(hours=1))
    buyer = await world.door.person("ann")
    card = await buyer.say("/buy zine")
    number = await order_of(world, card)
    world.sandbox.disturb(Mischief(drop=True))
    await world.pay(pay_link(card))
    world.clock.shift = timedelta(hours=2)
    await buyer.hears("twelve-knots")
    assert (await world.order(number)).state is State.FULFILLED


async def test_buttons_outlive_a_restart(world: World) -> None:
    """A button on a card from before a restart still works."""
    buyer = await world.door.person("ann")
    card = await buyer.say("/buy print")
    number = await order_of(world, card)
    await world.restart()
    await buyer.press("Cancel")
    await state_is(world, number, State.CANCELLED)
