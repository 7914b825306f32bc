"""Settling: only what is of the order's own account and livemode is believed, and gifts go where they were meant to go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import TooLate, WrongAccount
from bot.money import Money
from bot.orders import State
from bot.ports import Event
from bot.shop import Stock
from tests.bot.rig import Rig


async def test_a_signed_event_of_test_mode_leaves_a_live_order_unpaid(rig: Rig) -> None:
    """`livemode: false` at a live account is refused before anything is written or fetched."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    asked = rig.stripe.asked["look"]
    for event in rig.stripe.news():
        with pytest.raises(WrongAccount):
            await rig.house.settling.receive(replace(event, livemode=False))
    await rig.database.jobs.drain()
    assert (await rig.order(order.id)).state is State.AWAITING
    assert rig.stripe.asked["look"] == asked


@pytest.mark.parametrize("change", [{"livemode": False}, {"account": "water"}])
async def test_an_object_of_another_account_or_mode_changes_nothing(rig: Rig, change: dict[str, str | bool]) -> None:
    """A session, a payment, and all that claims to be of an order is held against the order's own account and mode."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    session = await rig.stripe.session(order.session)
    await rig.house.settling.apply(replace(session, **change))  # type: ignore[arg-type]  # two fields of a Session
    assert (await rig.order(order.id)).state is State.AWAITING
    await rig.deliver()
    payment = replace(rig.stripe.payments[session.payment_intent], refunded=session.total)
    await rig.house.settling.apply_payment(replace(payment, **change))  # type: ignore[arg-type]
    assert (await rig.order(order.id)).state is State.PAID


async def test_an_event_is_taken_once(rig: Rig) -> None:
    """The second of the same event is known, and brings no second job."""
    order = await rig.place()
    rig.stripe.pay(order.session)
    event = rig.stripe.news()[0]
    assert [await rig.house.settling.receive(event) for _ in range(3)] == [True, False, False]
    await rig.database.jobs.drain()
    assert rig.stripe.asked["look"] == 1


async def test_an_event_of_something_unknown_is_let_be(rig: Rig) -> None:
    """An object that is not ours, or that Stripe does not show, is no error."""
    event = Event("evt_x", "", livemode=True, type="x.y", object_id="x_1", created=datetime(2026, 3, 2, tzinfo=UTC))
    await rig.house.settling.receive(event)
    await rig.deliver()
    session = await rig.stripe.open(
        replace(rig.stripe.checkouts[(await rig.place()).session], order="NOTOURS2"), key="another's"
    )
    await rig.house.settling.apply(session)
    async with rig.database.store.reading() as unit:
        assert await unit.orders.get("NOTOURS2") is None


async def test_a_gift_goes_to_the_causes_own_account(rig: Rig) -> None:
    """Clean water has an account of its own: session, payment and receipt are there, and the shop's account sees nothing."""
    card = await rig.say('/donate 12,50 € to "Clean water"')
    order = await rig.order(card.order)
    assert order.account == "water"
    assert len(rig.water.of(order.id)) == 1
    paid = await rig.paid(order)
    assert (paid.state, paid.receipt) == (State.PAID, "2026-000001")
    assert rig.stripe.checkouts == {}
    await rig.live.refresh()
    assert rig.live().raised["water"] == Money(1250, "EUR")


async def test_receipts_count_without_gaps_for_each_account_and_year_of_the_shop(rig: Rig) -> None:
    """Each account has its own numbers; the year is the civil one of the shop, as the receipt's date says."""
    numbers = []
    for cause in ("water", "kitchen", "water"):
        card = await rig.say(f"/donate 10 to {cause}")
        numbers.append((await rig.paid(await rig.order(card.order))).receipt)
    assert numbers == ["2026-000001", "2026-000001", "2026-000002"]
    rig.time.reach(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))  # half past midnight in Paris
    card = await rig.say("/donate 10 to water")
    paid = await rig.paid(await rig.order(card.order))
    assert paid.receipt == "2027-000001"
    shown = await rig.press("orders.receipt", paid.id)
    assert ("Date", ("1 January 2027",)) in shown.facts


async def test_a_gift_refunded_in_part_counts_for_what_is_left(rig: Rig) -> None:
    """What is given back no longer counts towards the goal, and the person is told how much came back."""
    order = await rig.paid(await rig.order((await rig.say("/donate 20 to water")).order))
    rig.water.give_back(order.payment_intent, 500)
    await rig.deliver()
    await rig.live.refresh()
    assert rig.live().raised["water"] == Money(1500, "EUR")
    after = await rig.order(order.id)
    assert (after.state, after.refunded) == (State.PAID, Money(500, "EUR"))
    assert "€5.00" in str(rig.voice.to("ann")[-1].text)
    rig.water.give_back(order.payment_intent)
    await rig.deliver()
    await rig.live.refresh()
    assert rig.live().raised["water"] == Money(0, "EUR")
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert await rig.kinds() == ["paid", "refunded", "refunded"]


async def test_fees_that_are_covered_count_in_the_gift(rig: Rig) -> None:
    """(10.00 + 0.25) / 0.985, rounded up, is charged, and 10.00 is left to the cause."""
    card = await rig.press("donate.give", cause="water", amount="10", rhythm="once", options="cover_fees")
    order = await rig.order(card.order)
    assert order.total == Money(1041, "EUR")
    assert order.donation is not None
    assert order.donation.net == Money(1000, "EUR")


async def test_a_monthly_gift_is_pledged_renewed_by_each_invoice_once_and_stopped(rig: Rig) -> None:
    """One order of origin renewal for each paid invoice, born paid with its own receipt; stopping ends it with its month."""
    begun = await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    pledge = await rig.pledge(begun.id)
    assert (pledge.state, pledge.amount, pledge.subscription) == ("active", Money(1000, "EUR"), begun.subscription)
    assert [order.id for order in await rig.mine()] == [begun.id], "the first invoice is the order itself"
    for _ in range(2):
        rig.time.pass_(days=30)
        rig.water.renew(pledge.subscription)
        events = rig.water.news()
        for event in [*events, *events]:
            await rig.house.settling.handle(event)
            await rig.house.settling.receive(event)
        await rig.deliver()
    mine = await rig.mine()
    assert [(order.origin, order.state, order.receipt) for order in mine] == [
        ("renewal", State.PAID, "2026-000003"),
        ("renewal", State.PAID, "2026-000002"),
        ("chat", State.PAID, "2026-000001"),
    ]
    assert len({order.payment_intent for order in mine}) == 3
    await rig.live.refresh()
    assert rig.live().raised["water"] == Money(3000, "EUR")
    stopped = await rig.press("orders.stop", begun.id)
    assert "No more is taken after" in str(stopped.text)
    assert (await rig.pledge(begun.id)).state == "stopping"
    await rig.press("orders.stop", begun.id)
    rig.water.renew(pledge.subscription)
    await rig.deliver()
    assert (await rig.pledge(begun.id)).state == "ended"
    assert await rig.kinds() == ["paid", "renewed", "renewed", "stopping", "ended"]
    ctx = await rig.context()
    with pytest.raises(TooLate):
        await ctx.till.pledging.stop(ctx, begun.id)


async def test_what_was_wrong_with_the_first_month_is_not_the_next_months(rig: Rig) -> None:
    """A problem, a refund and the card that was edited belong to the order they happened to."""
    card = await rig.say("/donate 10 to water monthly")
    begun = await rig.paid(await rig.order(card.order))
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(begun, problem="noted", disputed=True, refunded=Money(100, "EUR")))
    rig.water.renew(begun.subscription)
    await rig.deliver()
    renewal = (await rig.mine())[0]
    assert (renewal.origin, renewal.problem, renewal.disputed, renewal.refunded) == ("renewal", "", False, None)
    assert renewal.buyer.reply == ""


async def test_a_stop_while_stripe_is_down_is_kept_and_said(rig: Rig) -> None:
    """The wish to stop is not lost: the answer says that it is under way, and the job does it."""
    begun = await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    rig.water.down = True
    card = await rig.press("orders.stop", begun.id)
    assert card.tone != "bad", card
    rig.water.down = False
    rig.time.pass_(minutes=1)
    await rig.deliver()
    assert rig.water.subscriptions[begun.subscription].status == "stopping"
    assert (await rig.pledge(begun.id)).state == "stopping"


async def test_nobody_stops_or_reads_somebody_elses_gift(rig: Rig) -> None:
    """Another person's monthly gift and receipt are refused."""
    begun = await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    for action in ("orders.stop", "orders.receipt"):
        card = await rig.press(action, begun.id, "eve")
        assert "somebody else" in str(card.text)
    assert (await rig.pledge(begun.id)).state == "active"


async def test_an_old_gifts_receipt_is_still_shown(rig: Rig) -> None:
    """A receipt's button works however many orders came after."""
    gift = await rig.paid(await rig.order((await rig.say("/donate 10 to water")).order))
    for _ in range(3):
        rig.time.pass_(hours=2)
        for _ in range(8):
            await rig.place("zine")
    card = await rig.press("orders.receipt", gift.id)
    assert ("Receipt", ("2026-000001",)) in card.facts


async def test_an_admin_refunds_in_full_and_everybody_hears_of_it_once(rig: Rig) -> None:
    """`/shop refund` gives all back once, frees the stock, tells the person, and brings the staff's card up to date."""
    order = await rig.paid(await rig.place("mug/blue", 2))
    for _ in range(2):
        card = await rig.say(f"/shop refund {order.id.lower()}", "boss")
        assert card.state == "refunded"
    await rig.deliver()
    payment = rig.stripe.payments[order.payment_intent]
    assert payment.refunded == payment.received
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["paid", "refunded"]
    assert [posted.state for posted in rig.voice.posted.values()] == ["refunded"]


async def test_a_refund_while_stripe_is_down_is_done_once_when_it_answers(rig: Rig) -> None:
    """The refund's answer was lost: the job asks with the same key, and the money goes back once."""
    order = await rig.paid(await rig.place())
    rig.stripe.fail("after", "refund")
    await rig.say(f"/shop refund {order.id}", "boss")
    rig.time.pass_(seconds=30)
    await rig.deliver()
    payment = rig.stripe.payments[order.payment_intent]
    assert payment.refunded == payment.received
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert await rig.kinds() == ["paid", "refunded"]


async def test_nobody_but_an_admin_refunds_ships_or_reads_others_orders(rig: Rig) -> None:
    """Steps of the staff pressed by others are refused, and no address is shown."""
    order = await rig.paid(await rig.place())
    assert order.ship_to
    for action in ("shop.refund", "shop.ship", "shop.problem", "shop.history", "shop.address", "shop.status"):
        card = await rig.press(action, order.id, "eve")
        assert "admins only" in str(card.text), action
        assert "Example Street" not in str(card), action
    assert "Example Street" in str(await rig.press("shop.address", order.id, "boss"))
    assert (await rig.order(order.id)).state is State.PAID


@pytest.mark.parametrize("state", ["awaiting", "disputed"])
async def test_what_is_unpaid_or_disputed_is_not_refunded(rig: Rig, state: str) -> None:
    """No refund of what was never paid, nor while a dispute is open."""
    order = await rig.place()
    if state == "disputed":
        order = await rig.paid(order)
        async with rig.database.store.unit() as unit:
            await unit.orders.save(replace(order, disputed=True))
    ctx = await rig.context("boss")
    with pytest.raises(TooLate) as refused:
        await ctx.till.refunding.refund(ctx, order.id)
    assert refused.value.state == state
    assert rig.stripe.asked["refund"] == 0


async def test_shipping_twice_changes_nothing(rig: Rig) -> None:
    """The first press ships and tells, the second answers the same; the tracking number stays the first one's."""
    order = await rig.paid(await rig.place())
    first = await rig.say(f"/shop ship {order.id} 1Z999", "boss")
    again = await rig.say(f"/shop ship {order.id} OTHER", "boss")
    await rig.deliver()
    assert (first.state, again.state) == ("fulfilled", "fulfilled")
    after = await rig.order(order.id)
    assert after.tracking == "1Z999"
    assert await rig.kinds() == ["paid", "shipped"]
    assert ("Tracking number", ("1Z999",)) in rig.voice.to("ann")[-1].facts
    assert [move.target for move in await rig.history(order.id)][-1] == "fulfilled"


async def test_a_problem_noted_twice_is_noted_once_and_the_buyer_is_not_told_of_amounts(rig: Rig) -> None:
    """The staff's note stays among the staff; the buyer's card does not speak of a wrong amount."""
    order = await rig.paid(await rig.place())
    for _ in range(2):
        await rig.say(f"/shop problem {order.id} the glaze is chipped", "boss")
    await rig.deliver()
    notes = [move.why for move in await rig.history(order.id)]
    assert notes.count("problem noted") == 1
    assert "the glaze is chipped" in str(next(iter(rig.voice.posted.values())).text)
    assert await rig.kinds() == ["paid"]
    page = await rig.press("orders.show")
    assert "glaze" not in str(page)


@pytest.mark.parametrize("state", ["awaiting", "gift"])
async def test_what_is_unpaid_or_a_gift_is_not_shipped(rig: Rig, state: str) -> None:
    """Nothing leaves before it is paid, and a gift has nothing to leave."""
    if state == "gift":
        order = await rig.paid(await rig.order((await rig.say("/donate 10 to water")).order))
    else:
        order = await rig.place()
    ctx = await rig.context("boss")
    with pytest.raises(TooLate):
        await ctx.till.fulfilling.ship(ctx, order.id, "")
    assert "shipped" not in await rig.kinds()
