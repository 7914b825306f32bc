"""Guilds with their roles and channels, and the direct messages beside them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.platforms.discord.people import Person
    from tests.platforms.discord.world import Post

SEND_MESSAGES, READ_MESSAGE_HISTORY, MANAGE_ROLES = 1 << 11, 1 << 16, 1 << 28


@dataclass(eq=False)
class Role:
    """A role of a guild; a higher position stands above a lower one."""

    id: int
    name: str
    position: int
    permissions: int = 0
    #: Whether it belongs to an integration, and nobody can be given it.
    managed: bool = False

    def wire(self) -> dict[str, Any]:
        """Give the role object."""
        return {
            "id": str(self.id),
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": self.position,
            "permissions": str(self.permissions),
            "managed": self.managed,
            "mentionable": False,
            "flags": 0,
        }


@dataclass(eq=False)
class Guild:
    """A server with the bot in it."""

    id: int
    name: str
    locale: str
    channels: "list[Channel]" = field(default_factory=list)
    members: "list[Person]" = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    #: The ids of the bot's own roles.
    bot_roles: list[int] = field(default_factory=list)

    def role(self, identity: int) -> Role | None:
        """Find a role."""
        return next((role for role in self.roles if role.id == identity), None)

    def bot_permissions(self, everybody: int) -> int:
        """Give what the bot may do in the guild."""
        for role in self.roles:
            everybody |= role.permissions if role.id in self.bot_roles else 0
        return everybody

    def above_bot(self, role: Role) -> bool:
        """Tell whether a role is not below the bot's highest one."""
        own = [(known.position, -known.id) for known in self.roles if known.id in self.bot_roles]
        return (role.position, -role.id) >= max(own, default=(0, 0))

    def bot_member(self, bot: dict[str, Any]) -> dict[str, Any]:
        """Give the bot as a member."""
        roles = [str(role) for role in self.bot_roles]
        return {"user": bot, "roles": roles, "joined_at": None, "deaf": False, "mute": False, "flags": 0}

    def partial(self) -> dict[str, Any]:
        """Give the shape inside an interaction."""
        return {"id": str(self.id), "locale": self.locale, "features": []}

    def wire(self, bot: dict[str, Any], owner: dict[str, Any], permissions: int) -> dict[str, Any]:
        """Give the whole guild, as GUILD_CREATE carries it."""
        everyone = Role(self.id, "@everyone", 0, permissions)
        return {
            "id": str(self.id),
            "name": self.name,
            "owner_id": owner["id"],
            "preferred_locale": self.locale,
            "roles": [role.wire() for role in (everyone, *self.roles)],
            "emojis": [],
            "stickers": [],
            "features": [],
            "channels": [channel.wire() for channel in self.channels],
            "members": [self.bot_member(bot)],
            "member_count": len(self.members) + 1,
            "threads": [],
            "unavailable": False,
        }


@dataclass(eq=False)
class Channel:
    """A text channel of a guild, or the direct messages between a person and the bot."""

    id: int
    name: str
    guild: Guild | None = None
    recipient: "Person | None" = None
    forbidden: bool = False
    #: Whether the bot can see it, and not write there.
    muted: bool = False
    #: Who can see it; None where everybody in the guild does.
    only: "list[Person] | None" = None
    posts: "list[Post]" = field(default_factory=list)

    def wire(self) -> dict[str, Any]:
        """Give the channel object."""
        common = {"id": str(self.id), "last_message_id": None, "flags": 0}
        if self.guild is None:
            recipients = [self.recipient.wire()] if self.recipient else []
            return {**common, "type": 1, "recipients": recipients}
        return {
            **common,
            "type": 0,
            "name": self.name,
            "guild_id": str(self.guild.id),
            "position": 0,
            "permission_overwrites": self._overwrites(self.guild),
            "topic": None,
            "nsfw": False,
            "rate_limit_per_user": 0,
            "parent_id": None,
        }

    def _overwrites(self, guild: Guild) -> list[dict[str, Any]]:
        return [{"id": str(guild.id), "type": 0, "allow": "0", "deny": str(SEND_MESSAGES)}] if self.muted else []
