"""Many rows that are like those that are there: a database as it is after years."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path


def copies(folder: Path, many: int, own: Mapping[str, Mapping[str, str]]) -> None:
    """Write so many copies of each row of some tables, numbered n from 1, into the shop's file in a folder.

    `own` gives, by table and column, in SQL what is another for each; all else is as it is.
    """
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
    with closing(sqlite3.connect(next(folder.glob("*.sqlite3")))) as database:
        for table, columns in own.items():
            names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(columns.get(name, f"{table}.{name}") for name in names)
            database.execute(
                f"{numbers} INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM numbers, "  # noqa: S608 - our own names
                f"(SELECT * FROM {table}) AS {table}",
                (many,),
            )
        database.execute("ANALYZE")
        database.commit()
