"""What stands in a channel for everybody, and what is asked in threads: answered to the one who asks, and edited in place."""

import pytest

from adapters.slack import SlackVoice
from adapters.slack.mrkdwn import typed
from bot.chat import Button, Card
from tests.adapters.slack.talk import SEEN, buy, cancel
from tests.platforms.slack import SlackStandIn

MUG = Card("Mug", (("12.50 €",),), picture="https://shop.test/mug.png", private=False, actions=(Button("Buy", buy),))


@pytest.mark.usefixtures("door")
async def test_a_posted_card_opens_the_form_of_whoever_presses(slack: SlackStandIn, voice: SlackVoice) -> None:
    """Two people press the same card: each gets a form and a private answer, and the card stays as it is."""
    people = [slack.person("U1"), slack.person("U2", locale="fr-FR")]
    for person in people:
        person.join("CSHOP")
    slack.channel("CSHOP").bot = True
    await voice.post("CSHOP", MUG, key="1")
    for person in people:
        await person.press("Buy", "CSHOP")
        await person.fill({"Product": "Cap"})
        card = await person.sees("1 × cap", "CSHOP")
        assert card.seen_by == person.id
    public = slack.public_posts()
    assert [posting.how for posting in public] == ["chat.postMessage"]
    assert "Mug" in public[0].said
    message = slack.workspace.channel("CSHOP").messages[0]
    assert [block["image_url"] for block in message.blocks if block["type"] == "image"] == ["https://shop.test/mug.png"]
    assert slack.refusals == []


@pytest.mark.usefixtures("door")
async def test_a_posted_card_is_amended_in_place(slack: SlackStandIn, voice: SlackVoice) -> None:
    """Stock, goal and notice change the card where it stands; its reference is good after a restart."""
    slack.channel("CSHOP")
    reference = await voice.post("CSHOP", MUG, key="1")
    await voice.amend("CSHOP", reference, Card("Mug, 3 left", private=False))
    shown = slack.workspace.channel("CSHOP").messages
    assert [(message.said, message.edits) for message in shown] == [("Mug, 3 left", 1)]


@pytest.mark.usefixtures("door")
async def test_a_step_pressed_in_public_answers_in_private(slack: SlackStandIn, voice: SlackVoice) -> None:
    """A button that runs a step leaves the card, says its answer to the one who pressed, and keeps no way to edit it."""
    user = slack.person("U1")
    user.join("CSHOP")
    slack.channel("CSHOP").bot = True
    await voice.post("CSHOP", Card("Order", private=False, actions=(Button("Cancel", cancel, "T7"),)), key="1")
    await user.press("Cancel", "CSHOP")
    assert (await user.sees("Cancelled T7")).seen_by == "U1"
    assert SEEN[-1].reply == ""
    assert len(slack.public_posts()) == 1


@pytest.mark.usefixtures("door")
async def test_a_direct_message_in_a_thread_is_answered_in_the_thread(slack: SlackStandIn) -> None:
    """Where somebody writes to the app in a thread, the answer stands in that thread."""
    user = slack.person("U1")
    await user.say("hello", thread="1.5")
    assert (await user.sees("Hello", user.direct)).thread_ts == "1.5"


def test_a_channel_is_understood_by_its_id() -> None:
    """A channel that is named in a command reaches it as its id, whatever it is called; people keep their names."""
    assert typed("shop post mug <#C9|general> for <@U2|bob>") == "shop post mug #C9 for bob"
    assert typed("<#C9>") == "#C9"
