"""The audit book: lines that are added and read, and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from sqlalchemy import select

from adapters.database import tables
from adapters.database.counters import count_up
from adapters.database.transaction import Transaction, insert
from bot.audit import BEGINNING, AuditLine, Entry, chained

_audit = tables.audit
#: Lines that are read at a time.
_PAGE: Final = 500


class SqlAuditBook:
    """AuditBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, entry: Entry) -> AuditLine:
        """Write a line behind the last one. Who else writes waits until this unit ends."""
        number = await count_up(self._transaction, "audit", "")  # its row is locked: the last line stays the last
        query = select(_audit.c.hash).where(_audit.c.number == number - 1)
        before = (await self._transaction.execute(query)).scalar() or BEGINNING
        line = chained(number, self._transaction.now, entry, before)
        await self._transaction.execute(insert(_audit).values(_row(line)))
        return line

    async def lines(self, *, after: int = 0) -> AsyncIterator[AuditLine]:
        """Give the lines behind number `after`, oldest first, a page at a time."""
        while True:
            query = select(_audit).where(_audit.c.number > after).order_by(_audit.c.number).limit(_PAGE)
            rows = (await self._transaction.execute(query)).mappings().all()
            for row in rows:
                yield _line(dict(row))
            if len(rows) < _PAGE:
                return
            after = rows[-1]["number"]


def _row(line: AuditLine) -> dict[str, Any]:
    entry = line.entry
    return {
        "number": line.number,
        "at": line.at,
        "who": entry.who,
        "what": entry.what,
        "subject": entry.subject,
        "why": entry.why,
        "config": entry.config,
        "details": entry.details,
        "before": line.before,
        "hash": line.hash,
    }


def _line(row: Mapping[str, Any]) -> AuditLine:
    names = ("who", "what", "subject", "why", "config", "details")
    return AuditLine(row["number"], row["at"], Entry(*(row[name] for name in names)), row["before"], row["hash"])
