"""A shop's own process, for tests: `python -m tests.crash.child CLOCK PLANTS -- run --test ...`.

It is the command line as it is. Only the database's clock may be moved ahead while it runs, by the seconds that the file
CLOCK holds, so that holds end and doubts are over within a test; a file `pragma` beside it, where there is one, is said to
SQLite before each writing transaction; a file `dies`, where there is one, says at which step of a closing it is killed;
and PLANTS, parted by commas, names bugs to be planted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from adapters.database import database, sqlite
from bot.cli import main
from tests.crash.dying import die_closing
from tests.crash.plants import PLANTS


def moved(file: Path) -> Callable[[], datetime]:
    """Give a clock that is ahead by what a file says, whenever that changes."""
    state: tuple[int, float] = (0, 0.0)

    def clock() -> datetime:
        nonlocal state
        changed = os.stat(file).st_mtime_ns  # noqa: PTH116 - asked at each unit
        if changed != state[0]:
            state = (changed, float(file.read_text() or 0))
        return datetime.now(UTC) + timedelta(seconds=state[1])

    return clock


def move_clock(file: Path) -> None:
    """Have every database that this process opens follow the moved clock."""
    database.host_clock = moved(file)  # type: ignore[attr-defined]  # what it has from sqlite


def say_pragmas(file: Path) -> None:
    """Say to SQLite what a file holds, before it begins to write."""
    honest = sqlite._begin

    def begin(connection: Connection, statement: str) -> None:
        if statement == "BEGIN IMMEDIATE" and file.exists():
            connection.exec_driver_sql(f"PRAGMA {file.read_text()}")
        honest(connection, statement)

    sqlite._begin = begin


if __name__ == "__main__":
    clock, plants, _, *arguments = sys.argv[1:]
    if os.environ["DATABASE_URL"].startswith("sqlite"):  # a server's clock is its own, and moved there
        move_clock(Path(clock))
        say_pragmas(Path(clock).with_name("pragma"))
    for name in filter(None, plants.split(",")):
        PLANTS[name]()
    die_closing(Path(clock).with_name("dies"))
    sys.argv = ["tillbot", *arguments]
    main()
