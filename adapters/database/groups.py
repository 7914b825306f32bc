"""Group commit: units that wait for each other to write are committed together, for the disk takes as long for one as for many.

SQLite has one writer at a time. Each unit is a savepoint of its group's transaction (https://sqlite.org/lang_savepoint.html),
and over for whoever asked for it when the group is committed, or has failed as a whole.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Engine, Executable

from adapters.database.in_place import InPlace, begin
from adapters.database.sqlite_errors import unavailable
from adapters.database.transaction import Transaction, unbroken
from bot.errors import StoreUnavailable

#: Units of a group at most, and the seconds after which it takes no more: nobody waits long for others.
MOST: Final = 64
LONGEST: Final = 0.05
#: Seconds for which a unit waits until it is its turn to write.
TURN: Final = 20


def _pending() -> asyncio.Future[Exception | None]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False)
class Group:
    """A transaction that has begun."""

    connection: Connection
    since: float = field(default_factory=monotonic)
    units: int = 0
    #: How many units wrote what is to be kept.
    kept: int = 0
    #: Done when it is committed, or has failed, then with the error.
    over: asyncio.Future[Exception | None] = field(default_factory=_pending)
    #: What closes it when those have had their turn who waited as its first unit ended.
    closing: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Whether it takes no more."""
        return self.units >= MOST or monotonic() - self.since >= LONGEST

    @property
    def raw(self) -> Any:
        """The driver's connection: SQLAlchemy knows nothing of our savepoints."""
        return self.connection.connection.driver_connection

    @property
    def stands(self) -> bool:
        """Whether SQLite has not rolled it back by itself, as it may where the disk is full."""
        return bool(self.raw.in_transaction)


class Member(InPlace):
    """A unit's part of a group."""

    def __init__(self, group: Group) -> None:
        super().__init__(group.connection)
        self._group = group
        self.kept = False
        group.units += 1
        group.raw.execute("SAVEPOINT unit")

    async def execute(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None, /
    ) -> CursorResult[*tuple[Any, ...]]:
        """Do a statement. Raises StoreUnavailable where the transaction is gone: it would be written at once, for itself."""
        self._check()
        return await super().execute(statement, rows)

    async def commit(self) -> None:
        """Have what was written be kept when the group is. Raises StoreUnavailable."""
        self._check()
        try:
            self._group.raw.execute("RELEASE unit")
        except sqlite3.Error as error:
            raise StoreUnavailable(f"SQLite keeps no unit: {error}") from error
        self._group.kept += 1
        self.kept = True

    def leave(self) -> None:
        """Take back what is not to be kept."""
        if not self.kept and self._group.stands:
            self._group.raw.execute("ROLLBACK TO unit")
            self._group.raw.execute("RELEASE unit")

    def _check(self) -> None:
        if not self._group.stands:
            raise StoreUnavailable("SQLite has rolled back what was written")


class Groups:
    """Has those who write take turns at one connection, in the order of asking."""

    def __init__(self, file: Path, engine: Engine, apart: Executor | None) -> None:
        """Commit `apart`, for that waits for the disk; in place where that is None."""
        self._file = file
        self._engine = engine
        self._apart = apart
        self._group: Group | None = None
        self._turns = asyncio.Lock()
        self._waiting = 0
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def unit(self, check: Callable[[], None], clock: Callable[[], datetime]) -> AsyncIterator[Transaction]:
        """Begin a unit that writes, once `check` has let it; what it does not commit is rolled back, for itself.

        It ends with its group, and fails with it. One that has an error of its own waits as well: it may have seen what
        others wrote.
        """
        group: Group | None = None
        try:
            async with self.turn():
                check()
                now = clock()
                with unavailable(self._file):
                    group = await self._joined()
                    member = self._member(group)
                    transaction = Transaction(member, now, writing=True, apart=False, grouped=True)
                    try:
                        yield transaction
                    finally:
                        await unbroken(self._left(group, member))
        finally:
            if group is not None and not group.over.done():
                await unbroken(_settled(group))
        if member.kept:
            failure = group.over.result()
            if failure is not None:
                raise _again(failure) from failure
            transaction.settle()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Be the one that writes. Raises StoreUnavailable where that takes too long."""
        self._waiting += 1
        try:
            async with asyncio.timeout(TURN):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable(f"{self._file}: others wrote for {TURN} s") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Be the one that writes, by a connection of one's own."""
        async with self.turn():
            if self._group is not None:
                await unbroken(self._close(self._group))
            yield

    async def end(self) -> None:
        """Close what is open."""
        async with self.alone():
            pass
        await asyncio.gather(*self._closing)

    async def _joined(self) -> Group:
        if self._group is None:
            connection = self._engine.connect()
            try:
                await begin(connection)
            except BaseException:
                connection.close()
                raise
            self._group = Group(connection)
        return self._group

    def _member(self, group: Group) -> Member:
        try:
            return Member(group)
        except sqlite3.Error as error:  # nobody else would let go of a group that was begun for this unit
            self._drop(group, StoreUnavailable(f"{self._file}: {error}"))
            raise StoreUnavailable(f"{self._file}: {error}") from error

    async def _left(self, group: Group, member: Member) -> None:
        """Close the group, or leave that to those who wait."""
        try:
            member.leave()
        except sqlite3.Error as error:
            self._drop(group, StoreUnavailable(f"{self._file}: {error}"))
            return
        if not group.stands:
            self._drop(group, StoreUnavailable(f"{self._file}: rolled back by SQLite"))
        elif not self._waiting or group.full:
            await self._close(group)
        elif group.closing is None:
            group.closing = asyncio.create_task(self._close_later(group))
            self._closing.add(group.closing)
            group.closing.add_done_callback(self._closing.discard)

    async def _close_later(self, group: Group) -> None:
        async with self._turns:
            await self._close(group)

    async def _close(self, group: Group) -> None:
        """Commit a group, unless that is done."""
        if self._group is not group:
            return
        try:
            with unavailable(self._file):
                if self._apart is None:
                    group.connection.commit()
                else:
                    await asyncio.get_running_loop().run_in_executor(self._apart, group.connection.commit)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is that of all who are in it
            self._drop(group, error)
        else:
            self._drop(group, None)

    def _drop(self, group: Group, failure: Exception | None) -> None:
        """Let go of a group that is committed, or has failed."""
        self._group = None
        try:
            group.connection.close()
        finally:
            group.over.set_result(failure)


async def _settled(group: Group) -> None:
    await asyncio.wait({group.over})


def _again(failure: Exception) -> Exception:
    """Give an error to raise: each who fails for the same reason has one of their own."""
    return StoreUnavailable(*failure.args) if isinstance(failure, StoreUnavailable) else failure
