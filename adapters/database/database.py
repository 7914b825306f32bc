"""A database, opened: its store and its jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from adapters.database.addresses import is_postgresql, postgresql_url, sqlite_file
from adapters.database.copies import CopyConnections
from adapters.database.lock import Lock
from adapters.database.moved import check_not_moved
from adapters.database.patience import Patience
from adapters.database.sqlite import Instants, SqliteConnections, host_clock
from adapters.database.sqlite_jobs import SqliteJobs
from adapters.database.store import SqlStore
from adapters.database.transaction import Connections
from bot.ports import Jobs
from bot.tracing import UNTRACED, Tracing


class Database:
    """`async with await Database.open(url) as database:`, or close it yourself."""

    def __init__(self, store: SqlStore, jobs: Jobs, connections: Connections, lock: Lock | None) -> None:
        self.store: Final = store
        self.jobs: Final = jobs
        self._connections = connections
        self._lock = lock

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        patience: Patience | None = None,
        clock: Instants | None = None,
        lasting: bool = True,
        tracing: Tracing = UNTRACED,
    ) -> Database:
        """Open `sqlite:///FILE` or `postgresql://…`, made and migrated where it needs to be.

        Raises ValueError for an address that is none, and StoreUnavailable where it cannot be written, where its tables
        must change while another process runs on a file, or where the shop of a file has moved to a server. `clock` is
        SQLite's; a rehearsal has one of its own, and what it writes is not `lasting`: it waits for no disk, and no thread.
        """
        patience = patience or Patience()
        if is_postgresql(url):
            if clock is not None:
                raise ValueError("a server's clock is its own: a rehearsal is on SQLite")
            return await cls._server(url, patience, tracing)
        file, instants = sqlite_file(url), clock or host_clock
        connections = SqliteConnections(file, instants) if lasting else CopyConnections(file, instants)
        await _ready(connections)
        try:
            await check_not_moved(connections)
        except BaseException:
            await connections.close()
            raise
        store = SqlStore(connections, tracing)
        return cls(store, SqliteJobs(store, connections.lock, patience), connections, connections.lock)

    @classmethod
    async def _server(cls, url: str, patience: Patience, tracing: Tracing) -> Database:
        from adapters.database.postgresql import PostgresConnections
        from adapters.database.postgresql_jobs import PostgresJobs

        connections = PostgresConnections(postgresql_url(url))
        await _ready(connections)
        store = SqlStore(connections, tracing)
        jobs = PostgresJobs(store, connections.arguments, connections.named, patience)
        return cls(store, jobs, connections, None)

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it at the same time."""
        return self._lock is None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Be the one process that works on a file; StoreUnavailable at once where another one does. A server takes many."""
        if self._lock is None:
            yield
            return
        with self._lock.held():
            yield

    async def close(self) -> None:
        """Close its connections; stop `jobs.run()` first."""
        await self._connections.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def migrate(url: str) -> None:
    """Make the database if it is missing, and bring its tables up to date, all or nothing.

    Raises ValueError for an address that is none, and StoreUnavailable where it cannot be written, where another process
    is running on a file that must change, or where a newer tillbot has changed it.
    """
    async with await Database.open(url):
        pass


async def _ready(connections: Connections) -> None:
    try:
        await connections.bring_up_to_date()
    except BaseException:
        await connections.close()
        raise
