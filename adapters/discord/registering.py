"""Registering the application's commands: only when they differ from what Discord has."""

from collections.abc import Sequence

import discord

from adapters.discord import commands, private
from adapters.discord.signing_in import signed_in
from adapters.discord.voice import meaning
from bot.errors import Unreachable


async def register(listing: list[private.Json], *, token: str, api_base: str = "") -> Sequence[str]:
    """Register the commands of a listing, and say what changed ("added /buy"); () where everything was so already.

    Raises Unreachable, with what is wrong.
    """
    try:
        with meaning():
            async with signed_in(token, api_base) as client:
                return await push(client, listing)
    except discord.LoginFailure as error:
        raise Unreachable("discord: DISCORD_TOKEN is refused") from error


async def push(client: discord.Client, listing: list[private.Json]) -> Sequence[str]:
    """Register the commands through a client that has logged in, and say what changed. Raises discord.HTTPException."""
    changed = commands.differences(await private.registered(client), listing)
    if changed:
        await private.register(client, listing)
    return changed
