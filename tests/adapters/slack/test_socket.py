"""Socket Mode: the same door without an address, over connections that Slack ends and the door opens again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.slack import Connection, SlackDoor
from tests.adapters.slack.talk import SEEN, Answered, conversation
from tests.platforms.slack import AppFault, SlackStandIn, payloads


@pytest.fixture
async def socket(slack: SlackStandIn, connection: Connection, cards: Answered) -> AsyncIterator[SlackDoor]:
    slack.sockets.used = True
    door = SlackDoor(conversation(cards), connection, app_token=slack.app_token, prefix="till-")
    assert door.routes() == []
    await door.start()
    await slack.sockets.connection()
    yield door
    await door.aclose()


@pytest.mark.usefixtures("socket")
async def test_everything_works_without_an_address(slack: SlackStandIn) -> None:
    """Commands, forms with suggestions and errors, buttons and messages all come over the connection."""
    user = slack.person("U1", locale="fr-FR")
    await user.slash("/till-hello")
    assert "Bonjour" in user.screen("C1")
    await user.slash("/buy")
    assert await user.suggest("Product", "mug") == ["Mug, blue", "Mug, red"]
    assert (await user.fill({"Product": "Mug, blue", "Quantity": "0"})).errors == {"quantity": "At least one"}
    await user.fill({"Quantity": "2"})
    await user.sees("2 × mug/blue")
    await user.press("Cancel")
    await user.sees("Cancelled T7")
    await user.say("buy cap 3", retries=1)
    await user.sees("3 × cap", user.direct)
    assert len([ctx for ctx in SEEN if ctx.place.private]) == 1
    assert slack.public_posts() == []
    assert slack.refusals == []


@pytest.mark.usefixtures("socket")
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_connection_that_slack_ends_is_opened_again(slack: SlackStandIn, reason: str) -> None:
    """After `disconnect` the next command is answered over another connection, once."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 1")
    await slack.sockets.disconnect(reason)
    await user.slash("/buy", "cap 2")
    await user.sees("2 × cap")
    assert slack.sockets.greeted == 2
    assert len(SEEN) == 2


@pytest.mark.usefixtures("socket")
async def test_what_is_under_way_survives_the_end_of_its_connection(slack: SlackStandIn) -> None:
    """An envelope that came before `disconnect` is acknowledged and answered, though its connection has gone."""
    user = slack.person("U1")
    await user.say("hello")
    await user.sees("Hello")
    slack.delay("chat.postMessage", 0.3)
    await user.say("buy cap 2")
    await slack.sockets.disconnect()
    await user.slash("/buy", "mug 1")
    await user.sees("2 × cap", user.direct)
    await user.sees("1 × mug")
    assert [ctx.place.private for ctx in SEEN].count(True) == 1


@pytest.mark.usefixtures("socket")
async def test_a_repeated_event_after_a_lost_connection_is_one_order(slack: SlackStandIn) -> None:
    """An event that Slack sends again on the next connection is answered once."""
    user = slack.person("U1")
    await user.say("buy cap 2")
    await user.sees("2 × cap")
    await slack.sockets.disconnect()
    event = user.last
    await slack.deliver_event(event, retry=1)
    await user.slash("/hello")
    assert len(SEEN) == 1


async def test_a_closing_door_acknowledges_nothing_new(slack: SlackStandIn, socket: SlackDoor) -> None:
    """What was acknowledged is answered before the connection ends; what comes meanwhile is left to the next one."""
    user = slack.person("U1")
    slack.delay("response_url", 0.5)
    await user.slash("/buy", "cap 2")
    closing = asyncio.create_task(socket.aclose())
    event = payloads.direct_message(slack.workspace, "U1", slack.workspace.open_direct("U1"), "buy cap 3")
    late = {"type": "events_api", "payload": payloads.event_callback(slack.workspace, event)}
    with pytest.raises(AppFault, match="no acknowledgement"):
        await slack.sockets.send(late, answerable=False, seconds=0.2)
    await closing
    assert "2 × cap" in user.screen()
    assert len(SEEN) == 1


async def test_slack_being_away_is_waited_for(slack: SlackStandIn, connection: Connection, cards: Answered) -> None:
    """A door that cannot connect keeps trying, and closes at once when it is told to."""
    slack.sockets.used = True
    slack.refuse("apps.connections.open", "internal_error")
    door = SlackDoor(conversation(cards), connection, app_token=slack.app_token)
    await door.start()
    await slack.called("apps.connections.open")
    await door.aclose()
    assert not slack.sockets.connected


@pytest.mark.usefixtures("socket")
@pytest.mark.parametrize("payload", [{}, {"type": "block_actions"}, {"type": "event_callback", "event": {}}])
async def test_junk_over_the_socket_is_survived(slack: SlackStandIn, payload: dict[str, object]) -> None:
    """What cannot be read is not acknowledged, makes no order, and does not end the connection."""
    with pytest.raises(AppFault, match="no acknowledgement"):
        await slack.sockets.send({"type": "interactive", "payload": payload}, answerable=False, seconds=0.3)
    user = slack.person("U1")
    await user.slash("/hello")
    assert "Hello" in user.screen()
    assert SEEN == []


async def test_the_ticket_of_a_connection_is_never_logged(
    slack: SlackStandIn, connection: Connection, cards: Answered, caplog: pytest.LogCaptureFixture
) -> None:
    """Where connecting fails, the address with its ticket stays out of the log."""
    slack.sockets.used = True
    slack.sockets.base = "http://127.0.0.1:9"
    door = SlackDoor(conversation(cards), connection, app_token=slack.app_token)
    await door.start()
    await slack.called("apps.connections.open")
    async with asyncio.timeout(10):
        while "Failed to connect" not in caplog.text:  # noqa: ASYNC110 - there is no event for a line in a log
            await asyncio.sleep(0.01)
    await door.aclose()
    assert "ticket" not in caplog.text
    assert slack.app_token not in caplog.text
