"""What the bot says by itself: news that is edited in, sent or kept, and cards for the staff."""

import pytest

from adapters.discord import Discord
from bot.chat import Button, Card
from bot.errors import Unreachable
from bot.orders import Buyer
from tests.adapters.discord.conftest import Stage
from tests.adapters.discord.talk import Shelf, conversation
from tests.platforms.discord import Person

PAID = Card("Your order is paid", order="T1", state="paid")


def buyer(person: Person, reply: str = "") -> Buyer:
    return Buyer("discord", str(person.id), str(person.id), "", "en", reply)


async def test_news_is_edited_into_the_answer_while_its_token_lives(stage: Stage) -> None:
    """Within fifteen minutes the very message that holds the order says that it is paid, also after a restart."""
    answer = await stage.ben.slash("buy", product="cap", quantity=1)
    reply = stage.shelf.seen[-1][0].reply
    await stage.restart()
    assert await stage.door.tell(buyer(stage.ben, reply), PAID, key="1") == "edited"
    assert answer.text == "Your order is paid"
    assert len(stage.ben.private_posts()) == 1


async def test_news_goes_by_direct_message_when_the_token_is_dead(stage: Stage) -> None:
    """After fifteen minutes the person is written to, and nobody else sees it."""
    await stage.ben.slash("buy", product="cap", quantity=1)
    stage.platform.advance(15 * 60 + 1)
    assert await stage.door.tell(buyer(stage.ben, stage.shelf.seen[-1][0].reply), PAID, key="1") == "sent"
    assert (await stage.ben.sees("Your order is paid")).channel is stage.ben.dm
    assert stage.platform.public_posts() == []


async def test_news_goes_by_direct_message_when_the_answer_was_dismissed(stage: Stage) -> None:
    """An answer that is gone from the screen is not edited: the person is written to."""
    answer = await stage.ben.slash("buy", product="cap", quantity=1)
    assert answer.post
    answer.post.deleted = True
    assert await stage.door.tell(buyer(stage.ben, stage.shelf.seen[-1][0].reply), PAID, key="1") == "sent"


async def test_the_same_news_is_shown_once(stage: Stage) -> None:
    """Telling the same thing twice, as a repeated job would, shows one message."""
    for _ in range(2):
        assert await stage.door.tell(buyer(stage.ben), PAID, key="discord:1:1") == "sent"
    assert len(stage.ben.seen("Your order is paid")) == 1
    await stage.door.tell(buyer(stage.ben), PAID, key="discord:1:2")
    assert len(stage.ben.seen("Your order is paid")) == 2


async def test_what_many_are_told_under_one_key_reaches_each(stage: Stage) -> None:
    """A notice for two admins and a channel is one message each: that one has it is no reason to leave out another."""
    staff = stage.guild.channels[1]
    for _ in range(2):
        await stage.door.tell(buyer(stage.ben), PAID, key="sellers:closed")
        await stage.door.tell(buyer(stage.ada), PAID, key="sellers:closed")
        await stage.door.post(str(staff.id), PAID, key="sellers:closed")
    for one in (stage.ben, stage.ada):
        assert len(one.seen("Your order is paid")) == 2, "directly, and in the channel that they are in"
    assert len([post for post in stage.platform.public_posts(staff) if "Your order is paid" in post.text]) == 1


async def test_whoever_cannot_be_reached_is_not_told_in_public(stage: Stage) -> None:
    """With direct messages closed and the token dead the news is unreachable, for good, and posted nowhere."""
    await stage.ben.slash("buy", product="cap", quantity=1)
    stage.platform.advance(15 * 60 + 1)
    stage.ben.dms_closed = True
    with pytest.raises(Unreachable) as caught:
        await stage.door.tell(buyer(stage.ben, stage.shelf.seen[-1][0].reply), PAID, key="1")
    assert caught.value.for_good
    assert not caught.value.gone
    assert stage.platform.public_posts() == []


async def test_an_id_that_is_none_is_unreachable(stage: Stage) -> None:
    """A person or channel whose id Discord never gave is unreachable for good."""
    stranger = Buyer("discord", "12", "12", "", "en")
    for telling in (
        stage.door.tell(stranger, PAID, key="1"),
        stage.door.tell(Buyer("discord", "x", "x", "", "en"), PAID, key="1"),
        stage.door.post("#staff", PAID, key="1"),
        stage.door.post("12", PAID, key="1"),
    ):
        with pytest.raises(Unreachable) as caught:
            await telling
        assert caught.value.for_good


async def test_trouble_that_passes_is_told_from_trouble_that_stays(stage: Stage) -> None:
    """When Discord itself is in trouble the news is not given up, and the edit is not replaced by a message."""
    await stage.ben.slash("buy", product="cap", quantity=1)
    stage.platform.fail("PATCH", r"@original$", status=429)  # without a Via header: not one that the SDK waits out
    with pytest.raises(Unreachable) as caught:
        await stage.door.tell(buyer(stage.ben, stage.shelf.seen[-1][0].reply), PAID, key="1")
    assert not caught.value.for_good
    assert not stage.ben.seen("Your order is paid")


async def test_nothing_is_tried_twice_that_discord_refused(stage: Stage) -> None:
    """A 403 is taken as the answer: one request, no retry."""
    stage.ben.dms_closed = True
    with pytest.raises(Unreachable):
        await stage.door.tell(buyer(stage.ben), PAID, key="1")
    assert [request.status for request in stage.platform.requests].count(403) == 1


async def test_a_rate_limit_is_waited_for(stage: Stage) -> None:
    """A 429 is left to the SDK, which waits as long as Discord says and sends once."""
    stage.platform.rate_limit("POST", r"/messages$", 0.01)
    assert await stage.door.tell(buyer(stage.ben), PAID, key="1") == "sent"
    assert len(stage.ben.seen("Your order is paid")) == 1


async def test_the_staff_gets_a_card_that_can_be_pressed_and_amended(stage: Stage) -> None:
    """A posted card shows in the staff channel, its buttons work, and it is replaced in place."""
    staff = stage.guild.channels[1]
    shelf = Shelf()
    cancel = shelf.menu()[0].steps["buy.cancel"]
    card = Card("Order T1", actions=(Button("Mark shipped", cancel, "T1"),), private=False)
    reference = await stage.door.post(str(staff.id), card, key="staff:T1")
    assert [post.text for post in stage.platform.public_posts(staff)] == ["Order T1\nMark shipped"]
    answer = await stage.ada.press("Mark shipped")
    assert (answer.text, answer.private) == ("Cancelled T1", True)
    await stage.door.amend(str(staff.id), reference, Card("Order T1, shipped"))
    assert [post.text for post in stage.platform.public_posts(staff)] == ["Order T1, shipped"]


async def test_before_it_is_connected_nobody_can_be_told(stage: Stage) -> None:
    """An adapter that has no connection yet says so, for now."""
    door = Discord(conversation(stage.cards, stage.shelf), token="x")
    with pytest.raises(Unreachable) as caught:
        await door.tell(buyer(stage.ben), PAID, key="1")
    assert not caught.value.for_good
