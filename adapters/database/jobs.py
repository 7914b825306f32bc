"""Jobs on SQLite: a table of ours, worked off by the one process that holds the lock.

The lock is the lease: it ends with the process that holds it, so whatever a killed process had begun is taken over when
the next one starts, at once and never before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from adapters.database import job_rows
from adapters.database.job_rows import Job
from adapters.database.lock import Lock
from adapters.database.patience import Patience, describe
from adapters.database.store import SqlStore, SqlUnit
from adapters.database.transaction import Transaction
from bot.errors import Later, StoreUnavailable
from bot.ports import Handler, Json, Parked, Tick, Unit

_log = logging.getLogger(__name__)

#: Handlers that run at the same time.
WIDTH: Final = 8
#: Seconds after which the table is looked at again, for jobs that another process deferred.
POLL: Final = 0.5
#: Seconds after which jobs that nothing here can do are spoken of again.
REMIND: Final = 300.0
#: Seconds at most until a database that took no write is tried again.
RETAKE: Final = 10.0
#: Seconds that a job waits at least which asked to be woken later.
SOON: Final = 0.1


class SqliteJobs:
    """Jobs on SQLite."""

    def __init__(self, store: SqlStore, lock: Lock, patience: Patience) -> None:
        self._store = store
        self._lock = lock
        self._patience = patience
        self._handlers: dict[str, Handler] = {}
        self._ticks: list[tuple[str, float, Tick]] = []
        self._running: dict[int, asyncio.Task[None]] = {}
        self._beginning = asyncio.Lock()  # so that a drain beside a run begins no job twice
        self._wake = asyncio.Event()
        self._remind_at = 0.0
        self._readable = True

    async def defer(
        self, unit: Unit, kind: str, payload: Json, *, at: datetime | None = None, key: str | None = None
    ) -> None:
        """Have `kind`'s handler called with `payload`. A `key` is accepted once, ever; the second is ignored.

        ValueError for an `at` without a zone, TypeError for a unit of something else than this database.
        """
        if at is not None and at.tzinfo is None:
            raise ValueError("the instant of a job needs a zone")
        if not isinstance(unit, SqlUnit):
            raise TypeError("a job is deferred in a unit of the same database")
        transaction = unit.transaction
        if await job_rows.add(transaction, kind, payload, at or transaction.now, key):
            transaction.after.append(self._wake.set)

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job; before `run`. ValueError where something does it already."""
        if kind in self._handlers:
            raise ValueError(f"{kind} jobs have a handler already")
        self._handlers[kind] = handler

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Have `tick` called when `run` begins, and then every so many seconds; before `run`."""
        self._ticks.append((name, seconds, tick))

    async def run(self) -> None:
        """Work until cancelled; then let running handlers end. StoreUnavailable where another process works already."""
        with self._lock.held():
            stop = asyncio.Event()
            ticks = {asyncio.create_task(_repeat(*tick, stop), name=f"tick {tick[0]}") for tick in self._ticks}
            self._remind_at = 0.0
            try:
                while True:
                    self._wake.clear()
                    await self._mention_strangers()
                    pause = await self._begin_due()
                    await _wait(self._wake, pause)
            finally:
                stop.set()
                await self._let_end(ticks | set(self._running.values()))

    async def drain(self) -> None:
        """Work off what is due now, and return. StoreUnavailable where another process works already."""
        with self._lock.held():
            try:
                while True:
                    await self._begin_due(patiently=False)
                    if not self._running:
                        return
                    await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
            finally:
                await self._let_end(set(self._running.values()))

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        async with self._store.reading() as unit:
            return await job_rows.parked(unit.transaction)

    async def _begin_due(self, *, patiently: bool = True) -> float:
        """Begin what is due, as far as there is room; give the seconds until it is worth looking again."""
        async with self._beginning:
            room = WIDTH - len(self._running)
            if room <= 0:
                return POLL
            try:
                async with self._store.reading() as unit:
                    now = unit.now
                    found = await job_rows.first(unit.transaction, self._handlers, self._running, room)
            except StoreUnavailable as error:
                if not patiently:
                    raise
                if self._readable:
                    _log.warning("jobs cannot be read: %s", error)
                self._readable = False
                return POLL
            self._readable = True
            for job in found:
                if job.at > now:
                    return min(POLL, (job.at - now).total_seconds())
                self._begin(job)
            return POLL

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._work(job), name=f"job {job.id} {job.kind}")
        self._running[job.id] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._running[job.id]
            self._wake.set()

        task.add_done_callback(ended)

    async def _work(self, job: Job) -> None:
        try:
            await self._handlers[job.kind](job.payload)
        except Later as later:
            at = later.at
            await self._note(lambda written: _postpone(written, job, at))
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is a failed attempt
            await self._fail(job, describe(error))
        else:
            await self._note(lambda written: job_rows.finish(written, job))

    async def _fail(self, job: Job, why: str) -> None:
        failures = job.attempts + 1
        if failures >= self._patience.attempts:
            _log.error("job %d (%s) is parked after %d attempts: %s", job.id, job.kind, failures, why)
            await self._note(lambda written: job_rows.fail(written, job, why, None))
            return
        pause = self._patience.pause(failures)
        _log.warning("job %d (%s) failed, again in %.1f s: %s", job.id, job.kind, pause, why)
        wait = timedelta(seconds=pause)
        await self._note(lambda written: job_rows.fail(written, job, why, written.now + wait))

    async def _note(self, write: Callable[[Transaction], Awaitable[None]]) -> None:
        """Write what became of a job, as soon as the database takes it: until then the job counts as running."""
        tries = 0
        while True:
            try:
                async with self._store.unit() as unit:
                    await write(unit.transaction)
            except StoreUnavailable as error:
                tries += 1
                _log.warning("what became of a job cannot be written: %s", error)
                await asyncio.sleep(min(self._patience.pause(tries), RETAKE))
            else:
                return

    async def _mention_strangers(self) -> None:
        clock = asyncio.get_running_loop().time()
        if clock < self._remind_at:
            return
        self._remind_at = clock + REMIND
        try:
            async with self._store.reading() as unit:
                kinds = await job_rows.strangers(unit.transaction, self._handlers)
        except StoreUnavailable:
            return
        for kind in kinds:
            _log.error("jobs of kind %s are kept: nothing here can do them", kind)

    async def _let_end(self, tasks: set[asyncio.Task[None]]) -> None:
        """Wait for tasks, at most as long as patience has it; then cancel them: their jobs are done at the next start."""
        if not tasks:
            return
        try:
            await asyncio.wait(tasks, timeout=self._patience.grace)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _postpone(written: Transaction, job: Job, at: datetime) -> None:
    await job_rows.postpone(written, job, max(at, written.now + timedelta(seconds=SOON)))


async def _repeat(name: str, seconds: float, tick: Tick, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        began = loop.time()
        try:
            await tick()
        except Exception as error:  # noqa: BLE001 - a tick that fails once comes again
            _log.warning("tick %s failed: %s", name, describe(error))
        await _wait(stop, began + seconds - loop.time())


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, at most so long."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await event.wait()
    except TimeoutError:
        return
