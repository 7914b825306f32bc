"""The books of one account within one request: its objects, the events they give rise to, its timers and its ledger."""

import secrets
import sqlite3
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from adapters.sandbox.errors import Refusal, no_such
from adapters.sandbox.rows import Body, Row
from adapters.sandbox.rules import Rules
from adapters.sandbox.storage import Storage

# The version of the API whose shapes the sandbox gives: the one that the SDK in use is generated from.
API_VERSION = "2026-10-28.endive"

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Make an id as Stripe's look: a prefix that tells the kind, and letters and digits that tell nothing."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


@dataclass
class Books:
    """One account's objects, as one request or one timer sees and changes them. Lives within one storage unit."""

    storage: Storage
    account: str
    base: str
    now: float
    settle_after: float
    rules: Rules
    announce: Callable[["Books", Body], None]
    request: Body = field(default_factory=lambda: {"id": None, "idempotency_key": None})

    @property
    def at(self) -> int:
        """Give now in whole seconds, as the API writes instants."""
        return int(self.now)

    def add(self, kind: str, ident: str, hidden: Body | None = None, /, **fields: Any) -> Body:
        """Store a new object; `id`, `object`, `created` and `livemode` are set here."""
        body = {"id": ident, "object": kind, "created": self.at, "livemode": False, **fields}
        try:
            self.storage.add(self.account, kind, created=self.at, body=body, hidden=hidden or {})
        except sqlite3.IntegrityError:
            noun = kind.capitalize()
            raise Refusal(f"{noun} already exists.", code="resource_already_exists", param="id") from None
        return body

    def find(self, name: str, kind: str | None = None) -> Row | None:
        """Look up an object of this account."""
        return self.storage.find(name, self.account, kind)

    def row(self, kind: str, name: str, param: str = "id", *, status: int = 404) -> Row:
        """Give an object of this account with what is hidden, or refuse the id."""
        row = self.find(name, kind)
        if row is None:
            raise no_such(kind, name, param, status=status)
        return row

    def get(self, kind: str, name: str, param: str = "id") -> Body:
        """Give an object of this account, or refuse the id."""
        return self.row(kind, name, param).body

    def save(self, body: Body, hidden: Body | None = None) -> None:
        """Store what an object has become; what is hidden of it stays unless given."""
        if hidden is None:
            hidden = self.row(body["object"], body["id"]).hidden
        self.storage.write(self.account, body["id"], body, hidden)

    def emit(self, kind: str, body: Body, previous: Body | None = None) -> None:
        """Store an event with a copy of the object as it is now, and put it on its way to the account's endpoint."""
        data: Body = {"object": body}
        if previous is not None:
            data["previous_attributes"] = previous
        name = new_id("evt")
        event = self.add(
            "event",
            name,
            api_version=API_VERSION,
            data=data,
            pending_webhooks=0,
            request=self.request,
            type=kind,
        )
        self.announce(self, event)

    def later(self, kind: str, name: str, seconds: float) -> None:
        """Have something happen to an object after a while."""
        self.storage.set_timer(self.account, kind, name, self.now + seconds)

    def enter(self, kind: str, body: Body) -> None:
        """Write a charge or refund into the ledger."""
        self.storage.enter(self.account, kind, body, self.now)
