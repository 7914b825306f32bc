"""Jobs on PostgreSQL: our table says what is to be done, and Procrastinate which replica does it, and when.

A row of ours is the job, as on SQLite; one of Procrastinate's, deferred in the same transaction, is its turn. So what a job
carries, its attempts and where it is parked are the same on both databases, and Procrastinate, which would repeat what a
job carries in its log, knows a number only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Job as Turn
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.utils import utcnow

from adapters.database import job_rows
from adapters.database.handling import RETAKE, Handling, let_end, wait
from adapters.database.patience import Patience, describe
from adapters.database.postgresql import reason
from adapters.database.store import SqlStore, SqlUnit
from adapters.database.transaction import unbroken
from bot.errors import StoreUnavailable
from bot.holding import held
from bot.ports import Handler, Json, Parked, Tick, Unit

_log = logging.getLogger(__name__)

#: Handlers that run at the same time, in one process.
WIDTH: Final = 8
#: Connections that Procrastinate may hold besides the one that listens.
POOL: Final = 4
#: Seconds for which a connection is waited for.
TURN: Final = 5.0
#: The name under which Procrastinate knows what we do; the queue says of what kind.
TASK: Final = "tillbot"
#: How much of a tick's period nobody begins the next: the rest is for clocks that differ a little.
QUIET: Final = 0.9


class _Again(Exception):
    """The job is to be done again, then."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


class _Retries(BaseRetryStrategy):
    """A turn never fails: what is over returns, and whatever else happened (a stop, a lost database) is tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: Turn) -> RetryDecision | None:  # noqa: ARG002
        """Tell when."""
        if isinstance(exception, _Again):
            return RetryDecision(retry_at=exception.at)
        pause = 0 if isinstance(exception, asyncio.CancelledError) else 1
        return RetryDecision(retry_at=utcnow() + timedelta(seconds=pause))


class _Connector(PsycopgConnector):
    """Procrastinate's connections. How a turn ended is said until the database hears it: nobody else would take it over."""

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """Do a statement."""
        ends = "job_id" in arguments and ("status" in arguments or "retry_at" in arguments)
        tries = 0
        while True:
            try:
                await super().execute_query_async(query, **arguments)
            except exceptions.ConnectorException as error:
                if not ends:
                    raise
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    return  # somebody took us to be dead, and it is theirs now, or done
                tries += 1
                _log.warning("how job %s ended is not written yet: %s", arguments["job_id"], _why(error))
                await asyncio.sleep(min(0.1 * 2.0 ** min(tries, 10), RETAKE))
            else:
                return


class PostgresJobs:
    """Jobs on PostgreSQL."""

    def __init__(self, store: SqlStore, connect: Mapping[str, Any], named: str, patience: Patience) -> None:
        self._store = store
        self._connect = connect
        self._named = named
        self._patience = patience
        self._handling = Handling(store, patience)
        self._ticks: list[tuple[str, float, Tick]] = []
        self._running: set[asyncio.Task[Any] | None] = set()
        self._begun = 0
        self._deferring = self._app()

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
        trace = self._store.tracing.carried()
        number = await job_rows.add(unit.transaction, kind, payload, at or unit.now, key, trace=trace)
        if number is not None:
            await self.give_turn(unit, kind, number, at)

    async def give_turn(self, unit: SqlUnit, kind: str, number: int, at: datetime | None) -> None:
        """Have Procrastinate begin a job that is written down, in the unit that wrote it."""
        connection = (await unit.transaction.whole.get_raw_connection()).driver_connection
        turn = self._deferring.configure_task(TASK, queue=kind, schedule_at=at, connection=connection)
        try:
            await unbroken(turn.defer_async(id=number))
        except exceptions.ConnectorException as error:
            raise StoreUnavailable(f"{self._named}: {_why(error)}") from None

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job; before `run`. ValueError where something does it already."""
        self._handling.add(kind, handler)

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Have `tick` called every so many seconds, on whichever replica; before `run`."""
        self._ticks.append((name, seconds, tick))

    async def run(self) -> None:
        """Work until cancelled; then let running handlers end. A database that is gone is waited for."""
        stop = asyncio.Event()
        side = {asyncio.create_task(self._repeat(*tick, stop), name=f"tick {tick[0]}") for tick in self._ticks}
        side.add(asyncio.create_task(self._remind(stop), name="strangers"))
        try:
            while True:
                try:
                    async with self._opened() as app:
                        await self._work(app)
                except StoreUnavailable as error:
                    _log.warning("jobs cannot be read: %s", error)
                await asyncio.sleep(self._patience.look)
        finally:
            stop.set()
            await let_end(side, self._patience.grace)

    async def drain(self) -> None:
        """Work off what is due now, and return."""
        async with self._opened() as app:
            while True:
                begun = self._begun
                await app.run_worker_async(**self._options(wait=False))
                if self._running:
                    await asyncio.wait({task for task in self._running if task})
                elif self._begun == begun:
                    return

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        async with self._store.reading() as unit:
            return await job_rows.parked(unit.transaction)

    async def retry(self, number: int) -> bool:
        """Have a parked job begun again, with all its attempts; tell whether it was parked."""
        async with self._store.unit() as unit:
            job = await job_rows.unpark(unit.transaction, number)
            if job is not None:
                await self.give_turn(unit, job.kind, job.id, None)
        return job is not None

    async def late(self) -> timedelta:
        """Tell for how long the job waits that is due the longest; nothing where none is due."""
        async with self._store.reading() as unit:
            since = await job_rows.overdue(unit.transaction)
            return unit.now - since if since else timedelta()

    def _app(self) -> App:
        """Make one of Procrastinate's apps: one for deferring, which needs no connections, and one for each run."""
        connector = _Connector(
            kwargs={**self._connect, "application_name": "tillbot jobs"}, min_size=1, max_size=POOL, timeout=TURN
        )
        app = App(connector=connector)
        app.task(name=TASK, retry=_Retries())(self._turn)
        return app

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[App]:
        app = self._app()
        try:
            await app.connector.open_async()
            yield app
        except (exceptions.ConnectorException, psycopg.Error) as error:
            raise StoreUnavailable(f"{self._named}: {_why(error)}") from None
        finally:
            await app.connector.close_async()

    def _options(self, *, wait: bool) -> Any:
        return {
            "queues": self._handling.kinds,
            "concurrency": WIDTH,
            "wait": wait,
            "listen_notify": wait,
            "fetch_job_polling_interval": self._patience.look,
            "shutdown_graceful_timeout": self._patience.grace,
            "update_heartbeat_interval": self._patience.lease / 3,
            "stalled_worker_timeout": self._patience.lease,
            "delete_jobs": "always",
            "install_signal_handlers": False,
        }

    async def _work(self, app: App) -> None:
        stop = asyncio.Event()
        takeover = self._repeat("takeover", self._patience.lease / 3, lambda: self._take_over(app), stop)
        watching = asyncio.create_task(takeover, name="takeover")
        try:
            await app.run_worker_async(**self._options(wait=True))
        finally:
            stop.set()
            await let_end({watching}, self._patience.grace)

    async def _turn(self, id: int) -> None:  # noqa: A002 - the name travels
        """Do the job that has its turn."""
        task = asyncio.current_task()
        self._running.add(task)
        self._begun += 1
        try:
            async with self._store.reading() as unit:
                job, now = await job_rows.waiting(unit.transaction, id), unit.now
            if job is None:
                return
            again = job.at if job.at > now else await self._handling.do(job)
        finally:
            self._running.discard(task)
        if again is not None:
            raise _Again(again)

    async def _take_over(self, app: App) -> None:
        """Give the turns of processes that are dead to those that live."""
        for turn in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._patience.lease):
            _log.warning("job taken over from a process that is gone", extra={"job": turn.task_kwargs.get("id")})
            await app.job_manager.retry_job(turn, retry_at=utcnow())

    async def _repeat(self, name: str, seconds: float, tick: Tick, stop: asyncio.Event) -> None:
        """Call a tick whenever it is nobody's and its time has come; whoever dies at it holds it until its lease ends."""
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            began = loop.time()
            try:
                async with held(
                    self._store, f"tick:{name}", seconds=self._patience.lease, after=QUIET * seconds
                ) as ours:
                    if ours:
                        await tick()
            except Exception as error:  # noqa: BLE001 - a tick that fails once comes again
                _log.warning("tick %s failed: %s", name, describe(error))
            await wait(stop, began + seconds - loop.time())

    async def _remind(self, stop: asyncio.Event) -> None:
        await self._handling.mention_strangers(anew=True)
        while not stop.is_set():
            await wait(stop, self._patience.lease)
            await self._handling.mention_strangers()


def _why(error: BaseException) -> str:
    return reason(error if isinstance(error, psycopg.Error) else error.__cause__) or "cannot be used"
