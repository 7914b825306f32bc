"""Refunding: in full and in part, once each, never more than was paid, and with a second admin where the shop wants one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import BeyondLeft, NotAllowed, OwnRequest, TooLate
from bot.money import Money
from bot.orders import State
from bot.refunds import RefundEntry, Stage, at_a_terminal, same_admin
from bot.shop import Stock
from tests.bot.rig import SHOP, Rig, World, opened
from tests.commands.flat import flat

TWO = SHOP.replace('slack = ["boss"]', 'slack = ["boss", "deputy"]\napprovals = 2\nrefunds_above = "20.00"')


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
async def rig_of_two(tmp_path: Path) -> AsyncIterator[Rig]:
    async with opened(World(tmp_path, TWO)) as rig:
        yield rig


async def entries(rig: Rig, number: str) -> Sequence[RefundEntry]:
    async with rig.database.store.reading() as unit:
        return await unit.refunds.of(number)


async def raised(rig: Rig, cause: str) -> Money:
    await rig.live.refresh()
    return rig.live().raised[cause]


async def test_a_part_goes_back_with_its_reason_and_the_rest_can_follow(rig: Rig) -> None:
    """A part leaves stock and state as they are, and tells the buyer amount, reason and what is kept; the rest ends it."""
    order = await rig.paid(await rig.place("mug/blue", 2))
    paid = order.paid
    assert paid == eur(2950)
    card = await rig.say(f"/shop refund {order.id} 5,00 € one is chipped", "boss")
    assert "Refunded: €5.00, by slack:boss. Reason: one is chipped" in flat(card)
    await rig.deliver()
    now = await rig.order(order.id)
    assert (now.state, now.refunded) == (State.PAID, eur(500))
    assert await rig.stock() == Stock(0, 2)
    told = flat(rig.voice.to("ann")[-1])
    assert "€5.00 of order" in told
    assert "Reason: one is chipped" in told
    assert "€24.50 of your payment stays" in told
    await rig.say(f"/shop refund {order.id}", "boss")
    await rig.deliver()
    now = await rig.order(order.id)
    assert (now.state, now.refunded) == (State.REFUNDED, paid)
    assert await rig.stock() == Stock()
    assert await rig.kinds() == ["paid", "refunded", "refunded"]
    assert "stays with us" not in flat(rig.voice.to("ann")[-1])
    assert [(entry.amount.minor, entry.stage) for entry in await entries(rig, order.id)] == [
        (500, Stage.DONE),
        (2450, Stage.DONE),
    ]


@pytest.mark.parametrize(
    ("typed", "minor", "reason"),
    [
        ("5", 500, ""),
        ("5.50", 550, ""),
        ("5,50 broken in the post", 550, "broken in the post"),
        ("€5 for the chip", 500, "for the chip"),
        ("5 EUR late", 500, "late"),
        ("€ 5 late", 500, "late"),
    ],
)
async def test_an_amount_is_read_as_people_type_it(rig: Rig, typed: str, minor: int, reason: str) -> None:
    """An amount with or without its sign, then the reason in free words."""
    order = await rig.paid(await rig.place())
    await rig.say(f"/shop refund {order.id} {typed}", "boss")
    (entry,) = await entries(rig, order.id)
    assert (entry.amount, entry.reason, entry.stage) == (eur(minor), reason, Stage.DONE)


@pytest.mark.parametrize("typed", ["5 USD", "5 usd for it", "1.234", "5 2 mugs", "0", "5x", "-5"])
async def test_a_doubtful_amount_is_refused(rig: Rig, typed: str) -> None:
    """Another currency, two readings, nothing or no amount at all: nothing is written, and Stripe is not asked."""
    order = await rig.paid(await rig.place("mug/blue", 6))
    card = await rig.say(f"/shop refund {order.id} {typed}", "boss")
    assert card.tone == "warn", flat(card)
    assert await entries(rig, order.id) == []
    assert rig.stripe.asked["refund"] == 0


async def test_a_reason_without_an_amount_asks_for_it(rig: Rig) -> None:
    """Words where an amount should stand open the form, with the words as reason; empty, it gives back all."""
    order = await rig.paid(await rig.place())
    form = await rig.form(f"/shop refund {order.id} lost in the post", "boss")
    assert [getattr(field, "value", "") for field in form.fields] == ["", "lost in the post"]
    await rig.press(form.to.id, form.value, "boss", amount="", reason="lost in the post")
    (entry,) = await entries(rig, order.id)
    assert (entry.amount, entry.reason) == (order.paid, "lost in the post")


async def test_more_than_is_left_is_refused_with_what_is_left(rig: Rig) -> None:
    """The sum of what was asked and not refused never exceeds what was paid."""
    order = await rig.paid(await rig.place("zine"))
    await rig.say(f"/shop refund {order.id} 3", "boss")
    card = await rig.say(f"/shop refund {order.id} 1.01", "boss")
    assert "only €1.00 is left to give back, not €1.01" in flat(card)
    ctx = await rig.context("boss")
    with pytest.raises(BeyondLeft):
        await ctx.till.refunding.refund(ctx, order.id, eur(101))
    await rig.say(f"/shop refund {order.id} 1", "boss")
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert "Nothing is left" in flat(await rig.say(f"/shop refund {order.id}", "boss"))


async def test_what_waits_counts_as_gone(rig: Rig) -> None:
    """While Stripe is down, what was asked for is held against what else is asked."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.down = True
    card = await rig.say(f"/shop refund {order.id} 3", "boss")
    assert "under way" in flat(card)
    assert "only €1.00 is left" in flat(await rig.say(f"/shop refund {order.id} 2", "boss"))
    rig.stripe.down = False
    rig.time.pass_(minutes=1)
    await rig.deliver()
    assert (await rig.order(order.id)).refunded == eur(300)


async def test_one_interaction_is_one_refund(rig: Rig) -> None:
    """Delivered twice, or at the same time by two admins' presses of one key, the money goes once."""
    order = await rig.paid(await rig.place("zine"))
    await asyncio.gather(*(rig.say(f"/shop refund {order.id} 1", "boss", key="same") for _ in range(3)))
    rig.time.pass_(minutes=1)
    await rig.deliver()
    assert len(await entries(rig, order.id)) == 1
    assert rig.stripe.payments[order.payment_intent].refunded == eur(100)


async def test_two_parts_of_the_same_amount_are_two(rig: Rig) -> None:
    """Each refund has a key of its own: the second of the same amount is not taken for the first."""
    order = await rig.paid(await rig.place("zine"))
    for _ in range(2):
        await rig.say(f"/shop refund {order.id} 1", "boss")
    assert rig.stripe.payments[order.payment_intent].refunded == eur(200)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_and_a_restart_make_one_refund(tmp_path: Path, when: str) -> None:
    """Stripe's answer is lost and the shop starts again: the job goes on with the same key, and the entry is done."""
    world = World(tmp_path)
    async with opened(world) as rig:
        order = await rig.paid(await rig.place("zine"))
        rig.stripe.fail(when, "refund")  # type: ignore[arg-type]  # one of the two
        await rig.say(f"/shop refund {order.id} 1", "boss")
    world.time.pass_(minutes=1)
    async with opened(world) as rig:
        await rig.deliver()
        assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.DONE]
        assert rig.stripe.payments[order.payment_intent].refunded == eur(100)
        assert await rig.kinds() == ["paid", "refunded"]


async def test_a_refusal_after_a_lost_answer_is_looked_into(rig: Rig) -> None:
    """Stripe had made it, its answer was lost, and then it says no: what counts is what it has done."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.fail("after", "refund")
    await rig.say(f"/shop refund {order.id} 1", "boss")
    rig.stripe.refuse("refund")
    rig.time.pass_(minutes=1)
    await rig.database.jobs.drain()
    assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.DONE]


async def test_when_stripe_may_have_forgotten_the_key_it_is_asked_what_it_did(rig: Rig) -> None:
    """A day of silence later the payment is looked at first: the same key might mean nothing any more."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.fail("after", "refund")
    await rig.say(f"/shop refund {order.id} 1", "boss")
    asked = rig.stripe.asked["refund"]
    rig.time.pass_(hours=30)
    await rig.database.jobs.drain()
    assert rig.stripe.asked["refund"] == asked
    assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.DONE]


async def test_a_gift_given_back_in_part_counts_for_the_rest(rig: Rig) -> None:
    """What was raised follows each refund."""
    order = await rig.paid(await rig.order((await rig.say("/donate 20 to water")).order))
    await rig.say(f"/shop refund {order.id} 5", "boss")
    assert await raised(rig, "water") == eur(1500)


async def test_a_refund_made_in_the_dashboard_is_an_entry_too(rig: Rig) -> None:
    """It is known by Stripe's id, told once, and held against what is left."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.give_back(order.payment_intent, 300)
    await rig.deliver()
    await rig.deliver()
    (entry,) = await entries(rig, order.id)
    assert (entry.amount, entry.stage, entry.asked_by) == (eur(300), Stage.DONE, "elsewhere")
    assert await rig.kinds() == ["paid", "refunded"]
    assert "only €1.00 is left" in flat(await rig.say(f"/shop refund {order.id} 2", "boss"))
    assert "by Stripe’s dashboard" in flat(await rig.say(f"/shop order {order.id}", "boss"))


async def test_a_refund_that_fails_afterwards_is_said_to_all_and_can_be_made_again(rig: Rig) -> None:
    """The amount falls, the state stays, admins and the buyer are told once, and what came back can be given again."""
    gift = await rig.paid(await rig.order((await rig.say("/donate 20 to kitchen")).order))
    refund = rig.stripe.give_back(gift.payment_intent)
    await rig.deliver()
    assert await raised(rig, "kitchen") == eur(0)
    rig.stripe.refund_fails(refund)
    await rig.deliver()
    await rig.deliver()
    now = await rig.order(gift.id)
    assert (now.state, now.refunded) == (State.REFUNDED, eur(0))
    assert await raised(rig, "kitchen") == eur(2000)
    assert await rig.kinds() == ["paid", "refunded", "refund_failed"]
    assert len([card for card in rig.voice.to("boss") if "did not arrive" in flat(card)]) == 1
    await rig.say(f"/shop refund {gift.id}", "boss")
    await rig.deliver()
    assert (await rig.order(gift.id)).refunded == eur(2000)
    assert await raised(rig, "kitchen") == eur(0)
    assert [entry.stage for entry in await entries(rig, gift.id)] == [Stage.FAILED, Stage.DONE]


async def test_an_order_from_before_the_book_is_not_told_twice(rig: Rig) -> None:
    """Refunds that the order knew of before there were entries get theirs, and nobody is told anew."""
    order = await rig.paid(await rig.place("zine"))
    rig.stripe.give_back(order.payment_intent, 100)
    rig.stripe.news()
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, refunded=eur(100)))
    rig.stripe.give_back(order.payment_intent, 50)
    await rig.deliver()
    assert [entry.amount.minor for entry in await entries(rig, order.id)] == [100, 50]
    assert (await rig.order(order.id)).refunded == eur(150)
    assert await rig.kinds() == ["paid", "refunded"]
    assert "€0.50 of order" in flat(rig.voice.to("ann")[-1])


async def test_a_job_of_the_version_before_is_still_done(rig: Rig) -> None:
    """What was deferred before an upgrade names the order: all of it goes back, once."""
    order = await rig.paid(await rig.place("zine"))
    async with rig.database.store.unit() as unit:
        for _ in range(2):
            await rig.database.jobs.defer(unit, "refund", {"order": order.id})
    await rig.deliver()
    assert (await rig.order(order.id)).state is State.REFUNDED
    assert [entry.amount for entry in await entries(rig, order.id)] == [order.paid]


class TestTwoAdmins:
    async def test_a_small_one_needs_nobody_else(self, rig_of_two: Rig) -> None:
        """Up to the amount of the config one admin is enough, counted over all that the order gives back."""
        rig = rig_of_two
        order = await rig.paid(await rig.place("print"))
        await rig.say(f"/shop refund {order.id} 20", "boss")
        assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.DONE]
        await rig.say(f"/shop refund {order.id} 0.01", "boss")
        assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.DONE, Stage.ASKED]

    async def test_a_second_admin_approves(self, rig_of_two: Rig) -> None:
        """The request is posted to the staff with both buttons; nothing goes back until another admin approves."""
        rig = rig_of_two
        order = await rig.paid(await rig.place("print"))
        card = await rig.say(f"/shop refund {order.id} 45 faded", "boss")
        assert "waits for a second admin" in flat(card)
        await rig.deliver()
        assert rig.stripe.asked["refund"] == 0
        posted = [card for card in rig.voice.posted.values() if card.title == "A refund waits"]
        assert len(posted) == 1
        assert [action.label for action in posted[0].actions] == ["Approve", "Decline"]
        refused = await rig.press("shop.approve", f"{order.id}-R1", "boss")
        assert "Another admin has to approve it" in flat(refused)
        ctx = await rig.context("boss")
        with pytest.raises(OwnRequest):
            await ctx.till.refunding.approve(ctx, f"{order.id}-R1")
        for _ in range(2):
            assert (await rig.press("shop.approve", f"{order.id}-R1", "deputy")).state == "refunded"
        await rig.deliver()
        (entry,) = await entries(rig, order.id)
        assert (entry.stage, entry.asked_by, entry.decided_by) == (Stage.DONE, "slack:boss", "slack:deputy")
        assert rig.stripe.payments[order.payment_intent].refunded == eur(4500)
        assert await rig.kinds() == ["paid", "refunded"]

    async def test_what_was_declined_is_never_made(self, rig_of_two: Rig) -> None:
        """Declined, it frees what it held; an approval after that changes nothing."""
        rig = rig_of_two
        order = await rig.paid(await rig.place("print"))
        await rig.say(f"/shop refund {order.id}", "boss")
        assert "Nothing is left" not in flat(await rig.say(f"/shop refund {order.id}", "boss"))
        assert len(await entries(rig, order.id)) == 1, "the second press found the first one's"
        await rig.press("shop.decline", f"{order.id}-R1", "deputy")
        await rig.press("shop.approve", f"{order.id}-R1", "deputy")
        await rig.deliver()
        (entry,) = await entries(rig, order.id)
        assert (entry.stage, entry.why) == (Stage.REFUSED, "declined")
        assert rig.stripe.asked["refund"] == 0
        await rig.say(f"/shop refund {order.id} 20", "boss")
        assert (await rig.order(order.id)).refunded == eur(2000)

    async def test_others_neither_ask_nor_approve_nor_decline(self, rig_of_two: Rig) -> None:
        """Buttons pressed by somebody who is no admin change nothing."""
        rig = rig_of_two
        order = await rig.paid(await rig.place("print"))
        await rig.say(f"/shop refund {order.id}", "boss")
        for action in ("shop.approve", "shop.decline"):
            assert "admins only" in flat(await rig.press(action, f"{order.id}-R1", "eve"))
        ctx = await rig.context("eve")
        for deed in (ctx.till.refunding.approve, ctx.till.refunding.decline):
            with pytest.raises(NotAllowed):
                await deed(ctx, f"{order.id}-R1")
        assert [entry.stage for entry in await entries(rig, order.id)] == [Stage.ASKED]

    async def test_none_is_approved_while_a_dispute_is_open(self, rig_of_two: Rig) -> None:
        """A dispute that was opened after the request stops it."""
        rig = rig_of_two
        order = await rig.paid(await rig.place("print"))
        await rig.say(f"/shop refund {order.id}", "boss")
        rig.stripe.dispute(order.payment_intent)
        await rig.deliver()
        ctx = await rig.context("deputy")
        with pytest.raises(TooLate) as refused:
            await ctx.till.refunding.approve(ctx, f"{order.id}-R1")
        assert refused.value.state == "disputed"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (at_a_terminal("ann"), at_a_terminal("ann", "eve"), True),
        (at_a_terminal("ann", "eve"), at_a_terminal("ann", "bob (carl)"), True),
        (at_a_terminal("ann", "bob"), at_a_terminal("bob", "ann"), False),
        (at_a_terminal("ann", "x (bob)"), at_a_terminal("bob"), False),
        ("slack:T1/ann", "slack:T1/ann", True),
        ("slack:T1/ann", at_a_terminal("ann"), False),
    ],
)
def test_at_a_terminal_the_account_tells(one: str, other: str, *, same: bool) -> None:
    """Who asks at a terminal is the account that runs the command; no name that is typed makes it another's."""
    assert same_admin(one, other) is same
