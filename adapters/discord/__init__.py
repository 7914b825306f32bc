"""Discord: slash commands, buttons and forms through the gateway or over HTTP, `!buy` as text, private news, and roles."""

from adapters.discord.commands import listing
from adapters.discord.endpoint import DiscordHttp
from adapters.discord.examination import Expected, examine
from adapters.discord.gateway import Discord
from adapters.discord.invitation import invitation
from adapters.discord.registering import register

__all__ = ["Discord", "DiscordHttp", "Expected", "examine", "invitation", "listing", "register"]
