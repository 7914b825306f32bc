"""What passes between the bot and the stand-in: every request is kept, and some are made to fail on demand."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.platforms.discord import refusals
from tests.platforms.discord.rest import JSON, answer

API = "/api/v10"
#: Routes that need no bot token: they have an interaction's, or are for anybody.
_OPEN = re.compile(r"/(interactions|webhooks)/|/gateway$")
_ERRORS = 400

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Request:
    """A request the bot made, and the status it got."""

    method: str
    path: str
    body: Any
    status: int
    #: The error it got, where it got one.
    refusal: Any = None


@dataclass
class Failure:
    """The next `times` requests that match get this answer, before or after they have had their effect."""

    method: str
    path: re.Pattern[str]
    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    times: int
    after: bool

    def answer(self) -> web.Response:
        """Make the answer."""
        return web.Response(body=json.dumps(self.body).encode(), status=self.status, headers={**JSON, **self.headers})


class Traffic:
    """Stands before every route."""

    def __init__(self, token: str, *, notify: Callable[[], None]) -> None:
        self._token = token
        self._notify = notify
        self.requests: list[Request] = []
        self.failures: list[Failure] = []

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep the request with what became of it."""
        path = request.path.removeprefix(API)
        response = await self._handled(request, handler, path)
        text = await request.text() if request.content_type == "application/json" else ""
        refused = isinstance(response, web.Response) and response.status >= _ERRORS
        refusal = _parsed(response.text or "") if isinstance(response, web.Response) and refused else None
        self.requests.append(Request(request.method, path, _parsed(text), response.status, refusal))
        self._notify()
        return response

    async def _handled(self, request: web.Request, handler: Handler, path: str) -> web.StreamResponse:
        failure = self._failure(request.method, path)
        if failure is not None and not failure.after:
            return failure.answer()
        try:
            if not _OPEN.match(path) and request.headers.get("Authorization") != f"Bot {self._token}":
                raise refusals.unauthorized()
            response = await handler(request)
        except refusals.RefusedError as refused:
            return answer(refused.body, refused.status)
        except web.HTTPNotFound:
            return answer(refusals.not_found().body, 404)
        return response if failure is None else failure.answer()

    def _failure(self, method: str, path: str) -> Failure | None:
        for failure in self.failures:
            if failure.times > 0 and failure.method == method and failure.path.search(path):
                failure.times -= 1
                return failure
        return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
