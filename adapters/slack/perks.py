"""Perks on Slack: an invitation to a channel, or a place in a user group."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.slack.connection import Connection
from adapters.slack.workspaces import Workspaces, installed, workspaces_of
from bot.errors import Later, Unreachable
from bot.orders import Buyer
from bot.perks import Perk

#: How often a user group is written again because somebody else wrote it at the same time.
_ATTEMPTS: Final = 3
#: How long to wait for another replica that writes a user group.
_BUSY: Final = timedelta(seconds=1)
#: Holds a name while a block lasts: False where another replica does.
Turn = Callable[[str], AbstractAsyncContextManager[bool]]
#: What Slack's refusals ask an admin to do (https://docs.slack.dev/reference/methods/conversations.invite#errors,
#: conversations.kick and usergroups.users.update).
_TODO: Final = {
    "missing_scope": "the app lacks a scope: install it anew with the manifest that `tillbot manifest slack` prints",
    "not_in_channel": "the app is not in the channel: invite it there",
    "channel_not_found": "there is no such channel, or the app is not in it: check the id, and invite the app there",
    "is_archived": "the channel is archived: restore it or name another",
    "method_not_supported_for_channel_type": "nobody can be invited to that kind of channel: name another",
    "channel_type_not_supported": "nobody can be invited to that kind of channel: name another",
    "restricted_action": "a setting of the workspace keeps apps from that: let an owner of it allow them to",
    "cant_kick_from_general": "nobody can be removed from the general channel: name another",
    "permission_denied": "apps may not change user groups here: let an owner of the workspace allow everybody to",
    "plan_upgrade_required": "user groups need a paid plan of Slack's",
    "no_such_subteam": "there is no such user group: check the id",
    "subteam_not_found": "there is no such user group: check the id",
    "user_is_restricted": "the buyer is a guest, whom the app cannot invite: add them by hand",
    "user_is_ultra_restricted": "the buyer is a guest of one channel, whom the app cannot invite: add them by hand",
    "ura_max_channels": "the buyer is a guest of one channel, whom the app cannot invite: add them by hand",
    "cant_invite": "Slack does not let this buyer be invited there: add them by hand",
    "user_not_found": "the buyer is not in the workspace",
    "invalid_users": "the buyer is not in the workspace",
    "failed_for_some_users": "the buyer is not in the workspace",
    "user_disabled": "the buyer's account is deactivated",
}
_LEFT: Final = frozenset({"user_not_found", "invalid_users", "user_disabled"})


@asynccontextmanager
async def alone(_: str) -> AsyncIterator[bool]:
    """Hold a name where no other replica can be."""
    yield True


class SlackPerks:
    """The port `Perks` on Slack: the kinds "channel" and "usergroup"."""

    platform = "slack"

    def __init__(self, workspaces: Connection | Workspaces, *, turn: Turn = alone) -> None:
        """`turn` holds a name while a block lasts, and says False where another replica does."""
        self._workspaces = workspaces_of(workspaces)
        self._turn = turn
        self._writing: dict[str, asyncio.Lock] = {}

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Give somebody a perk. Raises Unreachable or Later."""
        connection = await self._connection(buyer, perk)
        match perk.kind:
            case "channel":
                await _invite(connection, perk, buyer.user)
            case "usergroup":
                await self._write(connection, perk, buyer.user, inside=True)
            case "role":
                raise Unreachable(f"slack: perk {perk.id}: Slack has no roles: make it a channel or a usergroup")

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take a perk away. Raises Unreachable or Later."""
        connection = await self._connection(buyer, perk)
        match perk.kind:
            case "channel":
                await _kick(connection, perk, buyer.user)
            case "usergroup":
                await self._write(connection, perk, buyer.user, inside=False)
            case "role":
                raise Unreachable(f"slack: perk {perk.id}: Slack has no roles: make it a channel or a usergroup")

    async def _connection(self, buyer: Buyer, perk: Perk) -> Connection:
        """Give the workspace of a perk, which must be the buyer's: ids mean something else in another."""
        if perk.workspace and buyer.workspace and perk.workspace != buyer.workspace:
            raise Unreachable(
                f"slack: perk {perk.id} is in another workspace than the buyer: they have to buy it there"
            )
        return await installed(self._workspaces, perk.workspace or buyer.workspace)

    async def _write(self, connection: Connection, perk: Perk, user: str, *, inside: bool) -> None:
        """Put somebody in a user group or take them out: Slack only takes whole lists, so read, change, write and verify.

        One writer at a time, here and on every replica; what somebody else wrote in between is read again.
        """
        group = f"{connection.team}/{perk.target}"
        async with self._writing.setdefault(group, asyncio.Lock()), self._turn(f"slack:usergroup:{group}") as ours:
            if not ours:
                raise Later(datetime.now(UTC) + _BUSY)
            for _ in range(_ATTEMPTS):
                members = await _members(connection, perk)
                if (user in members) is inside:
                    return
                await _set_members(
                    connection, perk, [*members, user] if inside else [each for each in members if each != user]
                )
        if (user in await _members(connection, perk)) is not inside:
            raise Unreachable(f"slack: perk {perk.id}: somebody else keeps changing the user group", for_good=False)


async def _invite(connection: Connection, perk: Perk, user: str) -> None:
    await _try(
        connection,
        perk,
        "conversations.invite",
        {"channel": perk.target, "users": user},
        fine=frozenset({"already_in_channel"}),
    )


async def _kick(connection: Connection, perk: Perk, user: str) -> None:
    """Remove somebody from a channel; `not_in_channel` may mean them, who have left, or us, who cannot."""
    refused = await _try(
        connection,
        perk,
        "conversations.kick",
        {"channel": perk.target, "user": user},
        fine=_LEFT | {"not_in_channel", "user_not_in_channel"},
    )
    if refused == "not_in_channel":
        told = await connection.call(connection.web.conversations_info(channel=perk.target))
        if not told["channel"].get("is_member"):
            raise _unreachable(perk, "not_in_channel")


async def _members(connection: Connection, perk: Perk) -> list[str]:
    """Give who is in a user group; in one that is switched off nobody is."""
    told = await connection.call(connection.web.usergroups_list(include_disabled=True, include_users=True))
    for group in told["usergroups"]:
        if group["id"] == perk.target:
            return [] if group.get("date_delete") else list(group.get("users") or ())
    raise _unreachable(perk, "no_such_subteam")


async def _set_members(connection: Connection, perk: Perk, members: list[str]) -> None:
    """Write who is in a user group. Slack takes no empty one, so that is switched off, and on again with somebody in it."""
    if not members:
        await _try(connection, perk, "usergroups.disable", {"usergroup": perk.target}, fine=frozenset())
        return
    await _try(connection, perk, "usergroups.enable", {"usergroup": perk.target}, fine=frozenset({"already_enabled"}))
    await _try(
        connection,
        perk,
        "usergroups.users.update",
        {"usergroup": perk.target, "users": ",".join(members)},
        fine=frozenset(),
    )


async def _try(
    connection: Connection, perk: Perk, method: str, arguments: dict[str, str], *, fine: frozenset[str]
) -> str:
    """Call a method; give "" where it was done, or a refusal that is `fine`. Raises Unreachable with what to do, or Later."""
    try:
        await connection.call(connection.web.api_call(method, params=arguments))
    except Unreachable as error:
        code = error.why.removeprefix("slack: ")
        if code in fine:
            return code
        if not error.for_good:
            raise
        raise _unreachable(perk, code) from error
    return ""


def _unreachable(perk: Perk, code: str) -> Unreachable:
    return Unreachable(f"slack: perk {perk.id}: {_TODO.get(code, code)}")
