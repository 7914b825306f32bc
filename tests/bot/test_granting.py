"""Granting: perks come with the payment, go with the money, and end as the order says, whoever was slow."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat import Button, Card, Person
from bot.errors import Later, Unreachable
from bot.granting import GRACE
from bot.orders import Order
from tests.bot.rig import SHOP, Rig, World, opened
from tests.fakes.gate import Gate

PERKS = """
[perk.club]
platform = "slack"
kind = "channel"
target = "C-CLUB"
name = "The club"

[perk.club-month]
platform = "slack"
kind = "channel"
target = "C-CLUB"
name = "The club for a month"
days = 30

[perk.crew]
platform = "slack"
kind = "usergroup"
target = "S-CREW"
name = "The crew"

[perk.captain]
platform = "discord"
kind = "role"
target = "9"
workspace = "1"
name = "Captain"
"""
PERKED = (
    SHOP.replace("[product.zine]\n", '[product.zine]\nperks = ["club", "captain"]\n')
    .replace("[product.print]\n", '[product.print]\nperks = ["club-month"]\n')
    .replace("[cause.kitchen]\n", '[cause.kitchen]\nperks = ["crew"]\n')
    + PERKS
)
CLUB = ("ann", "C-CLUB")
CREW = ("ann", "S-CREW")
REFUSED = Unreachable("the bot's role is too low: drag it above")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, text=PERKED)


async def bought(rig: Rig, what: str = "zine", who: str = "ann") -> Order:
    """Buy something and pay it."""
    return await rig.paid(await rig.place(what, who=who))


async def given(rig: Rig, said: str = "/donate 10 to kitchen monthly") -> Order:
    """Give something and pay it."""
    return await rig.paid(await rig.order((await rig.say(said)).order))


async def refunded(rig: Rig, order: Order, minor: int | None = None) -> None:
    """Give an order's money back at the provider, and let the shop hear of it."""
    rig.stripe.give_back(order.payment_intent, minor)
    await rig.deliver()


def claim_button(card: Card) -> str:
    """Give what the button that claims a perk carries; "" where there is none."""
    return next(
        (action.value for action in card.actions if isinstance(action, Button) and action.to.id == "orders.claim"), ""
    )


class TestGiving:
    async def test_a_product_grants_once_it_is_paid_and_not_before(self, rig: Rig) -> None:
        """An order that waits for its payment grants nothing; the payment, told twice, grants once."""
        order = await rig.place("zine")
        await rig.deliver()
        assert rig.perks.done == []
        order = await rig.paid(order)
        await rig.house.settling.apply(await rig.stripe.session(order.session))
        await rig.deliver()
        assert rig.perks.done == ["grant ann C-CLUB"]

    async def test_a_gift_grants_too(self, rig: Rig) -> None:
        """A cause's perk comes with a gift to it."""
        await given(rig, "/donate 10 to kitchen")
        assert rig.perks.held == {CREW}

    async def test_a_payment_that_settles_later_grants_when_it_has_settled(self, rig: Rig) -> None:
        """A paid form that is not yet money grants nothing."""
        order = await rig.paid(await rig.place("zine"), how="later")
        assert rig.perks.held == set()
        rig.stripe.settle(order.session)
        await rig.deliver()
        assert rig.perks.held == {CLUB}

    async def test_an_order_with_a_problem_grants_nothing(self, rig: Rig) -> None:
        """Where less was paid than asked the staff has to look first."""
        await rig.paid(await rig.place("zine"), more=-100)
        assert rig.perks.done == []

    async def test_nothing_is_granted_on_another_platform(self, rig: Rig) -> None:
        """Who buys in one chat gets what that chat can give: a role elsewhere would be somebody else's."""
        rig.perks.platform = "discord"
        await bought(rig)
        assert rig.perks.done == []

    async def test_what_was_promised_is_kept_when_the_config_changes(self, rig: Rig) -> None:
        """What is taken back is what was given, though the config names another channel, or none, by now."""
        order = await bought(rig)
        rig.edit(SHOP)
        await refunded(rig, order)
        assert rig.perks.done == ["grant ann C-CLUB", "revoke ann C-CLUB"]

    async def test_a_restart_between_the_payment_and_the_perk_loses_nothing(self, world: World) -> None:
        """The job stands in the transaction that made the order paid."""
        async with opened(world) as rig:
            order = await rig.place("zine")
            rig.stripe.pay(order.session)
            await rig.house.settling.apply(await rig.stripe.session(order.session))
        assert world.perks.done == []
        async with opened(world) as rig:
            await rig.deliver()
        assert world.perks.done == ["grant ann C-CLUB"]

    async def test_a_platform_that_stumbles_is_tried_again(self, rig: Rig) -> None:
        """Trouble that may pass, and a platform that asks to wait, delay a perk; nobody is told of a failure."""
        for trouble in (Unreachable("slack: 500", for_good=False), Later(rig.time.at + timedelta(minutes=5))):
            rig.perks.refusal = trouble
            await bought(rig, "zine", "ben" if isinstance(trouble, Later) else "ann")
        rig.perks.refusal = None
        rig.time.pass_(minutes=10)
        await rig.deliver()
        assert rig.perks.held == {CLUB, ("ben", "C-CLUB")}
        assert await rig.kinds() == ["paid"]


class TestTaking:
    async def test_a_full_refund_takes_it_away_and_a_part_does_not(self, rig: Rig) -> None:
        """The perk follows the order: as long as some of the money stays, so does it."""
        order = await bought(rig)
        await refunded(rig, order, 100)
        assert rig.perks.held == {CLUB}
        await refunded(rig, order)
        assert rig.perks.held == set()

    async def test_for_a_time_is_for_that_time(self, rig: Rig) -> None:
        """Thirty days after the payment it ends, not a second before, once."""
        order = await bought(rig, "print")
        rig.time.pass_(days=30, seconds=-1)
        await rig.deliver()
        assert rig.perks.held == {CLUB}
        rig.time.pass_(seconds=1)
        await rig.deliver()
        await refunded(rig, order)
        assert rig.perks.done == ["grant ann C-CLUB", "revoke ann C-CLUB"]

    async def test_the_end_of_a_monthly_gift_ends_it_after_the_grace(self, rig: Rig) -> None:
        """Stopping changes nothing yet; three days after the end it is taken away."""
        begun = await given(rig)
        pledge = await rig.pledge(begun.id)
        rig.stripe.renew(pledge.subscription)
        await rig.press("orders.stop", begun.id)
        await rig.deliver()
        rig.stripe.renew(pledge.subscription)
        await rig.deliver()
        rig.time.pass_(seconds=GRACE.total_seconds() - 60)
        await rig.deliver()
        assert rig.perks.held == {CREW}
        rig.time.pass_(seconds=60)
        await rig.deliver()
        assert rig.perks.done == ["grant ann S-CREW", "revoke ann S-CREW"]

    async def test_the_grace_lengthens_nothing_that_ends_before(self, rig: Rig) -> None:
        """A perk for a month that ends within the grace ends on its own day, and one refunded stays gone."""
        rig.edit(PERKED.replace('["crew"]', '["club-month", "crew"]'))
        begun = await given(rig)
        rig.time.pass_(days=29)
        await rig.press("orders.stop", begun.id)
        await rig.deliver()
        rig.stripe.renew((await rig.pledge(begun.id)).subscription)
        await rig.deliver()
        rig.time.pass_(days=1)
        await rig.deliver()
        assert rig.perks.held == {CREW}

    async def test_another_order_that_grants_the_same_keeps_it(self, rig: Rig) -> None:
        """One of several orders refunded, or run out, takes nothing away for a moment; the last does."""
        forever, _ = await bought(rig), await bought(rig, "print")
        rig.time.pass_(days=31)
        await rig.deliver()
        assert rig.perks.held == {CLUB}
        again = await bought(rig)
        await refunded(rig, forever)
        assert rig.perks.held == {CLUB}
        await refunded(rig, again)
        assert rig.perks.held == set()
        assert rig.perks.done.count("revoke ann C-CLUB") == 1

    async def test_somebody_elses_order_keeps_nothing(self, rig: Rig) -> None:
        """What another person bought is theirs alone."""
        mine, _ = await bought(rig), await bought(rig, "zine", "ann2")
        await refunded(rig, mine)
        assert rig.perks.held == {("ann2", "C-CLUB")}

    async def test_an_order_paid_while_another_is_taken_back_ends_with_the_perk(self, rig: Rig) -> None:
        """A slow taking away that lands after the next order's grant is put right."""
        first = await bought(rig)
        slow = Gate()
        rig.perks.gates.append(slow)
        rig.stripe.give_back(first.payment_intent)
        await rig.house.settling.apply_payment(rig.stripe.payments[first.payment_intent])
        taking = asyncio.create_task(rig.granting.work({"order": first.id, "perk": "club"}))
        await slow.reached.wait()
        second = await rig.place("zine")
        rig.stripe.pay(second.session)
        await rig.house.settling.apply(await rig.stripe.session(second.session))
        await rig.granting.work({"order": second.id, "perk": "club"})
        slow.open.set()
        await taking
        assert rig.perks.held == set()
        await rig.deliver()
        assert rig.perks.held == {CLUB}


@pytest.mark.parametrize("last", ["grant lands last", "refund finishes last", "refund is answered last"])
async def test_a_refund_that_overtakes_a_slow_grant_ends_revoked(rig: Rig, last: str) -> None:
    """Whichever of the two reaches the platform last, or is written down last, the perk is gone in the end."""
    grant, revoke = Gate(), Gate()
    rig.perks.gates.append(grant)
    (rig.perks.answers if last == "refund is answered last" else rig.perks.gates).append(revoke)
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    await rig.house.settling.apply(await rig.stripe.session(order.session))
    granting = asyncio.create_task(rig.granting.work({"order": order.id, "perk": "club"}))
    await grant.reached.wait()
    payment = (await rig.order(order.id)).payment_intent
    rig.stripe.give_back(payment)
    await rig.house.settling.apply_payment(rig.stripe.payments[payment])
    revoking = asyncio.create_task(rig.granting.work({"order": order.id, "perk": "club"}))
    await revoke.reached.wait()
    for gate, task in (
        ((revoke, revoking), (grant, granting))
        if last == "grant lands last"
        else ((grant, granting), (revoke, revoking))
    ):
        gate.open.set()
        await task
    await rig.deliver()
    assert rig.perks.held == set()


class TestFailing:
    async def test_who_paid_is_told_with_a_claim_button_and_the_staff_once(self, rig: Rig) -> None:
        """The buyer reads that it is missing and can try again; the staff reads why, and what to do."""
        rig.perks.refusal = REFUSED
        order = await bought(rig)
        await rig.granting.work({"order": order.id, "perk": "club"})
        await rig.deliver()
        assert await rig.kinds() == ["paid", "perk_failed"]
        assert [claim_button(card) for card in rig.voice.to("ann")] == ["", order.id]
        alerts = [card for card in rig.voice.posted.values() if "drag it above" in str(card)]
        assert len(alerts) == 1
        assert "drag it above" not in str(rig.voice.to("ann"))

    async def test_claiming_works_once_the_cause_is_mended(self, rig: Rig) -> None:
        """Before, it says that the shop has to look; after, the perk is there; once more does no harm."""
        rig.perks.refusal = REFUSED
        order = await bought(rig)
        card = await rig.press("orders.claim", order.id)
        assert (card.tone, claim_button(card)) == ("warn", order.id)
        rig.perks.refusal = None
        for _ in range(2):
            card = await rig.press("orders.claim", order.id)
            assert (card.tone, claim_button(card)) == ("good", "")
            assert "The club" in str(card.text)
        assert rig.perks.held == {CLUB}
        assert await rig.kinds() == ["paid", "perk_failed"]

    async def test_claiming_while_the_platform_stumbles_is_gone_on_with(self, rig: Rig) -> None:
        """It is on its way: a job tries again where the person no longer waits."""
        rig.perks.refusal = REFUSED
        order = await bought(rig)
        rig.perks.refusal = Unreachable("slack: 500", for_good=False)
        card = await rig.press("orders.claim", order.id)
        assert "on its way" in str(card.text)
        rig.perks.refusal = None
        await rig.deliver()
        assert rig.perks.held == {CLUB}

    async def test_claiming_gives_nothing_back_that_was_taken(self, rig: Rig) -> None:
        """After a refund, and after its time, the claim says that it ended; nobody else can claim it."""
        order, month = await bought(rig), await bought(rig, "print")
        await refunded(rig, order)
        rig.time.pass_(days=31)
        await rig.deliver()
        done = list(rig.perks.done)
        for number in (order.id, month.id):
            assert "ended" in str((await rig.press("orders.claim", number)).text)
            await rig.press("orders.claim", number, "eve")
        assert rig.perks.done == done

    async def test_a_platform_that_is_switched_off_is_a_failure_that_can_be_claimed_later(self, rig: Rig) -> None:
        """Without the platform nothing can be given; with it again, a claim does."""
        rig.perks.platform = "teams"
        order = await bought(rig)
        assert await rig.kinds() == ["paid", "perk_failed"]
        rig.perks.platform = "slack"
        await rig.press("orders.claim", order.id)
        assert rig.perks.held == {CLUB}


class TestComingBack:
    async def test_who_comes_back_gets_what_they_hold(self, rig: Rig) -> None:
        """Rejoining grants again what goes on, and nothing that ended."""
        order = await bought(rig)
        await given(rig)
        await refunded(rig, order)
        rig.perks.held.clear()
        rig.perks.done.clear()
        await rig.house.conversation.joined(Person("slack", "ann", "ann"))
        await rig.deliver()
        assert rig.perks.done == ["grant ann S-CREW"]

    async def test_who_was_no_member_when_they_paid_gets_it_when_they_join(self, rig: Rig) -> None:
        """The failure was told; joining mends it without a claim."""
        rig.perks.left.add("ann")
        await bought(rig)
        assert await rig.kinds() == ["paid", "perk_failed"]
        rig.perks.left.clear()
        await rig.house.conversation.joined(Person("slack", "ann", "ann"))
        await rig.deliver()
        assert rig.perks.held == {CLUB}

    async def test_a_name_that_begins_like_anothers_gets_nothing_of_theirs(self, rig: Rig) -> None:
        """People, orders and perks are told apart to their last letter, whatever their names begin with."""
        order = await bought(rig, who="ann:9")
        await rig.house.conversation.joined(Person("slack", "ann", "ann"))
        await rig.deliver()
        assert rig.perks.done == ["grant ann:9 C-CLUB"]
        assert order.buyer.key == "slack:ann:9"
