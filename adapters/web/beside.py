"""A panel beside the web chat: what it shows, and the one thing that can be done there, going to another day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from aiohttp import web

from adapters.web.guard import Rejected
from bot.chat import Context


class Beside(Protocol):
    """What stands beside the conversation."""

    @property
    def tale(self) -> str:
        """Name what is being told: a page that remembers a conversation of another tale begins with none."""
        ...

    async def shown(self, ctx: Context) -> Mapping[str, object]:
        """Give what the panel shows, in the reader's language, as JSON. Raises StoreUnavailable."""
        ...

    async def move(self, ctx: Context, day: date) -> bool:
        """Go to a day, and return at once; False while it goes somewhere. ValueError for a day that there is not."""
        ...


async def show(beside: Beside, ctx: Context) -> web.Response:
    """Answer with what the panel shows."""
    return web.json_response(dict(await beside.shown(ctx)))


async def move(beside: Beside, ctx: Context, to: str) -> web.Response:
    """Go to a day, as ISO 8601 writes it, and answer with what the panel shows. Raises Rejected: 400 or 409."""
    try:
        gone = await beside.move(ctx, date.fromisoformat(to))
    except ValueError:
        raise Rejected(400, "bad_value", '"to" must be a day of the story, as in "2017-02-01"') from None
    if not gone:
        raise Rejected(409, "busy", "the story is on its way already")
    return await show(beside, ctx)
