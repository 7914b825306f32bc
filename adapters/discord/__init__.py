"""Discord: slash commands, `!buy` as text, and private news, through the gateway."""

from adapters.discord.connection import Discord

__all__ = ["Discord"]
