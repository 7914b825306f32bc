"""Registering the application's commands: only when they differ from what Discord has."""

from collections.abc import Sequence
from typing import Final

import discord

from adapters.discord import commands, private
from adapters.discord.signing_in import signed_in
from bot.conversation import Conversation

_MARKS: Final = "/"


async def register(conversation: Conversation, *, token: str, api_base: str = "") -> Sequence[str]:
    """Register the commands, and say what changed ("added /buy"); () where everything was so already.

    Raises discord.LoginFailure where the token is wrong, discord.HTTPException, OSError.
    """
    async with signed_in(token, api_base) as client:
        return await push(client, conversation)


async def push(client: discord.Client, conversation: Conversation) -> Sequence[str]:
    """Register the commands of a client that has logged in, and say what changed. Raises discord.HTTPException."""
    wanted = listing(conversation)
    changed = commands.differences(await private.registered(client), wanted)
    if changed:
        await private.register(client, wanted)
    return changed


def listing(conversation: Conversation) -> list[private.Json]:
    """Give the body that registers every command of a conversation."""
    return commands.listing(conversation.commands, conversation.language.locales(), conversation.tongue)
