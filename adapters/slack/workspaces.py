"""Workspaces: which connection speaks to which one, and whose an id is that comes without its workspace."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from adapters.slack.connection import Connection
from bot.errors import Unreachable

#: Between a workspace and an id in it: "T1/C1".
WITHIN: Final = "/"


class Workspaces(Protocol):
    """The workspaces that the app is installed in."""

    async def of(self, team: str, enterprise: str = "") -> Connection | None:
        """Give the connection to a workspace; None where the app is not, or not any more. Raises StoreUnavailable."""
        ...

    async def all(self) -> Sequence[Connection]:
        """Give the connections to every workspace that is known."""
        ...

    async def forget(self, body: Mapping[str, Any]) -> None:
        """Honour app_uninstalled, tokens_revoked or team_access_revoked. Raises StoreUnavailable."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """The workspace of one bot token, whichever it is."""

    connection: Connection

    async def of(self, team: str, enterprise: str = "") -> Connection | None:
        """Give the one connection."""
        del team, enterprise
        return self.connection

    async def all(self) -> Sequence[Connection]:
        """Give the one connection."""
        return (self.connection,)

    async def forget(self, body: Mapping[str, Any]) -> None:
        """Do nothing: the token is in the environment, and Slack refuses it from now on."""
        del body

    async def aclose(self) -> None:
        """Close the connection."""
        await self.connection.aclose()


def workspaces_of(given: Connection | Workspaces) -> Workspaces:
    """Take one connection for the workspace that it speaks to."""
    return OneWorkspace(given) if isinstance(given, Connection) else given


async def installed(workspaces: Workspaces, team: str) -> Connection:
    """Give the connection to a workspace. Raises Unreachable where the app is not installed there."""
    connection = await workspaces.of(team)
    if connection is None:
        raise Unreachable("slack: the app is not installed in that workspace", gone=True)
    return connection


async def holder_of_channel(workspaces: Workspaces, channel: str) -> tuple[Connection, str]:
    """Find whose channel this is, written "T1/C1" or "C1". Raises Unreachable where that is not sure, or Later."""
    team, _, bare = channel.rpartition(WITHIN)
    if team:
        return await installed(workspaces, team), bare

    async def known(connection: Connection) -> bool:
        await connection.call(connection.web.conversations_info(channel=bare))
        return True

    return await _only(workspaces, f"channel {bare}", known), bare


async def holder_of_user(workspaces: Workspaces, user: str) -> tuple[Connection, str]:
    """Find whose member this is, written "T1/U1" or "U1". Raises Unreachable where that is not sure, or Later."""
    team, _, bare = user.rpartition(WITHIN)
    if team:
        return await installed(workspaces, team), bare

    async def known(connection: Connection) -> bool:
        told = await connection.call(connection.web.users_info(user=bare))
        return told["user"].get("team_id") in ("", None, connection.team)  # strangers of shared channels are shown too

    return await _only(workspaces, f"user {bare}", known), bare


async def _only(workspaces: Workspaces, what: str, known: Callable[[Connection], Awaitable[bool]]) -> Connection:
    """Give the one workspace that knows an id; a message never goes where another might be meant."""
    among = await workspaces.all()
    if len(among) == 1:
        return among[0]
    found = []
    for connection in among:
        try:
            if await known(connection):
                found.append(connection)
        except Unreachable as error:
            if not error.for_good:
                raise
    if len(found) != 1:
        raise Unreachable(f"slack: {what} is known in {len(found)} workspaces: write it as WORKSPACE/ID")
    return found[0]
