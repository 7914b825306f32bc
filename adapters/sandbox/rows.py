"""What the sandbox's file holds, a row at a time."""

from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One stored object: what the API shows, and what only the sandbox knows of it."""

    seq: int
    account: str
    kind: str
    id: str
    body: Body
    hidden: Body


@dataclass(frozen=True)
class Timer:
    """Something that happens to an object at an instant, in seconds since the epoch."""

    id: int
    account: str
    kind: str
    object: str
    due: float


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    account: str
    event: str
    attempt: int
    due: float


@dataclass(frozen=True)
class Kept:
    """The answer kept under an idempotency key, and the request it answered."""

    path: str
    fingerprint: str
    request: str
    status: int
    body: str
