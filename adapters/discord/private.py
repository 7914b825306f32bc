"""The parts of discord.py that are not its public interface: all of them are here, and the version is pinned for it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route, handle_message_parameters
from discord.webhook.async_ import async_context
from yarl import URL

from adapters.discord.cards import Drawn


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
