"""The changes of the tables, in their order (Alembic). HEAD is the newest, known without loading Alembic."""

from typing import Final

HEAD: Final = "0001"
