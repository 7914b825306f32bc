"""One transaction, as the books see it: its connection, its instant, and whether it may write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction that has begun. What is in `after` is called once it is committed, and never if it is not."""

    connection: AsyncConnection
    now: datetime
    writing: bool
    after: list[Callable[[], None]] = field(default_factory=list)

    def locking(self, query: Select[Any]) -> Select[Any]:
        """Lock the rows that a writing transaction reads; SQLite, with one writer at a time, leaves it out."""
        return query.with_for_update() if self.writing else query


def insert(table: Table) -> sqlite.Insert:
    """Begin an INSERT that can say ON CONFLICT; each database has its own class for that."""
    return sqlite.insert(table)
