"""Text commands: answered in the channel without anything private, and to the person with everything."""

from bot.chat import Card
from tests.adapters.discord.conftest import Stage
from tests.platforms.discord import Post


def posted(stage: Stage) -> Post:
    """Give the one public post there is."""
    (post,) = stage.platform.public_posts()
    return post


async def test_a_private_answer_goes_by_direct_message(stage: Stage) -> None:
    """`!buy mug 2` is answered by direct message; the channel learns only that there is an answer."""
    await stage.ben.say("!buy mug/blue 2")
    told = await stage.ben.sees("2 × mug/blue")
    assert told.channel is stage.ben.dm
    await stage.ben.sees("direct messages")
    assert posted(stage).text == "The answer is in your direct messages; the button shows it to you alone.\nShow me"
    assert posted(stage).reference


async def test_where_direct_messages_are_closed_the_answer_waits_behind_a_button(stage: Stage) -> None:
    """The button shows the very same order to the one who asked, however often it is pressed, and to nobody else."""
    stage.ben.dms_closed = True
    said = await stage.ben.say("!buy mug/blue 2")
    await stage.ben.sees("for you alone")
    assert "mug" not in posted(stage).text
    for _ in range(2):
        answer = await stage.ben.press("Show me", post=posted(stage))
        assert (answer.private, "2 × mug/blue" in answer.text, "Order: T1" in answer.text) == (True, True, True)
    ctx, _ = stage.shelf.seen[-1]
    assert ctx.key == f"discord:{stage.ben.id}:{said.id}"
    assert ctx.reply
    assert list(stage.shelf.orders.values()) == ["T1"]


async def test_another_persons_button_is_refused(stage: Stage) -> None:
    """Whoever did not ask gets no answer from the button, and no order is made."""
    stage.ben.dms_closed = True
    await stage.ben.say("!buy mug/blue 2")
    await stage.ada.sees("Show me")
    answer = await stage.ada.press("Show me", post=posted(stage))
    assert answer.text == "Sorry\nNotYours"
    assert answer.private
    assert list(stage.shelf.orders.values()) == ["T1"]


async def test_a_form_is_opened_by_a_button(stage: Stage) -> None:
    """`!buy` alone cannot open a modal, so it offers a button that does, to the one who asked."""
    await stage.ben.say("!buy")
    post = await stage.ben.sees("Fill in the form")
    assert post.text == "Buy\nFill in the form"
    await stage.ben.press("Fill in the form")
    answer = await stage.ben.fill({"Product": "Cap"})
    assert answer.text.startswith("1 × cap")
    assert answer.private


async def test_help_answers_in_the_channel(stage: Stage) -> None:
    """A word nobody knows gets the help, which is no secret, as a reply that notifies nobody."""
    await stage.ben.say("!sell @everyone **now**")
    post = await stage.ben.sees("Help")
    assert not post.private
    assert r"sell \@everyone \*\*now\*\*" in post.text
    sent = [request.body for request in stage.platform.requests if request.path.endswith("/messages")]
    assert [body["allowed_mentions"] for body in sent] == [{"parse": [], "replied_user": False}]


async def test_a_mention_and_plain_words_in_direct_messages_work_too(stage: Stage) -> None:
    """The bot answers where it is named, and to whatever is said to it alone."""
    await stage.ben.say(f"<@{stage.platform.bot_id}> buy cap 1")
    await stage.ben.sees("1 × cap")
    await stage.ben.say("buy mug/red 1", channel=stage.ben.dm)
    told = await stage.ben.sees("1 × mug/red")
    assert told.channel is stage.ben.dm
    await stage.ben.say("buy", channel=stage.ben.dm)
    await stage.ben.sees("Fill in the form", private=True)


async def test_small_talk_is_left_alone(stage: Stage) -> None:
    """Talk that is not for the bot, the bot's own words and a lone prefix are not answered."""
    for text in ("buy mug 2", "!", "!!! wow", "! buy", "what a mug!"):
        await stage.ben.say(text)
    await stage.ben.say("!buy cap 1")
    await stage.ben.sees("direct messages")
    assert len(stage.platform.public_posts()) == 1


async def test_the_prefix_can_be_another_and_change_while_it_runs(stage: Stage) -> None:
    """What text commands begin with is asked anew at every message."""
    prefix = ["$"]
    await stage.restart(stage.make(prefix=lambda: prefix[0]))
    await stage.ben.say("!buy cap 1")
    await stage.ben.say("$buy cap 2")
    await stage.ben.sees("2 × cap")
    prefix[0] = "shop "
    await stage.ben.say("shop buy cap 3")
    await stage.ben.sees("3 × cap")
    assert not stage.ben.seen("1 × cap")


async def test_the_language_is_the_one_last_seen(stage: Stage) -> None:
    """A text message tells no language: the person's last interaction does, else the server's."""
    await stage.ada.say("!buy cap 1")
    await stage.ada.sees("direct messages")
    await stage.ada.slash("hello")
    await stage.ada.say("!acheter cap 2")
    await stage.ada.sees("messages privés")


async def test_kept_news_follows_a_direct_message_only(stage: Stage) -> None:
    """News that waits is told after an answer in direct messages, never in the channel."""
    stage.cards.kept = [Card("Your order was paid")]
    await stage.ben.say("!sell")
    await stage.ben.sees("Help")
    assert stage.cards.kept
    await stage.ben.say("!buy cap 1")
    assert (await stage.ben.sees("Your order was paid")).channel is stage.ben.dm


async def test_a_long_text_asks_again_in_the_form(stage: Stage) -> None:
    """Words that do not fit the button are not lost for the answer; the button opens the command's form."""
    stage.ben.dms_closed = True
    await stage.ben.say("!buy " + "very " * 20 + "mug")
    await stage.ben.sees("for you alone")
    await stage.ben.press("Show me")
    assert stage.ben.modal


async def test_without_the_message_content_intent_slash_commands_and_mentions_go_on(stage: Stage) -> None:
    """Where Discord does not grant the intent, the bot connects without it and still hears its name."""
    stage.platform.gateway.forbidden_intents = 1 << 15
    await stage.restart()
    assert (await stage.ben.slash("hello")).text.startswith("Hello")
    await stage.ben.say("!buy cap 1")
    await stage.ben.say(f"<@{stage.platform.bot_id}> buy cap 2")
    await stage.ben.sees("2 × cap")
    assert not stage.ben.seen("1 × cap")
