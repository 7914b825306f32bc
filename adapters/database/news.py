"""The news book: what people are to be told, kept until they were."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from adapters.database import tables
from adapters.database.counters import count_up
from adapters.database.transaction import Query, Transaction, insert, prepared
from bot.ports import News, Told

_news = tables.news
_ADD: Final = insert(_news)
_mine = select(_news).where(_news.c.person == bindparam("whose")).order_by(_news.c.id)
_UNTOLD: Final = prepared(_mine.where(_news.c.told_at.is_(None)))
_KEPT: Final = prepared(_mine.where(_news.c.told_at.is_(None), _news.c.kept.is_(True)))
#: Whether there is any.
KEEPS: Final = select(_news.c.id).where(
    _news.c.person == bindparam("whose"), _news.c.told_at.is_(None), _news.c.kept.is_(True)
)
_SINCE: Final = prepared(_mine.where(_news.c.id > bindparam("last")))
_ONE: Final = prepared(_mine.where(_news.c.id == bindparam("number")))
_ABOUT: Final = prepared(_mine.where(_news.c.subject == bindparam("subject")))
#: People that one statement asks for.
_AT_ONCE: Final = 500


class SqlNewsBook:
    """NewsBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, person: str, kind: str, subject: str, detail: str = "") -> News:
        """Write news, with the person's next number."""
        number = await count_up(self._transaction, "news", person)
        row = {
            "person": person,
            "id": number,
            "kind": kind,
            "subject": subject,
            "at": self._transaction.now,
            "how": "",
            "detail": detail,
            "kept": False,
        }
        await self._transaction.execute(_ADD, row)
        return News(person, number, kind, subject, self._transaction.now, detail=detail)

    async def get(self, person: str, news_id: int) -> News | None:
        """Find one piece of news."""
        return next(iter(await self._many(_ONE, person, number=news_id)), None)

    async def untold(self, person: str) -> Sequence[News]:
        """Give what a person has not been told, oldest first."""
        return await self._many(_UNTOLD, person)

    async def keep(self, person: str, news_id: int) -> None:
        """Note that it could not be told, so that the person's next word brings it."""
        statement = update(_news).where(_news.c.person == person, _news.c.id == news_id, _news.c.told_at.is_(None))
        await self._transaction.execute(statement.values(kept=True))

    async def kept(self, person: str) -> Sequence[News]:
        """Give what could not be told so far, oldest first."""
        return await self._many(_KEPT, person)

    async def since(self, person: str, news_id: int) -> Sequence[News]:
        """Give all that came after `news_id`, oldest first."""
        return await self._many(_SINCE, person, last=news_id)

    async def newest(self, people: Collection[str]) -> Mapping[str, int]:
        """Give the id of each person's newest news; who has none is left out."""
        found: dict[str, int] = {}
        everybody = sorted(people)
        for begin in range(0, len(everybody), _AT_ONCE):
            some = everybody[begin : begin + _AT_ONCE]
            query = select(_news.c.person, func.max(_news.c.id).label("id")).where(_news.c.person.in_(some))
            rows = await self._transaction.execute(query.group_by(_news.c.person))
            found |= {row.person: row.id for row in rows}
        return found

    async def about(self, person: str, subject: str) -> Sequence[Told]:
        """Give all news of a person about a subject, oldest first, with when and how each was told."""
        rows = await self._transaction.find(_ABOUT, whose=person, subject=subject)
        return [Told(_read(row), row.told_at, row.how) for row in rows]

    async def told(self, person: str, news_id: int, how: str) -> None:
        """Note that it was told, and how. Only the first time counts."""
        statement = (
            update(_news)
            .where(_news.c.person == person, _news.c.id == news_id, _news.c.told_at.is_(None))
            .values(told_at=self._transaction.now, how=how)
        )
        await self._transaction.execute(statement)

    async def waiting(self) -> Mapping[str, int]:
        """Count everybody's news that was not told, by kind."""
        query = select(_news.c.kind, func.count().label("many")).where(_news.c.told_at.is_(None))
        rows = await self._transaction.execute(query.group_by(_news.c.kind).order_by(_news.c.kind))
        return {row.kind: row.many for row in rows}

    async def _many(self, asked: Query, person: str, **values: Any) -> list[News]:
        return [_read(row) for row in await self._transaction.find(asked, whose=person, **values)]


def _read(row: Any) -> News:
    return News(row.person, row.id, row.kind, row.subject, row.at, row.told_at is not None, row.detail)
