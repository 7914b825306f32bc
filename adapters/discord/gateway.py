"""The Discord door through the gateway: a websocket a shard, on which interactions, text and newcomers are heard."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import discord

from adapters.discord import private
from adapters.discord.connection import Connection
from adapters.discord.messages import Messages
from bot.conversation import Conversation

_log: Final = logging.getLogger(__name__)

#: Seconds after which a replica that stands by looks again whether the gateway is free.
_LOOK: Final = 5.0
#: Holds the gateway while a block lasts: False where another replica does; the event is set when it was lost.
Turn = Callable[[asyncio.Event], AbstractAsyncContextManager[bool]]


class Discord(Connection):
    """One bot on Discord's gateway, in as many shards as Discord asks for; it is also the Voice and the Perks.

    `token` is the bot's. `prefix` gives what text commands begin with, asked at every message. `read_messages` asks for
    the message content intent, without which text is heard only in direct messages and where the bot is mentioned;
    `perks` asks for the members intent, to hear of those who come back. Discord grants both by hand: the bot goes on
    without what it is refused. `api_base` and `gateway` send the SDK elsewhere.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        token: str,
        prefix: Callable[[], str] = lambda: "!",
        read_messages: bool = True,
        perks: bool = False,
        api_base: str = "",
        gateway: str = "",
        turn: Turn | None = None,
    ) -> None:
        self._turn = turn
        super().__init__(conversation, token=token, perks=perks, api_base=api_base, gateway=gateway)
        self._messages = Messages(conversation, self._locales, self._regulars, prefix=prefix)
        #: The privileged intents to ask for, best first: which of them is refused Discord does not say.
        self._asking = sorted({(read_messages, perks), (read_messages, False), (False, perks), (False, False)})
        self._shards: set[int] = set()

    def _make(self) -> discord.Client:
        read_messages, members = self._asking[-1]
        return _Client(self, read_messages=read_messages, members=members)

    async def _hear(self, client: discord.Client) -> None:
        if self._turn is None:
            await self._connect(client)
            return
        while True:
            lost = asyncio.Event()
            async with self._turn(lost) as ours:
                if ours:
                    await self._until(lost, client)
                    return
            await asyncio.sleep(_LOOK)

    async def _until(self, lost: asyncio.Event, client: discord.Client) -> None:
        """Be on the gateway until that breaks, or until another replica may be there as well."""
        hearing = asyncio.ensure_future(self._connect(client))
        losing = asyncio.ensure_future(lost.wait())
        try:
            await asyncio.wait({hearing, losing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            losing.cancel()
            if not hearing.done():
                hearing.cancel()
            await asyncio.gather(losing, return_exceptions=True)
        if not lost.is_set():
            await hearing

    async def _connect(self, client: discord.Client) -> None:
        self._shards.clear()
        try:
            await client.connect()
        except discord.PrivilegedIntentsRequired:
            if len(self._asking) == 1:
                raise
            self._asking.pop()
            read_messages, members = self._asking[-1]
            _log.warning(
                "Discord refuses an intent (Developer Portal, Bot, Privileged Gateway Intents); asking for less",
                extra={"message_content": read_messages, "members": members},
            )

    def came_up(self, shard: int, of: int) -> None:
        """Note that a shard is connected."""
        self._shards.add(shard)
        if len(self._shards) == of:
            self._up.set()

    def went_down(self, shard: int) -> None:
        """Note that a shard is gone; the SDK resumes by itself."""
        self._shards.discard(shard)
        self._up.clear()

    async def take_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer an interaction."""
        await self.work(self._interactions.take(interaction))

    async def take_message(self, message: discord.Message, me: int) -> None:
        """Answer a text message."""
        await self.work(self._messages.take(message, me))

    async def take_newcomer(self, member: discord.Member) -> None:
        """Let somebody who came (back) have what they hold."""
        if self._regulars is not None:
            await self.work(self._regulars.came(member))


class _Client(discord.AutoShardedClient):
    """The SDK's client: it keeps nothing and hands everything on."""

    def __init__(self, door: Discord, *, read_messages: bool, members: bool) -> None:
        super().__init__(
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=read_messages, members=members
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        private.guard(self)
        self._door = door

    async def on_shard_connect(self, shard: int) -> None:
        self._door.came_up(shard, self.shard_count or 1)

    async def on_shard_resumed(self, shard: int) -> None:
        self._door.came_up(shard, self.shard_count or 1)

    async def on_shard_disconnect(self, shard: int) -> None:
        self._door.went_down(shard)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._door.take_interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        if self.user is not None:
            await self._door.take_message(message, self.user.id)

    async def on_member_join(self, member: discord.Member) -> None:
        await self._door.take_newcomer(member)
