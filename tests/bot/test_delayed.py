"""Delayed methods: paid and not settled yet is said, held, never delivered, and never bought twice by mistake."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import Button, Card
from bot.orders import Order, State
from bot.shop import Stock
from tests.bot.rig import Rig, World
from tests.bot.test_granting import CLUB, PERKED
from tests.commands.flat import flat


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, text=PERKED)


async def waiting(rig: Rig, what: str = "mug/blue", how: str = "later", said: str = "") -> Order:
    """Order something, and pay it in a way that settles later."""
    order = await rig.order((await rig.say(said or f"/buy {what}")).order)
    rig.stripe.pay(order.session, "later_fails" if how == "fails" else "later")
    await rig.deliver()
    return await rig.order(order.id)


def button(card: Card, to: str) -> Button:
    """Find the button that leads to a step or a command."""
    return next(each for each in card.actions if isinstance(each, Button) and each.to.id == to)


async def test_it_is_said_what_it_means_and_that_nothing_needs_doing(rig: Rig) -> None:
    """The news says that the bank confirms it, how long that takes, and not to pay again; /orders shows it."""
    order = await waiting(rig)
    assert order.state is State.PROCESSING
    told = rig.voice.to("ann")[-1]
    for said in ("confirming", "two weeks", "do nothing", "do not pay again"):
        assert said in flat(told)
    assert told.actions == ()
    assert "payment on its way" in flat(await rig.say("/orders"))


async def test_nothing_is_delivered_or_granted_before_it_is_settled(rig: Rig) -> None:
    """Neither message nor perk while it is on its way; both when it has settled, once."""
    order = await waiting(rig, "zine")
    assert "harbour.example/zine" not in str(rig.voice.to("ann"))
    assert CLUB not in rig.perks.held
    assert rig.voice.posted == {}
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert sum("harbour.example/zine" in flat(card) for card in rig.voice.to("ann")) == 1
    assert CLUB in rig.perks.held


async def test_its_stock_stays_reserved_long_after_the_hold(rig: Rig) -> None:
    """A direct debit takes days: the last one is not sold to somebody else meanwhile."""
    order = await waiting(rig, "print")
    rig.time.pass_(days=14)
    await rig.deliver()
    assert await rig.stock("print") == Stock(reserved=1)
    assert "sold out" in flat(await rig.say("/buy print", "ben"))
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert await rig.stock("print") == Stock(sold=1)


async def test_the_same_again_is_asked_about_and_not_sold_silently(rig: Rig) -> None:
    """/buy of what is on its way says so and asks; the button buys another one; other things and people are not asked."""
    order = await waiting(rig)
    card = await rig.say("/buy mug blue 2 code WELCOME10")
    assert order.id in flat(card)
    assert "has not failed" in flat(card)
    assert len(await rig.mine()) == 1
    more = button(card, "buy.another")
    assert more.value == "mug/blue 2 WELCOME10"
    assert (await rig.say("/buy mug white")).state == "awaiting"
    assert (await rig.say("/buy mug blue", "ben")).state == "awaiting"
    bought = await rig.order((await rig.press("buy.another", more.value)).order)
    assert (bought.state, bought.lines[0].quantity, bought.code) == (State.AWAITING, 2, "WELCOME10")
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert (await rig.say("/buy mug blue")).state == "awaiting"


async def test_another_one_is_checked_like_any_other(rig: Rig) -> None:
    """The button sells no more than there is."""
    await waiting(rig, "print")
    assert "sold out" in flat(await rig.press("buy.another", "print 1"))
    assert len(await rig.mine()) == 1


async def test_failed_late_it_is_told_its_stock_is_free_and_it_can_be_tried_again(rig: Rig) -> None:
    """Told once, the stock comes back, and the button makes a new order of the same."""
    order = await waiting(rig, how="fails")
    rig.time.pass_(days=3)
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.FAILED
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["processing", "failed"]
    again = button(rig.voice.to("ann")[-1], "buy.choose")
    fresh = await rig.order((await rig.press("buy.choose", again.value)).order)
    assert (fresh.state, fresh.lines[0].variant) == (State.AWAITING, "mug/blue")
    assert fresh.id != order.id


async def test_a_gift_that_failed_late_can_be_tried_again(rig: Rig) -> None:
    """The button gives the same amount to the same cause, in the same rhythm."""
    order = await waiting(rig, how="fails", said="/donate 12 to kitchen monthly")
    rig.stripe.settle(order.session)
    await rig.deliver()
    again = button(rig.voice.to("ann")[-1], "donate")
    card = await rig.say(f"/donate {again.value}")
    fresh = await rig.order(card.order)
    assert fresh.donation is not None
    assert (fresh.total, fresh.donation.cause, fresh.monthly) == (order.total, "kitchen", True)
    assert timedelta() < fresh.created - order.created
