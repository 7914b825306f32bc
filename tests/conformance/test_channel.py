"""The public Buy and Donate button in the channel, the same on every door that has channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot import posting
from tests.conformance.doors import ChannelDoor, Standing
from tests.conformance.test_story import order_of, pay_link
from tests.conformance.world import World, eventually

pytestmark = pytest.mark.parametrize(
    "world", ["slack-http", "slack-socket", "discord-gateway", "discord-http"], indirect=True
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stock and goals be edited without the half minute between two edits."""
    monkeypatch.setattr(posting, "GENTLY", timedelta(0))


async def posted(world: World, *subjects: str) -> None:
    """Let an admin post cards in the channel, and wait until they stand there."""
    assert isinstance(world.door, ChannelDoor)
    await world.door.invite()
    staff = await world.door.staff()
    for many, subject in enumerate(subjects, 1):
        await staff.say(f"/shop post {subject}")
        await reads(world, "", many - 1)


async def test_a_card_is_posted_in_the_channel_that_is_named(world: World) -> None:
    """An admin names another channel as one does there, in a command's text or option, and the card stands in that one."""
    assert isinstance(world.door, ChannelDoor)
    staff = await world.door.staff()
    await staff.say(f"/shop post mug {world.door.staff_channel()}")
    await staff.hears("40 left")
    assert await standing(world) == []


async def standing(world: World) -> Sequence[Standing]:
    """Give what stands in the channel."""
    assert isinstance(world.door, ChannelDoor)
    return await world.door.standing()


async def reads(world: World, text: str, card: int = 0) -> None:
    """Wait until a card of the channel is there and holds a text."""

    async def so() -> bool:
        cards = await standing(world)
        return len(cards) > card and text in cards[card].seen.text

    await eventually(so, f"card {card} never read {text!r}: {await standing(world)}")


async def test_anybody_buys_from_the_channel_and_the_stock_falls_in_place(world: World) -> None:
    """Buy opens a private form with the product chosen; what is ordered is off the card, and nobody else sees the order."""
    await posted(world, "mug", "water")
    mug, _ = await standing(world)
    assert ("Mug" in mug.seen.text, "40 left" in mug.seen.text, mug.seen.buttons) == (True, True, ("Buy",))
    ann, ben = await world.door.person("ann"), await world.door.person("ben")
    form = await ann.press("Buy")
    assert form.is_form
    card = await ann.fill(product="mug/blue", quantity="2")
    number = await order_of(world, card)
    await reads(world, "38 left")
    assert all(number not in seen.text for seen in await ben.everything())
    assert not any(number in text for text in await world.door.public())
    assert (await ben.press("Buy")).is_form
    assert len(await standing(world)) == 2


async def test_anybody_gives_from_the_channel_and_the_goal_moves(world: World) -> None:
    """Donate opens a private form with the cause chosen, and what came in is on the card for everybody."""
    await posted(world, "water")
    giver = await world.door.person("ann")
    form = await giver.press("Donate")
    assert form.is_form
    card = await giver.fill(amount="25")
    assert "Example Clean Water Trust" in card.text
    await world.pay(pay_link(card))
    await giver.hears("Thank you for your gift")
    await reads(world, "25.00 of")
    assert len(await standing(world)) == 1


async def test_closing_edits_buy_to_the_notice_and_leaves_donate_alone(world: World) -> None:
    """The Buy card says where to buy instead; the Donate card is not edited once, and takes gifts as before."""
    await posted(world, "mug", "kitchen")
    _, kitchen = await standing(world)
    await world.retire(announced=timedelta(days=-2), closes=timedelta(seconds=-1))
    await reads(world, "ended on")
    mug, after = await standing(world)
    assert mug.edits >= 1
    assert [*mug.seen.links] == ["Facebook Shop", "Pinterest", "Messenger", "Amazon"]
    assert "Buy" not in mug.seen.buttons
    assert (after, after.edits) == (kitchen, 0)
    giver = await world.door.person("ann")
    assert (await giver.press("Donate")).is_form
    assert "kitchen" in (await giver.fill(amount="5")).text.casefold()


async def test_only_admins_post(world: World) -> None:
    """Anyone else who says it gets the help, and nothing stands in the channel."""
    assert isinstance(world.door, ChannelDoor)
    await world.door.invite()
    assert "what you can say" in (await (await world.door.person("ann")).say("/shop post mug")).text
    await posted(world, "kitchen")
    assert len(await standing(world)) == 1
