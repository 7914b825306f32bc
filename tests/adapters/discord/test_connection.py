"""Connecting, registering commands, and stopping."""

import asyncio
import logging

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord import Discord
from bot.chat import Answers, Card, Command, Context, Opening, Then
from tests.adapters.discord.conftest import Stage
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DiscordStandIn


async def test_commands_are_registered_in_every_language(stage: Stage) -> None:
    """Each command and option has its name and description in the languages Discord has, and the types the core gives it."""
    commands = {command["name"]: command for command in stage.platform.commands[None]}
    assert set(commands) == {"buy", "donate", "hello", "boom"}
    buy = commands["buy"]
    assert buy["name_localizations"].items() >= {"de": "kaufen", "fr": "acheter", "es-419": "comprar"}.items()
    assert "ar" not in buy["name_localizations"]  # Discord refuses what it does not know
    assert set(buy["description_localizations"]) >= {"en-US", "en-GB", "fr", "de"}
    assert buy["contexts"] == [0, 1]
    product, quantity = buy["options"]
    assert (product["type"], product["autocomplete"], product["required"]) == (3, True, False)
    assert product["description_localizations"]["en-US"] == product["description"]
    assert (quantity["type"], quantity["autocomplete"]) == (4, False)
    assert quantity["name_localizations"]["fr"] == "quantité"


async def test_what_is_registered_already_is_not_sent_again(stage: Stage) -> None:
    """A restart with the same commands changes nothing at Discord; a command that differs is put right."""
    puts = [request for request in stage.platform.requests if request.method == "PUT"]
    assert len(puts) == 1
    await stage.restart()
    assert [request for request in stage.platform.requests if request.method == "PUT"] == puts
    stage.platform.commands[None][0]["options"][0]["description_localizations"]["fr"] = "autrement"
    await stage.restart()
    assert len([request for request in stage.platform.requests if request.method == "PUT"]) == 2


async def test_stopping_lets_a_running_step_answer(stage: Stage) -> None:
    """A step that has begun is awaited, and its answer reaches the person."""
    slow = Command("hello")
    begun, go_on = asyncio.Event(), asyncio.Event()

    @slow.opens
    def ask(ctx: Context, typed: object) -> Opening:
        return Then(work, Answers())

    @slow.step
    async def work(ctx: Context, answers: Answers) -> Card:
        begun.set()
        await go_on.wait()
        return Card("Done")

    talk = conversation(stage.cards, stage.shelf, (slow,))
    door = Discord(
        talk, token=stage.platform.token, api_base=stage.platform.api_base, gateway=stage.platform.gateway_url
    )
    await stage.restart(door)
    answer = await stage.ben.slash("hello", wait=False)
    await begun.wait()
    closing = asyncio.create_task(door.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert (await answer.settled()).text == "Done"


async def test_a_refused_token_is_said_once_and_not_tried_again(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """With a wrong token the adapter gives up, says why, and never names the token."""
    await stage.door.close()
    stage.door = stage.make(token="wrong-token")
    with caplog.at_level(logging.ERROR, "adapters.discord"):
        await stage.door.start()
        await stage.platform.changes.until(lambda: "DISCORD_TOKEN" in caplog.text, lambda: "nothing was logged")
    assert "wrong-token" not in caplog.text
    assert not stage.door.up


async def test_discord_being_away_at_start_is_waited_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Discord does not answer the login, it is tried again until it does."""
    monkeypatch.setattr("adapters.discord.connection._FIRST_PAUSE", 0.01)
    await stage.door.close()
    stage.platform.fail("GET", r"^/users/@me$", status=503, times=2)
    stage.door = stage.make()
    await stage.door.start()
    await asyncio.wait_for(stage.door.connected(), 5)
    assert (await stage.ben.slash("hello")).text.startswith("Hello")


async def test_a_cut_line_is_taken_up_again(stage: Stage) -> None:
    """When the gateway hangs up, the adapter comes back and answers what was said meanwhile."""
    await stage.platform.gateway.drop()
    answer = await stage.ben.slash("hello", wait=False)
    assert (await answer.settled()).text.startswith("Hello")
    assert stage.door.up


async def test_the_sdk_is_sent_elsewhere_only_while_it_runs() -> None:
    """The addresses given to the adapter hold from start to close, and Discord's own come back."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with DiscordStandIn() as platform:
        door = Discord(
            conversation(Answered(), Shelf()), token="x", api_base=platform.api_base + "/", gateway=platform.gateway_url
        )
        await door.start()
        assert platform.api_base == Route.BASE
        await door.close()
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_an_id_too_long_for_a_button_is_refused_at_once() -> None:
    """A step whose name would not fit Discord's custom_id stops the adapter before it starts."""
    command = Command("subscriptions")

    @command.step
    async def cancellation(ctx: Context, answers: Answers) -> Card:
        return Card("never")

    with pytest.raises(ValueError, match=r"subscriptions\.cancellation"):
        Discord(conversation(Answered(), Shelf(), (command,)), token="x")
