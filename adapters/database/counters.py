"""Numbers that count up from 1 without gaps: receipts of an account, news of a person."""

from __future__ import annotations

from adapters.database import tables
from adapters.database.transaction import Transaction, insert

_counters = tables.counters


async def count_up(transaction: Transaction, kind: str, name: str) -> int:
    """Take the next number. Who else wants it waits until this transaction ends; a rollback gives it back."""
    statement = (
        insert(_counters)
        .values(kind=kind, name=name, value=1)
        .on_conflict_do_update(index_elements=["kind", "name"], set_={"value": _counters.c.value + 1})
        .returning(_counters.c.value)
    )
    return int((await transaction.execute(statement)).scalar_one())
