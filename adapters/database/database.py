"""A database, opened: its store and its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.database.engine import reading_engine, sqlite_file, writing_engine
from adapters.database.jobs import SqliteJobs
from adapters.database.lock import Lock
from adapters.database.patience import Patience
from adapters.database.schema import bring_up_to_date
from adapters.database.store import Instants, SqlStore, host_clock


class Database:
    """`async with await Database.open(url) as database:`, or close it yourself."""

    def __init__(self, store: SqlStore, jobs: SqliteJobs, engines: tuple[AsyncEngine, ...], lock: Lock) -> None:
        self.store: Final = store
        self.jobs: Final = jobs
        self._engines = engines
        self._lock = lock

    @classmethod
    async def open(cls, url: str, *, patience: Patience | None = None, clock: Instants = host_clock) -> Database:
        """Open `sqlite:///FILE`, made and migrated where it needs to be.

        Raises ValueError for an address that is none, and StoreUnavailable where it cannot be written or where its
        tables must change while another process runs on it. `clock` is the database's; a rehearsal has one of its own.
        """
        file = sqlite_file(url)
        lock = Lock(file)
        writing, reading = writing_engine(file), reading_engine(file)
        try:
            await bring_up_to_date(writing, file, lock)
            store = SqlStore(file, writing=writing, reading=reading, clock=clock)
        except BaseException:
            await writing.dispose()
            await reading.dispose()
            raise
        return cls(store, SqliteJobs(store, lock, patience or Patience()), (writing, reading), lock)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Be the one process that works on it. Raises StoreUnavailable at once where another one does."""
        with self._lock.held():
            yield

    async def close(self) -> None:
        """Close its connections; stop `jobs.run()` first."""
        for engine in self._engines:
            await engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
