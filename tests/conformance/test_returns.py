"""Money that goes back, on every door: in part with a reason, by two admins, and by a dispute that takes a perk with it."""

from __future__ import annotations

import re

import pytest

from bot.money import Money
from bot.orders import State
from tests.conformance.discord_door import DiscordVisitor
from tests.conformance.slack_door import SlackHttp, SlackVisitor
from tests.conformance.test_story import bought
from tests.conformance.world import KEYS, World, eventually

CLUB = "CCLUB"
MANAGE_ROLES = 1 << 28


async def two_admins(world: World) -> None:
    """Let refunds of any amount take two admins."""

    def change(old: str) -> str:
        return re.sub(r"^\[admins\]$", "[admins]\napprovals = 2", old, flags=re.MULTILINE)

    await world.edit(lambda old: change(old) if "[admins]" in old else f"{old}\n[admins]\napprovals = 2\n")


async def test_a_part_goes_back_with_a_reason(world: World) -> None:
    """The buyer is told the amount, the reason and what stays; the order goes on, and the rest may follow."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    answer = await staff.say(f'/shop refund {number} "1.50 a page is missing"')
    assert "a page is missing" in answer.text
    told = await buyer.hears("a page is missing")
    assert "1.50" in told.text
    assert "2.50 of your payment stays" in told.text
    order = await world.order(number)
    assert (order.state, order.refunded) == (State.FULFILLED, Money(150, "EUR"))
    assert "only €2.50 is left" in (await staff.say(f"/shop refund {number} 2.51")).text
    await staff.say(f"/shop refund {number}")
    await buyer.hears("€2.50 of order")
    order = await world.order(number)
    assert (order.state, order.refunded) == (State.REFUNDED, order.paid)
    refunds = [row for row in world.sandbox.ledger() if row["kind"] == "refund"]
    assert [row["amount"] for row in refunds] == [150, 250]


async def test_words_without_an_amount_open_the_form(world: World) -> None:
    """The form has the words as its reason, and gives back the amount that is filled in."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    form = await staff.say(f'/shop refund {number} "a page is missing"')
    assert form.is_form
    assert set(form.fields) == {"amount", "reason"}
    await staff.fill(amount="1,00 €")
    await buyer.hears("a page is missing")
    assert (await world.order(number)).refunded == Money(100, "EUR")


@pytest.mark.parametrize("world", ["web"], indirect=True)
async def test_on_the_web_the_staff_is_one_admin(world: World) -> None:
    """Whoever opened a staff link is the same admin: a second browser does not approve what the first one asked for."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    await two_admins(world)
    await staff.say(f"/shop refund {number}")
    deputy = await world.door.deputy()
    await deputy.say(f"/shop order {number}")
    assert "Another admin has to approve it" in (await deputy.press("Approve")).text
    assert (await world.order(number)).refunded is None


@pytest.mark.parametrize("world", ["discord-gateway", "discord-http", "slack-http", "slack-socket"], indirect=True)
async def test_a_second_admin_approves(world: World) -> None:
    """Asked for by one, nothing goes back; the other presses Approve, and the buyer is told."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    await two_admins(world)
    assert "waits for a second admin" in (await staff.say(f"/shop refund {number}")).text
    assert "Another admin has to approve it" in (await staff.say(f"/shop approve {number}-R1")).text
    assert (await world.order(number)).refunded is None
    deputy = await world.door.deputy()
    card = await deputy.say(f"/shop order {number}")
    assert "waits for a second admin" in card.text
    await deputy.press("Approve")
    await buyer.hears("Money back")
    order = await world.order(number)
    assert (order.state, order.refunded) == (State.REFUNDED, order.paid)


async def test_the_staff_is_asked_with_buttons_and_may_decline(world: World) -> None:
    """The request stands before the staff with Approve and Decline; declined, nothing goes back."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    await two_admins(world)
    await staff.say(f"/shop refund {number}")
    asked = await staff.hears("A refund waits")
    assert set(asked.buttons) >= {"Approve", "Decline"}
    await staff.press("Decline")
    await staff.say(f"/shop approve {number}-R1")
    async with world.app.store.reading() as unit:
        entry = await unit.refunds.get(f"{number}-R1")
    assert entry is not None
    assert entry.why == "declined"
    assert (await world.order(number)).state is State.FULFILLED


async def test_a_dispute_is_told_to_the_staff_and_not_to_the_buyer(world: World) -> None:
    """Staff reads amount and last day, no refund is made meanwhile; lost, the money is gone, which /orders says."""
    buyer, staff = await world.door.person("ann"), await world.door.staff()
    number = await bought(world, buyer)
    before = len(await buyer.everything())
    order = await world.order(number)
    dispute = world.sandbox.dispute(KEYS["STRIPE_API_KEY"], order.payment_intent)
    await staff.hears("Evidence can be handed in at Stripe until")
    assert "disputed" in (await staff.say(f"/shop refund {number}")).text
    world.sandbox.decide(KEYS["STRIPE_API_KEY"], dispute["id"], "lost")
    await staff.hears("is lost")
    order = await world.order(number)
    assert (order.disputed, order.disputed_away, order.refunded) == (False, order.paid, None)
    assert len(await buyer.everything()) == before
    assert "taken back by the bank" in (await buyer.say("/orders")).text
    assert [row for row in world.sandbox.ledger() if row["kind"] == "refund"] == []


@pytest.mark.parametrize("world", ["discord-gateway", "discord-http", "slack-http", "slack-socket"], indirect=True)
async def test_a_lost_dispute_takes_the_perk_away(world: World) -> None:
    """A Discord role and a Slack channel are held while a dispute is open, and go when it is lost."""
    buyer = await world.door.person("ann")
    if isinstance(buyer, DiscordVisitor):
        guild, platform = buyer.person.guild, world.door.platform  # type: ignore[attr-defined]  # of Discord's doors
        assert guild is not None
        platform.role(guild, "tillbot", 5, permissions=MANAGE_ROLES, bot=True)
        role = platform.role(guild, "Supporter", 1)
        perk = f'platform = "discord"\nkind = "role"\ntarget = "{role.id}"\nworkspace = "{guild.id}"'
    else:
        assert isinstance(world.door, SlackHttp)
        club = world.door.slack.channel(CLUB, "club", bot=True)
        perk = f'platform = "slack"\nkind = "channel"\ntarget = "{CLUB}"'

    def held() -> bool:
        if isinstance(buyer, DiscordVisitor):
            return role.id in buyer.person.roles
        assert isinstance(buyer, SlackVisitor)
        return "UANN" in club.people

    perk = f'\n[perk.club]\n{perk}\nname = "the club"\n'
    await world.edit(lambda old: old.replace("[product.zine]", '[product.zine]\nperks = ["club"]') + perk)
    number = await bought(world, buyer)
    await eventually(held, "not granted")
    order = await world.order(number)
    dispute = world.sandbox.dispute(KEYS["STRIPE_API_KEY"], order.payment_intent)

    async def disputed() -> bool:
        return (await world.order(number)).disputed

    await eventually(disputed, "not heard of the dispute")
    assert held()
    world.sandbox.decide(KEYS["STRIPE_API_KEY"], dispute["id"], "lost")
    await eventually(lambda: not held(), "still held")
