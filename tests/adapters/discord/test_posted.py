"""Cards posted for everybody: pressed by anybody, answered to each alone, changed only by us."""

import pytest

from bot.chat import Button, Card, Progress
from bot.errors import Unreachable
from tests.adapters.discord.conftest import Stage

pytestmark = pytest.mark.parametrize("stage", ["gateway", "http"], indirect=True)


def window(stage: Stage, left: int = 12) -> Card:
    """Make a shop window: a picture, a price, a stock, a Buy button."""
    buy = next(command for command in stage.shelf.menu() if command.name == "buy")
    return Card(
        "Mug, blue",
        (("For your coffee",),),
        facts=(("Price", ("12.50 €",)), ("Left", (str(left),))),
        progress=Progress(3, 10, "3 of 10 €"),
        actions=(Button("Buy", buy, "mug/blue", style="primary"),),
        picture="https://shop.test/mug.jpg",
        private=False,
    )


async def test_it_stands_in_any_channel_with_its_picture(stage: Stage) -> None:
    """A public card is a message with the picture as a large image; a private one shows it small."""
    general = stage.guild.channels[0]
    await stage.door.post(str(general.id), window(stage), key="post:mug")
    (post,) = stage.platform.public_posts(general)
    assert post.embeds[0]["image"] == {"url": "https://shop.test/mug.jpg"}
    assert "thumbnail" not in post.embeds[0]
    assert post.text.splitlines()[0] == "Mug, blue"
    assert stage.ada.seen("Mug, blue") == stage.ben.seen("Mug, blue") == [post]


async def test_pressing_opens_the_private_form_for_whoever_presses(stage: Stage) -> None:
    """Each gets a form of their own with the product chosen, and an answer of their own; the post stays as it is."""
    await stage.door.post(str(stage.guild.channels[0].id), window(stage), key="post:mug")
    (post,) = stage.platform.public_posts()
    before = post.wire()
    for person in (stage.ada, stage.ben):
        opened = await person.press("Buy", post)
        assert opened.interaction.answered == 9
        assert person.fields()["Product"] == ["mug/blue"]
        answer = await person.fill({"Quantity": "2"})
        assert answer.post is not post
        assert answer.private
        assert answer.text.startswith("2 × mug/blue")
    assert not stage.ada.seen("T2")
    assert not stage.ben.seen("T1")
    assert post.wire() == before
    assert stage.platform.public_posts() == [post]


async def test_once_buy_has_ended_an_old_post_answers_with_the_notice(stage: Stage) -> None:
    """A press on a post that was not edited yet is answered privately by what holds now."""
    await stage.door.post(str(stage.guild.channels[0].id), window(stage), key="post:mug")
    stage.shelf.closed = True
    answer = await stage.ben.press("Buy")
    assert (answer.text, answer.private) == ("Buy has ended", True)


async def test_it_is_amended_in_place_and_works_on_after_a_restart(stage: Stage) -> None:
    """Stock changes in the same message, by its reference alone; buttons of before are pressed after."""
    channel = str(stage.guild.channels[0].id)
    reference = await stage.door.post(channel, window(stage), key="post:mug")
    await stage.restart()
    await stage.door.amend(channel, reference, window(stage, left=11))
    (post,) = stage.platform.public_posts()
    assert "Left: 11" in post.text
    assert (await stage.ben.press("Buy")).modal
    await stage.door.amend(channel, reference, Card("Buy has ended", private=False))
    assert (post.text, post.components, post.embeds[0].get("image")) == ("Buy has ended", [], None)


async def test_a_post_that_is_gone_or_forbidden_is_unreachable_for_good(stage: Stage) -> None:
    """A deleted post, and a channel that the bot may not write in, are not tried again."""
    channel = stage.guild.channels[0]
    reference = await stage.door.post(str(channel.id), window(stage), key="post:mug")
    stage.platform.public_posts()[0].deleted = True
    with pytest.raises(Unreachable) as gone:
        await stage.door.amend(str(channel.id), reference, window(stage))
    channel.muted = True
    with pytest.raises(Unreachable) as muted:
        await stage.door.post(str(channel.id), window(stage), key="post:cap")
    assert gone.value.for_good
    assert muted.value.for_good


async def test_the_same_post_is_shown_once(stage: Stage) -> None:
    """A job that is repeated posts no second window."""
    for _ in range(2):
        await stage.door.post(str(stage.guild.channels[0].id), window(stage), key="post:mug")
    assert len(stage.platform.public_posts()) == 1
