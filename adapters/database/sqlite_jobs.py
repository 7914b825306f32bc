"""Jobs on SQLite: a table of ours, worked off by the one process that holds the lock.

The lock is the lease: it ends with the process that holds it, so whatever a killed process had begun is taken over when
the next one starts, at once and never before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from adapters.database import job_rows
from adapters.database.handling import Handling, let_end, wait
from adapters.database.job_rows import Job
from adapters.database.lock import Lock
from adapters.database.patience import Patience, describe
from adapters.database.store import SqlStore, SqlUnit
from bot.errors import StoreUnavailable
from bot.ports import Handler, Json, Parked, Tick, Unit

_log = logging.getLogger(__name__)

#: Handlers that run at the same time.
WIDTH: Final = 8


class SqliteJobs:
    """Jobs on SQLite."""

    def __init__(self, store: SqlStore, lock: Lock, patience: Patience) -> None:
        self._store = store
        self._lock = lock
        self._patience = patience
        self._handling = Handling(store, patience)
        self._ticks: list[tuple[str, float, Tick]] = []
        self._running: dict[int, asyncio.Task[None]] = {}
        self._beginning = asyncio.Lock()  # so that a drain beside a run begins no job twice
        self._wake = asyncio.Event()
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
        transaction, trace = unit.transaction, self._store.tracing.carried()
        if await job_rows.add(transaction, kind, payload, at or transaction.now, key, trace=trace) is not None:
            transaction.after.append(self._wake.set)

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job; before `run`. ValueError where something does it already."""
        self._handling.add(kind, handler)

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Have `tick` called when `run` begins, and then every so many seconds; before `run`."""
        self._ticks.append((name, seconds, tick))

    async def run(self) -> None:
        """Work until cancelled; then let running handlers end. StoreUnavailable where another process works already."""
        with self._lock.held():
            await self._alone()
            stop = asyncio.Event()
            ticks = {asyncio.create_task(_repeat(*tick, stop), name=f"tick {tick[0]}") for tick in self._ticks}
            try:
                await self._handling.mention_strangers(anew=True)
                while True:
                    self._wake.clear()
                    await self._handling.mention_strangers()
                    pause = await self._begin_due()
                    await wait(self._wake, pause)
            finally:
                stop.set()
                await let_end(ticks | set(self._running.values()), self._patience.grace)

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
                await let_end(set(self._running.values()), self._patience.grace)

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        async with self._store.reading() as unit:
            return await job_rows.parked(unit.transaction)

    async def retry(self, number: int) -> bool:
        """Have a parked job begun again, with all its attempts; tell whether it was parked."""
        async with self._store.unit() as unit:
            job = await job_rows.unpark(unit.transaction, number)
            unit.transaction.after.append(self._wake.set)
        return job is not None

    async def late(self) -> timedelta:
        """Tell for how long the job waits that is due the longest; nothing where none is due."""
        async with self._store.reading() as unit:
            since = await job_rows.overdue(unit.transaction)
            return unit.now - since if since else timedelta()

    async def next_due(self, after: datetime) -> datetime | None:
        """Tell when the first job that is done here comes due after an instant: whoever plays a clock jumps there."""
        async with self._store.reading() as unit:
            return await job_rows.next_due(unit.transaction, self._handling.kinds, after)

    async def _alone(self) -> None:
        """Let go of whatever a process held that is no more: whoever has the lock is the only one."""
        if self._running:
            return
        with suppress(StoreUnavailable):  # then it is free when its time is up
            async with self._store.unit() as unit:
                await unit.leases.clear()

    async def _begin_due(self, *, patiently: bool = True) -> float:
        """Begin what is due, as far as there is room; give the seconds until it is worth looking again."""
        async with self._beginning:
            room = WIDTH - len(self._running)
            if room <= 0:
                return self._patience.look
            try:
                async with self._store.reading() as unit:
                    now = unit.now
                    found = await job_rows.first(unit.transaction, self._handling.kinds, self._running, room)
            except StoreUnavailable as error:
                if not patiently:
                    raise
                if self._readable:
                    _log.warning("jobs cannot be read: %s", error)
                self._readable = False
                return self._patience.look
            self._readable = True
            for job in found:
                if job.at > now:
                    return min(self._patience.look, (job.at - now).total_seconds())
                self._begin(job)
            return self._patience.look

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job), name=f"job {job.id} {job.kind}")
        self._running[job.id] = task

        def ended(_: asyncio.Task[None]) -> None:
            del self._running[job.id]
            self._wake.set()

        task.add_done_callback(ended)

    async def _do(self, job: Job) -> None:
        await self._handling.do(job)


async def _repeat(name: str, seconds: float, tick: Tick, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        began = loop.time()
        try:
            await tick()
        except Exception as error:  # noqa: BLE001 - a tick that fails once comes again
            _log.warning("tick %s failed: %s", name, describe(error))
        await wait(stop, began + seconds - loop.time())
