"""How news reaches people in Slack by itself: in the card they hold, else directly, and never in public."""

import time

import pytest

from adapters.slack import Connection, SlackVoice
from adapters.slack.pace import Pace
from adapters.slack.replies import HOOK_SECONDS, Held, Reply
from bot.chat import Card, Link
from bot.errors import Later, Unreachable
from bot.orders import Buyer
from tests.adapters.slack.talk import SEEN
from tests.platforms.slack import SlackStandIn

PAID = Card("Paid", order="T7", state="paid")


def buyer(reply: str = "") -> Buyer:
    return Buyer("slack", "T1/U1", "U1", "T1", "en", reply)


@pytest.mark.usefixtures("door")
async def test_the_card_whose_pay_link_was_pressed_is_edited(slack: SlackStandIn, voice: SlackVoice) -> None:
    """Pressing Pay tells us how to edit the card, and so the news takes its place."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    card = await user.sees("2 × cap")
    await user.press("Pay")
    assert await voice.tell(buyer(), PAID, key="1") == "edited"
    assert card.said == "Paid"
    assert user.seen() == [card]
    assert slack.public_posts() == []


@pytest.mark.usefixtures("door")
async def test_a_card_that_answered_a_press_is_edited_again(slack: SlackStandIn, voice: SlackVoice) -> None:
    """What becomes of an order after Cancel was pressed shows in the same card."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    card = await user.sees("2 × cap")
    await user.press("Cancel")
    await user.sees("Cancelled T7")
    assert await voice.tell(buyer(), Card("Gone", order="T7"), key="1") == "edited"
    assert user.seen() == [card]
    assert card.said == "Gone"


@pytest.mark.usefixtures("door")
async def test_the_reply_kept_with_an_order_edits_its_card(slack: SlackStandIn, voice: SlackVoice) -> None:
    """A card that answered a press is edited by the reply that was kept, also after a restart."""
    user = slack.person("U1")
    await user.slash("/buy", "which")
    await user.sees("Which one?")
    await user.choose("Cap")
    card = await user.sees("1 × cap")
    assert await voice.tell(buyer(SEEN[-1].reply), PAID, key="1") == "edited"
    assert card.said == "Paid"
    assert slack.public_posts() == []


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("spoilt", ["expired", "used up", "broken"])
async def test_where_the_card_cannot_be_edited_a_direct_message_comes(
    slack: SlackStandIn, voice: SlackVoice, spoilt: str
) -> None:
    """After half an hour, after five uses, and where Slack fails, the news comes as a direct message."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    await user.sees("2 × cap")
    await user.press("Pay")
    if spoilt == "expired":
        slack.advance(HOOK_SECONDS + 1)
    elif spoilt == "used up":
        for number in range(5):
            assert await voice.tell(buyer(), PAID, key=f"before {number}") == "edited"
    else:
        slack.break_down("response_url")
    assert await voice.tell(buyer(), PAID, key="1") == "sent"
    assert (await user.sees("Paid", user.direct)).seen_by is None
    assert slack.public_posts() == []


async def test_without_a_reply_a_direct_message_comes_once(slack: SlackStandIn, voice: SlackVoice) -> None:
    """The same telling twice is shown once."""
    user = slack.person("U1")
    assert await voice.tell(buyer(), PAID, key="1") == "sent"
    assert await voice.tell(buyer(), PAID, key="1") == "sent"
    assert await voice.tell(buyer(), Card("Shipped", order="T7"), key="2") == "sent"
    assert [message.said for message in user.seen(user.direct)] == ["Paid", "Shipped"]
    assert len(await slack.called("conversations.open")) == 1


async def test_who_cannot_be_reached_is_said_so(slack: SlackStandIn, voice: SlackVoice) -> None:
    """A person who left is unreachable for good, a broken Slack only for now, and a busy one says when."""
    user = slack.person("U1")
    slack.break_down("conversations.open")
    with pytest.raises(Unreachable) as broken:
        await voice.tell(buyer(), PAID, key="1")
    assert not broken.value.for_good
    slack.limit("conversations.open", retry_after=30)
    with pytest.raises(Later) as busy:
        await voice.tell(buyer(), PAID, key="1")
    assert 25 < busy.value.at.timestamp() - time.time() <= 30
    user.leave()
    with pytest.raises(Unreachable) as left:
        await voice.tell(buyer(), PAID, key="1")
    assert left.value.for_good
    assert not left.value.gone
    assert user.seen() == []


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "team_access_not_granted"])
async def test_a_workspace_that_sent_the_app_away_is_gone(slack: SlackStandIn, voice: SlackVoice, error: str) -> None:
    """It is not this person alone who cannot be told there."""
    slack.person("U1")
    slack.refuse("conversations.open", error)
    with pytest.raises(Unreachable) as caught:
        await voice.tell(buyer(), PAID, key="1")
    assert (caught.value.for_good, caught.value.gone) == (True, True)


@pytest.mark.parametrize("error", ["invalid_auth", "not_authed", "token_expired"])
async def test_a_wrong_token_says_nothing_of_the_workspace(slack: SlackStandIn, voice: SlackVoice, error: str) -> None:
    """What we were given to speak with is wrong: that passes once an operator has seen to it."""
    slack.person("U1")
    slack.refuse("conversations.open", error)
    with pytest.raises(Unreachable) as caught:
        await voice.tell(buyer(), PAID, key="1")
    assert (caught.value.for_good, caught.value.gone, caught.value.ours) == (False, False, True)


async def test_slack_gone_is_unreachable_for_now(connection: Connection) -> None:
    """Where nothing answers at all, a later attempt may."""
    lost = Connection(bot_token="xoxb-1", api_base="http://127.0.0.1:9/api/")
    with pytest.raises(Unreachable) as gone:
        await lost.tell("U1", PAID)
    await lost.aclose()
    assert not gone.value.for_good


async def test_what_many_are_told_under_one_key_reaches_each(slack: SlackStandIn, voice: SlackVoice) -> None:
    """A notice for two admins and a channel is one message each: that one has it is no reason to leave out another."""
    first, second = slack.person("U1"), slack.person("U2")
    slack.channel("C9")
    for _ in range(2):
        for user in ("U1", "U2"):
            await voice.tell(Buyer("slack", f"T1/{user}", user, "T1", "en"), PAID, key="sellers:closed")
        await voice.post("C9", PAID, key="sellers:closed")
    assert [message.said for message in first.seen()] == [message.said for message in second.seen()] == ["Paid"]
    assert [message.said for message in slack.public_posts()] == ["Paid"]


async def test_staff_posts_are_made_once_and_amended(slack: SlackStandIn, voice: SlackVoice) -> None:
    """A card in a staff channel is posted once per key, and replaced by its reference."""
    staff = slack.person("U9")
    slack.channel("C9", "staff")
    staff.join("C9")
    reference = await voice.post("C9", Card("Order T7"), key="1")
    assert await voice.post("C9", Card("Order T7"), key="1") == reference
    await voice.amend("C9", reference, Card("Order T7 shipped"))
    (post,) = staff.seen("C9")
    assert (post.said, post.edits) == ("Order T7 shipped", 1)
    with pytest.raises(Unreachable, match="channel_not_found"):
        await voice.post("C0", Card("Order T8"), key="2")


async def test_a_picture_that_slack_refuses_is_left_out(slack: SlackStandIn, voice: SlackVoice) -> None:
    """Where Slack refuses the blocks of a card with a picture, it goes without."""
    user = slack.person("U1")
    slack.refuse("chat.postMessage", "invalid_blocks")
    assert await voice.tell(buyer(), Card("Mug", picture="https://shop.test/mug.png"), key="1") == "sent"
    assert [block["type"] for block in user.seen()[0].blocks] == ["header"]
    slack.refuse("chat.postMessage", "invalid_blocks")
    with pytest.raises(Unreachable, match="invalid_blocks"):
        await voice.tell(buyer(), Card("Mug", actions=(Link("Pay", "https://pay.test"),)), key="2")


def test_replies_are_written_down_and_read() -> None:
    """A reply survives being kept; anything else reads as none; it dies after half an hour."""
    reply = Reply("https://hooks.slack.com/actions/T1/2/x", 1_000)
    assert Reply.unpacked(reply.packed()) == reply
    assert Reply.unpacked("") is None
    assert Reply.unpacked("soon https://x.test") is None
    assert reply.lives(1_000 + HOOK_SECONDS - 60)
    assert not reply.lives(1_000 + HOOK_SECONDS)


def test_held_cards_are_found_by_their_order_alone() -> None:
    """Another person's card, and a card that speaks of no order, are not found."""
    held = Held()
    reply = Reply("https://hooks.slack.com/actions/T1/2/x", 1_000)
    held.put("T1", "U1", "T7", reply)
    held.put("T1", "U1", "", reply)
    assert held.get("T1", "U1", "T7") == reply
    assert held.get("T1", "U2", "T7") is None
    assert held.get("T1", "U1", "") is None


async def test_one_message_a_second_a_channel(slack: SlackStandIn) -> None:
    """A second message in the same channel within a second is put off, not sent; another channel is not held up."""
    user = slack.person("U1")
    now = [100.0]
    connection = Connection(bot_token=slack.bot_token, api_base=slack.api_url, pace=Pace(clock=lambda: now[0]))
    voice = SlackVoice(connection)
    slack.channel("CSTAFF")
    await voice.tell(buyer(), PAID, key="1")
    await voice.post("CSTAFF", Card("Order T7"), key="2")
    with pytest.raises(Later) as later:
        await voice.tell(buyer(), Card("Shipped"), key="3")
    assert 0 < later.value.at.timestamp() - time.time() <= 1
    now[0] += 1.0
    assert await voice.tell(buyer(), Card("Shipped"), key="3") == "sent"
    assert [message.said for message in user.seen(user.direct)] == ["Paid", "Shipped"]
    assert slack.refusals == []
    await connection.aclose()


@pytest.mark.usefixtures("door")
async def test_an_answer_is_not_put_off(slack: SlackStandIn, connection: Connection) -> None:
    """Who waits for an answer gets it, though something was said to them a moment ago."""
    user = slack.person("U1")
    connection.pace.hold(user.direct, 60)
    await user.say("hello")
    await user.sees("Hello")
