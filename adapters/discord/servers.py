"""What the bot may do in a server: post in a channel, and give a role. A doctor asks before anybody has paid."""

from dataclasses import dataclass
from typing import Final, Self

import discord

from adapters.discord.invitation import EMBED_LINKS, READ_MESSAGE_HISTORY, SEND_MESSAGES, VIEW_CHANNEL
from bot.findings import Finding
from bot.perks import Perk

_POSTING: Final = discord.Permissions(VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | READ_MESSAGE_HISTORY)
_INVITE: Final = "invite the bot to that server (tillbot invite discord)"
_COPY: Final = "copy the id in Discord (Settings, Advanced, Developer Mode; then right-click, Copy ID)"


def good(subject: str, says: str) -> Finding:
    """Say that something is well."""
    return Finding(subject, well=True, says=says)


def bad(subject: str, says: str, todo: str) -> Finding:
    """Say that something is not well, and what to do."""
    return Finding(subject, well=False, says=says, todo=todo)


@dataclass(frozen=True)
class Standing:
    """The bot as a member of a server."""

    guild: discord.Guild
    me: discord.Member

    @classmethod
    async def of(cls, client: discord.Client, guild: int) -> Self:
        """Ask for it. Raises discord.NotFound or discord.Forbidden where the bot is not in the server."""
        found = await client.fetch_guild(guild, with_counts=False)
        return cls(found, await found.fetch_member(client.user.id if client.user else 0))

    def lacks(self, channel: discord.TextChannel) -> list[str]:
        """Name the permissions that the bot lacks for posting in a channel."""
        has = channel.permissions_for(self.me)
        return [name.replace("_", " ") for name, needed in _POSTING if needed and not getattr(has, name)]


async def channel(client: discord.Client, wanted: str) -> Finding:
    """See that the bot can post in a channel. Raises discord.HTTPException, OSError."""
    subject = f"channel {wanted}"
    if not (wanted.isascii() and wanted.isdecimal()):
        return bad(subject, "this is no channel's id", _COPY)
    try:
        found = await client.fetch_channel(int(wanted))
    except discord.NotFound:
        return bad(subject, "there is no such channel", _COPY)
    except discord.Forbidden:
        return bad(subject, "the bot cannot see it", f"{_INVITE}, and let its role view the channel")
    if not isinstance(found, discord.TextChannel):
        return bad(subject, "it is no text channel of a server", "name a text channel")
    standing = await Standing.of(client, found.guild.id)
    # Fetched once more through its server, whose roles say what is allowed there.
    full = await standing.guild.fetch_channel(found.id)
    missing = ", ".join(standing.lacks(full)) if isinstance(full, discord.TextChannel) else ""
    if missing:
        return bad(subject, f"the bot may not {missing} there", f"let its role {missing} in #{found.name}")
    return good(subject, f"the bot can post in #{found.name}")


async def perk(client: discord.Client, wanted: Perk) -> Finding:
    """See that the bot can give a role. Raises discord.HTTPException, OSError."""
    subject = f"perk {wanted.id}"
    if wanted.kind != "role" or not (wanted.target.isdecimal() and wanted.workspace.isdecimal()):
        return bad(subject, "it names no role of a server by their ids", _COPY)
    try:
        standing = await Standing.of(client, int(wanted.workspace))
    except (discord.NotFound, discord.Forbidden):
        return bad(subject, "the bot is not in the server", _INVITE)
    return _role(subject, standing, standing.guild.get_role(int(wanted.target)))


def _role(subject: str, standing: Standing, role: discord.Role | None) -> Finding:
    settings = f'in the settings of "{standing.guild.name}", Roles'
    if role is None:
        return bad(subject, f'"{standing.guild.name}" has no such role', _COPY)
    if role.managed or role.is_default():
        return bad(subject, f'nobody can be given the role "{role.name}"', "name a role that was made for people")
    if not standing.me.guild_permissions.manage_roles:
        return bad(subject, "the bot may not manage roles", f"let its own role manage roles, {settings}")
    if role >= standing.me.top_role:
        todo = f"drag the bot's own role above it, {settings}"
        return bad(subject, f'the role "{role.name}" is not below the bot\'s own', todo)
    return good(subject, f'the bot can give the role "{role.name}"')
