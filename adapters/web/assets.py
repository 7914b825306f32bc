"""The files of the pages: style, scripts, logo, each with its type and an ETag."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

_FOLDER: Final = Path(__file__).parent / "static"

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    type: str
    etag: str


class Assets:
    """Every file of the folder, read once; nothing else can be asked for."""

    def __init__(self) -> None:
        self._files = {
            file.name: _Asset(body, _TYPES[file.suffix], f'"{hashlib.sha256(body).hexdigest()[:16]}"')
            for file in sorted(_FOLDER.iterdir())
            if file.suffix in _TYPES
            for body in (file.read_bytes(),)
        }

    def routes(self) -> list[web.RouteDef]:
        """Serve `/static/NAME`, and the logo where browsers look for one by themselves."""
        return [web.get("/static/{name}", self._static), web.get("/favicon.ico", self._icon)]

    async def _static(self, request: web.Request) -> web.Response:
        return self._give(request, request.match_info["name"])

    async def _icon(self, request: web.Request) -> web.Response:
        return self._give(request, "logo.svg")

    def _give(self, request: web.Request, name: str) -> web.Response:
        asset = self._files.get(name)
        if asset is None:
            raise web.HTTPNotFound
        # The names stay the same from version to version, so browsers ask each time, and mostly get 304.
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache"}
        if asset.etag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        return web.Response(body=asset.body, headers={**headers, "Content-Type": asset.type})
