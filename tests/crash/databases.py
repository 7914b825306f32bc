"""The databases that the shop is killed on, with how many processes, and how their clocks are moved ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pytest

from tests.databases import ready
from tests.postgresql import Server


class Place(Protocol):
    """A database of a test's own."""

    url: str

    def ahead(self, seconds: float) -> None:
        """Have the database's clock be so many seconds ahead of the real one from now on."""
        ...

    def hurry(self) -> None:
        """Have what is due by the moved clock be begun, where the clock that begins it was not moved."""
        ...


class File:
    """An SQLite file; the processes on it read from `clock` how far theirs is ahead."""

    def __init__(self, folder: Path) -> None:
        self.url = ready(folder / "shop.sqlite3")
        self._clock = folder / "clock"
        self.ahead(0)

    def ahead(self, seconds: float) -> None:
        """Write it down."""
        self._clock.write_text(str(seconds))

    def hurry(self) -> None:
        """Need nothing: the processes look at their own clock."""


#: The clock that the store asks, in a schema that is looked at before the server's own. Procrastinate's stays: its
#: heartbeats must not seem to have stopped.
_CLOCK: Final = """
CREATE TABLE moved (ahead double precision NOT NULL);
INSERT INTO moved VALUES (0);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.clock_timestamp() + make_interval(secs => (SELECT ahead FROM public.moved))
$$
"""
_HURRY: Final = """
UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND scheduled_at IS NOT NULL
    AND (args->>'id')::bigint IN (SELECT id FROM jobs WHERE at <= public.clock_timestamp())
"""


class Schema:
    """A PostgreSQL database, whose clock is moved for all who connect to it."""

    def __init__(self, server: Server, url: str) -> None:
        self.url = url
        self._server = server
        self.name = url.partition("@/")[2].partition("?")[0]
        for statement in _CLOCK.split(";\n"):
            server.say(statement, database=self.name)
        server.say(f"ALTER DATABASE {self.name} SET search_path = public, pg_catalog")

    def ahead(self, seconds: float) -> None:
        """Write it into the database."""
        self.say(f"UPDATE moved SET ahead = {float(seconds)}")  # noqa: S608 - a number of ours

    def hurry(self) -> None:
        """Have Procrastinate begin what is due by the moved clock."""
        self.say(_HURRY)

    def shut(self) -> None:
        """Let nobody in, and break off whoever is."""
        self._change("ALLOW_CONNECTIONS false")

    def open(self) -> None:
        """Let everybody in."""
        self._change("ALLOW_CONNECTIONS true")

    def only_read(self, *, yes: bool) -> None:
        """Let whoever comes anew only read, as on a standby; whoever is there must come anew."""
        self._change(f"SET default_transaction_read_only = {'on' if yes else 'off'}")

    def _change(self, what: str) -> None:
        self._server.say(f"ALTER DATABASE {self.name} {what}")
        self._server.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")  # noqa: S608

    def say(self, statement: str) -> list[tuple[object, ...]]:
        """Have the server do a statement in it."""
        return self._server.say(statement, database=self.name)


@dataclass(frozen=True)
class Setting:
    """A database, and how many processes of the shop run on it."""

    name: str
    processes: int
    make: Callable[[pytest.FixtureRequest, Path], Place]

    def __str__(self) -> str:
        return f"{self.name}-{self.processes}"


def _schema(request: pytest.FixtureRequest, _: Path) -> Schema:
    return Schema(request.getfixturevalue("server"), str(request.getfixturevalue("postgresql_url")))


SQLITE: Final = Setting("sqlite", 1, lambda _, folder: File(folder))
POSTGRESQL: Final = Setting("postgresql", 2, _schema)
#: What the crash test is run on. A further one is one more here.
SETTINGS: Final = (SQLITE, POSTGRESQL)
