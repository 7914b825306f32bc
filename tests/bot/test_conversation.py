"""The conversation: whatever is said, typed or pressed gets an answer, and what is not for somebody is not shown to them."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat import Answers, Button, Card, Choice, Command, Context, Form, Step, TextField, Then
from bot.conversation import Conversation
from bot.errors import Refused, SoldOut, StoreUnavailable
from commands.menu import MENU
from commands.replies import Replies
from config.words import Words
from tests.bot.rig import SHOP, Rig, World, opened


@pytest.mark.parametrize("said", ["hello", "", "   ", "/", "/nonsense 12", "!!", "\u00a0", "🫖", "/shop", "a" * 5000])
async def test_unknown_words_get_help(rig: Rig, said: str) -> None:
    """Whatever is not understood is answered with what can be said; of admins' commands nobody else hears."""
    card = await rig.say(said)
    assert "what you can say" in card.title
    assert "For admins" not in str(card.text)
    assert [action.to.id for action in card.actions if isinstance(action, Button)] == ["buy", "donate", "orders"]


async def test_admins_commands_show_to_admins_alone(rig: Rig) -> None:
    """`/shop` answers an admin, stands in an admin's help, and is unknown to anybody else by every way in."""
    assert (await rig.say("/shop", "boss")).title == "How the shop stands"
    assert "/shop" in str((await rig.say("/help", "boss")).text)
    shop = next(command for command in MENU if command.name == "shop")
    ctx = await rig.context("eve")
    opened_ = rig.house.conversation.open(ctx, shop, {"action": "status"})
    assert isinstance(opened_, Card)
    assert "what you can say" in opened_.title
    pressed = await rig.press("shop", "ship X", "eve")
    assert "what you can say" in pressed.title


@pytest.mark.parametrize(
    "said", ["/buy mug/blue", "!buy mug/blue", "buy mug/blue", "/BUY mug/blue", "/acheter mug/blue"]
)
async def test_a_command_is_known_by_its_name_in_any_language(rig: Rig, said: str) -> None:
    """With a slash, an exclamation mark or nothing, in any case, in English or French."""
    assert (await rig.say(said)).state == "awaiting"


@pytest.mark.parametrize("gap", [" ", "  ", "\t", "\n", "\u00a0"])
async def test_any_white_space_parts_a_command_from_its_words(rig: Rig, gap: str) -> None:
    """A tab, a line break or a no-break space is as good as a space."""
    assert (await rig.say(f" /buy{gap}mug/blue{gap}2")).state == "awaiting"
    assert (await rig.mine())[0].lines[0].quantity == 2


async def test_a_button_of_a_step_that_is_gone_says_how_to_go_on(rig: Rig) -> None:
    """An id nobody knows any more gets the card that says so, with the ways to begin again."""
    card = await rig.press("buy.of_long_ago", "mug")
    assert card.title == "This button is from another time"
    assert card.actions
    assert rig.house.conversation.wrong(await rig.context(), "buy.of_long_ago", Answers()) == {}


class _Broken(Replies):
    """Replies whose kept news cannot be read."""

    def missed(self, ctx: Context) -> NoReturn:  # noqa: ARG002 - the port's shape
        raise StoreUnavailable


def _conversation(rig: Rig, *commands: Command, aliases: dict[str, str] | None = None) -> Conversation:
    till = rig.house.telling.till
    return Conversation(
        commands, till=till, shop=rig.live, language=Words.load(), clock=rig.time, cards=_Broken(), aliases=aliases
    )


def _failing(error: Exception) -> Command:
    """Make a command that goes wrong wherever it can."""
    command = Command("help")

    @command.opens
    def ask(ctx: Context, typed: object) -> Card:
        raise error

    @command.step
    async def go(ctx: Context, answers: Answers) -> Card:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (SoldOut("Mug"), "Sold out"),
        (Refused(), "That does not work"),
        (RuntimeError("secret of the inside"), "Something went wrong on our side"),
        (StoreUnavailable("disk"), "Something went wrong on our side"),
        (LookupError("water"), "Something went wrong on our side"),
    ],
)
async def test_whatever_goes_wrong_is_a_card(rig: Rig, error: Exception, title: str) -> None:
    """A refusal says why, a crash says that it was ours; neither lets the inside out, and kept news never fails a word."""
    talk = _conversation(rig, _failing(error))
    ctx = await rig.context()
    heard, pressed = talk.hear(ctx, "/help"), talk.press(ctx, "help.go", Answers())
    assert isinstance(heard, Card)
    assert isinstance(pressed, Then)
    ran = await talk.run(ctx, pressed)
    assert heard.title == ran.title == title
    assert "secret" not in str(heard) + str(ran)
    async with talk.missed(ctx) as kept:
        assert list(kept) == []


async def test_an_old_id_leads_to_the_step_that_took_its_place(rig: Rig) -> None:
    """An alias keeps buttons in old messages alive."""
    command = Command("help")

    @command.step
    async def fresh(ctx: Context, answers: Answers) -> Card:
        return Card(answers.value)

    talk = _conversation(rig, command, aliases={"help.stale": "help.fresh"})
    ctx = await rig.context()
    for action in ("help.fresh", "help.stale"):
        pressed = talk.press(ctx, action, Answers.of(value="x"))
        assert isinstance(pressed, Then)
        assert (await talk.run(ctx, pressed)).title == "x"


async def test_suggestions_are_what_can_be_bought(rig: Rig) -> None:
    """Completion gives variants with their prices, leaves out what is sold out, and knows nothing of other options."""
    await rig.place("print")
    talk, ctx = rig.house.conversation, await rig.context()
    everything = talk.suggest(ctx, "buy.product", "")
    assert Choice("mug/blue", "Mug, blue · €12.50") in everything
    assert "print" not in [choice.value for choice in everything]
    assert [choice.value for choice in talk.suggest(ctx, "buy.product", "mugg blu")] == ["mug/blue"]
    assert list(talk.suggest(ctx, "buy.nothing", "m")) == list(talk.suggest(ctx, "x", "m")) == []


async def test_a_form_says_what_is_wrong_in_its_field(rig: Rig) -> None:
    """Each mistake stands at the field it was made in, before the form is acknowledged."""
    talk, ctx = rig.house.conversation, await rig.context()

    def wrong(action: str, **typed: str) -> list[str]:
        return list(talk.wrong(ctx, action, Answers.of(**typed)))

    assert wrong("buy.place", product="mug/blue", quantity="2", code="") == []
    assert wrong("buy.place", product="mug/blue", quantity="two") == ["quantity"]
    assert wrong("buy.place", product="mug/blue", quantity="7") == ["quantity"]
    assert wrong("buy.place", product="nothing at all", quantity="1") == ["product"]
    assert wrong("buy.place", product="mug/blue", quantity="1", code="NONE") == ["code"]
    assert wrong("donate.give", cause="water", amount="12,50 €") == []
    assert wrong("donate.give", cause="water", amount="1,234") == ["amount"]
    assert wrong("donate.give", cause="water", amount="0.10") == ["amount"]
    assert wrong("donate.give", cause="nobody", amount="10") == ["cause"]


@given(
    action=st.sampled_from(sorted(step for command in MENU for step in command.steps)),
    value=st.text(max_size=30),
    fields=st.dictionaries(
        st.sampled_from(["product", "quantity", "code", "cause", "amount", "rhythm", "dedication", "options", "note"]),
        st.text(max_size=30) | st.sampled_from(["mug/blue", "water", "1", "12.50", "monthly"]),
    ),
    said=st.text(max_size=40) | st.sampled_from(["/buy mug 2", "/donate 5", "/orders"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, action: str, value: str, fields: dict[str, str], said: str
) -> None:
    """Any text and any press with any values is answered, and never with trouble of our own making."""

    async def talk() -> None:
        async with opened(World(tmp_path_factory.mktemp("talk"))) as rig:
            conversation, ctx = rig.house.conversation, await rig.context("boss")
            answers = Answers.of(**{"value": value, **fields})
            conversation.wrong(ctx, action, answers)
            for reply in (conversation.hear(ctx, said), conversation.press(ctx, action, answers)):
                answer = await conversation.run(ctx, reply) if isinstance(reply, Then) else reply
                assert answer.title
                assert not (isinstance(answer, Card) and answer.tone == "bad"), answer

    asyncio.run(talk())


async def test_a_shop_with_nothing_left_says_so(world: World) -> None:
    """Where everything is sold out `/buy` says so, rather than to show a form without choices; `/donate` without causes too."""
    shop = SHOP[: SHOP.index("[product.mug]")] + SHOP[SHOP.index("[product.print]") : SHOP.index("[product.zine]")]
    world.text = shop + SHOP[SHOP.index("[notify]") :]
    async with opened(world) as rig:
        await rig.place("print")
        card = await rig.say("/buy")
        assert card.text == (("Everything is sold out at the moment.",),)
        assert (await rig.say("/buy print", "bob")).title == "Sold out"
        assert (await rig.say("/donate")).text == (("No cause takes gifts here.",),)


async def test_many_variants_are_all_offered(world: World) -> None:
    """A product of twelve sizes is offered as a list of all twelve, one of three as buttons."""
    sizes = "".join(f'\n[product.shirt.variant.s{n}]\nname = "size {n}"\n' for n in range(12))
    world.text = SHOP + '\n[product.shirt]\nname = "Shirt"\nprice = "20.00"\n' + sizes
    async with opened(world) as rig:
        card = await rig.say("/buy shirt 2 code WELCOME10")
        (chooser,) = card.actions
        assert not isinstance(chooser, Button)
        choices = chooser.choices  # type: ignore[union-attr]  # a Select
        assert len(choices) == 12
        chosen = await rig.press("buy.choose", choices[11].value)
        assert chosen.facts[0][0] == "2 × Shirt, size 11"
        assert "WELCOME10" in chosen.facts[1][0]
        assert len((await rig.say("/buy mug")).actions) == 2


def test_a_form_has_five_fields_at_most_and_a_value_fits_a_button() -> None:
    """More fields than Discord shows, or a longer value than it carries, is an error where it is written."""
    step = Step("x.y", _step)
    fields = tuple(TextField(f"f{n}", "F") for n in range(6))
    assert len(Form("t", fields[:5], "go", step).fields) == 5
    with pytest.raises(ValueError, match="5 at most"):
        Form("t", fields, "go", step)
    with pytest.raises(ValueError, match="80 at most"):
        Button("b", step, "x" * 81)
    command = Command("x")
    command.step(_step)
    with pytest.raises(ValueError, match="exists already"):
        command.step(_step)
    with pytest.raises(TypeError, match="no opener"):
        command.open(None, {})  # type: ignore[arg-type]  # it has none, whoever asks


async def _step(ctx: Context, answers: Answers) -> Card:
    return Card("x")
