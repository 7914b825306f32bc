"""Shipping: one rate for the region that is meant, in the total from the start, checked when it is paid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat import Answers, Card, Select
from bot.errors import BelowMinimum, NotShipped
from bot.money import Money
from bot.orders import Order, State
from bot.replicas import Replicas
from bot.selling import wish
from bot.shop import Stock
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened
from tests.commands.flat import flat

LAST = SHOP.replace('price = "45.00"\nstock = 1', 'price = "45.00"\nstock = 1\nfulfil = "ship"')
PRICES = {"FR": 450, "AT": 790, "DE": 790, "NL": 790}


class Killed(BaseException):
    """The process is gone: nothing that follows is run."""


async def asked(rig: Rig, card: Card) -> Order:
    """Give the order of a card, and see that Stripe's page asks for the same, and lets nobody choose anything else."""
    order = await rig.order(card.order)
    session, checkout = rig.stripe.of(order.id)[-1], rig.stripe.checkouts[order.session]
    assert session.total == order.total
    assert (session.subtotal - session.discount, session.shipping) == (order.total - order.postage, order.postage)
    assert order.shipping is not None
    assert [choice.price for choice in checkout.shipping] == [order.postage]
    assert checkout.ship_to == order.shipping.countries
    return order


def elsewhere(card: Card) -> Sequence[str]:
    """Give what the card offers besides."""
    return [choice.value.split()[1] for each in card.actions if isinstance(each, Select) for choice in each.choices]


@pytest.mark.parametrize(
    ("said", "locale", "region", "asks"),
    [
        ("/buy mug blue 2", "en", "FR", 2950),
        ("/buy mug blue 2 to Germany", "en", "DE", 3290),
        ("/buy mug blue to the Netherlands 2", "en", "NL", 3290),
        ("/buy 2 mug blue code WELCOME10 to de", "en", "DE", 3040),
        ("/buy mug blue 2 TO FR code WELCOME10", "en", "FR", 2700),
        ("/acheter mug blue 2 vers l’Allemagne", "fr", "DE", 3290),
        ("/acheter mug blue 2 en Autriche", "fr", "AT", 3290),
        ("/acheter mug blue 2 aux Pays-Bas", "fr", "NL", 3290),
        ("/acheter mug blue 2 to Germany", "fr", "DE", 3290),
    ],
)
async def test_goes_where_it_is_typed(rig: Rig, said: str, locale: str, region: str, asks: int) -> None:
    """`/buy` goes straight to the order; its region is the country that was named, else the first one, and in the total."""
    card = await rig.say(said, locale=locale)
    order = await asked(rig, card)
    assert order.shipping is not None
    assert (card.state, order.shipping.region, order.total.minor) == ("awaiting", region, asks)
    assert elsewhere(card) == [code for code, rate in (("FR", 450), ("AT", 790)) if rate != PRICES[region]]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("/buy mug blue to US", "We do not ship to this country: United States"),
        ("/buy mug to Spain", "We do not ship to this country: Spain"),
        ("/buy mug blue 2 to Narnia", "There is no country “Narnia”"),
    ],
)
async def test_where_it_is_not_shipped(rig: Rig, said: str, says: str) -> None:
    """A country that is not reached, or is none, is refused with the regions there are, before anything is asked."""
    card = await rig.say(said)
    assert says in str(card.text)
    assert "Post · €4.50 and Post, neighbours · €7.90" in str(card.text)
    assert list(await rig.mine()) == []
    ctx = await rig.context()
    with pytest.raises(NotShipped):
        wish(ctx, ctx.shop.catalogue.variants["mug/blue"], 1, "", "US")


async def test_names_of_goods_keep_their_words(world: World) -> None:
    """The word "to" in a product's name takes nothing off it, and what is not shipped goes anywhere."""
    world.text = SHOP.replace('name = "Badge"\nprice = "0.20"', 'name = "Ticket to Germany"\nprice = "2.00"')
    async with opened(world) as rig:
        card = await rig.say("/buy ticket to germany 2")
        assert card.facts[0][0] == "2 × Ticket to Germany"
        assert (await rig.order(card.order)).shipping is None
        assert (await rig.say("/buy zine to Germany")).state == "awaiting"


async def test_a_choice_keeps_the_country(rig: Rig) -> None:
    """Blue or white? The choice keeps how many, the code, and where to."""
    card = await rig.say("/buy mug 2 to Germany")
    values = [action.value for action in card.actions]  # type: ignore[union-attr]  # Buttons
    assert values == ["mug/blue 2 - DE", "mug/white 2 - DE"]
    order = await asked(rig, await rig.press("buy.choose", values[0]))
    assert (order.total.minor, order.code) == (3290, "")
    with_code = await rig.say("/buy mug 2 code WELCOME10 to Germany")
    assert with_code.actions[1].value == "mug/white 2 WELCOME10 DE"  # type: ignore[union-attr]  # a Button


async def test_goes_where_the_last_one_went(rig: Rig) -> None:
    """The next order goes where this person's newest paid one went; where that is shipped no more, to the first region."""
    first = await asked(rig, await rig.say("/buy mug blue to Austria"))
    again = await asked(rig, await rig.say("/buy mug blue"))
    assert again.total.minor == 1250 + 450, "nothing was paid yet"
    rig.stripe.pay(first.session, country="NL")
    await rig.deliver()
    assert (await asked(rig, await rig.say("/buy mug blue"))).total.minor == 1250 + 790
    assert (await asked(rig, await rig.say("/buy mug blue", "bob"))).total.minor == 1250 + 450
    newest = await rig.paid(await asked(rig, await rig.say("/buy mug blue to France")))
    assert newest.shipping is not None
    assert newest.shipping.region == "FR"
    assert (await asked(rig, await rig.say("/buy mug blue"))).total.minor == 1250 + 450
    rig.stripe.pay((await asked(rig, await rig.say("/buy mug white to NL"))).session)
    await rig.deliver()
    rig.edit(SHOP.replace('countries = ["AT", "DE", "NL"]', 'countries = ["ES"]'))
    assert (await asked(rig, await rig.say("/buy mug white"))).total.minor == 1250 + 450


async def test_an_edit_changes_no_order_in_flight(rig: Rig) -> None:
    """An order keeps region, price and countries while the config says something else."""
    order = await asked(rig, await rig.say("/buy mug blue to DE"))
    rig.edit(SHOP.replace('"7.90"', '"9.90"').replace('"AT", "DE", "NL"', '"AT"'))
    assert await rig.order(order.id) == order
    paid = await rig.paid(order)
    assert (paid.state, paid.problem, str(paid.paid)) == (State.PAID, "", "20.40 EUR")


@pytest.mark.parametrize(
    ("paying", "problem"),
    [
        ({"country": "AT"}, ""),
        ({"tax": 130}, ""),
        ({"country": "US"}, "the address is not in the region that the shipping is for"),
        ({"postage": 450}, "paid 4.50 EUR for shipping, asked 7.90 EUR"),
        ({"more": -100, "postage": 0}, "paid 11.50 EUR, asked 12.50 EUR; paid 0.00 EUR for shipping, asked 7.90 EUR"),
    ],
)
async def test_what_was_paid_is_compared(rig: Rig, paying: dict[str, int | str], problem: str) -> None:
    """An address elsewhere, or another price for shipping, is a problem for the staff; tax is none."""
    paid = await rig.paid(await asked(rig, await rig.say("/buy mug blue to DE")), **paying)
    assert (paid.state, paid.problem) == (State.PAID, problem)
    assert not problem or problem in str(rig.voice.posted)
    assert "US" not in paid.problem


class TestElsewhere:
    async def test_the_last_one_goes_elsewhere(self, world: World) -> None:
        """Another region ends the session and gives an order of the same lines, code and quantity, with the same stock."""
        world.text = LAST
        async with opened(world) as rig:
            first = await asked(rig, await rig.say("/buy print code WELCOME10"))
            card = await rig.press("orders.reroute", f"{first.id} AT")
            order = await asked(rig, card)
            await rig.deliver()
            assert (card.state, order.lines, order.discount, order.code) == (
                "awaiting",
                first.lines,
                first.discount,
                "WELCOME10",
            )
            assert order.total.minor == first.total.minor + 340
            assert (await rig.order(first.id)).state is State.CANCELLED
            assert rig.stripe.of(first.id)[0].status == "expired"
            assert await rig.stock("print") == Stock(reserved=1)
            assert await rig.kinds() == ["moved"]
            assert (await rig.paid(order)).problem == ""
            assert await rig.stock("print") == Stock(sold=1)

    async def test_a_word_that_comes_first_gives_nothing_away(self, world: World) -> None:
        """The webhook that says "expired" meanwhile does not free the last one for somebody else."""
        world.text = LAST
        async with opened(world) as rig:
            first = await asked(rig, await rig.say("/buy print"))
            expire = rig.stripe.expire

            async def slowly(session_id: str) -> object:
                session = await expire(session_id)
                await rig.deliver()
                assert await rig.stock("print") == Stock(reserved=1)
                assert "sold out" in str((await rig.say("/buy print", "bob")).text)
                return session

            rig.stripe.expire = slowly  # type: ignore[method-assign,assignment]  # the provider takes its time
            order = await asked(rig, await rig.press("orders.reroute", f"{first.id} AT"))
            assert order.state is State.AWAITING
            assert await rig.stock("print") == Stock(reserved=1)

    async def test_paid_meanwhile_is_paid(self, rig: Rig) -> None:
        """Who pays and then chooses another region has paid: Stripe's word decides, and the card says so."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        rig.stripe.pay(first.session)
        card = await rig.press("orders.reroute", f"{first.id} AT")
        await rig.deliver()
        assert (card.order, card.title) == (first.id, "Your order: paid")
        assert ((await rig.order(first.id)).ending, len(await rig.mine()), await rig.kinds()) == ("", 1, ["paid"])

    async def test_without_stripe_it_stays(self, rig: Rig) -> None:
        """Where Stripe does not answer that is said, the order stays as it is, and can be paid."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        rig.stripe.down = True
        card = await rig.press("orders.reroute", f"{first.id} AT")
        assert "still ships where it did" in str(card.text)
        assert [action.label for action in card.actions] == ["Pay €17.00", "Cancel", "Ship elsewhere"]
        assert await rig.order(first.id) == first
        rig.stripe.down = False
        rig.time.pass_(minutes=2)
        await rig.deliver()
        assert (await rig.paid(first)).state is State.PAID

    async def test_stripe_acted_without_an_answer(self, rig: Rig) -> None:
        """Where Stripe ended the session and its answer was lost, the order ends a minute later, and its person is told."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        rig.stripe.fail("after", "expire")
        await rig.press("orders.reroute", f"{first.id} AT")
        rig.time.pass_(minutes=2)
        await rig.deliver()
        assert ((await rig.order(first.id)).state, await rig.stock()) == (State.EXPIRED, Stock())
        assert await rig.kinds() == ["expired"]

    async def test_killed_in_the_middle(self, rig: Rig) -> None:
        """A process that dies between Stripe's word and ours leaves no order marked for ever."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        expire = rig.stripe.expire

        async def dying(session_id: str) -> object:
            await expire(session_id)
            raise Killed

        rig.stripe.expire = dying  # type: ignore[method-assign,assignment]  # nothing of ours is awaited after it
        with pytest.raises(Killed):
            await rig.press("orders.reroute", f"{first.id} AT")
        await rig.deliver()
        assert ((await rig.order(first.id)).state, (await rig.order(first.id)).ending) == (State.AWAITING, "moved")
        rig.time.pass_(minutes=2)
        await rig.deliver()
        assert ((await rig.order(first.id)).state, await rig.stock()) == (State.EXPIRED, Stock())
        assert await rig.kinds() == ["expired"]

    async def test_a_leftover_job_leaves_the_next_try_alone(self, rig: Rig) -> None:
        """The job of a try that Stripe did not answer does not end the next one, which is under way when it looks."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        rig.stripe.fail("before", "expire")
        await rig.press("orders.reroute", f"{first.id} AT")
        rig.time.pass_(seconds=50)
        expire = rig.stripe.expire

        async def slowly(session_id: str) -> object:
            rig.time.pass_(seconds=15)
            await rig.deliver()
            return await expire(session_id)

        rig.stripe.expire = slowly  # type: ignore[method-assign,assignment]  # the provider takes its time
        order = await asked(rig, await rig.press("orders.reroute", f"{first.id} AT"))
        assert (order.state, order.shipping and order.shipping.region) == (State.AWAITING, "AT")
        assert (await rig.order(first.id)).state is State.CANCELLED
        rig.time.pass_(minutes=2)
        await rig.deliver()
        async with rig.database.store.reading() as unit:
            assert await unit.facts.named("moving:") == {}

    @pytest.mark.parametrize(("why", "says"), [("prices", "being updated"), ("declines", "declined")])
    async def test_not_what_has_changed_while_stripe_was_asked(self, rig: Rig, why: str, says: str) -> None:
        """Where other prices are active by then, or too much was declined, the order ends and none takes its place."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        expire = rig.stripe.expire

        async def meanwhile(session_id: str) -> object:
            session = await expire(session_id)
            if why == "prices":
                await Replicas(rig.database.store).join("the digest of another file")
            else:
                async with rig.database.store.unit() as unit:
                    await unit.declines.add("pi_other", 1000, first.id, unit.now)
            return session

        rig.stripe.expire = meanwhile  # type: ignore[method-assign,assignment]  # the provider takes its time
        card = await rig.press("orders.reroute", f"{first.id} AT")
        await rig.deliver()
        assert says in flat(card)
        assert [order.state for order in await rig.mine()] == [State.EXPIRED]
        assert (await rig.stock(), len(rig.stripe.checkouts)) == (Stock(), 1)
        assert len(await rig.kinds()) == 1

    async def test_pressed_twice_is_one(self, rig: Rig) -> None:
        """A press that the platform delivers twice gives the same order; one on the old card says what became of it."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        one = await rig.press("orders.reroute", f"{first.id} AT", key="press")
        two = await rig.press("orders.reroute", f"{first.id} AT", key="press")
        assert (one.order, len(await rig.mine())) == (two.order, 2)
        again = await rig.press("orders.reroute", f"{first.id} AT")
        assert "cancelled. That is no longer possible" in str(again.text)
        assert (await rig.press("orders.reroute", f"{one.order} DE")).order == one.order, "it ships there already"
        assert rig.stripe.asked["expire"] == 1

    async def test_nobody_elses(self, rig: Rig) -> None:
        """Somebody else's order, and a country that is not reached, are refused; the order stays."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        assert "somebody else" in str((await rig.press("orders.reroute", f"{first.id} AT", "eve")).text)
        assert "do not ship" in str((await rig.press("orders.reroute", f"{first.id} US")).text)
        assert (await rig.press("orders.reroute", first.id)).state == ""
        assert await rig.order(first.id) == first

    async def test_not_after_the_closing(self, rig: Rig) -> None:
        """When Buy is closed the notice answers, and the order's session is not touched by it."""
        first = await asked(rig, await rig.say("/buy mug blue"))
        rig.edit(SHOP + CLOSING.replace("2026-03-03", "2026-01-03").replace("2026-04-10", "2026-03-02"))
        rig.time.pass_(seconds=1)
        assert "ended" in str((await rig.press("orders.reroute", f"{first.id} AT")).text)
        assert rig.stripe.asked["expire"] == 0


@pytest.mark.parametrize("free", ["0.00", "0.40"])
async def test_the_minimum_is_of_goods_and_shipping(world: World, free: str) -> None:
    """A coupon makes goods free and never their shipping; Stripe's smallest charge is of both together."""
    world.text = SHOP.replace('price = "4.50"', f'price = "{free}"') + '\n[coupon.ALL]\namount = "99.00"\n'
    async with opened(world) as rig:
        ctx = await rig.context()
        mug = ctx.shop.catalogue.variants["mug/blue"]
        with pytest.raises(BelowMinimum) as refused:
            wish(ctx, mug, 1, "ALL")
        assert refused.value.total == Money(int(Decimal(free) * 100), "EUR")
        order = await asked(rig, await rig.say("/buy mug blue code ALL to DE"))
        assert (order.total.minor, order.postage.minor) == (790, 790)
        form = await rig.form("/buy")
        filled = Answers.of(product="mug/blue", quantity="1", code="ALL")
        assert rig.house.conversation.wrong(ctx, form.to.id, filled) == {}, "elsewhere it could be"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    carts=st.lists(
        st.tuples(
            st.sampled_from(["mug/blue", "mug/white"]),
            st.integers(1, 6),
            st.sampled_from(["", "WELCOME10", "MUGS"]),
            st.sampled_from(["", "FR", "AT", "DE", "NL"]),
            st.sampled_from(["", "FR", "AT", "DE", "NL"]),
        ),
        min_size=1,
        max_size=3,
    )
)
async def test_what_is_asked_is_what_stripe_asks(
    tmp_path_factory: pytest.TempPathFactory, carts: list[tuple[str, int, str, str, str]]
) -> None:
    """Whatever the cart, coupon and region: asked = goods - discount + shipping, and Stripe's session says the same."""
    async with opened(World(tmp_path_factory.mktemp("till"))) as rig:
        for variant, many, code, country, then in carts:
            words = [f"/buy {variant} {many}", f"code {code}" if code else "", f"to {country}" if country else ""]
            card = await rig.say(" ".join(filter(None, words)))
            if not card.order:
                assert re.search("left|sold out", str(card.text))
                continue
            if then:
                card = await rig.press("orders.reroute", f"{card.order} {then}")
            order = await asked(rig, card)
            region = then or country or "FR"
            off = {"": 0, "WELCOME10": many * 125, "MUGS": 200}[code]
            assert order.total.minor == many * 1250 - off + PRICES[region]
            assert order.total == order.goods - (order.discount or Money(0, "EUR")) + order.postage
            stock = await rig.stock(variant)
            mine = [
                each for each in await rig.mine() if each.state is State.AWAITING and each.lines[0].variant == variant
            ]
            assert stock.reserved == sum(each.lines[0].quantity for each in mine)
