"""What a doctor finds about Slack: every token, scope, channel and perk tried, each failure with what to do about it."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

from slack_sdk.errors import SlackApiError

from adapters.slack.connection import API_BASE, Connection
from adapters.slack.manifest import EVENTS_PATH, Grantable, scopes
from bot.errors import Later, Unreachable
from bot.findings import Finding
from bot.perks import Perk

#: Seconds by which our clock may be off: Slack's requests are refused after five minutes, so are late signatures
#: (https://docs.slack.dev/authentication/verifying-requests-from-slack).
SKEW: Final = 60

_REINSTALL: Final = (
    "print the manifest with `tillbot manifest slack`, paste it into the app's settings, and install it anew"
)


@dataclass(frozen=True, slots=True)
class Setup:
    """What is configured. Secrets are only ever sent to Slack."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    public_url: str = ""
    staff_channel: str = ""
    perks: Sequence[Perk] = ()
    admin_groups: Sequence[str] = ()
    api_base: str = API_BASE


async def examine(setup: Setup) -> Sequence[Finding]:
    """Try everything. It changes nothing, tells nobody, and never raises for what Slack answers."""
    connection = Connection(bot_token=setup.bot_token, api_base=setup.api_base)
    try:
        return [finding async for finding in _findings(setup, connection)]
    finally:
        await connection.aclose()


async def _findings(setup: Setup, connection: Connection) -> AsyncIterator[Finding]:
    yield _way_in(setup)
    if setup.app_token:
        yield await _app_token(setup, connection)
    if not setup.bot_token:
        todo = "set SLACK_BOT_TOKEN (Bot User OAuth Token, from OAuth & Permissions)"
        yield Finding("Slack bot token", well=False, says="there is none", todo=todo)
        return
    try:
        told = await connection.call(connection.web.auth_test())
    except (Unreachable, Later) as error:
        yield Finding("Slack bot token", well=False, says=_why(error), todo=_token_todo(error))
        return
    yield Finding("Slack bot token", well=True, says=f"valid for {told['team']} as {told['user']}")
    yield _clock(told.headers)
    wanted = scopes(
        perks=[perk.kind for perk in setup.perks],
        admin_groups=setup.admin_groups,
        own_channels=bool(setup.staff_channel),
    )
    yield _scopes(told.headers, wanted)
    if setup.staff_channel:
        yield await _channel(connection, "Slack staff channel", setup.staff_channel, "[notify] slack")
    for perk in setup.perks:
        yield await _perk(connection, perk)
    for group in setup.admin_groups:
        if group.startswith("S"):
            yield await _group(connection, f"Slack admins' group {group}", group)


def _way_in(setup: Setup) -> Finding:
    subject = "Slack way in"
    if setup.app_token:
        return Finding(subject, well=True, says="Socket Mode: no public address is needed")
    if not setup.signing_secret:
        todo = "set SLACK_SIGNING_SECRET (Basic Information, App Credentials), or SLACK_APP_TOKEN for Socket Mode"
        return Finding(subject, well=False, says="neither a signing secret nor an app-level token", todo=todo)
    if not setup.public_url.startswith("https://"):
        todo = "set [web] public_url to the https address that Slack can reach, or use Socket Mode (SLACK_APP_TOKEN)"
        return Finding(subject, well=False, says="over HTTP, but there is no public https address", todo=todo)
    address = setup.public_url.rstrip("/") + EVENTS_PATH
    return Finding(subject, well=True, says=f"over HTTP: the app's three request URLs have to be {address}")


async def _app_token(setup: Setup, connection: Connection) -> Finding:
    subject = "Slack app-level token"
    try:
        await connection.call(connection.web.apps_connections_open(app_token=setup.app_token))
    except (Unreachable, Later) as error:
        todo = "make an app-level token with the scope connections:write (Basic Information), and set SLACK_APP_TOKEN to it"
        return Finding(subject, well=False, says=_why(error), todo=todo)
    return Finding(subject, well=True, says="opens a connection")


def _token_todo(error: Unreachable | Later) -> str:
    if isinstance(error, Later) or not (error.for_good or error.ours):
        return "Slack is not reachable now: check the network and SLACK_API_BASE, and try again"
    return "take the Bot User OAuth Token anew from OAuth & Permissions, and set SLACK_BOT_TOKEN to it"


def _scopes(headers: Any, wanted: Sequence[str]) -> Finding:
    given = {scope.strip() for scope in str(_header(headers, "x-oauth-scopes")).split(",")}
    missing = [scope for scope in wanted if scope not in given]
    if missing:
        return Finding("Slack scopes", well=False, says=f"missing: {', '.join(missing)}", todo=_REINSTALL)
    return Finding("Slack scopes", well=True, says="all there")


def _clock(headers: Any) -> Finding:
    said = str(_header(headers, "date"))
    try:
        ahead = time.time() - parsedate_to_datetime(said).timestamp()
    except ValueError:
        return Finding("clock", well=True, says="Slack did not say what time it is")
    if abs(ahead) > SKEW:
        says = f"this computer is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Slack"
        return Finding("clock", well=False, says=says, todo="switch on time synchronisation (NTP)")
    return Finding("clock", well=True, says="agrees with Slack's")


async def _channel(connection: Connection, subject: str, channel: str, key: str) -> Finding:
    bare = channel.rpartition("/")[2]
    try:
        told = await connection.call(connection.web.conversations_info(channel=bare))
    except (Unreachable, Later) as error:
        todo = f"set {key} to the id of a channel (at the end of its details), and invite the app there"
        return Finding(subject, well=False, says=f"{channel}: {_why(error)}", todo=todo)
    if told["channel"].get("is_archived"):
        return Finding(subject, well=False, says=f"{channel} is archived", todo=f"restore it, or change {key}")
    if not told["channel"].get("is_member"):
        return Finding(subject, well=False, says=f"the app is not in {channel}", todo="invite the app there")
    return Finding(subject, well=True, says=f"the app is in {channel}")


async def _perk(connection: Connection, perk: Perk) -> Finding:
    subject = f"Slack perk {perk.id}"
    kind: Grantable = perk.kind
    match kind:
        case "channel":
            return await _channel(connection, subject, perk.target, f"the perk {perk.id}")
        case "usergroup":
            return await _group(connection, subject, perk.target)
        case "role":
            todo = "make it a channel or a usergroup"
            return Finding(subject, well=False, says="Slack has no roles", todo=todo)


async def _group(connection: Connection, subject: str, group: str) -> Finding:
    try:
        told = await connection.call(connection.web.usergroups_list(include_disabled=True))
    except (Unreachable, Later) as error:
        todo = "user groups need a paid plan of Slack's; else: " + _REINSTALL
        return Finding(subject, well=False, says=_why(error), todo=todo)
    if all(each["id"] != group for each in told["usergroups"]):
        todo = "take the id of the user group (it begins with S) from its menu"
        return Finding(subject, well=False, says=f"there is no user group {group}", todo=todo)
    return Finding(subject, well=True, says=f"the user group {group} is there")


def _why(error: Unreachable | Later) -> str:
    cause = error.__cause__
    if isinstance(cause, SlackApiError) and cause.response.get("error") == "missing_scope":
        return f"missing_scope: {cause.response.get('needed', '')}".rstrip(": ")
    return error.why.removeprefix("slack: ") if isinstance(error, Unreachable) else "Slack asks to wait"


def _header(headers: Any, name: str) -> str:
    """Give a header, however the SDK spells it."""
    return next((value for key, value in dict(headers).items() if key.lower() == name), "")
