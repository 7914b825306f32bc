"""The sandbox's own runner: the API, the hosted page and the controls on one port."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from aiohttp import web

from adapters.sandbox import control, hosted, hosted_invoice, hosted_link, hosted_portal, levers
from adapters.sandbox.accounts import account_id
from adapters.sandbox.api import Api
from adapters.sandbox.disputes import Claim
from adapters.sandbox.engine import Engine
from adapters.sandbox.faults import Fault
from adapters.sandbox.rows import Body
from adapters.sandbox.rules import Rules
from adapters.sandbox.webhooks import Endpoint, Mischief

SETTLE_AFTER = 5.0
"""Seconds until a delayed payment settles; at a real bank it is days."""
RULES = Rules()
CLAIM = Claim()


class Sandbox:
    """A small Stripe: `async with Sandbox(path=..., accounts={"sk_test_...": Endpoint(url, secret)}) as sandbox`.

    `sandbox.base` is its address, to be given to the SDK as base address for `api`. Every key of `accounts` is an
    account of its own. `public` is the address that buyers reach it by, where that differs from `base`. `now` gives
    seconds since the epoch; `stamp` gives those that webhooks are signed with, where `now` is not the real time.
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
        rules: Rules = RULES,
        now: Callable[[], float] = time.time,
        stamp: Callable[[], float] | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._public = public
        self._path = path
        self._accounts = accounts
        self._settle_after = settle_after
        self._rules = rules
        self._now = now
        self._stamp = stamp
        self._stack = contextlib.AsyncExitStack()
        self.base = ""

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            engine = Engine(
                path=self._path,
                accounts=self._accounts,
                settle_after=self._settle_after,
                rules=self._rules,
                now=self._now,
                stamp=self._stamp,
            )
            stack.callback(engine.storage.close)
            stack.push_async_callback(engine.sender.close)
            api = Api(engine)
            app = web.Application()
            app.add_routes(
                [
                    web.route("*", "/v1/{tail:.*}", api.answer),
                    *control.routes(engine),
                    *hosted.routes(engine),
                    *hosted_invoice.routes(engine),
                    *hosted_link.routes(engine),
                    *hosted_portal.routes(engine),
                ]
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

    def retry(self, key: str, invoice: str, *, paid: bool = True) -> Body:
        """Try an open invoice again now; with `paid` false it is declined."""
        return levers.retry(self._engine, account_id(key), invoice, paid=paid)

    def reprice(self, key: str, subscription: str, amount: int) -> Body:
        """Change in the dashboard what a subscription of one thing costs from its next invoice on, in minor units."""
        return levers.reprice(self._engine, account_id(key), subscription, amount)

    def cancel(self, key: str, subscription: str) -> Body:
        """End a subscription in the dashboard, at once."""
        return levers.cancel(self._engine, account_id(key), subscription)

    def refund(self, key: str, payment_intent: str, amount: int | None = None) -> Body:
        """Refund in the dashboard, so much in minor units, or all that is left."""
        return levers.refund(self._engine, account_id(key), payment_intent, amount)

    def fail_refund(self, key: str, refund: str) -> Body:
        """Have a refund fail, whatever it was made to."""
        return levers.fail_refund(self._engine, account_id(key), refund)

    def dispute(self, key: str, payment_intent: str, claim: Claim = CLAIM) -> Body:
        """Have a payment disputed."""
        return levers.dispute(self._engine, account_id(key), payment_intent, claim)

    def decide(self, key: str, dispute: str, outcome: str) -> Body:
        """Have the bank decide a dispute, `won` or `lost`, or `disputed`, which makes one of an inquiry."""
        return levers.decide(self._engine, account_id(key), dispute, outcome)

    def pay_out(self, key: str) -> list[Body]:
        """Pay out all that is there, now."""
        return list(levers.pay_out(self._engine, account_id(key))["data"])

    def take_fee(self, key: str, amount: int, currency: str) -> Body:
        """Take a fee that belongs to no payment, in minor units."""
        return levers.take_fee(self._engine, account_id(key), amount, currency)

    def pay(self, session: str, number: str) -> Body:
        """Pay a session as a buyer does who changes nothing on its page but the number."""
        return levers.pay(self._engine, session, number)

    def pass_time(self) -> None:
        """Let everything happen that is due by now, and its events go out: for whoever moves the clock."""
        self._engine.pass_time()
        self._engine.sender.send_due()

    def next_due(self) -> float | None:
        """Tell when the next thing happens by itself or is sent, in seconds since the epoch; None where nothing is."""
        return self._engine.storage.next_due()

    async def delivered(self) -> None:
        """Wait until no event is on its way; one that nobody takes is on its way for days."""
        await self._engine.sender.idle()

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
