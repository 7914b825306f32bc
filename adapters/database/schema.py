"""What brings the tables of any database up to date, and what tells whether they are."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, insert, inspect, select, text

from adapters.database import tables
from adapters.database.migrations import HEAD, OLDEST
from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

_log: Final = logging.getLogger(__name__)

_FOLDER: Final = Path(__file__).parent / "migrations"


def behind(connection: Connection, named: str) -> bool:
    """Tell whether the tables lack changes. Raises StoreUnavailable where a newer tillbot has changed them too much.

    Tables that a newer version has changed compatibly are used as they are, so that versions run side by side while
    replicas are upgraded one after another.
    """
    if not inspect(connection).has_table("alembic_version"):
        return True
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if current is None or current < HEAD:
        return True
    if current == HEAD:
        return False
    oldest = connection.execute(select(tables.compatibility.c.oldest)).scalar()
    if oldest is None or oldest > HEAD:
        raise StoreUnavailable(f"{named}: its tables were changed by a newer tillbot")
    _log.warning("the database is of a newer version", extra={"tables": current, "ours": HEAD})
    return False


def upgrade(connection: Connection) -> None:
    """Make the changes that are missing, in the transaction of the connection, and note who can still use the result."""
    from alembic import command

    command.upgrade(alembic_config(connection), "head")
    connection.execute(delete(tables.compatibility))
    connection.execute(insert(tables.compatibility).values(oldest=OLDEST))


def alembic_config(connection: Connection) -> Config:
    """Give Alembic what it needs to know; the rest is in migrations/env.py."""
    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # its own default is whatever that was when it was first imported
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
