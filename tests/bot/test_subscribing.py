"""Subscribing: what is paid monthly is renewed, fails, is mended, changed, stopped, resumed and ends; its perks with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.braking import note_renewal
from bot.chat import Button, Card, Link
from bot.errors import Later, NotYours, TooLate
from bot.granting import GRACE
from bot.money import Money
from bot.orders import Order, State
from bot.ports import Event, Payment, Refund
from bot.subscribing import PAUSE
from tests.bot.rig import CLOSING, Rig, World, opened
from tests.bot.test_closing import CLOSES
from tests.bot.test_granting import PERKED
from tests.commands.flat import flat

MONTHLY = """
[product.club]
name = "Harbour club"
price = "6.00"
every = "month"
fulfil = "message"
message = "This month: https://harbour.example/march"
perks = ["club"]

[coupon.FIRST]
percent = 50
products = ["club"]
"""
SELLING = PERKED + MONTHLY
CLUB, CREW = ("ann", "C-CLUB"), ("ann", "S-CREW")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, text=SELLING)


async def begun(rig: Rig, said: str = "/buy club") -> Order:
    """Begin something monthly, and pay its first month."""
    return await rig.paid(await rig.order((await rig.say(said)).order))


async def joined(rig: Rig) -> tuple[Order, Order]:
    """Begin a purchase and a gift, both at the shop's own account."""
    return await begun(rig), await begun(rig, "/donate 10 to kitchen monthly")


def buttons(card: Card) -> dict[str, Button]:
    """Give a card's buttons by what they lead to."""
    return {f"{each.to.id} {each.value}".strip(): each for each in card.actions if isinstance(each, Button)}


def paths(card: Card) -> list[str]:
    """Give the addresses that a card leads to."""
    return [each.url for each in card.actions if isinstance(each, Link)]


class TestBuying:
    async def test_a_product_of_each_month_says_what_it_costs_and_how_it_ends_before_it_is_paid(self, rig: Rig) -> None:
        """The form and the card say "a month", that it renews by itself and how it is stopped; Stripe gets a subscription."""
        form = await rig.form("/buy club ?")
        assert "€6.00 a month" in str(form)
        card = await rig.say("/buy club")
        assert "€6.00 a month, on the same day, until you stop it" in flat(card)
        assert ("Every month", ("€6.00",)) in card.facts
        order = await rig.order(card.order)
        assert (order.every, order.monthly, order.total) == ("month", True, Money(600, "EUR"))
        assert rig.stripe.checkouts[order.session].monthly

    async def test_one_of_it_at_a_time(self, rig: Rig) -> None:
        """Two of what is paid monthly are refused."""
        assert "at most" in flat(await rig.say("/buy club 2"))
        assert await rig.mine() == []

    async def test_paid_it_is_held_as_a_pledge_and_grants_its_perks(self, rig: Rig) -> None:
        """The pledge knows what is bought; the message is sent, the perk held, and the card can stop it."""
        order = await begun(rig)
        assert order.state is State.FULFILLED
        pledge = await rig.pledge(order.id)
        assert (pledge.kind, pledge.product, pledge.label, pledge.cause) == ("buy", "club", "Harbour club", "")
        assert (pledge.amount, pledge.subscription) == (Money(600, "EUR"), order.subscription)
        assert CLUB in rig.perks.held
        thanks = rig.voice.to("ann")[-1]
        assert "harbour.example/march" in flat(thanks)
        assert f"orders.stop {order.id}" in buttons(thanks)

    async def test_a_coupon_is_for_the_first_month(self, rig: Rig) -> None:
        """Half off the first month, said on the card; the second costs all of it, and does not use the coupon again."""
        card = await rig.say("/buy club code FIRST")
        assert {("First month", ("€3.00",)), ("Every month after", ("€6.00",))} <= set(card.facts)
        order = await rig.paid(await rig.order(card.order))
        assert (order.paid, (await rig.pledge(order.id)).amount) == (Money(300, "EUR"), Money(600, "EUR"))
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        renewal = (await rig.mine())[0]
        assert (renewal.paid, renewal.total, renewal.code, renewal.discount) == (
            Money(600, "EUR"),
            Money(600, "EUR"),
            "",
            None,
        )
        async with rig.database.store.reading() as unit:
            assert await unit.orders.uses("FIRST") == 1


class TestRenewing:
    async def test_each_paid_invoice_is_an_order_that_is_delivered_and_told_once(self, rig: Rig) -> None:
        """Born paid and delivered, numbered after the first, with what the catalogue sends this month; twice is once."""
        order = await begun(rig)
        rig.edit(SELLING.replace("harbour.example/march", "harbour.example/april"))
        for _ in range(2):
            rig.time.pass_(days=30)
            rig.stripe.renew(order.subscription)
            events = rig.stripe.news()
            for event in [*events, *events]:
                await rig.house.settling.handle(event)
            await rig.deliver()
        mine = await rig.mine()
        assert [(each.id, each.origin, each.state) for each in mine] == [
            (f"{order.id}-3", "renewal", State.FULFILLED),
            (f"{order.id}-2", "renewal", State.FULFILLED),
            (order.id, "chat", State.FULFILLED),
        ]
        assert [each.receipt for each in mine] == ["", "", ""]
        assert "harbour.example/april" in flat(rig.voice.to("ann")[-1])
        assert await rig.kinds() == ["paid", "renewed", "renewed"]
        assert CLUB in rig.perks.held

    async def test_a_renewal_waits_for_its_first_payment(self, rig: Rig) -> None:
        """An invoice that overtakes the first payment is looked at again later, and loses nothing."""
        order = await rig.order((await rig.say("/buy club")).order)
        rig.stripe.pay(order.session)
        first = list(rig.stripe.news())
        rig.stripe.renew(rig.stripe.of(order.id)[0].subscription)
        for event in [*rig.stripe.news(), *first]:
            await rig.house.settling.receive(event)
        await rig.database.jobs.drain()
        rig.time.pass_(seconds=PAUSE.total_seconds() + 1)
        await rig.deliver()
        assert [each.origin for each in await rig.mine()] == ["renewal", "chat"]

    async def test_a_perk_for_a_time_is_for_a_time_from_each_month_on(self, rig: Rig) -> None:
        """Thirty days, renewed each month, go on without a gap, and end thirty days after the last month began."""
        rig.edit(SELLING.replace('perks = ["club"]\n\n[coupon', 'perks = ["club-month"]\n\n[coupon'))
        order = await begun(rig)
        rig.time.pass_(days=29)
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        rig.time.pass_(days=2)
        await rig.deliver()
        assert CLUB in rig.perks.held
        rig.time.pass_(days=29)
        await rig.deliver()
        assert CLUB not in rig.perks.held


class TestGivenBack:
    async def test_a_months_money_takes_the_perk_along_unless_a_later_month_is_paid(self, rig: Rig) -> None:
        """Refunded in full, an older month takes nothing; the newest one takes what the purchase grants."""
        order = await begun(rig)
        for _ in range(2):
            rig.stripe.renew(order.subscription)
            await rig.deliver()
        newest, older = (await rig.mine())[:2]
        rig.stripe.give_back(older.payment_intent)
        await rig.deliver()
        assert CLUB in rig.perks.held
        rig.stripe.give_back(newest.payment_intent)
        await rig.deliver()
        assert CLUB not in rig.perks.held

    async def test_a_lost_dispute_ends_what_would_be_disputed_again(self, rig: Rig) -> None:
        """The bank takes a month back: the perk goes, and the purchase ends with what is paid for."""
        order = await begun(rig)
        dispute = rig.stripe.dispute(order.payment_intent)
        rig.stripe.decide(dispute, "lost")
        await rig.deliver()
        assert CLUB not in rig.perks.held
        assert (await rig.pledge(order.id)).state == "stopping"


class TestFailing:
    async def test_who_could_not_be_charged_is_told_once_with_a_way_to_mend_it(self, rig: Rig) -> None:
        """One reminder however often Stripe tries; /orders says until when, and the button leads to Stripe's pages."""
        for order in await joined(rig):
            invoice = rig.stripe.renew(order.subscription, paid=False)
            await rig.deliver()
            for _ in range(3):
                rig.time.pass_(days=1)
                rig.stripe.retry(invoice, paid=False)
                await rig.deliver()
            pledge = await rig.pledge(order.id)
            assert (pledge.state, pledge.unpaid) == ("active", invoice)
            assert [kind for kind in await rig.kinds() if "unpaid" in kind][-1] == f"unpaid.{pledge.amount.minor}"
            reminder = rig.voice.to("ann")[-1]
            assert f"orders.manage {order.id}" in buttons(reminder)
            listed = await rig.say("/orders")
            assert "Payment failed: " in flat(listed)
            assert f"orders.manage {order.id}" in buttons(listed)
            assert f"https://pay.example/{invoice}" in paths(await rig.press("orders.manage", order.id))
        assert sum("unpaid" in kind for kind in await rig.kinds()) == 2

    async def test_until_the_grace_is_over_nothing_is_taken_away_and_after_it_is(self, rig: Rig) -> None:
        """The perk is there for seven days, gone after; paid later all the same, it comes back."""
        order = await begun(rig)
        invoice = rig.stripe.renew(order.subscription, paid=False)
        await rig.deliver()
        rig.time.pass_(days=6, hours=23)
        await rig.deliver()
        assert CLUB in rig.perks.held
        rig.time.pass_(hours=2)
        await rig.deliver()
        assert CLUB not in rig.perks.held
        rig.stripe.mend(invoice)
        await rig.deliver()
        assert CLUB in rig.perks.held

    async def test_mended_in_time_it_goes_on_and_is_told(self, rig: Rig) -> None:
        """A new card within the grace: an order of this month, told as mended, and the perk never ends."""
        order = await begun(rig)
        invoice = rig.stripe.renew(order.subscription, paid=False)
        await rig.deliver()
        rig.stripe.mend(invoice)
        await rig.deliver()
        assert (await rig.pledge(order.id)).unpaid == ""
        assert await rig.kinds() == ["paid", "unpaid.600", "mended"]
        rig.time.pass_(days=20)
        await rig.deliver()
        assert CLUB in rig.perks.held

    async def test_a_grace_of_the_operators_own(self, world: World) -> None:
        """`grace_days` says how long."""
        world.text = SELLING + "\n[limits]\ngrace_days = 2\n"
        async with opened(world) as rig:
            order = await begun(rig)
            rig.stripe.renew(order.subscription, paid=False)
            await rig.deliver()
            rig.time.pass_(days=2, minutes=1)
            await rig.deliver()
            assert CLUB not in rig.perks.held

    async def test_when_stripe_gives_up_it_has_ended_and_perks_end_with_grace(self, rig: Rig) -> None:
        """After the last try: told that it ended and why, and the perk outlives it by the grace alone."""
        order = await begun(rig)
        rig.stripe.renew(order.subscription, paid=False)
        await rig.deliver()
        rig.stripe.give_up(order.subscription)
        await rig.deliver()
        assert (await rig.pledge(order.id)).state == "ended"
        assert await rig.kinds() == ["paid", "unpaid.600", "gave_up"]
        assert CLUB in rig.perks.held
        rig.time.pass_(days=GRACE.days, minutes=1)
        await rig.deliver()
        assert CLUB not in rig.perks.held

    async def test_an_old_failure_that_is_heard_of_late_troubles_nobody(self, rig: Rig) -> None:
        """The news of a failed month arrives after the next month was paid: no reminder."""
        order = await begun(rig)
        rig.stripe.renew(order.subscription, paid=False)
        late = rig.stripe.news()
        rig.time.pass_(days=30)
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        for event in late:
            await rig.house.settling.handle(event)
        assert (await rig.pledge(order.id)).unpaid == ""
        assert await rig.kinds() == ["paid", "renewed"]

    async def test_a_first_payment_that_fails_late_leaves_no_subscription_behind(self, rig: Rig) -> None:
        """A direct debit that bounces: the order has failed, and its subscription is stopped, for it would try again."""
        order = await rig.order((await rig.say("/buy club")).order)
        rig.stripe.pay(order.session, "later_fails")
        await rig.deliver()
        rig.stripe.settle(order.session)
        await rig.deliver()
        assert (await rig.order(order.id)).state is State.FAILED
        assert rig.stripe.subscriptions[rig.stripe.of(order.id)[0].subscription].status in {"stopping", "ended"}

    async def test_a_first_invoice_paid_after_its_order_ended_goes_back(self, rig: Rig) -> None:
        """Money for an order that has ended is recorded once, given back, and told."""
        order = await rig.order((await rig.say("/buy club")).order)
        rig.stripe.pay(order.session, "later_fails")
        await rig.deliver()
        rig.stripe.settle(order.session)
        await rig.deliver()
        invoice = next(each for each in rig.stripe.invoices.values() if each.order == order.id)
        rig.stripe.retry(invoice.id)
        for _ in range(2):
            await rig.house.subscribing.apply(rig.stripe.invoices[invoice.id])
        await rig.deliver()
        payment = rig.stripe.payments[invoice.payment_intent]
        assert payment.refunded == payment.received
        assert (await rig.kinds()).count("late") == 1


class TestChanging:
    async def test_a_monthly_gift_is_changed_in_chat(self, rig: Rig) -> None:
        """/orders, Change, a form with the amount that it has; the next month costs the new one, with a receipt of it."""
        order = await begun(rig, "/donate 10 to kitchen monthly")
        change = buttons(await rig.say("/orders"))[f"orders change {order.id} 10.00 EUR"]
        form = await rig.form(f"/orders {change.value}")
        assert (form.to.id, form.fields[0].name) == ("orders.change", "amount")
        card = await rig.press(form.to.id, form.value, amount="15")
        assert "€15.00" in flat(card)
        await rig.deliver()
        pledge = await rig.pledge(order.id)
        assert (pledge.amount, rig.stripe.subscriptions[order.subscription].amount) == (Money(1500, "EUR"),) * 2
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        renewal = (await rig.mine())[0]
        assert renewal.donation is not None
        assert (renewal.paid, renewal.donation.net) == (Money(1500, "EUR"),) * 2
        assert await rig.kinds() == ["paid", "changed.1500", "renewed"]

    async def test_what_is_wrong_with_an_amount_is_said_in_place(self, rig: Rig) -> None:
        """Too little, or no amount: the form says so, and the step refuses it too."""
        order = await begun(rig, "/donate 10 to kitchen monthly")
        ctx = await rig.context()
        step = rig.house.conversation.step("orders.change")
        assert step is not None
        for amount in ("0.10", "ten", "15 USD"):
            card = await rig.press("orders.change", f"{order.id} EUR", amount=amount)
            assert card.title == "That does not work"
        assert rig.stripe.asked["change"] == 0
        assert ctx.shop.settings.currency == "EUR"

    async def test_changed_while_stripe_is_down_it_is_changed_when_it_answers(self, rig: Rig) -> None:
        """The wish is kept; of two the newer one counts."""
        order = await begun(rig, "/donate 10 to kitchen monthly")
        rig.stripe.down = True
        for amount in ("15", "20"):
            card = await rig.press("orders.change", f"{order.id} EUR", amount=amount)
            assert "does not answer" in flat(card)
        rig.stripe.down = False
        rig.time.pass_(minutes=5)
        await rig.deliver()
        assert (await rig.pledge(order.id)).amount == Money(2000, "EUR")
        assert await rig.kinds() == ["paid", "changed.2000"]

    async def test_changed_there_and_back_the_last_wish_counts(self, rig: Rig) -> None:
        """Stripe took the first wish and its answer was lost: the second is asked for, although our own row looks right."""
        order = await begun(rig, "/donate 10 to kitchen monthly")
        rig.stripe.fail("after", "change")
        await rig.press("orders.change", f"{order.id} EUR", amount="20")
        await rig.press("orders.change", f"{order.id} EUR", amount="10")
        rig.time.pass_(minutes=5)
        await rig.deliver()
        assert rig.stripe.subscriptions[order.subscription].amount == Money(1000, "EUR")
        assert (await rig.pledge(order.id)).amount == Money(1000, "EUR")

    async def test_changed_at_stripe_it_arrives(self, rig: Rig) -> None:
        """An amount that was changed in the dashboard is the pledge's, and told once."""
        order = await begun(rig)
        rig.stripe.alter(order.subscription, 900)
        await rig.deliver()
        assert (await rig.pledge(order.id)).amount == Money(900, "EUR")
        assert await rig.kinds() == ["paid", "changed.900"]
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        renewal = (await rig.mine())[0]
        assert (renewal.total, renewal.lines[0].price) == (Money(900, "EUR"),) * 2

    async def test_the_price_of_a_purchase_is_not_the_buyers_to_change(self, rig: Rig) -> None:
        """No button, and a crafted press is refused."""
        order = await begun(rig)
        assert not any("change" in each for each in buttons(await rig.say("/orders")))
        ctx = await rig.context()
        with pytest.raises(TooLate):
            await ctx.till.pledging.change(ctx, order.id, Money(100, "EUR"))

    async def test_nobody_changes_or_manages_somebody_elses(self, rig: Rig) -> None:
        """Another person's pledge is refused at each door."""
        order = await begun(rig, "/donate 10 to kitchen monthly")
        eve = await rig.context("eve")
        with pytest.raises(NotYours):
            await eve.till.pledging.change(eve, order.id, Money(100, "EUR"))
        with pytest.raises(NotYours):
            await eve.till.pledging.ways(eve, order.id)
        assert rig.stripe.asked["portal"] == rig.stripe.asked["change"] == 0


class TestStopping:
    async def test_stopped_in_chat_it_ends_with_the_month_and_perks_with_grace(self, rig: Rig) -> None:
        """A purchase is stopped like a gift: paid for until the end, then the perk ends with grace."""
        order = await begun(rig)
        card = await rig.press("orders.stop", order.id)
        assert "yours until" in flat(card)
        assert "Stopping: Harbour club" in flat(await rig.say("/orders"))
        rig.time.pass_(days=30)
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        assert CLUB in rig.perks.held
        rig.time.pass_(days=GRACE.days, minutes=1)
        await rig.deliver()
        assert CLUB not in rig.perks.held
        assert await rig.kinds() == ["paid", "stopping", "ended"]

    async def test_left_and_resumed_in_the_portal(self, rig: Rig) -> None:
        """Stopping becomes active again, told; the perk never ended, and the next month is renewed."""
        order = await begun(rig)
        rig.stripe.leave(order.subscription)
        await rig.deliver()
        assert (await rig.pledge(order.id)).state == "stopping"
        rig.stripe.resume(order.subscription)
        await rig.deliver()
        assert (await rig.pledge(order.id)).state == "active"
        rig.stripe.renew(order.subscription)
        await rig.deliver()
        assert await rig.kinds() == ["paid", "stopping", "resumed", "renewed"]
        assert CLUB in rig.perks.held

    async def test_cancelled_at_once_in_the_dashboard(self, rig: Rig) -> None:
        """Ended on the spot, told, and the perk outlives it by the grace."""
        order = await begun(rig)
        rig.stripe.give_up(order.subscription)
        await rig.deliver()
        assert (await rig.pledge(order.id)).state == "ended"
        assert await rig.kinds() == ["paid", "ended"]
        rig.time.pass_(days=GRACE.days, minutes=1)
        await rig.deliver()
        assert CLUB not in rig.perks.held

    async def test_the_portals_address_is_made_freshly_for_each_press(self, rig: Rig) -> None:
        """Its links live for minutes, so each press asks Stripe; the card is private."""
        order = await begun(rig)
        for _ in range(2):
            card = await rig.press("orders.manage", order.id)
            assert paths(card)[0].startswith("https://portal.example/")
            assert card.private
        assert rig.stripe.asked["portal"] == 2


class TestClosing:
    async def test_purchases_end_with_their_month_and_gifts_are_untouched(self, world: World) -> None:
        """Buy closes: each monthly purchase is stopped once and its holder told why; no monthly gift is."""
        world.text = SELLING + CLOSING
        async with opened(world) as rig:
            bought, gift = await joined(rig)
            rig.time.reach(CLOSES)
            for _ in range(3):
                await rig.tick()
            assert rig.stripe.asked["stop"] == 1
            assert (await rig.pledge(bought.id)).state == "stopping"
            assert await rig.kinds() == ["paid", "paid", "stopping_closed"]
            assert "The market" in flat(rig.voice.to("ann")[-1])
            assert (await rig.pledge(gift.id)).state == "active"
            assert rig.stripe.subscriptions[gift.subscription].status == "active"
            rig.stripe.renew(gift.subscription)
            await rig.deliver()
            assert (await rig.mine())[0].donation is not None
        async with opened(world) as again:  # another process does not ask a second time
            await again.tick()
            assert rig.stripe.asked["stop"] == 1

    async def test_one_that_is_resumed_after_the_closing_is_stopped_again(self, world: World) -> None:
        """The portal lets its payer take the end back; what cannot be bought any more does not go on for that."""
        world.text = SELLING + CLOSING
        async with opened(world) as rig:
            order = await begun(rig)
            rig.time.reach(CLOSES)
            await rig.tick()
            rig.stripe.resume(order.subscription)
            await rig.deliver()
            await rig.tick()
            assert (await rig.pledge(order.id)).state == "stopping"
            assert rig.stripe.asked["stop"] == 2

    async def test_no_new_one_is_sold(self, world: World) -> None:
        """From closing on a monthly product answers with the notice, like any other."""
        world.text = SELLING + CLOSING
        async with opened(world) as rig:
            rig.time.reach(CLOSES)
            assert (await rig.say("/buy club")).title == "Buy has closed here"
            assert await rig.mine() == []


#: What may happen to one subscription, in Stripe's order; the shop hears of it in any.
DEEDS = ("renew", "fail", "retry", "mend", "give_up", "leave", "resume", "alter")


def happen(rig: Rig, subscription: str, deed: str, minor: int) -> None:
    """Let something happen to a subscription at Stripe, where it may."""
    stripe, now = rig.stripe, rig.stripe.subscriptions[subscription]
    failed = [each for each in stripe.invoices.values() if each.subscription == subscription and not each.paid]
    match deed:
        case "renew" | "fail" if now.status in {"active", "stopping"} and not failed:
            stripe.renew(subscription, paid=deed == "renew")
        case "retry" | "mend" if failed and now.status == "troubled":
            stripe.retry(failed[-1].id, paid=deed == "mend")
        case "give_up" if now.status != "ended":
            stripe.give_up(subscription)
        case "leave" if now.status == "active":
            stripe.leave(subscription)
        case "resume" if now.status == "stopping":
            stripe.resume(subscription)
        case "alter" if now.status == "active":
            stripe.alter(subscription, minor)
        case _:
            pass


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(600, 602)), max_size=8),
    order=st.randoms(use_true_random=False),
    early=st.integers(0, 3),
)
async def test_whatever_the_order_of_its_events_one_subscription_comes_to_the_same_end(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]], order: object, early: int
) -> None:
    """Events late, doubled and reordered: the pledge is as Stripe says, and each paid invoice is one order, told once."""
    shuffle = order.shuffle  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    async with opened(World(tmp_path_factory.mktemp("orders"), text=SELLING)) as rig:
        first = await begun(rig, "/donate 10 to kitchen monthly")
        waiting: list[Event] = []
        for deed, minor in deeds:
            rig.time.pass_(days=1)
            happen(rig, first.subscription, deed, minor)
            waiting += rig.stripe.news()
            shuffle(waiting)
            for event in waiting[:early]:  # some are heard of at once
                await rig.house.settling.handle(event)
        everything = waiting * 2
        shuffle(everything)
        for event in everything:
            await rig.house.settling.handle(event)
        await rig.deliver()
        await _agrees(rig, first)


async def _agrees(rig: Rig, first: Order) -> None:
    at_stripe = rig.stripe.subscriptions[first.subscription]
    pledge = await rig.pledge(first.id)
    state = "active" if at_stripe.status == "troubled" else at_stripe.status
    assert (pledge.state, pledge.amount) == (state, at_stripe.amount)
    mine = [each for each in rig.stripe.invoices.values() if each.subscription == first.subscription and not each.first]
    assert bool(pledge.unpaid) == (at_stripe.status == "troubled")
    orders = [each for each in await rig.mine() if each.origin == "renewal"]
    paid = {each.payment_intent: each.total for each in mine if each.paid}
    assert {each.payment_intent: each.paid for each in orders} == paid
    assert len(orders) == len(paid)
    kinds = [kind for kind in await rig.kinds() if kind in {"renewed", "mended"}]
    assert len(kinds) == len(paid)
    ended = [kind for kind in await rig.kinds() if kind in {"ended", "gave_up"}]
    assert len(ended) == (state == "ended")


async def test_a_pledge_that_an_older_version_did_not_write_is_written_by_the_next_word_of_stripe(rig: Rig) -> None:
    """While versions change, the older one may apply the first payment: the second month is honoured all the same."""
    order = await begun(rig)
    rig.stripe.renew(order.subscription)
    invoice = next(each for each in rig.stripe.invoices.values() if not each.first)
    older = replace(
        order, id="OLDER234", asked_by="older", session="", subscription="sub_older", payment_intent="pi_older"
    )
    async with rig.database.store.unit() as unit:
        await unit.orders.add(older, "paid")
    await rig.house.subscribing.apply(replace(invoice, order=older.id, subscription="sub_older"))
    assert (await rig.pledge(older.id)).amount == Money(600, "EUR")
    assert (await rig.order("OLDER234-2")).origin == "renewal"
    assert rig.stripe.asked["refund"] == 0


async def test_a_renewal_that_comes_first_is_no_attack(rig: Rig) -> None:
    """An invoice that has to wait for its first month leaves the word behind that its declines are no attack."""
    first = await rig.order((await rig.say("/buy club")).order)
    rig.stripe.pay(first.session)  # nobody here has heard of it
    subscription = next(iter(rig.stripe.subscriptions))
    invoice = rig.stripe.invoices[rig.stripe.renew(subscription, paid=False)]
    with pytest.raises(Later):
        await rig.house.subscribing.apply_invoice(invoice)
    async with rig.database.store.reading() as unit:
        assert list(await unit.facts.named("renewing:")) == [f"renewing:{invoice.payment_intent}"]


async def test_what_was_heard_of_strangers_is_forgotten(rig: Rig) -> None:
    """Refunds of payments that become nobody's order, and renewals of others, are forgotten after a month, not sooner."""
    none = Money(0, "EUR")
    back = (Refund("re_1", "", Money(100, "EUR"), "done"),)
    stranger = Payment("pi_1", "", True, "", Money(100, "EUR"), none, refunds=back, status="paid")

    async def heard() -> list[str]:
        async with rig.database.store.reading() as unit:
            return [*await unit.facts.named("early:"), *await unit.facts.named("renewing:")]

    await rig.house.settling.apply_payment(stranger)
    async with rig.database.store.unit() as unit:
        await note_renewal(unit, "pi_2")
    rig.time.pass_(days=29)
    await rig.house.settling.apply_payment(replace(stranger, id="pi_3"))
    await rig.house.settling.forget()
    assert await heard() == ["early:pi_1", "early:pi_3", "renewing:pi_2"]
    rig.time.pass_(days=2)
    await rig.house.settling.forget()
    assert await heard() == ["early:pi_3"]


async def test_a_month_given_back_does_not_stop_the_next_and_admins_hear_so(rig: Rig) -> None:
    """A month that is refunded in full is said to admins, once, with how to stop what goes on; one that has stopped is not."""
    order, gift = await joined(rig)
    await rig.press("orders.stop", gift.id)
    for each in (order, gift):
        rig.stripe.give_back(each.payment_intent)
        await rig.deliver()
    assert (await rig.order(gift.id)).state is State.REFUNDED
    async with rig.database.store.reading() as unit:
        assert list(await unit.facts.named("alert:goes_on:")) == [f"alert:goes_on:{order.id}"]
    (card,) = [card for card in rig.voice.to("boss") if "the next month will be charged" in flat(card)]
    assert order.subscription in flat(card)
    assert (await rig.pledge(order.id)).state == "active"
