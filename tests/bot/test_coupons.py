"""Coupons: what they need, how often they hold, and that nobody gets one more, however many ask at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat import Card
from bot.errors import BadCode
from bot.money import Money
from bot.orders import State
from bot.selling import wish
from tests.bot.rig import SHOP, Rig, World, opened
from tests.commands.flat import flat

COUPONS = """
[coupon.ONCE]
percent = 10
per_person = 1

[coupon.FEW]
amount = "1.00"
total = 3

[coupon.MARCH]
percent = 10
from = 2026-03-03
until = 2026-03-04

[coupon.PRINTS]
percent = 10
products = ["print"]

[coupon.LARGE]
percent = 10
minimum = "20.00"

[coupon.NEARLY]
amount = "3.60"

[coupon.ALL]
amount = "4.00"

[limits]
person = 1000
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, text=SHOP + COUPONS)


async def asked(rig: Rig, code: str, who: str = "ann", *, what: str = "zine") -> Card:
    """Ask for something with a code."""
    return await rig.say(f"/buy {what} code {code}", who)


async def uses(rig: Rig, code: str, person: str = "") -> int:
    """Count what a coupon was used."""
    async with rig.database.store.reading() as unit:
        return await unit.orders.uses(code, person=person)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("MARCH", "holds from 3 March 2026 on"),
        ("PRINTS", "is for Lighthouse print only"),
        ("LARGE", "holds from €20.00 on, and this comes to €4.00"),
        ("NEARLY", "would leave €0.40, and card payments begin at €0.50"),
        ("ALL", "would leave nothing to pay"),
        ("NOPE", "There is no code"),
    ],
)
async def test_a_code_that_does_not_hold_says_what_it_would_take(rig: Rig, code: str, said: str) -> None:
    """Each refusal in words of its own; nothing is written, and Stripe is not asked."""
    assert said in flat(await asked(rig, code))
    assert await rig.mine() == []
    assert rig.stripe.asked["open"] == 0


async def test_dates_are_civil_days_of_the_shop(rig: Rig) -> None:
    """From the first minute of the first day in Paris to the last minute of the last."""
    for at, holds in (
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 23, 0, tzinfo=UTC), False),
    ):
        rig.time.reach(at)
        assert ((await asked(rig, "MARCH")).state == "awaiting") is holds, at
    assert "held until 4 March 2026" in flat(await asked(rig, "MARCH"))


async def test_once_for_each_person_while_it_is_open_and_when_it_is_paid(rig: Rig) -> None:
    """An open order holds the use, a paid one keeps it; somebody else has their own."""
    first = await asked(rig, "ONCE")
    assert "as often as one person can" in flat(await asked(rig, "ONCE"))
    await rig.paid(await rig.order(first.order))
    assert "as often as one person can" in flat(await asked(rig, "once"))
    assert (await asked(rig, "ONCE", "ben")).state == "awaiting"
    assert await uses(rig, "ONCE") == 2


@pytest.mark.parametrize("how", ["cancelled", "expired", "failed", "refunded"])
async def test_a_use_comes_back_with_the_end_of_its_order(rig: Rig, how: str) -> None:
    """Cancelled, expired, failed late or refunded in full: the same person may use the code again."""
    order = await rig.order((await asked(rig, "ONCE")).order)
    match how:
        case "cancelled":
            await rig.press("orders.cancel", order.id)
        case "expired":
            rig.time.pass_(hours=1)
            await rig.deliver()
        case "failed":
            rig.stripe.pay(order.session, "later_fails")
            await rig.deliver()
            assert await uses(rig, "ONCE") == 1, "a payment that is on its way holds it"
            rig.stripe.settle(order.session)
            await rig.deliver()
        case _:
            await rig.paid(order)
            await rig.say(f"/shop refund {order.id}", "boss")
            await rig.deliver()
    assert await uses(rig, "ONCE", "slack:ann") == 0
    assert (await asked(rig, "ONCE")).state == "awaiting"


async def test_forty_people_race_for_the_last_use_on_two_replicas(world: World) -> None:
    """Three uses, forty people at once at two shops on one database: three get it, thirty-seven are told."""
    async with opened(world) as rig, opened(world) as other:

        async def ask(number: int) -> str:
            ctx = await (rig, other)[number % 2].context(f"p{number}", key="x")
            wanted = wish(ctx, ctx.shop.catalogue.variants["zine"], 1, "FEW")
            try:
                return str((await ctx.till.selling.place(ctx, wanted)).state)
            except BadCode as error:
                return error.why

        outcomes = await asyncio.gather(*map(ask, range(40)))
        assert (outcomes.count("awaiting"), outcomes.count("used_up")) == (3, 37)
        assert await uses(rig, "FEW") == 3
        assert len(rig.stripe.checkouts) == 3


async def test_one_person_in_a_hurry_uses_it_once(rig: Rig) -> None:
    """Ten presses of ten buttons at the same instant: one order."""
    cards = await asyncio.gather(*(asked(rig, "ONCE") for _ in range(10)))
    assert sum(card.state == "awaiting" for card in cards) == 1


async def test_the_same_press_twice_is_one_use(rig: Rig) -> None:
    """A platform that delivers an interaction twice finds the order that it made, not a refusal."""
    first = await rig.press("buy.choose", "zine 1 ONCE", key="same")
    again = await rig.press("buy.choose", "zine 1 ONCE", key="same")
    assert (first.order, first.state) == (again.order, again.state)


async def test_stripe_is_asked_for_what_is_left(rig: Rig) -> None:
    """Lines, discount and total of the session agree with the order's."""
    order = await rig.order((await asked(rig, "FEW")).order)
    session = rig.stripe.of(order.id)[0]
    assert (session.subtotal, session.discount, session.total) == (order.goods, order.discount, order.total)
    assert (await rig.paid(order)).state is State.FULFILLED
    assert order.total == Money(300, "EUR")
