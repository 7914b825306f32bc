"""Slash commands, completion, forms and buttons, as people see them."""

import asyncio

import pytest

from bot.chat import Card
from tests.adapters.discord.conftest import Stage
from tests.platforms.discord import DidNotRespondError

pytestmark = pytest.mark.parametrize("stage", ["gateway", "http"], indirect=True)


async def test_a_card_answers_at_once_and_for_one_alone(stage: Stage) -> None:
    """An opener's card is the acknowledgement itself, ephemeral, in the reader's language."""
    answer = await stage.ada.slash("hello")
    assert answer.interaction.answered == 4
    assert answer.private
    assert answer.text.startswith("Bonjour")
    assert f"discord:{stage.ada.id} in fr" in answer.text
    assert stage.platform.public_posts() == []


async def test_typed_options_run_the_step_and_edit_the_answer(stage: Stage) -> None:
    """/buy mug 2 is acknowledged privately first, then shows the order with its Pay link and Cancel button."""
    answer = await stage.ada.slash("acheter", article="mug/blue", quantité=2)
    assert answer.interaction.answered == 5
    assert answer.private
    assert answer.text.startswith("2 × mug/blue")
    assert stage.ada.link("Pay") == "https://pay.test/T7"
    assert "<t:1484913600:F>" in answer.text


async def test_the_interactions_id_is_the_key_and_its_token_the_reply(stage: Stage) -> None:
    """The core is handed the interaction's id, and the token with which the answer can be edited."""
    answer = await stage.ada.slash("buy", product="cap", quantity=1)
    ctx, _ = stage.shelf.seen[-1]
    assert ctx.key == f"discord:{stage.ada.id}:{answer.interaction.id}"
    assert ctx.reply == answer.interaction.token
    assert (ctx.person.workspace, ctx.place.private) == (str(stage.guild.id), False)


async def test_completion_suggests_as_one_types(stage: Stage) -> None:
    """An option with suggestions is completed, with at most 25 names of at most 100 characters."""
    assert await stage.ada.complete("buy", product="mu") == [("Mug, blue", "mug/blue"), ("Mug, red", "mug/red")]
    many = await stage.ada.complete("buy", product="many")
    assert len(many) == 25
    assert max(len(name) for name, _ in many) == 100


async def test_a_form_opens_as_a_modal_and_comes_back_filled(stage: Stage) -> None:
    """/buy alone opens a modal with a select and text fields; what is filled in reaches the step, with the form's value."""
    opened = await stage.ada.slash("buy")
    assert opened.interaction.answered == 9
    assert stage.ada.fields() == {"Product": [], "Quantity": "1", "Code": ""}
    answer = await stage.ada.fill({"Product": "Mug, blue", "Quantity": "3", "Code": "WELCOME10"})
    _, answers = stage.shelf.seen[-1]
    assert dict(answers.values) == {
        "product": ("mug/blue",),
        "quantity": ("3",),
        "code": ("WELCOME10",),
        "value": ("asked",),
    }
    assert answer.text.startswith("3 × mug/blue")
    assert answer.private


async def test_what_was_typed_stands_in_the_form(stage: Stage) -> None:
    """A product given without a quantity is chosen already when the form opens."""
    await stage.ada.slash("buy", product="mug/red")
    assert stage.ada.fields()["Product"] == ["mug/red"]


async def test_five_fields_and_an_introduction_fit_a_modal(stage: Stage) -> None:
    """The introduction of a full form moves below the first label; checks come back as many values."""
    await stage.ada.slash("donate")
    modal = stage.ada.modal
    assert modal
    assert [part["type"] for part in modal["components"]] == [18] * 5
    assert modal["components"][0]["description"] == "Thank you for giving."
    await stage.ada.fill({"Amount": "10", "Options": ["Anonymous", "Cover the fees"], "Dedication": "For Zoë\n# loud"})
    _, answers = stage.shelf.seen[-1]
    assert answers.many("options") == ("anonymous", "fees")
    assert (answers["cause"], answers["rhythm"]) == ("trees", "once")


async def test_errors_in_a_form_are_shown_with_a_way_back(stage: Stage) -> None:
    """A refused form answers with what is wrong, by label, and a button that opens it again as it was filled in."""
    await stage.ada.slash("buy")
    answer = await stage.ada.fill({"Product": "Cap", "Quantity": "0"})
    assert "Quantity: At least one" in answer.text
    assert answer.private
    assert stage.shelf.seen == []
    await stage.ada.press("Corriger")
    assert stage.ada.fields() == {"Product": ["cap"], "Quantity": "0", "Code": ""}
    answer = await stage.ada.fill({"Quantity": "2"})
    assert answer.text.startswith("2 × cap")
    assert stage.shelf.seen[-1][1].value == "asked"


async def test_a_form_whose_command_has_closed_meanwhile_shows_why(stage: Stage) -> None:
    """The way back leads through the command itself, so that it cannot open what has ended."""
    await stage.ada.slash("buy")
    await stage.ada.fill({"Product": "Cap", "Quantity": "0"})
    stage.shelf.closed = True
    assert (await stage.ada.press("Corriger")).text == "Buy has ended"


async def test_a_button_runs_its_step_in_a_message_of_its_own(stage: Stage) -> None:
    """Pressing Cancel answers privately, and the message that held the button stays as it is."""
    order = await stage.ada.slash("buy", product="cap", quantity=1)
    before = order.text
    answer = await stage.ada.press("Cancel")
    assert answer.text == "Cancelled T1"
    assert answer.private
    assert order.text == before


async def test_a_select_runs_its_step_with_what_was_chosen(stage: Stage) -> None:
    """A card of choices is a select, and the chosen value reaches the step."""
    await stage.ada.slash("buy", product="which")
    answer = await stage.ada.choose("Mug, red")
    assert answer.text.startswith("1 × mug/red")


async def test_a_button_that_names_a_command_opens_it(stage: Stage) -> None:
    """Without a value it opens the form; with one, the words are read as if they had been typed."""
    stage.platform.commands[None].append({"id": "1", "name": "sell", "description": "old", "options": []})
    await stage.ada.slash("sell")
    await stage.ada.press("Buy something")
    assert stage.ada.modal
    await stage.ada.press("Buy a cap")
    await stage.ada.sees("1 × cap", private=True)


async def test_buttons_outlive_the_process(stage: Stage) -> None:
    """After a restart a button, a select and a form of before still work."""
    await stage.ada.slash("buy", product="cap", quantity=1)
    await stage.ada.slash("buy", product="which")
    await stage.ada.slash("buy")
    await stage.restart()
    assert (await stage.ada.fill({"Product": "Cap"})).text.startswith("1 × cap")
    assert (await stage.ada.choose("Mug, red")).text.startswith("1 × mug/red")
    assert (await stage.ada.press("Cancel", post=stage.ada.screen()[0])).text == "Cancelled T1"


async def test_a_button_from_another_time_says_so(stage: Stage) -> None:
    """A custom_id that names nothing we know, or none of ours, is answered all the same."""
    answer = await stage.ada.slash("buy", product="cap", quantity=1)
    assert answer.post
    for custom_id in ("a1|buy.sold|x", "somebody else's", "a|", "p|x.y|z", "f|buy.place|"):
        answer.post.components[0]["components"][1]["custom_id"] = custom_id
        assert (await stage.ada.press("Cancel", post=answer.post)).text == "From another time"


async def test_a_refusal_and_a_crash_are_cards(stage: Stage) -> None:
    """Whatever becomes of a step, the person gets an answer, privately."""
    refused = await stage.ada.slash("buy", product="gone", quantity=1)
    assert (refused.text, refused.private) == ("Sorry\nSoldOut", True)
    broken = await stage.ada.slash("boom")
    assert (broken.text, broken.private) == ("Trouble", True)


async def test_a_command_that_is_no_longer_there_gets_the_help(stage: Stage) -> None:
    """A slash command registered by an older version is answered with the help."""
    stage.platform.commands[None].append({"id": "1", "name": "sell", "description": "old", "options": []})
    answer = await stage.ada.slash("sell")
    assert answer.text.startswith("Help")


async def test_kept_news_is_told_privately_at_the_next_word(stage: Stage) -> None:
    """News that could not be told follows the next answer, for this person alone."""
    stage.cards.kept = [Card("Your order was paid")]
    await stage.ada.slash("hello")
    told = await stage.ada.sees("Your order was paid")
    assert told.private
    assert not stage.ben.seen("Your order was paid")


async def test_a_press_acknowledged_too_late_does_nothing(stage: Stage) -> None:
    """A step does not run when its acknowledgement is refused: the person was told that it failed."""
    post = (await stage.ada.slash("buy", product="cap", quantity=1)).post
    before = len(stage.shelf.seen)
    stage.platform.fail("POST", r"/interactions/.*/callback", status=404, code=10062)
    pressing = asyncio.create_task(stage.ada.press("Cancel", post=post, wait=False))
    answer = await pressing
    await stage.platform.changes.until(lambda: stage.platform.requests[-1].status == 404, lambda: "nothing was sent")
    stage.platform.advance(4)
    with pytest.raises(DidNotRespondError):
        await answer.settled()
    assert len(stage.shelf.seen) == before


async def test_commands_work_in_direct_messages(stage: Stage) -> None:
    """In direct messages a command is answered as anywhere, and the place is private."""
    answer = await stage.ada.slash("buy", product="cap", quantity=1, channel=stage.ada.dm)
    assert answer.text.startswith("1 × cap")
    assert stage.shelf.seen[-1][0].place.private
