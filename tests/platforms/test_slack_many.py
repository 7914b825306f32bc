"""The Slack stand-in is strict in Socket Mode, about user groups and channels, the App Home, and installations."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from tests.platforms.slack import AppFault, SlackStandIn
from tests.platforms.slack.distribution import Distribution
from tests.platforms.slack.workspace import Group


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn() as stand_in:
        stand_in.sockets.used = True
        yield stand_in
        stand_in.sockets.faults.clear()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


async def call(session: ClientSession, base: str, method: str, token: str, **arguments: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(base + method, json=arguments, headers=headers) as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def connected(slack: SlackStandIn, session: ClientSession) -> ClientWebSocketResponse:
    opened = await call(session, slack.api_url, "apps.connections.open", slack.app_token)
    socket = await session.ws_connect(opened["url"])
    assert (await socket.receive_json())["type"] == "hello"
    return socket


async def test_a_connection_wants_the_apps_token_and_its_address_is_good_once(
    slack: SlackStandIn, session: ClientSession
) -> None:
    """The bot's token opens no connection, and nobody connects twice by one address."""
    refused = await call(session, slack.api_url, "apps.connections.open", slack.bot_token)
    assert refused["error"] == "not_allowed_token_type"
    opened = await call(session, slack.api_url, "apps.connections.open", slack.app_token)
    async with session.ws_connect(opened["url"]), session.get(opened["url"].replace("ws", "http", 1)) as again:
        assert again.status == 403
    assert (await call(session, slack.api_url, "auth.test", slack.app_token))["error"] == "invalid_auth"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ('{"envelope_id": "made-up"}', "never sent"),
        ("hello", "no acknowledgement"),
        ("[]", "no acknowledgement"),
    ],
)
async def test_what_is_no_acknowledgement_is_a_fault(
    slack: SlackStandIn, session: ClientSession, reply: str, why: str
) -> None:
    """Whatever else an app says over the connection is held against it."""
    socket = await connected(slack, session)
    await socket.send_str(reply)
    await socket.close()
    await slack.sockets.cut()
    assert why in str(slack.sockets.faults[0])


async def test_payloads_double_and_late_acknowledgements_are_faults(
    slack: SlackStandIn, session: ClientSession
) -> None:
    """A payload where none is accepted, a second acknowledgement and none in time are refused."""
    socket = await connected(slack, session)

    async def answering(*replies: dict[str, Any], answerable: bool = False) -> None:
        sent = asyncio.create_task(
            slack.sockets.send({"type": "events_api", "payload": {}}, answerable=answerable, seconds=0.2)
        )
        envelope = await socket.receive_json()
        for reply in replies:
            await socket.send_json({"envelope_id": envelope["envelope_id"], **reply})
        await sent

    await answering({})
    await answering({"payload": {"text": "hi"}}, answerable=True)
    with pytest.raises(AppFault, match="none is accepted"):
        await answering({"payload": {"text": "hi"}})
    with pytest.raises(AppFault, match="unknown fields"):
        await answering({"text": "hi"})
    with pytest.raises(AppFault, match="no acknowledgement"):
        await answering()
    slack.sockets.faults.clear()
    await answering({}, {})
    await call(session, slack.api_url, "auth.test", slack.bot_token)
    await socket.close()
    await slack.sockets.cut()
    assert "twice" in str(slack.sockets.faults[0])


async def test_user_groups_and_channels_are_strict(slack: SlackStandIn, session: ClientSession) -> None:
    """Empty lists, strangers, groups that are off, unknown arguments and missing scopes are refused."""
    slack.person("U1")
    slack.workspace.groups["S1"] = Group("S1", ["U1"])

    async def error(method: str, **arguments: Any) -> str:
        return str((await call(session, slack.api_url, method, slack.bot_token, **arguments)).get("error", ""))

    assert await error("usergroups.users.update", usergroup="S1", users="") == "no_users_provided"
    assert await error("usergroups.users.update", usergroup="S1", users="U404") == "invalid_users"
    assert await error("usergroups.users.list", usergroup="S404") == "no_such_subteam"
    assert await error("usergroups.enable", usergroup="S1") == "already_enabled"
    assert await error("usergroups.disable", usergroup="S1") == ""
    assert await error("usergroups.disable", usergroup="S1") == "already_disabled"
    assert await error("usergroups.users.update", usergroup="S1", users="U1") == "subteam_not_found"
    assert await error("usergroups.list", colour="red") == "invalid_arguments"
    slack.channel("C1", bot=False)
    assert await error("conversations.invite", channel="C1", users="U1") == "not_in_channel"
    assert await error("conversations.kick", channel="C1", user="U1") == "not_in_channel"
    slack.workspace.scopes.clear()
    assert await error("conversations.invite", channel="C1", users="U1") == "missing_scope"


async def test_a_home_is_strict(slack: SlackStandIn, session: ClientSession) -> None:
    """A modal, more than a hundred blocks and unknown fields are no home."""
    slack.person("U1")
    divider = {"type": "divider"}
    for view in (
        {"type": "modal", "blocks": []},
        {"type": "home", "blocks": [divider] * 101},
        {"type": "home", "blocks": [], "title": {"type": "plain_text", "text": "Home"}},
    ):
        told = await call(session, slack.api_url, "views.publish", slack.bot_token, user_id="U1", view=view)
        assert told["error"] == "invalid_arguments"


async def test_installations_are_strict(session: ClientSession) -> None:
    """Codes and refresh tokens are good once, credentials must be right, and a token ends with its installation."""
    async with Distribution(orgs={"E1": ("T3",)}, rotation=True, redirect_uri="https://till.test/back") as slack:
        right = {"client_id": slack.client_id, "client_secret": slack.client_secret}

        async def access(**arguments: str) -> dict[str, Any]:
            return await call(session, slack.api_url, "oauth.v2.access", "", **arguments)

        code = slack.allow("T1")
        assert (await access(**{**right, "client_secret": "wrong"}, code=code))["error"] == "bad_client_secret"
        assert (await access(**right, code=slack.allow("T1")))["error"] == "bad_redirect_uri"
        granted = await access(**right, code=code, redirect_uri="https://till.test/back")
        assert (await access(**right, code=code, redirect_uri="https://till.test/back"))["error"] == "invalid_code"
        exchange = {**right, "grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
        renewed = await access(**exchange)
        assert (await access(**exchange))["error"] == "invalid_refresh_token"
        assert (await call(session, slack.api_url, "auth.test", granted["access_token"]))["error"] == "account_inactive"
        slack.expire()
        assert (await call(session, slack.api_url, "auth.test", renewed["access_token"]))["error"] == "token_expired"
        slack.end("T1")
        assert (await call(session, slack.api_url, "auth.test", renewed["access_token"]))["error"] == "account_inactive"
        org = await access(**right, code=slack.allow("E1"), redirect_uri="https://till.test/back")
        stray = {"team_id": "T1", "user": "U1"}
        told = await call(session, slack.api_url, "users.info", org["access_token"], **stray)
        assert told["error"] == "team_access_not_granted"
        assert slack.strays[-1] == ("users.info", "T1")
