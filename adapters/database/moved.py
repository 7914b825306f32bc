"""The mark in a file that its shop has moved to a server: two shops of one stock would sell it twice."""

from __future__ import annotations

from typing import Final

from adapters.database.addresses import sqlite_file
from adapters.database.facts import SqlFacts
from adapters.database.sqlite import SqliteConnections
from bot.errors import StoreUnavailable

#: The fact that says where to, and when.
_MOVED: Final = "moved"


async def mark(connections: SqliteConnections, to: str) -> None:
    """Note that the shop moves. Made before the server has it for good: after a crash in between neither sells, not both."""
    async with connections.writing() as writing:
        await SqlFacts(writing).put(_MOVED, f"to {to} on {writing.now:%Y-%m-%d}")
        await writing.commit()


async def unmark(connections: SqliteConnections) -> bool:
    """Forget it; tell whether it was noted."""
    async with connections.writing() as writing:
        noted = await SqlFacts(writing).take(_MOVED)
        await writing.commit()
    return noted is not None


async def check_not_moved(connections: SqliteConnections) -> None:
    """Raise StoreUnavailable where the shop has moved."""
    async with connections.reading() as reading:
        moved = await SqlFacts(reading).get(_MOVED)
    if moved is not None:
        raise StoreUnavailable(
            f"{connections.file}: this shop was moved {moved}. Set DATABASE_URL to that server. Where the move did not "
            f"end, or nothing was sold there yet, `tillbot migrate --undo-move` takes the file into use again"
        )


async def undo_move(url: str) -> bool:
    """Take the file of a shop that was moved into use again; tell whether it was marked so.

    Raises ValueError for an address that is no file's, and StoreUnavailable where there is none.
    """
    file = sqlite_file(url)
    if not file.exists():
        raise StoreUnavailable(f"{file}: there is no shop")
    connections = SqliteConnections(file)
    try:
        with connections.lock.held():
            await connections.bring_up_to_date()
            return await unmark(connections)
    finally:
        await connections.close()
