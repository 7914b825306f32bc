"""The newsroom: what is kept for people of the web, as cards, for pages that are open or will be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.chat import Card
from bot.orders import Order
from bot.ports import News
from bot.sealing import seal
from bot.telling import Telling


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Reads kept news as cards, and keeps what is posted to a channel of the web."""

    telling: Telling

    async def newest(self, people: Collection[str]) -> Mapping[str, int]:
        """Give the id of each person's newest news; who has none is left out."""
        async with self.telling.desk.store.reading() as unit:
            return await unit.news.newest(people)

    async def untold(self, person: str, locale: str) -> Sequence[tuple[int, Card]]:
        """Give what a person was not told yet, oldest first."""
        items = await self.telling.till.reading.untold(person)
        if items:
            await self.telling.refresh()
        return self._cards(items, locale)

    async def since(self, person: str, last_id: int, locale: str) -> Sequence[tuple[int, Card]]:
        """Give everything after `last_id`, told or not, oldest first."""
        items = await self.telling.till.reading.since(person, last_id)
        if items:
            await self.telling.refresh()
        return self._cards(items, locale)

    async def told(self, person: str, news_id: int) -> None:
        """Note that it was streamed to an open page."""
        async with self.telling.desk.store.unit() as unit:
            await unit.news.told(person, news_id, "streamed")

    async def keep(self, person: str, order: str, key: str) -> None:
        """Keep what is posted to a channel: an order's staff card, or what "sellers:..." and "alert:..." keys name."""
        kind, _, rest = key.partition(":")
        async with self.telling.desk.store.unit() as unit:
            if await unit.facts.get(f"kept:{person}:{key}") is not None:
                return
            await unit.facts.put(f"kept:{person}:{key}", unit.now.isoformat())
            match kind:
                case "sellers":
                    feature, _, _ = rest.partition(":")
                    was = await unit.facts.get(key) or ""
                    news = await unit.news.add(person, f"sellers.{rest.rpartition(':')[2]}", feature, was)
                case "alert":
                    news = await unit.news.add(person, "alert", await unit.facts.get(key) or "")
                case _:
                    news = await unit.news.add(person, "staff", order)
            await unit.news.keep(person, news.id)

    def _cards(self, items: Sequence[tuple[News, Order | None]], locale: str) -> Sequence[tuple[int, Card]]:
        scene = self.telling.scene(locale)
        return [(item.id, seal(scene, self.telling.cards.news(scene, item, order))) for item, order in items]
