"""The database: the Store and Jobs ports on SQLite, by SQLAlchemy Core and aiosqlite."""

from adapters.database.database import Database
from adapters.database.patience import Patience
from adapters.database.schema import migrate

__all__ = ["Database", "Patience", "migrate"]
