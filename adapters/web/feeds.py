"""Live feeds of the catalogue, which channels fetch by themselves: made when the shop changed, told by ETag, gzipped."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import tempfile
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot.channels import File

#: Seconds for which a feed is given as it is, whatever was sold meanwhile: making one anew is work that anybody could ask for.
FRESH: Final = 30.0
#: What is packed already.
_PACKED: Final = frozenset({"application/zip"})
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Feed:
    """A catalogue in a channel's form. `version` names what it is made of; `make` makes it, which may take seconds."""

    version: str
    make: Callable[[], File]


class Feeds:
    """Serves `/feeds/CHANNEL`, and `/feeds/CHANNEL.ENDING` for another form. `find` knows them, None for others."""

    def __init__(
        self,
        find: Callable[[str], Feed | None],
        note: Callable[[str, str], Awaitable[None]],
        *,
        fresh: float = FRESH,
    ) -> None:
        """`note` is told of each fetch: the channel, and what the program calls itself."""
        self._find = find
        self._note = note
        self._fresh = fresh
        self._made: dict[str, _Made] = {}
        self._making: dict[str, asyncio.Lock] = {}

    def routes(self) -> list[web.RouteDef]:
        """Give the routes."""
        return [web.get("/feeds/{name}", self._give)]

    async def _give(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        feed = self._find(name)
        if feed is None:
            raise web.HTTPNotFound
        async with self._making.setdefault(name, asyncio.Lock()):
            made = self._made.get(name)
            if made is None or (made.version != feed.version and time.monotonic() - made.at > self._fresh):
                made = await asyncio.to_thread(_make, feed)
                self._made[name] = made
        if request.method == "GET":
            await self._note(name.partition(".")[0], request.headers.get("User-Agent", ""))
        return await _answer(request, made)


class _Body:
    """Bytes in a file that has no name; it is gone when nobody reads it any more."""

    def __init__(self) -> None:
        self.descriptor, name = tempfile.mkstemp(prefix="tillbot-feed-")
        os.unlink(name)  # noqa: PTH108 - it has only its descriptor from here on
        weakref.finalize(self, os.close, self.descriptor)
        self.size = 0

    def write(self, piece: bytes) -> int:
        """Write on."""
        view = memoryview(piece)
        while view:
            view = view[os.write(self.descriptor, view) :]
        self.size += len(piece)
        return len(piece)


@dataclass(frozen=True, slots=True)
class _Made:
    version: str
    at: float
    file: File
    tag: str
    plain: _Body
    #: None where it is packed already.
    gzipped: _Body | None


def _make(feed: Feed) -> _Made:
    at = time.monotonic()
    file = feed.make()
    plain = _Body()
    gzipped = None if file.media_type in _PACKED else _Body()
    digest = hashlib.sha256()
    # GzipFile only writes to it, which the types of the standard library do not know to be enough.
    packing = gzip.GzipFile(fileobj=gzipped, mode="wb", mtime=0) if gzipped else nullcontext()  # type: ignore[call-overload]
    with packing as packer:
        for piece in file.write():
            plain.write(piece)
            digest.update(piece)
            if packer is not None:
                packer.write(piece)
    return _Made(feed.version, at, file, digest.hexdigest()[:32], plain, gzipped)


async def _answer(request: web.Request, made: _Made) -> web.StreamResponse:
    packed = made.gzipped is not None and _takes_gzip(request)
    tag = f"{made.tag}-gzip" if packed else made.tag
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    asked = {each.value for each in request.if_none_match or ()}
    if asked & {tag, "*"}:
        return web.Response(status=304, headers=headers)
    body = made.gzipped if packed and made.gzipped else made.plain
    headers |= {
        "Content-Type": made.file.media_type + ("" if made.file.media_type in _PACKED else "; charset=utf-8"),
        "Content-Disposition": f'inline; filename="{made.file.path}"',
        "Content-Length": str(body.size),
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    if request.method != "HEAD":
        for start in range(0, body.size, _PIECE):
            with suppress(ConnectionError):  # whoever asked went away: the log says so
                await response.write(await asyncio.to_thread(os.pread, body.descriptor, _PIECE, start))
    await response.write_eof()
    return response


def _takes_gzip(request: web.Request) -> bool:
    """Tell whether gzip is among what the client takes (RFC 9110, 12.5.3), a weight of nothing being a no."""
    for each in request.headers.get("Accept-Encoding", "").split(","):
        coding, _, weight = each.replace(" ", "").lower().partition(";q=")
        if coding in {"gzip", "*"}:
            return weight.strip("0.") != "" or weight == ""
    return False
