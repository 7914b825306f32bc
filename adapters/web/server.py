"""One HTTP server for every door: it serves the routes it is handed, and says whether it is well."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiohttp import web

from adapters.web.access import Discreet, add_headers, watching
from adapters.web.assets import Assets
from adapters.web.metrics import Metrics
from bot.tracing import UNTRACED, Tracing

_log: Final = logging.getLogger(__name__)
_protocol_log: Final = logging.getLogger("adapters.web.protocol")
_protocol_log.addFilter(Discreet())

#: Bytes of a request's body; Stripe's largest events are far smaller.
MOST_BODY: Final = 1 << 20

#: What anybody may know of how ready we are; the rest, such as the lines of a bad config, is for the operator.
_PUBLIC: Final = frozenset({"money"})

#: Set when the server begins to stop, so that streams end by themselves.
STOPPING: Final = web.AppKey("stopping", asyncio.Event)

Ready = Callable[[], Awaitable[tuple[bool, Mapping[str, object]]]]


class Server:
    """Serves route lists (`adapter.routes()`) on one port. `ready` says whether it can do its work, and why not."""

    def __init__(
        self,
        routes: Sequence[Sequence[web.RouteDef]],
        *,
        ready: Ready,
        metrics: Metrics | None = None,
        host: str = "127.0.0.1",
        port: int = 8080,
        patience: float = 10.0,
        tracing: Tracing = UNTRACED,
    ) -> None:
        """`patience` is how many seconds requests in flight may take to end when the server stops."""
        self.metrics = metrics or Metrics()
        self._ready = ready
        self._host = host
        self._port = port
        self._patience = patience
        self._runner: web.AppRunner | None = None
        self._app = web.Application(middlewares=[watching(self.metrics, tracing)], client_max_size=MOST_BODY)
        self._app.on_response_prepare.append(add_headers)
        self._app[STOPPING] = asyncio.Event()
        self._app.on_shutdown.append(_close)
        for some in (*routes, Assets().routes(), self._own_routes()):
            self._app.add_routes(some)

    @property
    def address(self) -> str:
        """Where it listens: "http://127.0.0.1:8080". Only once it has started."""
        if self._runner is None:
            raise RuntimeError("the server has not started")
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen. Raises OSError where the port is taken; port 0 takes a free one."""
        runner = web.AppRunner(
            self._app, access_log=None, logger=_protocol_log, handle_signals=False, shutdown_timeout=self._patience
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Take no more requests, end the streams, let what is in flight end. Repeatable."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _own_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/healthz", self._alive),
            web.get("/readyz", self._is_ready),
            web.get("/metrics", self._measured),
        ]

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _is_ready(self, request: web.Request) -> web.Response:
        try:
            ok, details = await self._ready()
        except Exception:  # noqa: BLE001 - whatever broke, the answer is: not ready
            _log.exception("readiness not known")
            ok, details = False, {}
        if _from_outside(request):
            details = {name: details[name] for name in _PUBLIC & details.keys()}
        return web.json_response({"ok": ok, **details}, status=200 if ok else 503)

    async def _measured(self, request: web.Request) -> web.Response:
        # What a shop sells is nobody's business outside: a public address, or a proxy in between, is turned away.
        if _from_outside(request):
            raise web.HTTPForbidden(text="metrics are for the inner network")
        return web.Response(body=await self.metrics.page(), headers={"Content-Type": Metrics.content_type})


def _from_outside(request: web.Request) -> bool:
    if request.headers.keys() & {"X-Forwarded-For", "Forwarded", "X-Real-IP"}:
        return True
    try:
        return ipaddress.ip_address((request.remote or "").partition("%")[0]).is_global
    except ValueError:
        return True


async def _close(app: web.Application) -> None:
    app[STOPPING].set()
