"""The address that invites the bot to a server, with the least that it needs there."""

from typing import Final
from urllib.parse import urlencode

# https://docs.discord.com/developers/topics/permissions#permissions-bitwise-permission-flags
VIEW_CHANNEL: Final = 1 << 10
SEND_MESSAGES: Final = 1 << 11
EMBED_LINKS: Final = 1 << 14
READ_MESSAGE_HISTORY: Final = 1 << 16  # without it a message cannot be replied to
MANAGE_ROLES: Final = 1 << 28
SEND_MESSAGES_IN_THREADS: Final = 1 << 38

#: What it needs to answer text and to post cards; slash commands need nothing.
NEEDED: Final = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | READ_MESSAGE_HISTORY | SEND_MESSAGES_IN_THREADS

# https://docs.discord.com/developers/topics/oauth2#bot-authorization-flow
_AUTHORIZE: Final = "https://discord.com/oauth2/authorize"
_SCOPES: Final = "bot applications.commands"


def invitation(client_id: str, *, perks: bool) -> str:
    """Give the address; with `perks` it asks to manage roles too. `client_id` is the application's id."""
    permissions = NEEDED | (MANAGE_ROLES if perks else 0)
    return f"{_AUTHORIZE}?{urlencode({'client_id': client_id, 'scope': _SCOPES, 'permissions': permissions})}"
