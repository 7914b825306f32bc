"""Webhooks: signed, sent in the background, sent again until taken, and mischief with them on demand.

Signatures: https://docs.stripe.com/webhooks#verify-manually.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.rows import Body, Delivery
from adapters.sandbox.storage import Storage

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
GIVEN_UP_AFTER = 3 * 24 * 60 * 60
"""Seconds: Stripe tries live events for three days, with pauses that grow; ours are short from the beginning."""

_AT_ONCE = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endpoint:
    """Where an account's events go, and the secret they are signed with."""

    url: str
    secret: str = field(repr=False)


@dataclass
class Mischief:
    """What befalls the webhooks of events from now on.

    Each is sent `copies` times, `delay` seconds late; those of `reorder` seconds are gathered and sent last first;
    the next `drop` events are never sent at all.
    """

    copies: int = 1
    delay: float = 0.0
    reorder: float = 0.0
    drop: int = 0
    _gathered_until: float = 0.0

    def due(self, now: float) -> float:
        """Give the instant at which an event of now is to be sent."""
        due = now + self.delay
        if self.reorder:
            if self._gathered_until <= now:
                self._gathered_until = now + self.reorder
            due = max(due, self._gathered_until)
        return due


def sign(payload: str, secret: str, at: int) -> str:
    """Give the Stripe-Signature header of a payload sent at an instant."""
    mac = hmac.new(secret.encode(), f"{at}.{payload}".encode(), hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


@dataclass
class Sender:
    """Sends events to the endpoints of their accounts."""

    storage: Storage
    now: Callable[[], float]
    wake: Callable[[], None]
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    mischief: Mischief = field(default_factory=Mischief)
    #: Tells the seconds that are signed with, where `now` is not the real time that signatures are judged by.
    stamp: Callable[[], float] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _session: aiohttp.ClientSession | None = None
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def announce(self, books: Books, event: Body) -> None:
        """Put a new event on its way, if its account has an endpoint."""
        if books.account not in self.endpoints:
            return
        books.save(event | {"pending_webhooks": 1}, {})
        if self.mischief.drop > 0:
            self.mischief.drop -= 1
            self.storage.send(books.account, event["id"], books.now, "dropped")
        else:
            self.storage.send(books.account, event["id"], self.mischief.due(books.now))

    def send_due(self) -> None:
        """Begin to send what is due; returns at once."""
        with self.storage.unit():
            due = self.storage.due_deliveries(self.now())
        if self.mischief.reorder:
            self._begin(due[::-1])
        else:
            for delivery in due:
                self._begin([delivery])

    async def idle(self) -> None:
        """Wait until no delivery is waiting or being made."""
        while self.storage.on_its_way():
            self._moved.clear()
            await self._moved.wait()

    async def close(self) -> None:
        """Stop sending; what was on its way is sent when the sandbox runs again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _begin(self, deliveries: list[Delivery]) -> None:
        if deliveries:
            task = asyncio.create_task(self._send_in_order(deliveries))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send_in_order(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            async with self._gate:
                taken = False
                for _ in range(self.mischief.copies):
                    taken = await self._post(delivery) or taken
            self._note(delivery, taken=taken)

    async def _post(self, delivery: Delivery) -> bool:
        row = self.storage.find(delivery.event, delivery.account)
        endpoint = self.endpoints.get(delivery.account)
        if row is None or endpoint is None:
            return False
        payload = json.dumps(row.body, indent=2, ensure_ascii=False)
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(payload, endpoint.secret, int((self.stamp or self.now)())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            async with self._session.post(
                endpoint.url, data=payload.encode(), headers=headers, allow_redirects=False
            ) as response:
                return 200 <= response.status < 300  # noqa: PLR2004  success, as HTTP defines it
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.info(
                "webhook not taken event=%s type=%s error=%s", delivery.event, row.body["type"], type(error).__name__
            )
            return False

    def _note(self, delivery: Delivery, *, taken: bool) -> None:
        now = self.now()
        with self.storage.unit():
            row = self.storage.find(delivery.event, delivery.account)
            if row is None:
                return
            if taken:
                self.storage.move_delivery(delivery, state="delivered", due=now)
                left = self.storage.undelivered(delivery.event)
                self.storage.write(delivery.account, delivery.event, row.body | {"pending_webhooks": left}, {})
            elif now - row.body["created"] > GIVEN_UP_AFTER:
                self.storage.move_delivery(delivery, state="failed", due=now)
            else:
                pause = min(FIRST_PAUSE * 2**delivery.attempt, LONGEST_PAUSE)
                self.storage.move_delivery(delivery, state="pending", due=now + pause)
        self._moved.set()
        self.wake()


def new_secret() -> str:
    """Make a webhook secret, for a demo that has none of its own."""
    return new_id("whsec", 32)
