"""The Discord stand-in itself: what discord.py gets from it, and that it refuses what Discord refuses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest
from discord import ui
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from tests.platforms.discord import DidNotRespondError, DiscordStandIn, Guild, NotOnScreenError, Person

Handler = Callable[[discord.Interaction], Awaitable[None]]


class Bot(discord.Client):
    """The smallest client: it gives every interaction to one function and keeps every message."""

    def __init__(self, intents: discord.Intents) -> None:
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), guild_ready_timeout=0.01)
        self.handler: Handler | None = None
        self.heard: list[discord.Message] = []
        self.refused: list[discord.HTTPException] = []
        self.done = asyncio.Event()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Let the test answer."""
        assert self.handler is not None
        try:
            await self.handler(interaction)
        except discord.HTTPException as error:
            self.refused.append(error)
        self.done.set()

    async def on_message(self, message: discord.Message) -> None:
        """Keep it."""
        self.heard.append(message)


@pytest.fixture
async def stand_in() -> AsyncIterator[DiscordStandIn]:
    """One Discord, running."""
    async with DiscordStandIn() as running:
        yield running


@pytest.fixture
def guild(stand_in: DiscordStandIn) -> Guild:
    return stand_in.guild()


@pytest.fixture
def ada(stand_in: DiscordStandIn, guild: Guild) -> Person:
    return stand_in.person("ada", locale="fr", guild=guild)


@asynccontextmanager
async def connected(
    stand_in: DiscordStandIn, monkeypatch: pytest.MonkeyPatch, intents: discord.Intents
) -> AsyncIterator[Bot]:
    monkeypatch.setattr(Route, "BASE", stand_in.api_base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(stand_in.gateway_url))
    bot = Bot(intents)
    await bot.login(stand_in.token)
    task = asyncio.create_task(bot.connect())
    try:
        await stand_in.connected()
        yield bot
    finally:
        await bot.close()
        await task


@pytest.fixture
async def bot(stand_in: DiscordStandIn, guild: Guild, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """Connect a client that may read messages."""
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
    async with connected(stand_in, monkeypatch, intents) as running:
        await running.http.bulk_upsert_global_commands(stand_in.application_id, [BUY])
        yield running


BUY: dict[str, Any] = {
    "name": "buy",
    "name_localizations": {"fr": "acheter"},
    "description": "Buy something",
    "options": [
        {"type": 3, "name": "product", "description": "What", "autocomplete": True},
        {"type": 4, "name": "quantity", "description": "How many", "min_value": 1},
    ],
}


def modal() -> ui.Modal:
    form = ui.Modal(title="Buy", custom_id="form")
    form.add_item(ui.Label(text="Code", component=ui.TextInput(custom_id="code", required=False)))
    options = [
        discord.SelectOption(label="Mug, blue", value="mug/blue"),
        discord.SelectOption(label="Cap", value="cap"),
    ]
    form.add_item(ui.Label(text="Product", component=ui.Select(custom_id="product", options=options)))
    return form


def buttons(*labels: str) -> ui.View:
    view = ui.View(timeout=None)
    for label in labels:
        view.add_item(ui.Button(label=label, custom_id=label.lower()))
    view.stop()
    return view


async def refused(ada: Person, bot: Bot, handler: Handler) -> discord.HTTPException:
    """Let the bot answer a slash command wrongly and give what Discord said to it."""
    bot.handler = handler
    bot.done.clear()
    await ada.slash("buy", wait=False)
    await asyncio.wait_for(bot.done.wait(), 5)
    assert bot.refused
    return bot.refused[0]


async def test_a_slash_command_with_typed_options_is_answered_for_one_alone(
    bot: Bot, ada: Person, stand_in: DiscordStandIn, guild: Guild
) -> None:
    """Options arrive typed, the locale with them, and an ephemeral reply is seen by nobody else."""
    seen: dict[str, Any] = {}

    async def reply(interaction: discord.Interaction) -> None:
        seen.update(interaction.data or {}, locale=interaction.locale.value, guild=interaction.guild_id)
        await interaction.response.send_message("Here", ephemeral=True)

    bot.handler = reply
    answer = await ada.slash("acheter", product="mug", quantity=2)
    other = stand_in.person("ben", guild=guild)
    assert [(o["name"], o["type"], o["value"]) for o in seen["options"]] == [("product", 3, "mug"), ("quantity", 4, 2)]
    assert (seen["locale"], seen["guild"]) == ("fr", guild.id)
    assert answer.text == "Here"
    assert answer.private
    assert ada.seen("Here")
    assert not other.seen("Here")
    assert stand_in.public_posts() == []


async def test_a_deferred_answer_is_edited_later(bot: Bot, ada: Person) -> None:
    """After a deferral the person sees the outcome once the original response is edited."""

    async def reply(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(embed=discord.Embed(title="Order"), view=buttons("Cancel"))

    bot.handler = reply
    answer = await ada.slash("buy")
    assert answer.text == "Order\nCancel"
    assert answer.private


async def test_completion_modal_button_and_select_arrive_as_discord_sends_them(bot: Bot, ada: Person) -> None:
    """Autocomplete, a submitted modal and a pressed button carry what was typed, chosen and pressed."""
    seen: list[dict[str, Any]] = []

    async def reply(interaction: discord.Interaction) -> None:
        seen.append(dict(interaction.data or {}))
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([discord.app_commands.Choice(name="Mug, blue", value="mug/blue")])
        elif interaction.type is discord.InteractionType.application_command:
            await interaction.response.send_modal(modal())
        elif interaction.type is discord.InteractionType.modal_submit:
            await interaction.response.send_message("Done", view=buttons("Cancel"), ephemeral=True)
        else:
            await interaction.response.edit_message(content="Cancelled", view=None)

    bot.handler = reply
    assert await ada.complete("buy", product="mu") == [("Mug, blue", "mug/blue")]
    assert seen[-1]["options"] == [{"name": "product", "type": 3, "value": "mu", "focused": True}]
    await ada.slash("buy")
    assert ada.fields() == {"Code": "", "Product": []}
    await ada.fill({"Product": "Mug, blue"})
    fields = {part["component"]["custom_id"]: part["component"] for part in seen[-1]["components"]}
    assert (fields["code"]["value"], fields["product"]["values"]) == ("", ["mug/blue"])
    assert ada.modal is None
    await ada.press("Cancel")
    assert (seen[-1]["component_type"], seen[-1]["custom_id"]) == (2, "cancel")
    assert ada.screen()[-1].text == "Cancelled"


async def test_a_client_lets_nobody_send_what_it_would_not(bot: Bot, ada: Person) -> None:
    """An unknown command, a wrong option, a field left empty and a missing button are the person's own mistake."""

    async def reply(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(modal())

    bot.handler = reply
    for wrong in (ada.slash("sell"), ada.slash("buy", colour="red"), ada.slash("buy", quantity=0), ada.press("Pay")):
        with pytest.raises(NotOnScreenError):
            await wrong
    await ada.slash("buy")
    with pytest.raises(NotOnScreenError, match="Product"):
        await ada.fill()


async def test_messages_come_with_their_content_only_to_those_who_may_read_it(
    stand_in: DiscordStandIn, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the message content intent a guild's messages are empty unless they name the bot; direct ones are not."""
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with connected(stand_in, monkeypatch, intents) as bot:
        await ada.say("!buy mug")
        await ada.say(f"<@{stand_in.bot_id}> buy mug")
        await ada.say("!buy mug", channel=ada.dm)
        await stand_in.changes.until(lambda: len(bot.heard) == 3, lambda: f"{len(bot.heard)} messages came")
    assert [message.content for message in bot.heard] == ["", f"<@{stand_in.bot_id}> buy mug", "!buy mug"]


async def test_direct_messages_can_be_closed(bot: Bot, ada: Person, stand_in: DiscordStandIn) -> None:
    """A direct message reaches the person alone, or is refused with 50007 where they take none."""
    user = await bot.fetch_user(ada.id)
    await user.send("Paid")
    assert (await ada.sees("Paid")).private
    assert stand_in.public_posts() == []
    ada.dms_closed = True
    with pytest.raises(discord.Forbidden) as caught:
        await user.send("Shipped")
    assert caught.value.code == 50007


async def test_a_public_post_is_seen_by_the_channel(bot: Bot, ada: Person, stand_in: DiscordStandIn) -> None:
    """What is posted in a channel counts as public, can be edited, and its buttons can be pressed."""
    channel = bot.get_channel(stand_in.guilds[0].channels[0].id)
    assert isinstance(channel, discord.TextChannel)
    message = await channel.send("Hello", view=buttons("Buy"))
    await message.edit(content="Hello again")
    assert [post.text for post in stand_in.public_posts()] == ["Hello again\nBuy"]
    stand_in.guilds[0].channels[0].forbidden = True
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("Hello")
    assert caught.value.code == 50001


async def test_a_second_acknowledgement_is_refused(bot: Bot, ada: Person) -> None:
    """An interaction is answered once: 40060."""

    async def twice(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        interaction.response._response_type = None
        await interaction.response.send_message("again")

    assert (await refused(ada, bot, twice)).code == 40060


async def test_a_late_acknowledgement_is_refused(bot: Bot, ada: Person, stand_in: DiscordStandIn) -> None:
    """After three seconds the interaction is unknown (10062), and the person is told that nobody answered."""

    async def late(interaction: discord.Interaction) -> None:
        stand_in.advance(3.1)
        await interaction.response.send_message("late")

    assert (await refused(ada, bot, late)).code == 10062
    bot.handler = late
    with pytest.raises(DidNotRespondError):
        await ada.slash("buy")


async def test_a_modal_after_a_deferral_is_refused(bot: Bot, ada: Person) -> None:
    """A deferral is an answer, so that no modal can follow it."""

    async def modal_late(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        interaction.response._response_type = None
        await interaction.response.send_modal(modal())

    assert (await refused(ada, bot, modal_late)).code == 40060


async def test_a_modal_in_answer_to_a_modal_is_refused(bot: Bot, ada: Person) -> None:
    """A submitted modal cannot be answered with another one: 50035."""

    async def always(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(modal())

    bot.handler = always
    await ada.slash("buy")
    bot.done.clear()
    await ada.fill({"Product": "Cap"}, wait=False)
    await asyncio.wait_for(bot.done.wait(), 5)
    assert bot.refused[0].code == 50035
    assert ada.modal is not None


async def test_nothing_follows_an_unanswered_or_an_old_interaction(
    bot: Bot, ada: Person, stand_in: DiscordStandIn
) -> None:
    """A follow-up needs an answer first (10015), and a token that is at most fifteen minutes old (50027)."""

    async def early(interaction: discord.Interaction) -> None:
        await interaction.followup.send("early")

    assert (await refused(ada, bot, early)).code == 10015
    bot.refused.clear()

    async def old(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("first", ephemeral=True)
        stand_in.advance(15 * 60 + 1)
        await interaction.edit_original_response(content="later")

    assert (await refused(ada, bot, old)).code == 50027


async def raw(interaction: discord.Interaction, payload: dict[str, Any]) -> None:
    """Answer with a body that discord.py itself would not make."""
    route = Route(
        "POST",
        "/interactions/{webhook_id}/{webhook_token}/callback",
        webhook_id=interaction.id,
        webhook_token=interaction.token,
    )
    await interaction.client.http.request(route, json=payload)


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Pay", "custom_id": "pay", **changes}


def option(value: str) -> dict[str, Any]:
    return {"label": value, "value": value}


def select(count: int, **changes: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "s", "options": [option(str(number)) for number in range(count)], **changes}


def text_field(**changes: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "t", "style": 1, **changes}


def labelled(component: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Field", "component": component, **changes}


def form(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": 9, "data": {"custom_id": "f", "title": "Form", "components": list(fields), **changes}}


def say(**data: Any) -> dict[str, Any]:
    return {"type": 4, "data": data}


def embed(**parts: Any) -> dict[str, Any]:
    return say(embeds=[parts])


WRONG: dict[str, dict[str, Any]] = {
    "unknown field": say(content="x", colour=1),
    "content over 2000": say(content="x" * 2001),
    "title over 256": embed(title="x" * 257),
    "description over 4096": embed(description="x" * 4097),
    "26 fields": embed(fields=[{"name": "n", "value": "v"}] * 26),
    "field name over 256": embed(fields=[{"name": "n" * 257, "value": "v"}]),
    "field value over 1024": embed(fields=[{"name": "n", "value": "v" * 1025}]),
    "field without a value": embed(fields=[{"name": "n", "value": " "}]),
    "embeds over 6000": say(embeds=[{"description": "x" * 4000}, {"description": "x" * 2001}]),
    "11 embeds": say(embeds=[{"title": "t"}] * 11),
    "6 rows": say(content="x", components=[row(button(custom_id=str(n))) for n in range(6)]),
    "6 buttons in a row": say(content="x", components=[row(*(button(custom_id=str(n)) for n in range(6)))]),
    "an empty row": say(content="x", components=[row()]),
    "a button outside a row": say(content="x", components=[button()]),
    "button label over 80": say(content="x", components=[row(button(label="x" * 81))]),
    "button without a custom id": say(content="x", components=[row({"type": 2, "style": 1, "label": "Pay"})]),
    "custom id over 100": say(content="x", components=[row(button(custom_id="x" * 101))]),
    "custom id used twice": say(content="x", components=[row(button(), button())]),
    "link with a custom id": say(content="x", components=[row(button(style=5, url="https://example.org"))]),
    "link over 512": say(
        content="x", components=[row({"type": 2, "style": 5, "label": "x", "url": "https://example.org/" + "x" * 500})]
    ),
    "link to nowhere": say(content="x", components=[row({"type": 2, "style": 5, "label": "x", "url": "mug"})]),
    "26 options": say(content="x", components=[row(select(26))]),
    "option used twice": say(content="x", components=[row(select(0, options=[option("a"), option("a")]))]),
    "a select beside a button": say(content="x", components=[row(select(2), button())]),
    "a text input in a message": say(content="x", components=[row(text_field())]),
    "flags that are not one's own": say(content="x", flags=1 << 7),
    "modal title over 45": form(labelled(text_field()), title="x" * 46),
    "modal custom id over 100": form(labelled(text_field()), custom_id="x" * 101),
    "modal without fields": form(),
    "modal of 6 fields": form(*(labelled(text_field(custom_id=str(n))) for n in range(6))),
    "label over 45": form(labelled(text_field(), label="x" * 46)),
    "label description over 100": form(labelled(text_field(), description="x" * 101)),
    "text input with a label of its own": form(labelled(text_field(label="own"))),
    "placeholder over 100": form(labelled(text_field(placeholder="x" * 101))),
    "value longer than the field": form(labelled(text_field(value="xxx", max_length=2))),
    "disabled in a modal": form(labelled(select(2, disabled=True))),
    "required select of none": form(labelled(select(2, min_values=0))),
    "button in a modal": form(labelled(button())),
    "modal field without a label": form(text_field()),
    "suggestions for a command": {"type": 8, "data": {"choices": []}},
    "update of a slash command": {"type": 7, "data": {"content": "x"}},
}


@pytest.mark.parametrize("payload", WRONG.values(), ids=WRONG.keys())
async def test_a_body_beyond_the_limits_is_refused(bot: Bot, ada: Person, payload: dict[str, Any]) -> None:
    """What is too long, too many, misplaced or unknown is refused with 50035 and leaves no trace."""
    error = await refused(ada, bot, lambda interaction: raw(interaction, payload))
    assert (error.status, error.code) == (400, 50035)
    assert ada.screen() == []
    assert ada.modal is None


RIGHT: dict[str, dict[str, Any]] = {
    "content of 2000": say(content="x" * 2000),
    "embed at its limits": embed(
        title="x" * 256, description="x" * 4000, fields=[{"name": "n" * 256, "value": "v" * 1024}]
    ),
    "25 fields": embed(fields=[{"name": "n", "value": "v"}] * 25),
    "5 rows of 5": say(components=[row(*(button(custom_id=f"{r}{n}") for n in range(5))) for r in range(5)]),
    "25 options": say(components=[row(select(25))]),
    "modal of 5": form(*(labelled(text_field(custom_id=str(n)), label="x" * 45) for n in range(5)), title="x" * 45),
    "optional select": form(labelled(select(2, required=False))),
    "a paragraph and a text": form({"type": 10, "content": "Hello"}, labelled(text_field(style=2, value="x"))),
}


@pytest.mark.parametrize("payload", RIGHT.values(), ids=RIGHT.keys())
async def test_a_body_at_the_limits_is_accepted(bot: Bot, ada: Person, payload: dict[str, Any]) -> None:
    """The limits themselves still fit."""
    bot.handler = lambda interaction: raw(interaction, payload)
    await ada.slash("buy")
    assert bool(ada.screen()) is not bool(ada.modal)


async def test_too_many_or_too_long_suggestions_are_refused(bot: Bot, ada: Person) -> None:
    """Autocomplete takes 25 choices of at most 100 characters."""
    choice = discord.app_commands.Choice
    for wrong in ([choice(name=str(n), value=str(n)) for n in range(26)], [choice(name="x" * 101, value="x")]):

        async def reply(interaction: discord.Interaction, wrong: list[Any] = wrong) -> None:
            await interaction.response.autocomplete(wrong)

        bot.handler = reply
        bot.done.clear()
        typing = asyncio.create_task(ada.complete("buy", product="x"))
        await asyncio.wait_for(bot.done.wait(), 5)
        typing.cancel()
        assert bot.refused.pop().code == 50035


def command(**changes: Any) -> dict[str, Any]:
    return {"name": "buy", "description": "Buy", **changes}


def typed(name: str, **changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "What", **changes}


BAD_COMMANDS: dict[str, list[dict[str, Any]]] = {
    "capital in a name": [command(name="Buy")],
    "blank in a name": [command(name="buy now")],
    "name over 32": [command(name="x" * 33)],
    "two of one name": [command(), command()],
    "no description": [{"name": "buy"}],
    "description over 100": [command(description="x" * 101)],
    "unknown locale": [command(name_localizations={"fr-FR": "acheter"})],
    "localised name with a capital": [command(name_localizations={"fr": "Acheter"})],
    "two of one localised name": [command(), command(name="get", name_localizations={"fr": "buy"})],
    "26 options": [command(options=[typed(f"o{n}") for n in range(26)])],
    "required after optional": [command(options=[typed("a"), typed("b", required=True)])],
    "autocomplete with choices": [
        command(options=[typed("a", autocomplete=True, choices=[{"name": "x", "value": "x"}])])
    ],
    "26 choices": [command(options=[typed("a", choices=[{"name": str(n), "value": str(n)} for n in range(26)])])],
    "unknown field": [command(colour="red")],
    "101 commands": [command(name=f"c{n}") for n in range(101)],
}


@pytest.mark.parametrize("commands", BAD_COMMANDS.values(), ids=BAD_COMMANDS.keys())
async def test_wrong_commands_are_refused(bot: Bot, stand_in: DiscordStandIn, commands: list[dict[str, Any]]) -> None:
    """A set of commands with one fault is refused as a whole, and the old one stays."""
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.bulk_upsert_global_commands(stand_in.application_id, commands)
    assert caught.value.code == 50035
    assert [known["name"] for known in stand_in.commands[None]] == ["buy"]


async def test_a_wrong_token_is_refused(stand_in: DiscordStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody logs in with another token, over REST or at the gateway."""
    monkeypatch.setattr(Route, "BASE", stand_in.api_base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(stand_in.gateway_url))
    stranger = Bot(discord.Intents(guilds=True))
    with pytest.raises(discord.LoginFailure):
        await stranger.login("wrong")
    await stranger.close()
    bot = Bot(discord.Intents(guilds=True))
    await bot.login(stand_in.token)
    bot.http.token = "wrong"
    with pytest.raises(discord.ConnectionClosed) as caught:
        await bot.connect(reconnect=False)
    assert caught.value.code == 4004
    await bot.close()


async def test_a_privileged_intent_can_be_withheld(stand_in: DiscordStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that asks for an intent it was not granted is closed with 4014."""
    monkeypatch.setattr(Route, "BASE", stand_in.api_base)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", URL(stand_in.gateway_url))
    stand_in.gateway.forbidden_intents = discord.Intents(message_content=True).value
    bot = Bot(discord.Intents(guilds=True, message_content=True))
    await bot.login(stand_in.token)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await bot.connect()
    await bot.close()


async def test_a_dropped_client_resumes_and_misses_nothing(bot: Bot, stand_in: DiscordStandIn, ada: Person) -> None:
    """What is said while the line is cut arrives, once, when discord.py has resumed."""
    await ada.say("before")
    await stand_in.changes.until(lambda: bool(bot.heard), lambda: "nothing came")
    await stand_in.gateway.drop()
    await ada.say("meanwhile")
    await stand_in.connected()
    await ada.say("after")
    await stand_in.changes.until(lambda: len(bot.heard) == 3, lambda: f"{len(bot.heard)} messages came")
    assert [message.content for message in bot.heard] == ["before", "meanwhile", "after"]


async def test_failures_can_be_asked_for(bot: Bot, stand_in: DiscordStandIn, ada: Person) -> None:
    """A test can make requests fail, before or after their effect, and read every request afterwards."""
    user = await bot.fetch_user(ada.id)
    stand_in.fail("POST", r"/messages$", status=503, after=True)
    with pytest.raises(discord.DiscordServerError):
        await user.send("Paid")
    assert ada.seen("Paid")
    stand_in.rate_limit("POST", r"/messages$", 0.01)
    await user.send("Shipped")
    posts = [request for request in stand_in.requests if request.path.endswith("/messages")]
    assert [request.status for request in posts] == [503, 429, 200]
    assert posts[-1].body["content"] == "Shipped"
