"""What the table of news keeps beyond what is asked of it."""

from __future__ import annotations

from sqlalchemy import select

from adapters.database import Database
from adapters.database.tables import news


async def test_the_first_telling_counts(database: Database) -> None:
    """How and when a piece of news was first told is kept, for whoever has to look into it; a second telling is not."""
    async with database.store.unit() as unit:
        await unit.news.add("web:ann", "paid", "A")
        await unit.news.told("web:ann", 1, "edited")
        first = unit.now
    async with database.store.unit() as unit:
        await unit.news.told("web:ann", 1, "next word")
        rows = (await unit.transaction.execute(select(news.c.how, news.c.told_at))).all()
    assert [tuple(row) for row in rows] == [("edited", first)]
