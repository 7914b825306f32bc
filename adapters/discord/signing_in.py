"""A client that has logged in and hears nobody: for what an operator asks of Discord."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord

from adapters.discord import private


@asynccontextmanager
async def signed_in(token: str, api_base: str = "") -> AsyncIterator[discord.Client]:
    """Log in for a while. Raises discord.LoginFailure where the token is wrong, discord.HTTPException, OSError."""
    undo = private.point(api_base, "")
    client = discord.Client(intents=discord.Intents(guilds=True))
    try:
        await client.login(token)
        yield client
    finally:
        await client.close()
        undo()
