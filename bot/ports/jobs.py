"""A transactional outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.store import Unit

Json = Mapping[str, str | int | bool | None]
Handler = Callable[[Json], Awaitable[None]]
Tick = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parked:
    """A job that failed too often and waits for somebody to look at it."""

    id: int
    kind: str
    error: str
    since: datetime


class Jobs(Protocol):
    """A transactional outbox: what is deferred in a unit is done if, and only if, the unit commits.

    At least once, not before `at`, in no order, never cancelled: a job is a wake-up, and its handler reads the state
    and does nothing if that has passed. A handler that raises is called again after growing pauses (1 s to 1 h, with
    jitter), then parked; one that raises Later(at) is called again then, without spending an attempt.
    """

    async def defer(
        self, unit: Unit, kind: str, payload: Json, *, at: datetime | None = None, key: str | None = None
    ) -> None:
        """Have `kind`'s handler called with `payload`. A `key` is accepted once, ever; the second is ignored."""
        ...

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job; before `run`."""
        ...

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Have `tick` called every so many seconds, by one replica; before `run`. A tick that raises is logged."""
        ...

    async def run(self) -> None:
        """Work until cancelled; then let running handlers end."""
        ...

    async def drain(self) -> None:
        """Work off what is due now, and return."""
        ...

    async def late(self) -> timedelta:
        """Tell for how long the job waits that is due the longest; nothing where none is due."""
        ...

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        ...

    async def retry(self, number: int) -> bool:
        """Have a parked job begun again, with all its attempts; tell whether it was parked."""
        ...
