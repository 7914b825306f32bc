"""A bare bot of discord.py: a command with one constant reply. `python -m tests.bench.bare_discord API GATEWAY TOKEN`."""

from __future__ import annotations

import sys

import discord
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL


class Bare(discord.Client):
    """Registers its command, and answers."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()


def main() -> None:
    """Run until it is killed."""
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sys.argv[1], URL(sys.argv[2])
    bare = Bare()

    @bare.tree.command(name="buy", description="Buy")
    async def buy(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Here is what we sell.", ephemeral=True)

    bare.run(sys.argv[3], log_handler=None)


if __name__ == "__main__":
    main()
