"""Around every request: one log line without personal data, a count, security headers, and no exception unanswered."""

from __future__ import annotations

import logging
import time
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.metrics import Metrics
from bot.tracing import UNTRACED, Tracing

_log: Final = logging.getLogger(__name__)

#: Scripts, styles and requests come from this server alone; nothing is inlined and nobody frames the pages.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: What is asked so often that it says nothing.
_QUIET: Final = frozenset({"/static/{name}", "/favicon.ico", "/healthz", "/readyz", "/metrics"})

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

#: Why a door refused the request, for its line in the log.
_WHY: Final = web.RequestKey("why", str)


def explain(request: web.Request, why: str) -> None:
    """Say in the request's line why it was refused, which makes a warning of it; nothing that was sent belongs there."""
    request[_WHY] = why


def route_of(request: web.Request) -> str:
    """Give the route's pattern, since the path itself may hold a token: "/pay/{token}"."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unmatched"


def watching(metrics: Metrics, tracing: Tracing = UNTRACED) -> Middleware:
    """Make the outermost middleware. What crashed is logged and answered with 500; clients learn nothing of it."""

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun = time.perf_counter()
        route = route_of(request)
        status = 500
        try:
            with tracing.span(f"{request.method} {route}", **{"http.route": route}):
                response = await _answered(handler, request)
            status = response.status
            if isinstance(response, web.HTTPException):
                raise response  # noqa: TRY301 - aiohttp answers with it
        except web.HTTPException:  # an answer like any other
            raise
        except ConnectionError:  # the client went away while it was being answered
            status = 499
            raise
        except Exception:  # noqa: BLE001 - whatever broke, the client gets an answer
            _log.exception("request crashed", extra={"route": route})
            return web.json_response({"error": {"code": "internal", "message": "something went wrong"}}, status=500)
        else:
            return response
        finally:
            seconds = time.perf_counter() - begun
            metrics.answered(request.method, route, status, seconds)
            why = {"why": request[_WHY]} if _WHY in request else {}
            _log.log(
                logging.WARNING if why else logging.DEBUG if route in _QUIET else logging.INFO,
                "request",
                extra={
                    "method": request.method,
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    **why,
                },
            )

    return watch


async def _answered(handler: Handler, request: web.Request) -> web.StreamResponse | web.HTTPException:
    """Give the answer, also where it was raised: for a span that is no failure."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return error


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on a response that is about to be sent."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


class Discreet(logging.Filter):
    """Takes the peer's address and the bytes of malformed requests out of aiohttp's own log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the line, drop what it carries; anybody can cause one, so it alarms nobody."""
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args, record.exc_info = "malformed or unfinished request", (), None
        return True
