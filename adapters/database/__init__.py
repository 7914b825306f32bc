"""The database: the Store and Jobs ports on SQLite, by SQLAlchemy Core and aiosqlite."""

from adapters.database.database import Database
from adapters.database.migrate import migrate
from adapters.database.patience import Patience

__all__ = ["Database", "Patience", "migrate"]
