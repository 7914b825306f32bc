"""The sandbox's inside: its accounts, its storage, its clock, and what happens by itself as time passes."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from adapters.sandbox import completion, disputes, dunning, payouts, refunds, sessions, subscriptions
from adapters.sandbox.accounts import account_id, webhook_endpoint
from adapters.sandbox.books import Books
from adapters.sandbox.cards import DECLINED
from adapters.sandbox.errors import no_such
from adapters.sandbox.faults import Faults
from adapters.sandbox.idempotency import Keys
from adapters.sandbox.rows import Body, Timer
from adapters.sandbox.rules import Rules
from adapters.sandbox.storage import Storage
from adapters.sandbox.webhooks import Endpoint, Sender

_log = logging.getLogger(__name__)

# What timers bring, by their kind.
_HAPPENINGS: Mapping[str, Callable[[Books, str], object]] = {
    "decide": disputes.decided,
    "dispute": disputes.begin_by_card,
    "due": disputes.pass_due,
    "expire": sessions.expire_in_time,
    "payout": lambda books, _: payouts.pay_out(books),
    "refund": refunds.settle,
    "renew": subscriptions.renew,
    "retry": dunning.retry,
    "settle": completion.settle,
}
LONGEST_NAP = 1.0
"""Seconds: a clock that is not the machine's own may jump, so it is looked at this often."""


class Engine:
    """Everything but HTTP. `base` is the public address, known once the server listens."""

    def __init__(
        self,
        *,
        path: Path | str,
        accounts: Mapping[str, Endpoint | None],
        settle_after: float,
        rules: Rules,
        now: Callable[[], float],
        stamp: Callable[[], float] | None = None,
    ) -> None:
        for key in accounts:
            if "_live_" in key:
                raise ValueError("the sandbox takes no live keys: give it one that begins with sk_test_")
        self.base = ""
        self.now = now
        self.storage = Storage(path)
        self.keys = Keys(self.storage)
        self.faults = Faults()
        self.accounts: dict[str, str] = {}
        self._settle_after = settle_after
        self._rules = rules
        self._awake = asyncio.Event()
        self.sender = Sender(self.storage, now, self.wake, stamp=stamp)
        for key, endpoint in accounts.items():
            self.listen(key, endpoint)

    def listen(self, key: str, endpoint: Endpoint | None) -> None:
        """Let a key be an account of its own, whose events go to `endpoint`; None sends them nowhere."""
        account = self.accounts[key] = account_id(key)
        name = f"we_{account.removeprefix('acct_')}"
        with self.storage.unit():
            self.storage.remove(account, name)
            if endpoint is not None:
                body = webhook_endpoint(name, endpoint.url, int(self.now()))
                self.storage.add(account, "webhook_endpoint", created=body["created"], body=body, hidden={})
        if endpoint is None:
            self.sender.endpoints.pop(account, None)
        else:
            self.sender.endpoints[account] = endpoint

    def wake(self) -> None:
        """Have the clock look at what is due."""
        self._awake.set()

    @contextlib.contextmanager
    def books(self, account: str, request: Body | None = None) -> Iterator[Books]:
        """Open an account's books for one transaction."""
        with self.storage.unit():
            books = Books(
                self.storage,
                account,
                self.base,
                self.now(),
                self._settle_after,
                self._rules,
                self.sender.announce,
            )
            if request is not None:
                books.request = request
            yield books
        self.wake()

    async def run(self) -> None:
        """Let time pass, until cancelled: sessions expire, payments settle, subscriptions renew, webhooks go out."""
        with self.storage.unit():
            self.storage.recall()
        while True:
            self._awake.clear()
            self.pass_time()
            self.sender.send_due()
            due = self.storage.next_due()
            nap = LONGEST_NAP if due is None else min(max(due - self.now(), 0), LONGEST_NAP)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._awake.wait()

    def pass_time(self, name: str | None = None) -> None:
        """Let everything happen that is due by now, or only what is due to one object."""
        for timer in self.storage.due_timers(self.now(), name):
            try:
                self._happen(timer)
            except Exception:  # noqa: BLE001  one object that cannot go on must not stop the clock for all others
                _log.exception("sandbox timer failed kind=%s object=%s", timer.kind, timer.object)
                with self.storage.unit():
                    self.storage.clear_timers(timer.kind, timer.object)

    def settle(self, account: str, name: str) -> None:
        """Settle a delayed payment or refund now."""
        kind = "refund" if name.startswith("re_") else "settle"
        self._happen(Timer(0, account, kind, name, 0))

    def renew(self, account: str, name: str, *, paid: bool = True) -> Body:
        """Bring a subscription to its next renewal now; with `paid` false the card is declined."""
        with self.books(account) as books:
            return subscriptions.renew(books, name, decline=None if paid else DECLINED)

    def resend(self, account: str, name: str) -> None:
        """Send an event once more, delivered or not."""
        if self.storage.find(name, account, "event") is None:
            raise no_such("event", name, "id")
        with self.storage.unit():
            self.storage.send(account, name, self.now())
        self.wake()

    def _happen(self, timer: Timer) -> None:
        with self.books(timer.account) as books:
            self.storage.clear_timers(timer.kind, timer.object)
            _HAPPENINGS[timer.kind](books, timer.object)
