"""Facts: small things to remember, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Text, bindparam, cast, delete, exists, select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert, prepared

_facts = tables.facts
_put = insert(_facts)
_taken = {"value": _put.excluded.value, "changed": _put.excluded.changed}
_PUT: Final = _put.on_conflict_do_update(index_elements=["name"], set_=_taken)
_said = select(*(bindparam(name, type_=_facts.c[name].type) for name in ("name", "value", "changed")))
_so = exists().where(_facts.c.name == bindparam("name"), _facts.c.value == bindparam("value"))
_note = insert(_facts).from_select(["name", "value", "changed"], _said.where(~_so))
_NOTE: Final = _note.on_conflict_do_update(
    index_elements=["name"], set_={"value": _note.excluded.value, "changed": _note.excluded.changed}
)
_VALUE: Final = prepared(select(_facts.c.value).where(_facts.c.name == bindparam("name")))
_NAMED: Final = prepared(
    select(_facts.c.name, _facts.c.value)
    .where(_facts.c.name >= bindparam("first"), _facts.c.name < bindparam("last"))
    .order_by(_facts.c.name)
)

#: The last code point of Unicode: after every name that begins so.
_LAST: Final = "\U0010ffff"


class SqlFacts:
    """Facts on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, name: str) -> str | None:
        """Give a fact."""
        value: str | None = (await self._transaction.find(_VALUE, name=name)).scalar()
        if value is None and await self._transaction.claim(f"fact:{name}"):
            value = (await self._transaction.find(_VALUE, name=name)).scalar()
        return value

    async def hold(self, name: str) -> str | None:
        """Give a fact, and keep everybody from changing it until the unit ends; others may hold it as well."""
        value: str | None = (await self._transaction.share(_VALUE, name=name)).scalar()
        return value

    async def put(self, name: str, value: str) -> None:
        """Remember a fact, new or changed."""
        await self._transaction.execute(_PUT, {"name": name, "value": value, "changed": self._transaction.now})

    async def note(self, name: str, value: str) -> None:
        """Remember a fact where it is not so already: one that is so is looked at and not locked."""
        await self._transaction.execute(_NOTE, {"name": name, "value": value, "changed": self._transaction.now})

    async def take(self, name: str) -> str | None:
        """Give a fact, and forget it; of two that ask at the same time one gets it."""
        statement = delete(_facts).where(_facts.c.name == name).returning(_facts.c.value)
        value: str | None = (await self._transaction.execute(statement)).scalar()
        return value

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give the facts whose names begin so, in the order of their names."""
        rows = await self._transaction.find(_NAMED, first=prefix, last=prefix + _LAST)
        return {row.name: row.value for row in rows}

    async def add(self, name: str, amount: int) -> int:
        """Add to a fact that is a whole number, in one statement, and give the sum."""
        added = cast(cast(_facts.c.value, BigInteger) + amount, Text)
        statement = insert(_facts).values(name=name, value=str(amount), changed=self._transaction.now)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": added, "changed": self._transaction.now}
        )
        return int((await self._transaction.execute(statement.returning(_facts.c.value))).scalar_one())
