"""What takes months and days, the same on every door: what is paid monthly, and payments that a bank confirms later."""

from __future__ import annotations

from bot.money import Money
from bot.orders import Pledge, State
from tests.adapters.sandbox.buyer import SEPA, SEPA_FAILS
from tests.conformance.doors import Visitor
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.world import KEYS, World, eventually

MONTHLY = """
[product.club]
name = "Harbour club"
price = "6.00"
every = "month"
"""
KEY = KEYS["STRIPE_API_KEY"]
#: Takes the first charge, and none after: https://docs.stripe.com/testing#declined-payments
FAILS_NEXT_MONTH = "4000 0000 0000 0341"


async def joined(world: World, buyer: Visitor, number: str = "4242 4242 4242 4242") -> str:
    """Buy what is paid monthly, and pay its first month."""
    await world.edit(lambda old: old + MONTHLY)
    card = await buyer.say("/buy club")
    assert "€6.00 a month" in card.text
    order = await order_of(world, card)
    await world.pay(pay_link(card), number)
    await buyer.hears("This month is paid")
    return order


async def pledge_of(world: World, number: str) -> Pledge:
    """Read a pledge's row."""
    async with world.app.store.reading() as unit:
        pledge = await unit.pledges.get(number)
    assert pledge is not None
    return pledge


class TestMonthly:
    async def test_buys_by_the_month_renews_and_stops(self, world: World) -> None:
        """The card says how it renews and ends; the next month is told; stopped in /orders it runs to its end."""
        buyer = await world.door.person("ann")
        number = await joined(world, buyer)
        world.sandbox.renew(KEY, (await pledge_of(world, number)).subscription)
        await buyer.hears("another month is paid")
        assert "Harbour club" in (await buyer.say("/orders")).text
        assert "yours until" in (await buyer.press(f"Stop {number}")).text
        assert (await pledge_of(world, number)).state == "stopping"

    async def test_a_month_that_fails_is_mended_on_stripes_page(self, world: World) -> None:
        """The reminder's button leads to Stripe's page, where another card pays; then it goes on, and that is told."""
        buyer = await world.door.person("ann")
        number = await joined(world, buyer, FAILS_NEXT_MONTH)
        world.sandbox.renew(KEY, (await pledge_of(world, number)).subscription)
        await buyer.hears("could not be taken this month")
        ways = await buyer.press("Mend it")
        page = next(url for label, url in ways.links.items() if "6.00" in label)
        assert (await world.buyer.pay(page, "5555 5555 5555 4444")).status == 303
        await buyer.hears("paid after all")
        assert (await pledge_of(world, number)).unpaid == ""

    async def test_changes_the_amount_of_a_monthly_gift(self, world: World) -> None:
        """/orders has the button, the form has the amount, and the answer says from when on."""
        giver = await world.door.person("ann")
        card = await giver.say("/donate 10 to kitchen monthly")
        number = await order_of(world, card)
        await world.pay(pay_link(card))
        await giver.hears("first monthly gift")
        await giver.say("/orders")
        form = await giver.press(f"Change the amount of {number}")
        assert form.is_form
        assert "From the next month on" in (await giver.fill(amount="15")).text
        assert (await pledge_of(world, number)).amount == Money(1500, "EUR")

    async def test_the_portal_takes_it_from_there(self, world: World) -> None:
        """Manage leads to Stripe's portal; what is cancelled there is told here."""
        buyer = await world.door.person("ann")
        number = await joined(world, buyer)
        await buyer.say("/orders")
        ways = await buyer.press(f"Manage {number}")
        portal = ways.links["Open Stripe’s page"]
        subscription = (await pledge_of(world, number)).subscription
        assert (await world.buyer.post(portal, {"subscription": subscription, "action": "cancel"})).status == 303
        await buyer.hears("no more is taken")


class TestDelayed:
    async def test_what_a_bank_still_confirms_is_not_bought_twice_by_mistake(self, world: World) -> None:
        """Told that nothing needs doing; the same again asks first; delivered when it has settled."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy zine")
        number = await order_of(world, card)
        await world.pay(pay_link(card), SEPA)
        await buyer.hears("please do not pay again")
        asked = await buyer.say("/buy zine")
        assert "has not failed" in asked.text
        assert len(await world.orders()) == 1
        assert "ready to pay" in (await buyer.press("Buy another one")).text.casefold()
        assert len(await world.orders()) == 2
        world.sandbox.settle(KEY, (await world.order(number)).payment_intent)
        await buyer.hears("twelve-knots")
        assert (await world.order(number)).state is State.FULFILLED

    async def test_what_a_bank_refuses_can_be_tried_again(self, world: World) -> None:
        """Told that it failed, the stock is free, and the button makes a new order."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy print")
        number = await order_of(world, card)
        await world.pay(pay_link(card), SEPA_FAILS)
        await buyer.hears("please do not pay again")
        world.sandbox.settle(KEY, (await world.order(number)).payment_intent)
        await buyer.hears("did not go through")
        await state_is(world, number, State.FAILED)
        await eventually(
            lambda: (stock := world.app.live().stock.get("print")) is not None and not stock.reserved,
            "the snapshot is old",
        )
        again = await buyer.press("Try again")
        assert "ready to pay" in again.text.casefold()
        assert len(await world.orders()) == 2
