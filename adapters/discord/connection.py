"""The Discord door: the gateway connection that hears people, and the voice that tells them things."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

import aiohttp
import discord

from adapters.discord import commands, identifiers, private, voice
from adapters.discord.interactions import Interactions
from adapters.discord.messages import Messages
from adapters.discord.people import PLATFORM, Locales
from bot.chat import Card
from bot.conversation import Conversation
from bot.errors import Unreachable
from bot.orders import Buyer

_log: Final = logging.getLogger(__name__)

#: Seconds between two attempts to log in while Discord does not answer: doubled each time, up to the last.
_FIRST_PAUSE: Final = 1.0
_LAST_PAUSE: Final = 60.0
#: Seconds that running steps get to end at shutdown.
_DRAIN_SECONDS: Final = 10.0

_NOT_NOW: Final = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException)


class Discord:
    """One bot on Discord's gateway; it is also the Voice of the platform.

    `token` is the bot's. `prefix` gives what text commands begin with, asked at every message. `read_messages` asks for
    the message content intent, which Discord grants by hand: where it is refused the bot goes on without, and hears
    text only in direct messages and where it is mentioned. `api_base` and `gateway` send the SDK elsewhere.

    Raises ValueError where the id of a command or step is too long for a button.
    """

    platform: Final = PLATFORM

    def __init__(
        self,
        conversation: Conversation,
        *,
        token: str,
        prefix: Callable[[], str] = lambda: "!",
        read_messages: bool = True,
        api_base: str = "",
        gateway: str = "",
    ) -> None:
        identifiers.check(conversation.commands)
        self._conversation = conversation
        self._token = token
        self._read_messages = read_messages
        self._api_base = api_base
        self._gateway = gateway
        locales = Locales()
        self._interactions = Interactions(conversation, locales)
        self._messages = Messages(conversation, locales, prefix=prefix)
        self._client: _Client | None = None
        self._running: asyncio.Task[None] | None = None
        self._working: set[asyncio.Task[Any]] = set()
        self._up = asyncio.Event()
        self._undo: Callable[[], None] = lambda: None

    @property
    def up(self) -> bool:
        """Whether the gateway is connected now."""
        return self._up.is_set()

    async def connected(self) -> None:
        """Wait until the gateway is connected."""
        await self._up.wait()

    async def start(self) -> None:
        """Begin to connect, and return at once; while Discord does not answer it is tried again, ever more slowly."""
        self._undo = private.point(self._api_base, self._gateway)
        self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Let running steps end, then hang up."""
        if self._working:
            await asyncio.wait(self._working, timeout=_DRAIN_SECONDS)
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._undo()

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            client = _Client(self, read_messages=self._read_messages)
            try:
                await client.login(self._token)
                self._client = client
                await self._register(client)
                await client.connect()
            except discord.LoginFailure:
                _log.error("Discord refuses the token; see DISCORD_TOKEN")
                return
            except discord.PrivilegedIntentsRequired:
                _log.warning("Discord grants no message content intent; text is heard in direct messages and mentions")
                self._read_messages = False
                continue
            except _NOT_NOW as error:
                _log.warning("Discord does not answer", extra={"error": type(error).__name__})
            finally:
                self._up.clear()
                self._client = None
                await client.close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def _register(self, client: discord.Client) -> None:
        wanted = commands.listing(
            self._conversation.commands, self._conversation.language.locales(), self._conversation.tongue
        )
        if not commands.same(await private.registered(client), wanted):
            await private.register(client, wanted)

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: "edited" or "sent". Raises Unreachable or Later."""
        return await voice.tell(self._reachable(), buyer, card, key)

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a channel, named by its id. Raises Unreachable or Later."""
        return await voice.post(self._reachable(), channel, card, key)

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card. Raises Unreachable or Later."""
        await voice.amend(self._reachable(), channel, reference, card)

    def _reachable(self) -> discord.Client:
        if self._client is None:
            raise Unreachable("discord: not connected", for_good=False)
        return self._client

    async def work(self, coming: Coroutine[Any, Any, None]) -> None:
        """Do something that close() waits for."""
        task = asyncio.create_task(coming)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        await task

    def came_up(self) -> None:
        """Note that the gateway is connected."""
        self._up.set()

    def went_down(self) -> None:
        """Note that the gateway is gone; the SDK resumes by itself."""
        self._up.clear()

    async def take_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer an interaction."""
        await self.work(self._interactions.take(interaction))

    async def take_message(self, message: discord.Message, me: int) -> None:
        """Answer a text message."""
        await self.work(self._messages.take(message, me))


class _Client(discord.Client):
    """The SDK's client: it keeps nothing and hands everything on."""

    def __init__(self, door: Discord, *, read_messages: bool) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=read_messages),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._door = door

    async def on_connect(self) -> None:
        self._door.came_up()

    async def on_resumed(self) -> None:
        self._door.came_up()

    async def on_disconnect(self) -> None:
        self._door.went_down()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._door.take_interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        if self.user is not None:
            await self._door.take_message(message, self.user.id)
