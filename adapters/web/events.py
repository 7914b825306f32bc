"""Server-sent events (HTML Living Standard, 9.2): a person's news while their page is open, resumed by Last-Event-ID."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import tzinfo
from typing import Final

from aiohttp import web

from adapters.web.guard import Rejected
from adapters.web.news import Newsroom, OpenPage
from adapters.web.render import render
from adapters.web.server import STOPPING
from adapters.web.watching import Watching
from bot.chat import Card, Person
from bot.errors import TillbotError

_log: Final = logging.getLogger(__name__)

#: Seconds after which a comment keeps proxies from closing the connection, and the store is looked at without being woken.
HEARTBEAT: Final = 15.0
#: Milliseconds after which a browser tries again.
_RETRY: Final = 1000

_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # nginx would otherwise keep the events until its buffer is full.
    "X-Accel-Buffering": "no",
}


def last_id(request: web.Request) -> int | None:
    """Read where to resume: the Last-Event-ID header, else `?last=`; None where the page is new."""
    text = request.headers.get("Last-Event-ID") or request.query.get("last", "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:  # noqa: PLR2004 - beyond any 64-bit id
        raise Rejected(400, "bad_value", "Last-Event-ID must be the id of an event")
    return int(text)


class Stream:
    """One open page. It reads the store when it is woken, writes what is new, and ends when we stop."""

    def __init__(
        self,
        newsroom: Newsroom,
        watching: Watching,
        *,
        person: Person,
        lasts: Callable[[], bool],
        locale: str,
        zone: tzinfo,
    ) -> None:
        """`lasts` tells whether whoever opened the page still is that person: a staff's shift ends."""
        self._newsroom = newsroom
        self._watching = watching
        self._key = person.key
        self._address = person.address
        self._lasts = lasts
        self._locale = locale
        self._zone = zone
        self._last: int | None = None

    async def run(self, request: web.Request, response: web.StreamResponse, last: int | None) -> web.StreamResponse:
        """Serve until the client goes or the server stops. `response` is not prepared yet."""
        self._last = last
        response.headers.update(_HEADERS)
        stopping = request.app[STOPPING]

        def connected() -> bool:
            return request.transport is not None and not request.transport.is_closing() and self._lasts()

        async with self._watching.join(self._key, connected, self._address) as page:
            with suppress(ConnectionError):
                await response.prepare(request)
                await self._serve(response, page, stopping)
        return response

    async def _serve(self, response: web.StreamResponse, page: OpenPage, stopping: asyncio.Event) -> None:
        await response.write(f"retry: {_RETRY}\n\n".encode())
        beat = time.monotonic()
        while not stopping.is_set() and page.connected():
            page.woken.clear()
            if await self._write_news(response) or time.monotonic() - beat >= HEARTBEAT:
                await response.write(b": here\n\n")
                beat = time.monotonic()
            page.last = self._last
            await _first(page.woken, stopping, within=beat + HEARTBEAT - time.monotonic())
        await response.write_eof()

    async def _write_news(self, response: web.StreamResponse) -> bool:
        try:
            new = self._last is None
            news = await self._read()
            for news_id, card in news:
                data = json.dumps(render(card, self._zone), ensure_ascii=False)
                await response.write(f"id: {news_id}\ndata: {data}\n\n".encode())
                self._last = max(self._last or 0, news_id)
                await self._note(news_id)
            if new:  # so that a page which lost its connection before any news says from where on it knows none
                await response.write(f"id: {self._last}\n\n".encode())
        except TillbotError:
            _log.exception("news not read")
            return False
        return bool(news)

    async def _note(self, news_id: int) -> None:
        try:
            await self._newsroom.told(self._key, news_id)
        except TillbotError:  # the page has it; should it ask again, it knows the id
            _log.exception("news not noted as told")

    async def _read(self) -> Sequence[tuple[int, Card]]:
        if self._last is not None:
            return await self._newsroom.since(self._key, self._last, self._locale)
        # Asked before what is untold is read: what comes in between is untold, and so not missed.
        latest = (await self._newsroom.newest([self._key])).get(self._key, 0)
        news = await self._newsroom.untold(self._key, self._locale)
        self._last = max([latest, *(news_id for news_id, _ in news)])
        return news


async def _first(*events: asyncio.Event, within: float) -> None:
    """Wait until one of the events is set, so many seconds at most."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=max(within, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
