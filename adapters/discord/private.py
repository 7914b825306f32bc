"""The parts of discord.py that are not its public interface: all of them are here, and the version is pinned for it."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from typing import Any, Final

import discord
from discord import InteractionResponseType
from discord.gateway import DiscordWebSocket
from discord.http import Route, handle_message_parameters
from discord.webhook.async_ import AsyncWebhookAdapter, async_context
from yarl import URL

from adapters.discord.cards import Drawn

_log: Final = logging.getLogger(__name__)

Json = dict[str, Any]

_DEFERRALS: Final = (
    InteractionResponseType.deferred_channel_message.value,
    InteractionResponseType.deferred_message_update.value,
)
#: What may be skipped where the SDK cannot read it; READY and its like may not, the connection stands on them.
_SKIPPABLE: Final = ("INTERACTION_CREATE", "MESSAGE_CREATE", "GUILD_MEMBER_ADD")


def point(api_base: str, gateway: str) -> Callable[[], None]:
    """Send the SDK, the whole process of it, to other addresses ("" leaves one as it is); call the answer to undo it."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    if api_base:
        Route.BASE = api_base.rstrip("/")
    if gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)

    def undo() -> None:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    return undo


def api_base() -> str:
    """Give the address that requests go to."""
    return Route.BASE


def guard(client: discord.Client) -> None:
    """Skip events that the SDK cannot read, instead of letting one end the connection."""
    parsers = client._connection.parsers  # noqa: SLF001
    for event in _SKIPPABLE:
        parsers[event] = _guarded(event, parsers[event])


def _guarded(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    def parsed(data: Any) -> None:
        try:
            try:
                parse(data)
            except Exception:
                if event != "INTERACTION_CREATE":
                    raise
                parse(_bare(data))
        except Exception as error:  # noqa: BLE001 - whatever arrived, the next event is heard
            _log.warning("event not readable", extra={"event": event, "error": type(error).__name__})

    return parsed


def interaction(client: discord.Client, payload: Any) -> discord.Interaction[Any]:
    """Read an interaction that came over HTTP, as the gateway's connection does. Raises ValueError where it is none."""
    state = client._connection  # noqa: SLF001
    try:
        try:
            return discord.Interaction(data=payload, state=state)
        except Exception:  # noqa: BLE001 - the SDK raises whatever comes of a missing field
            return discord.Interaction(data=_bare(payload), state=state)
    except Exception as error:
        raise ValueError("no interaction") from error


def _bare(payload: Any) -> Any:
    """Leave out what is promised only in part (a channel), or is not needed (a message), where the SDK wants it whole."""
    return {name: value for name, value in payload.items() if name not in ("channel", "message")}


def roles(member: discord.User | discord.Member) -> tuple[str, ...]:
    """Give the ids of a member's roles as the payload told them: the SDK shows only those it knows the names of."""
    return tuple(map(str, member._roles)) if isinstance(member, discord.Member) else ()  # noqa: SLF001


class Inline(AsyncWebhookAdapter):
    """Puts the first answer to one interaction into the HTTP response to the request that brought it.

    A deferral does not go there. It is sent by REST, after a 202, so that Discord is known to have taken it before
    anything follows: what follows an inline deferral at once is now and then refused as 404 (discord-api-docs, 7220).
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        #: What to respond with: a body, or None for 202.
        self.answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._sent: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def context(self) -> Context:
        """Give the context in which the SDK answers through this."""
        context = copy_context()
        context.run(async_context.set, self)
        return context

    def sent(self, *, whole: bool) -> None:
        """Note that the response has left whole, or never will."""
        if not self._sent.done():
            self._sent.set_result(whole)

    async def create_interaction_response(self, interaction_id: int, token: str, **rest: Any) -> Any:
        """Answer. Raises ConnectionError where nobody waits for it any more, discord.HTTPException."""
        payload: Json = rest["params"].payload
        deferred = payload["type"] in _DEFERRALS
        if not self.answer.done():
            self.answer.set_result(None if deferred else payload)
        if not await self._sent:
            raise ConnectionError("nobody waits for the answer any more")
        if deferred:
            return await super().create_interaction_response(interaction_id, token, **rest)
        return {"interaction": {"id": str(interaction_id), "type": payload["type"]}}


async def registered(client: discord.Client) -> Sequence[Mapping[str, Any]]:
    """Give the application's commands as Discord has them, with every language. Raises discord.HTTPException."""
    route = Route(
        "GET", "/applications/{application_id}/commands?with_localizations=true", application_id=client.application_id
    )
    listed: Sequence[Mapping[str, Any]] = await client.http.request(route)
    return listed


async def register(client: discord.Client, commands: list[dict[str, Any]]) -> None:
    """Replace the application's commands. Raises discord.HTTPException."""
    await client.http.bulk_upsert_global_commands(_application(client), commands)


async def add_role(client: discord.Client, guild: int, user: int, role: int) -> None:
    """Give a member a role. Raises discord.HTTPException."""
    await client.http.add_role(guild, user, role)


async def remove_role(client: discord.Client, guild: int, user: int, role: int) -> None:
    """Take a role from a member. Raises discord.HTTPException."""
    await client.http.remove_role(guild, user, role)


async def edit_original(client: discord.Client, token: str, drawn: Drawn) -> None:
    """Edit what answered an interaction, by its token alone. Raises discord.HTTPException."""
    with handle_message_parameters(
        content=None, embed=drawn.embed, view=drawn.view(), allowed_mentions=discord.AllowedMentions.none()
    ) as params:
        await async_context.get().edit_original_interaction_response(
            _application(client),
            token,
            session=client.http._HTTPClient__session,  # type: ignore[attr-defined] # noqa: SLF001 - the SDK's one session
            payload=params.payload,
        )


def _application(client: discord.Client) -> int:
    if client.application_id is None:
        raise ConnectionError("not logged in to Discord")
    return client.application_id
