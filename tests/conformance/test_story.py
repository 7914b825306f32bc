"""The story, one test a scene, the same on every door."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from bot.orders import State
from bot.shop import Stock
from tests.adapters.sandbox.buyer import DECLINED
from tests.conformance.doors import Seen, Visitor
from tests.conformance.world import World, eventually

ADDRESS = {
    "shipping_name": "Test Buyer",
    "line1": "1 Example Street",
    "postal_code": "75001",
    "city": "Exampletown",
    "country": "FR",
}


async def order_of(world: World, seen: Seen) -> str:
    """Give the number of the order that a card speaks of."""
    numbers = [order.id for order in await world.orders() if order.id in seen.text]
    assert len(numbers) == 1, f"one order expected on this card: {seen.text}"
    return numbers[0]


def pay_link(seen: Seen) -> str:
    """Give the pay link of a card."""
    return next(url for label, url in seen.links.items() if label.startswith(("Pay", "Payer")))


async def state_is(world: World, number: str, state: State) -> None:
    """Wait until an order is in a state."""

    async def so() -> bool:
        return (await world.order(number)).state is state

    await eventually(so, f"{number} did not become {state}")


async def bought(world: World, buyer: Visitor, text: str = "/buy zine") -> str:
    """Buy something and pay it."""
    card = await buyer.say(text)
    number = await order_of(world, card)
    await world.pay(pay_link(card))
    await buyer.hears("Thank you" if "mug" in text else "twelve-knots")
    return number


class TestBuying:
    async def test_suggests_what_is_typed(self, world: World) -> None:
        """A product is suggested by its first letters, in spite of a typo."""
        buyer = await world.door.person("ann")
        assert any("Mug, blue" in label for label in await buyer.suggest("buy.product", "blue mug"))
        assert any("zine" in label for label in await buyer.suggest("buy.product", "kntos"))

    async def test_buys_by_form(self, world: World) -> None:
        """/buy opens a form, and the form gives a card with lines, total, seller, a Pay link and a Cancel button."""
        buyer = await world.door.person("ann")
        form = await buyer.say("/buy")
        assert form.is_form
        assert set(form.fields) == {"product", "quantity", "code"}
        card = await buyer.fill(product="mug/blue", quantity="2", code="WELCOME10")
        assert "2 × Mug, blue" in card.text
        assert "27.00" in card.text  # 25.00 less ten per cent, and 4.50 for shipping
        assert "Example Harbour Association" in card.text
        assert "return anything within 14 days" in card.text
        assert any(label.startswith("Cancel") for label in card.buttons)
        order = await world.order(await order_of(world, card))
        assert (order.state, order.total.minor, order.code) == (State.AWAITING, 2700, "WELCOME10")

    async def test_buys_by_text_and_is_told_it_is_paid(self, world: World) -> None:
        """/buy with everything typed goes straight to the Pay link; the payment reaches the buyer by itself."""
        buyer = await world.door.person("ann")
        number = await bought(world, buyer)
        order = await world.order(number)
        assert (order.state, order.paid, order.refunded) == (State.FULFILLED, order.total, None)
        assert len(world.sandbox.ledger()) == 1

    async def test_ships_and_tells(self, world: World) -> None:
        """The staff sees a paid order without its address, marks it shipped once, and the buyer gets the tracking."""
        buyer, staff = await world.door.person("ann"), await world.door.staff()
        card = await buyer.say("/buy mug blue 2")
        number = await order_of(world, card)
        await world.pay(pay_link(card), **ADDRESS)
        await buyer.hears("being packed")
        posted = await staff.hears(f"Order {number}")
        assert "Example Street" not in posted.text
        assert "Example Street" in (await staff.press("Address")).text
        form = await staff.press("Mark shipped")
        assert form.is_form
        await staff.fill(note="TRACK-123")
        await buyer.hears("TRACK-123")
        order = await world.order(number)
        assert (order.state, order.tracking, order.paid) == (State.FULFILLED, "TRACK-123", order.paid)
        assert order.paid is not None
        assert order.paid.minor == 2500 + 450

    async def test_declined_card_leaves_the_order_open(self, world: World) -> None:
        """A declined card is said on Stripe's page, and the order can still be paid."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy zine")
        number = await order_of(world, card)
        declined = await world.pay(pay_link(card), DECLINED)
        assert "declined" in declined.text
        assert (await world.order(number)).state is State.AWAITING
        await world.pay(pay_link(card))
        await buyer.hears("twelve-knots")

    async def test_cancels(self, world: World) -> None:
        """Cancel ends the order at Stripe and frees its stock; paying is no longer possible."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy print")
        number = await order_of(world, card)
        await buyer.press("Cancel")
        await state_is(world, number, State.CANCELLED)
        await eventually(lambda: world.app.live().stock.get("print", Stock()).reserved == 0, "the snapshot is old")
        again = await (await world.door.person("ben")).say("/buy print")
        assert "Ready to pay" in again.text or "ready to pay" in again.text

    async def test_somebody_elses_button(self, world: World) -> None:
        """Nobody sees, cancels or pays for somebody else's order in the chat."""
        ann, ben = await world.door.person("ann"), await world.door.person("ben")
        card = await ann.say("/buy print")
        number = await order_of(world, card)
        mine = await ben.say("/orders")
        assert number not in mine.text
        assert all(number not in seen.text for seen in await ben.everything())
        assert (await world.order(number)).state is State.AWAITING


class TestShipping:
    async def test_ships_to_the_first_region_at_its_rate_alone(self, world: World) -> None:
        """/buy goes straight to an order with its shipping in the total; Stripe's page offers that rate and its countries."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy mug blue 2")
        assert re.search(r"Shipping: Post\W+€4\.50", card.text)
        assert "Pay €29.50" in card.links
        order = await world.order(await order_of(world, card))
        page = (await world.buyer.look(order.session_url)).text
        assert page.count('name="shipping_rate"') == 1
        assert re.findall(r"<option[^>]*>(\w\w)</option>", page) == ["FR", "DE"]
        refused = await world.pay(pay_link(card), **ADDRESS | {"country": "AT"})
        assert "cannot be shipped" in refused.text
        await world.pay(pay_link(card), **ADDRESS | {"country": "DE"})
        await buyer.hears("being packed")
        paid = await world.order(order.id)
        assert (paid.paid, paid.problem) == (order.total, "")

    async def test_ships_where_it_is_typed(self, world: World) -> None:
        """A country that is named decides the rate; one that is not reached is refused with the regions there are."""
        buyer = await world.door.person("ann")
        refused = await buyer.say("/buy mug blue 2 to Spain")
        assert "do not ship to this country: Spain" in refused.text
        assert "Post, neighbours · €7.90" in refused.text
        assert await world.orders() == []
        card = await buyer.say("/buy mug blue 2 to Austria")
        assert re.search(r"Shipping: Post, neighbours\W+€7\.90", card.text)
        assert (await world.order(await order_of(world, card))).total.minor == 2500 + 790

    async def test_ships_elsewhere(self, world: World) -> None:
        """Another region on the card ends the session and gives an order in its place; the next one goes there too."""
        buyer = await world.door.person("ann")
        first = await order_of(world, await buyer.say("/buy mug blue 2 code WELCOME10"))
        card = await buyer.press("Post, neighbours")
        number = await order_of(world, card)
        assert number != first
        before, order = await world.order(first), await world.order(number)
        assert (before.state, order.state, order.code) == (State.CANCELLED, State.AWAITING, "WELCOME10")
        assert (order.lines, order.total.minor) == (before.lines, 2250 + 790)
        assert "expired" in (await world.buyer.look(before.session_url)).text.casefold()
        async with world.app.store.reading() as unit:
            assert await unit.stock.of("mug/blue") == Stock(reserved=2)
        await buyer.hears("made room")
        await world.pay(pay_link(card), **ADDRESS | {"country": "NL"})
        await buyer.hears("being packed")
        again = await buyer.say("/buy mug blue")
        assert "Shipping: Post, neighbours" in again.text


class TestRefusals:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("/buy teapot", "There is no “teapot” here"),
            ("/buy mug blue 9", "at most"),
            ("/buy sticker", "card payments begin at"),
            ("/buy zine 1 code NOPE", "There is no code “NOPE”"),
            ("/nonsense", "what you can say"),
        ],
    )
    async def test_refuses_clearly(self, world: World, typed: str, said: str) -> None:
        """What cannot be is a clear card; nothing is written."""
        buyer = await world.door.person("ann")
        assert said in (await buyer.say(typed)).text
        assert await world.orders() == []

    async def test_sold_out(self, world: World) -> None:
        """The last one is sold once; the next person is told that it is sold out."""
        await (await world.door.person("ann")).say("/buy print")
        ben = await world.door.person("ben")
        await eventually(lambda: world.app.live().stock.get("print") is not None, "the snapshot is old")
        assert "sold out" in (await ben.say("/buy print")).text
        assert len(await world.orders()) == 1

    async def test_field_errors_are_in_place(self, world: World) -> None:
        """A form with a mistake comes back with the mistake said, and is filled in again."""
        buyer = await world.door.person("ann")
        await buyer.say("/buy")
        wrong = await buyer.fill(product="mug/blue", quantity="0")
        assert "no quantity" in wrong.text
        assert await world.orders() == []


class TestGiving:
    async def test_gives_once_with_a_dedication(self, world: World) -> None:
        """A gift goes to the cause's own account, and is thanked for with progress and a numbered receipt."""
        giver = await world.door.person("ann")
        form = await giver.say("/donate")
        assert set(form.fields) == {"cause", "amount", "rhythm", "dedication", "options"}
        card = await giver.fill(cause="water", amount="25", dedication="For the sea", options=["cover_fees"])
        assert "Example Clean Water Trust" in card.text
        number = await order_of(world, card)
        await world.pay(pay_link(card))
        thanks = await giver.hears("Thank you for your gift")
        assert "€25.39 of €500.00" in thanks.text
        assert "Test money" in thanks.text
        order = await world.order(number)
        assert (order.account, order.state, order.receipt) == ("water", State.PAID, f"{order.created.year}-000001")
        assert order.donation is not None
        assert (order.donation.net.minor, order.donation.dedication) == (2500, "For the sea")
        receipt = await giver.press("Show the receipt")
        assert "W000000001" in receipt.text
        assert "Nothing was received in return" in receipt.text

    async def test_gives_by_text(self, world: World) -> None:
        """/donate with everything typed goes straight to the Pay link."""
        giver = await world.door.person("ann")
        card = await giver.say('/donate 12,50 € to "Community kitchen"')
        order = await world.order(await order_of(world, card))
        assert (order.account, order.total.minor) == ("", 1250)

    async def test_gives_monthly_and_stops(self, world: World) -> None:
        """A monthly gift begins a subscription, and is stopped in /orders."""
        giver = await world.door.person("ann")
        card = await giver.say("/donate 10 to kitchen monthly")
        number = await order_of(world, card)
        await world.pay(pay_link(card))
        await giver.hears("first monthly gift")
        await giver.say("/orders")
        stopped = await giver.press("Stop monthly gift")
        assert "No more is taken" in stopped.text
        assert (await world.order(number)).subscription.startswith("sub_")

    async def test_says_what_is_wrong_with_an_amount(self, world: World) -> None:
        """An amount that can be read in two ways is refused, never guessed."""
        giver = await world.door.person("ann")
        assert "two ways" in (await giver.say("/donate 1,234 to kitchen")).text
        assert await world.orders() == []


class TestLanguages:
    async def test_speaks_french(self, world: World) -> None:
        """A French reader is answered in French, and may say /acheter."""
        buyer = await world.door.person("zoé", locale="fr")
        card = await buyer.say("/acheter zine")
        assert "Payer" in " ".join(card.links)
        await world.pay(pay_link(card))
        await buyer.hears("Votre commande\u00a0: livrée")


class TestOrders:
    async def test_lists_ones_own(self, world: World) -> None:
        """/orders lists orders and gifts with state and amount, newest first."""
        buyer = await world.door.person("ann")
        number = await bought(world, buyer)
        await buyer.say("/donate 10 to kitchen")
        listed = (await buyer.say("/orders")).text
        assert listed.index("gift to Community kitchen") < listed.index(number)

    async def test_refunds(self, world: World) -> None:
        """/shop refund gives everything back, and the buyer is told."""
        buyer, staff = await world.door.person("ann"), await world.door.staff()
        number = await bought(world, buyer)
        await staff.say(f"/shop refund {number}")
        await buyer.hears("goes back to your card")
        order = await world.order(number)
        assert (order.state, order.refunded) == (State.REFUNDED, order.paid)

    async def test_shop_is_for_admins(self, world: World) -> None:
        """Anyone else who says /shop gets the help."""
        number = await bought(world, await world.door.person("ann"))
        assert "what you can say" in (await (await world.door.person("ben")).say(f"/shop refund {number}")).text
        assert (await world.order(number)).state is State.FULFILLED


class TestRetirement:
    async def test_banner_before(self, world: World) -> None:
        """From the announcement on, /buy carries the date and works as before."""
        await world.retire(announced=timedelta(days=-1), closes=timedelta(days=20))
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy zine")
        assert "Buy closes here on" in card.text
        await world.pay(pay_link(card))
        await buyer.hears("twelve-knots")

    async def test_notice_after(self, world: World) -> None:
        """After closing, /buy in every form answers with the notice and four alternatives, and makes nothing."""
        buyer = await world.door.person("ann")
        form = await buyer.say("/buy")
        assert form.is_form
        await world.retire(announced=timedelta(days=-2), closes=timedelta(seconds=-1))
        late = await buyer.fill(product="zine", quantity="1")
        for seen in (late, await buyer.say("/buy zine"), await buyer.say("/buy")):
            assert "ended on" in seen.text
            assert "Donate stays" in seen.text
            assert [*seen.links] == ["Facebook Shop", "Pinterest", "Messenger", "Amazon"]
            assert "shop@harbour.example" in seen.text
        assert await world.orders() == []

    async def test_donate_after(self, world: World) -> None:
        """The notice's Donate button starts a gift, which works as before."""
        await world.retire(announced=timedelta(days=-2), closes=timedelta(seconds=-1))
        giver = await world.door.person("ann")
        await giver.say("/buy")
        form = await giver.press("Donate")
        assert form.is_form
        card = await giver.fill(cause="kitchen", amount="5")
        await world.pay(pay_link(card))
        await giver.hears("Thank you for your gift")

    async def test_open_checkouts_are_expired_and_told(self, world: World) -> None:
        """An open checkout is expired at Stripe when Buy closes; its stock is free again and its person is told."""
        buyer = await world.door.person("ann")
        card = await buyer.say("/buy print")
        number = await order_of(world, card)
        await world.retire(announced=timedelta(days=-2), closes=timedelta(seconds=-1))
        await buyer.hears("before selling here ended")
        order = await world.order(number)
        assert order.state is State.EXPIRED
        assert "expired" in (await world.buyer.look(order.session_url)).text.casefold()

    async def test_sellers_are_told(self, world: World) -> None:
        """The staff channel gets the sellers' notice at the announcement and at closing."""
        staff = await world.door.staff()
        await world.retire(announced=timedelta(days=-1), closes=timedelta(days=1))
        await staff.hears("stops selling in this chat on")
        world.clock.shift = timedelta(days=2)
        closed = await staff.hears("stopped selling in this chat on")
        assert "Facebook Shop" in closed.text
        assert "platform gave short notice" in closed.text

    async def test_an_admin_acts_in_the_chat(self, world: World) -> None:
        """At every door an admin puts the end on hold and lets it go on, and anybody else gets the help."""
        staff, ann = await world.door.staff(), await world.door.person("ann")
        await world.retire(announced=timedelta(days=-1), closes=timedelta(days=30))
        assert "what you can say" in (await ann.say("/shop retire pause buy because")).text
        assert "buy is on hold" in (await staff.say('/shop retire pause "buy because"')).text
        assert "because" in (await staff.say("/shop retire")).text
        assert "buy goes on" in (await staff.say("/shop retire resume buy")).text

    async def test_a_later_date_is_told_with_the_old_one(self, world: World) -> None:
        """An edit to a later date reaches the staff channel with both dates; a table that goes away changes nothing."""
        staff = await world.door.staff()
        await world.retire(announced=timedelta(days=-1), closes=timedelta(days=1))
        await staff.hears("stops selling in this chat on")
        whole = world.config.read_text(encoding="utf-8")
        closes = next(line for line in whole.splitlines() if line.startswith("closes = "))
        later = (datetime.fromisoformat(closes.removeprefix("closes = ")) + timedelta(days=60)).isoformat()
        await world.edit(lambda text: text.replace(closes, f"closes = {later}"))
        told = await staff.hears("takes the place of the date given before")
        assert "stops selling in this chat on" in told.text
        await world.edit(lambda text: text.partition("[retirement.buy]")[0])
        await staff.hears("was announced and is gone from the file")
        assert (await (await world.door.person("ann")).say("/buy zine")).text.count("Buy closes here on") == 1


class TestPrivacy:
    async def test_no_public_message_holds_an_order(self, world: World) -> None:
        """Whatever happens to an order, nothing of it is ever posted where everybody reads."""
        buyer = await world.door.person("ann")
        number = await bought(world, buyer)
        await world.retire(announced=timedelta(days=-2), closes=timedelta(seconds=-1))
        await buyer.say("/orders")
        for post in await world.door.public():
            assert number not in post
            assert "4.00" not in post
