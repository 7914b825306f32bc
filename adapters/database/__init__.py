"""The database: the Store and Jobs ports on SQLite and on PostgreSQL, by SQLAlchemy Core and Procrastinate."""

from adapters.database.database import Database, migrate
from adapters.database.patience import Patience

__all__ = ["Database", "Patience", "migrate"]
