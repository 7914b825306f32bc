"""What becomes of a job: its handler is called, and the outcome written down, on any database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from adapters.database import job_rows
from adapters.database.job_rows import Job
from adapters.database.patience import Patience, describe
from adapters.database.store import SqlStore
from adapters.database.transaction import Transaction
from bot.errors import Later, StoreUnavailable
from bot.ports import Handler

_log: Final = logging.getLogger(__name__)

#: Seconds after which jobs that nothing here can do are spoken of again.
REMIND: Final = 300.0
#: Seconds at most until a database that took no write is tried again.
RETAKE: Final = 10.0
#: Seconds that a job waits at least which asked to be woken later.
SOON: Final = 0.1


class Handling:
    """The handlers, and how they are called."""

    def __init__(self, store: SqlStore, patience: Patience) -> None:
        self._store = store
        self._patience = patience
        self._handlers: dict[str, Handler] = {}
        self._remind_at = 0.0

    @property
    def kinds(self) -> list[str]:
        """The kinds of jobs that can be done here."""
        return sorted(self._handlers)

    def add(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job. ValueError where something does it already."""
        if kind in self._handlers:
            raise ValueError(f"{kind} jobs have a handler already")
        self._handlers[kind] = handler

    async def do(self, job: Job) -> datetime | None:
        """Do a job, and write down what became of it; give when it is to be done again, None where that is never."""
        try:
            with self._store.tracing.span(f"job {job.kind}", parent=job.trace, **{"tillbot.job": job.id}):
                later = await self._call(job)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is a failed attempt
            return await self._fail(job, describe(error))
        if later is not None:
            return await self._note(lambda written: _postpone(written, job, later))
        return await self._note(lambda written: job_rows.finish(written, job))

    async def mention_strangers(self, *, anew: bool = False) -> None:
        """Say now and then which jobs are due that nothing here can do."""
        clock = asyncio.get_running_loop().time()
        if clock < self._remind_at and not anew:
            return
        self._remind_at = clock + REMIND
        try:
            async with self._store.reading() as unit:
                kinds = await job_rows.strangers(unit.transaction, self._handlers)
        except StoreUnavailable:
            return
        for kind in kinds:
            _log.error("jobs of kind %s are kept: nothing here can do them", kind)

    async def _call(self, job: Job) -> datetime | None:
        """Call the handler; give when it asked to be called again, None where it is done."""
        try:
            await self._handlers[job.kind](job.payload)
        except Later as later:
            return later.at
        return None

    async def _fail(self, job: Job, why: str) -> datetime | None:
        failures = job.attempts + 1
        if failures >= self._patience.attempts:
            _log.error("job %d (%s) is parked after %d attempts: %s", job.id, job.kind, failures, why)
            return await self._note(lambda written: job_rows.park(written, job, why))
        pause = self._patience.pause(failures)
        _log.warning("job %d (%s) failed, again in %.1f s: %s", job.id, job.kind, pause, why)
        wait = timedelta(seconds=pause)
        return await self._note(lambda written: job_rows.fail(written, job, why, written.now + wait))

    async def _note(self, write: Callable[[Transaction], Awaitable[datetime | None]]) -> datetime | None:
        """Write what became of a job, as soon as the database takes it: until then the job counts as running."""
        tries = 0
        while True:
            try:
                async with self._store.unit() as unit:
                    again = await write(unit.transaction)
            except StoreUnavailable as error:
                tries += 1
                _log.warning("what became of a job cannot be written: %s", error)
                await asyncio.sleep(min(self._patience.pause(tries), RETAKE))
            else:
                return again


async def _postpone(written: Transaction, job: Job, at: datetime) -> datetime:
    return await job_rows.postpone(written, job, max(at, written.now + timedelta(seconds=SOON)))


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return


async def let_end(tasks: set[asyncio.Task[None]], grace: float) -> None:
    """Wait for tasks, at most so many seconds; then cancel them: what they were at is done at the next start."""
    if not tasks:
        return
    try:
        await asyncio.wait(tasks, timeout=grace)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
