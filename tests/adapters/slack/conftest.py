"""A Slack stand-in with the Slack door behind it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from adapters.slack import Connection, SlackDoor, SlackVoice
from adapters.slack.pace import Pace
from tests.adapters.slack.talk import SEEN, Answered, conversation
from tests.platforms.slack import SlackStandIn


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackStandIn]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # the SDK would take loopback calls there
    SEEN.clear()
    async with SlackStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def connection(slack: SlackStandIn) -> AsyncIterator[Connection]:
    opened = Connection(bot_token=slack.bot_token, api_base=slack.api_url, pace=Pace(0))
    yield opened
    await opened.aclose()


@pytest.fixture
def voice(connection: Connection) -> SlackVoice:
    return SlackVoice(connection)


@pytest.fixture
def cards() -> Answered:
    return Answered()


@pytest.fixture
async def door(slack: SlackStandIn, connection: Connection, cards: Answered) -> AsyncIterator[SlackDoor]:
    served = SlackDoor(conversation(cards), connection, signing_secret=slack.signing_secret, prefix="till-")
    app = web.Application()
    app.add_routes(served.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = "http://{}:{}/slack/events".format(*runner.addresses[0][:2])
    yield served
    await served.aclose()
    await slack.settled()
    await runner.cleanup()
