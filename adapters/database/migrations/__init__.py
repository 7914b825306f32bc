"""The changes of the tables, in their order (Alembic)."""

from typing import Final

#: The newest change, known without loading Alembic.
HEAD: Final = "0008"
#: The oldest version whose code can work with these tables, by its own HEAD: at least the one before, so that replicas
#: are upgraded one after another. Raise it with a change that takes away or renames what that version uses.
OLDEST: Final = "0001"
