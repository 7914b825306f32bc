"""A bot logged in to Discord, by whichever door it hears people: the voice that tells them things, and the perks it gives."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final

import aiohttp
import discord

from adapters.discord import commands, identifiers, perks, private, registering, voice
from adapters.discord.interactions import Interactions
from adapters.discord.people import PLATFORM, Locales, Regulars
from bot.chat import Card
from bot.conversation import Conversation
from bot.errors import Unreachable
from bot.orders import Buyer
from bot.perks import Perk

_log: Final = logging.getLogger(__name__)

#: Seconds between two attempts to log in while Discord does not answer: doubled each time, up to the last.
_FIRST_PAUSE: Final = 1.0
_LAST_PAUSE: Final = 60.0
#: Seconds that running steps get to end at shutdown.
_DRAIN_SECONDS: Final = 10.0
_BROKEN: Final = 500


class Connection(ABC):
    """One bot. It is the Voice and the Perks of the platform; a door decides how it hears people.

    `regulars` knows who was seen lately, where perks exist. Raises ValueError where the id of a command or step is too
    long for a button.
    """

    platform: Final = PLATFORM

    def __init__(
        self, conversation: Conversation, *, token: str, perks: bool, api_base: str = "", gateway: str = ""
    ) -> None:
        identifiers.check(conversation.commands)
        self._conversation = conversation
        self._token = token
        self._api_base = api_base
        self._gateway = gateway
        self._locales = Locales()
        self._regulars = Regulars(conversation, self._locales) if perks else None
        self._interactions = Interactions(conversation, self._locales, self._regulars)
        self._client: discord.Client | None = None
        self._running: asyncio.Task[None] | None = None
        self._working: set[asyncio.Task[Any]] = set()
        self._up = asyncio.Event()
        self._undo: Callable[[], None] = lambda: None

    @property
    def up(self) -> bool:
        """Whether people can be heard now."""
        return self._up.is_set()

    async def connected(self) -> None:
        """Wait until people can be heard."""
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

    @abstractmethod
    def _make(self) -> discord.Client:
        """Make the SDK's client."""

    @abstractmethod
    async def _hear(self, client: discord.Client) -> None:
        """Hear people through a client that has logged in, until that fails; returning asks for another client at once."""

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            client = self._make()
            begun = time.monotonic()
            try:
                await client.login(self._token)
                self._client = client
                await self._register(client)
                await self._hear(client)
            except discord.LoginFailure:
                _log.error("Discord refuses the token; see DISCORD_TOKEN")
                return
            except (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException) as error:
                _log.warning("Discord does not answer", extra={"error": type(error).__name__})
            except Exception:  # noqa: BLE001 - whatever Discord sent that the SDK cannot read, it is connected anew
                _log.exception("the connection to Discord broke")
            else:
                continue
            finally:
                self._up.clear()
                self._client = None
                await client.close()
            if time.monotonic() - begun > _LAST_PAUSE:  # it went well for a while
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def _register(self, client: discord.Client) -> None:
        try:
            changed = await registering.push(client, self._listing())
        except discord.HTTPException as error:
            if error.status >= _BROKEN:
                raise
            _log.error("commands not registered; see tillbot register discord", extra={"code": error.code})
        else:
            if changed:
                _log.info("commands registered", extra={"changed": ", ".join(changed)})

    def _listing(self) -> list[private.Json]:
        conversation = self._conversation
        return commands.listing(conversation.commands, conversation.language.locales(), conversation.tongue)

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: "edited" or "sent". Raises Unreachable or Later."""
        return await voice.tell(self._reachable(), buyer, card, key)

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a channel, named by its id. Raises Unreachable or Later."""
        return await voice.post(self._reachable(), channel, card, key)

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card. Raises Unreachable or Later."""
        await voice.amend(self._reachable(), channel, reference, card)

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Give somebody a role. Raises Unreachable or Later."""
        await perks.grant(self._reachable(), buyer, perk)

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take a role away. Raises Unreachable or Later."""
        await perks.revoke(self._reachable(), buyer, perk)

    def _reachable(self) -> discord.Client:
        if self._client is None:
            raise Unreachable("discord: not connected", for_good=False)
        return self._client

    def work(self, coming: Coroutine[Any, Any, None], context: Context | None = None) -> asyncio.Task[None]:
        """Do something that close() waits for."""
        task = asyncio.create_task(coming, context=context)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return task
