"""The sandbox's own runner: the API, the hosted page and the controls on one port."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from aiohttp import web

from adapters.sandbox import control, hosted
from adapters.sandbox.accounts import account_id
from adapters.sandbox.api import Api
from adapters.sandbox.engine import Engine
from adapters.sandbox.faults import Fault
from adapters.sandbox.storage import Body
from adapters.sandbox.webhooks import Endpoint, Mischief

SETTLE_AFTER = 5.0
"""Seconds until a delayed payment settles; at a real bank it is days."""


class Sandbox:
    """A small Stripe: `async with Sandbox(path=..., accounts={"sk_test_...": Endpoint(url, secret)}) as sandbox`.

    `sandbox.base` is its address, to be given to the SDK as base address for `api`. Every key of `accounts` is an
    account of its own. `public` is the address that buyers reach it by, where that differs from `base`. `now` gives
    seconds since the epoch.
    """

    def __init__(
        self,
        *,
        path: Path | str,
        accounts: Mapping[str, Endpoint | None],
        host: str = "127.0.0.1",
        port: int = 0,
        public: str | None = None,
        settle_after: float = SETTLE_AFTER,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._port = port
        self._public = public
        self._path = path
        self._accounts = accounts
        self._settle_after = settle_after
        self._now = now
        self._stack = contextlib.AsyncExitStack()
        self.base = ""

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            engine = Engine(path=self._path, accounts=self._accounts, settle_after=self._settle_after, now=self._now)
            stack.callback(engine.storage.close)
            stack.push_async_callback(engine.sender.close)
            api = Api(engine)
            app = web.Application()
            app.add_routes(
                [web.route("*", "/v1/{tail:.*}", api.answer), *control.routes(engine), *hosted.routes(engine)]
            )
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            stack.callback(engine.faults.clear)  # first of all, or held up requests would hold up the end
            site = web.TCPSite(runner, self._host, self._port)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            engine.base = (self._public or self.base).rstrip("/")
            clock = asyncio.create_task(engine.run())
            stack.push_async_callback(_cancelled, clock)
            self._engine = engine
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def listen(self, key: str, endpoint: Endpoint | None) -> None:
        """Send the events of a key's account to `endpoint` from now on; a key that was unknown gets its account."""
        self._engine.listen(key, endpoint)

    def fail(self, fault: Fault) -> None:
        """Have a fault befall the next requests."""
        self._engine.faults.add(fault)

    def forgive(self) -> None:
        """Have no more faults, and webhooks as they should be."""
        self._engine.faults.clear()
        self._engine.sender.mischief = Mischief()

    def disturb(self, mischief: Mischief) -> None:
        """Have something befall the webhooks of events from now on."""
        self._engine.sender.mischief = mischief

    def ledger(self) -> list[Body]:
        """List every charge and refund of all accounts, oldest first."""
        return self._engine.storage.ledger()

    def renew(self, key: str, subscription: str, *, paid: bool = True) -> Body:
        """Bring a subscription to its next renewal now; with `paid` false its card is declined."""
        return self._engine.renew(account_id(key), subscription, paid=paid)

    def settle(self, key: str, name: str) -> None:
        """Settle a delayed payment or refund now."""
        self._engine.settle(account_id(key), name)

    def resend(self, key: str, event: str) -> None:
        """Send an event once more, delivered or not."""
        self._engine.resend(account_id(key), event)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def serve(
    *,
    path: Path | str,
    accounts: Mapping[str, Endpoint | None],
    host: str = "127.0.0.1",
    port: int = 0,
    public: str | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """Run the sandbox alone until cancelled; `started` is called with its address once it listens."""
    async with Sandbox(path=path, accounts=accounts, host=host, port=port, public=public) as sandbox:
        if started is not None:
            started(sandbox.base)
        await asyncio.Event().wait()
