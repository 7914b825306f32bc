"""SQLAlchemy's dialect for the house's files: a statement that was compiled for one is not compiled for the next."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

#: The address of a file without the file, whose statements are done on a thread; and where they are done in place.
NAMED: Final = "sqlite+till://"
IN_PLACE: Final = "sqlite+place://"
#: What was compiled, for every engine of this process: the one that writes and the one that reads, and those of the next
#: file. As many as SQLAlchemy keeps for one engine (`query_cache_size`).
COMPILED: Final[LRUCache[Any, Any]] = LRUCache(500)


class _Alike:
    """What is compiled is kept by dialect and statement, and all dialects of a kind are alike."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class TillDialect(_Alike, SQLiteDialect_aiosqlite):
    """aiosqlite's."""

    supports_statement_cache = True


class PlaceDialect(_Alike, SQLiteDialect_pysqlite):
    """The standard library's."""

    supports_statement_cache = True


registry.register("sqlite.till", __name__, TillDialect.__name__)
registry.register("sqlite.place", __name__, PlaceDialect.__name__)
