"""Selling: what is ordered is reserved, paid once, given back when it ends; what cannot be is refused and leaves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.chat import Link
from bot.errors import BadCode, BelowMinimum, BeyondLimit, BeyondStock, NotYours, SoldOut, TooLate, TooMany
from bot.orders import State
from bot.selling import wish
from bot.shop import Stock
from tests.bot.rig import SHOP, Rig, World, opened


async def test_an_order_holds_its_stock_until_it_is_paid_and_then_counts_as_sold(rig: Rig) -> None:
    """Two mugs are reserved when ordered and sold when paid."""
    order = await rig.place("mug/blue", 2)
    assert order.state is State.AWAITING
    assert await rig.stock() == Stock(reserved=2, sold=0)
    paid = await rig.paid(order)
    assert (paid.state, paid.problem, str(paid.paid)) == (State.PAID, "", "29.50 EUR")
    assert await rig.stock() == Stock(reserved=0, sold=2)
    assert await rig.kinds() == ["paid"]


async def test_what_needs_no_shipping_is_delivered_by_being_paid(rig: Rig) -> None:
    """A zine's message is told with the news of its payment, and never before."""
    card = await rig.say("/buy zine")
    assert "harbour.example/zine" not in str(card)
    paid = await rig.paid((await rig.mine())[0])
    assert paid.state is State.FULFILLED
    assert "https://harbour.example/zine" in str(rig.voice.to("ann")[0].text)


async def test_the_same_interaction_makes_one_order(rig: Rig) -> None:
    """A platform that delivers a press twice gets the same order twice, also where it took the last one."""
    first = await rig.say("/buy print", key="press-1")
    again = await rig.say("/buy print", key="press-1")
    assert (first.order, first.state) == (again.order, again.state)
    assert len(await rig.mine()) == 1
    assert rig.stripe.asked["open"] == 1
    assert await rig.stock("print") == Stock(reserved=1)


async def test_one_persons_key_is_not_anothers(rig: Rig) -> None:
    """The same key from two people makes two orders: a key belongs to who pressed."""
    one, other = await rig.place(key="k"), await rig.place(who="bob", key="k")
    assert one.id != other.id


async def test_a_cancelled_order_ends_on_what_stripe_says_and_frees_its_stock(rig: Rig) -> None:
    """Cancelling expires the session, gives the stock back, and tells once."""
    order = await rig.place()
    card = await rig.press("orders.cancel", order.id)
    assert card.state == "cancelled"
    await rig.press("orders.cancel", order.id)
    await rig.deliver()
    assert rig.stripe.of(order.id)[0].status == "expired"
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["cancelled"]
    assert [move.target for move in await rig.history(order.id)] == ["draft", "awaiting", "cancelled"]


async def test_a_cancel_that_comes_after_the_payment_is_a_paid_order(rig: Rig) -> None:
    """Who pays and then presses Cancel has paid: Stripe's word decides."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    card = await rig.press("orders.cancel", order.id)
    await rig.deliver()
    assert "paid" in str(card)
    assert (await rig.order(order.id)).state is State.PAID
    assert await rig.kinds() == ["paid"]


async def test_a_cancel_while_stripe_is_down_is_done_when_it_answers(rig: Rig) -> None:
    """The wish to cancel is kept, said to be under way, and done by the job."""
    order = await rig.place()
    rig.stripe.down = True
    card = await rig.press("orders.cancel", order.id)
    assert (card.state, card.actions) == ("awaiting", ())
    await rig.deliver()
    rig.stripe.down = False
    rig.time.pass_(minutes=1)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.CANCELLED
    assert await rig.stock() == Stock()


async def test_nobody_cancels_somebody_elses_order(rig: Rig) -> None:
    """Another person's button is refused, and the order stays."""
    order = await rig.place()
    ctx = await rig.context("eve")
    with pytest.raises(NotYours):
        await ctx.till.selling.cancel(ctx, order.id)
    assert (await rig.press("orders.cancel", order.id, "eve")).state == ""
    assert not (await rig.order(order.id)).ending


async def test_a_paid_order_is_not_cancelled(rig: Rig) -> None:
    """What is paid can only be refunded."""
    order = await rig.paid(await rig.place())
    ctx = await rig.context()
    with pytest.raises(TooLate):
        await ctx.till.selling.cancel(ctx, order.id)


async def test_an_order_nobody_pays_expires_when_its_session_does(rig: Rig) -> None:
    """After its time the session is over at Stripe, the order ends, its stock is free, and its person is told."""
    order = await rig.place()
    rig.time.reach(order.expires - timedelta(seconds=1))
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.AWAITING
    rig.time.pass_(seconds=20)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["expired"]


async def test_an_order_is_paid_once_however_often_stripe_says_so(rig: Rig) -> None:
    """Duplicate, late and reordered events change nothing after the first."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    events = rig.stripe.news()
    for event in [*events, *reversed(events)]:
        await rig.house.settling.receive(event)
        await rig.house.settling.handle(event)
    await rig.deliver()
    assert await rig.stock() == Stock(sold=1)
    assert await rig.kinds() == ["paid"]
    assert len(rig.voice.posted) == 1


async def test_a_payment_in_settlement_is_neither_failed_nor_delivered(rig: Rig) -> None:
    """A bank transfer keeps its stock reserved and is delivered when it has settled, not before."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session, "later")
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.PROCESSING
    assert "harbour.example/zine" not in str(rig.voice.to("ann"))
    rig.time.pass_(days=3)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.PROCESSING
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.FULFILLED
    assert await rig.kinds() == ["processing", "paid"]


async def test_a_settlement_that_fails_gives_the_stock_back(rig: Rig) -> None:
    """A returned direct debit ends the order as failed, told once."""
    order = await rig.place()
    rig.stripe.pay(order.session, "later_fails")
    await rig.deliver()
    rig.stripe.settle(order.session)
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.FAILED
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["processing", "failed"]


async def test_an_amount_that_is_not_the_one_asked_is_held_for_a_look(rig: Rig) -> None:
    """Less money than asked is recorded as paid, and nothing is delivered by itself."""
    order = await rig.paid(await rig.place("zine"), more=-100)
    assert order.state is State.PAID
    assert order.problem == "paid 3.00 EUR, asked 4.00 EUR"
    assert "harbour.example/zine" not in str(rig.voice.to("ann"))


async def test_tax_and_shipping_are_no_other_amount(rig: Rig) -> None:
    """What Stripe adds for shipping and tax does not make the goods cost something else."""
    order = await rig.paid(await rig.place(), tax=120)
    assert (order.problem, str(order.paid)) == ("", "18.20 EUR")


@pytest.mark.parametrize(
    ("said", "quantity", "refusal"),
    [
        ("mug/blue", 7, BeyondLimit),
        ("badge", 1, BelowMinimum),
    ],
)
async def test_what_cannot_be_is_refused_and_reserves_nothing(
    rig: Rig, said: str, quantity: int, refusal: type[Exception]
) -> None:
    """Beyond the limit and below Stripe's minimum: refused before anything is written."""
    ctx = await rig.context()
    with pytest.raises(refusal):
        wish(ctx, ctx.shop.catalogue.variants[said], quantity, "")
    assert await rig.mine() == []


async def test_what_was_sold_meanwhile_is_refused_in_the_transaction(rig: Rig) -> None:
    """A snapshot that still shows stock is not believed: the transaction counts again."""
    late, later = await rig.context("bob"), await rig.context("cid")
    blue, print_ = (late.shop.catalogue.variants[name] for name in ("mug/blue", "print"))
    two, one = wish(late, blue, 3, ""), wish(later, print_, 1, "")
    await rig.place("mug/blue", 6)
    await rig.place("print")
    with pytest.raises(BeyondStock) as beyond:
        await late.till.selling.place(late, two)
    assert beyond.value.left == 2
    with pytest.raises(SoldOut):
        await later.till.selling.place(later, one)
    assert await rig.mine("bob") == await rig.mine("cid") == []


async def test_the_pay_link_is_on_the_card_and_the_price_is_ours(rig: Rig) -> None:
    """A card's Pay leads to the session, whose lines are the catalogue's price whatever a button carried."""
    card = await rig.press("buy.choose", "mug/blue 2 WELCOME10")
    link = next(action for action in card.actions if isinstance(action, Link))
    session = rig.stripe.of(card.order)[0]
    assert link.url == session.url
    assert (str(session.subtotal), str(session.discount), str(session.total - session.shipping)) == (
        "25.00 EUR",
        "2.50 EUR",
        "22.50 EUR",
    )


@pytest.mark.parametrize(
    ("code", "variant", "quantity", "why"),
    [
        ("NONE", "mug/blue", 1, "unknown"),
        ("WELCOME10", "zine", 1, "minimum"),
        ("MUGS", "print", 1, "product"),
    ],
)
async def test_a_code_that_does_not_apply_says_why(rig: Rig, code: str, variant: str, quantity: int, why: str) -> None:
    """An unknown code, too small an order and another product are each told apart."""
    ctx = await rig.context()
    with pytest.raises(BadCode) as refused:
        wish(ctx, ctx.shop.catalogue.variants[variant], quantity, code)
    assert refused.value.why == why


async def test_a_code_holds_through_its_last_day_in_the_shops_zone(rig: Rig) -> None:
    """A coupon until 2 March holds at 23:59 in Paris and has ended a minute later; case and spaces do not matter."""
    mug = (await rig.context()).shop.catalogue.variants["mug/blue"]
    rig.time.reach(rig.time.at.replace(hour=22, minute=59))
    assert (
        str(wish(await rig.context(), mug, 1, " mugs ").total) == "15.00 EUR"
    )  # 12.50 less 2.00, and 4.50 for shipping
    rig.time.pass_(minutes=1)
    with pytest.raises(BadCode) as refused:
        wish(await rig.context(), mug, 1, "MUGS")
    assert refused.value.why == "ended"


async def test_a_discount_never_makes_it_cost_less_than_nothing(world: World) -> None:
    """An amount off that is more than the goods would take off all of the goods, and is refused for that."""
    world.text = SHOP + '\n[coupon.HUGE]\namount = "50.00"\n'
    async with opened(world) as rig:
        ctx = await rig.context()
        with pytest.raises(BadCode) as refused:
            wish(ctx, ctx.shop.catalogue.variants["zine"], 1, "HUGE")
        assert refused.value.why == "free"


async def test_checkouts_are_limited_for_each_person_each_address_and_the_shop(world: World) -> None:
    """The eleventh within the hour is refused whoever asks from that address, and possible again an hour later."""
    world.text = SHOP.replace("[notify]", "[limits]\nperson = 2\naddress = 3\nshop = 4\n\n[notify]")
    async with opened(world) as rig:

        async def attempt(who: str, address: str) -> str:
            ctx = await rig.context(who, address=address)
            try:
                order = await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants["zine"], 1, ""))
            except TooMany as refused:
                return refused.whose
            assert not address or address not in str(order)
            return "made"

        assert [await attempt("ann", "") for _ in range(3)] == ["made", "made", "person"]
        assert [await attempt(who, "192.0.2.1") for who in ("b", "c", "d")] == ["made", "made", "shop"]
        rig.time.pass_(hours=1, seconds=1)
        assert [await attempt(who, "192.0.2.1") for who in ("e", "f", "g", "h")] == ["made", "made", "made", "address"]
        assert rig.stripe.asked["open"] == 7


async def test_where_stock_is_not_counted_it_never_runs_out(rig: Rig) -> None:
    """A variant without `stock` can be bought on and on."""
    for _ in range(5):
        await rig.place("zine", 9, who="ann")
    assert await rig.stock("zine") == Stock(reserved=45)
