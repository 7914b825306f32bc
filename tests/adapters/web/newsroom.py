"""A newsroom in memory: it keeps numbered news for each person, and counts what was told."""
# ruff: noqa: D102 - the ports' own docstrings say what each method does, and what it is given

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.chat import Card


@dataclass
class Room:
    """Implements adapters.web.news.Newsroom."""

    news: dict[str, list[Card]] = field(default_factory=dict)
    streamed: set[tuple[str, int]] = field(default_factory=set)
    locales: set[str] = field(default_factory=set)

    def add(self, person_key: str, card: Card) -> int:
        self.news.setdefault(person_key, []).append(card)
        return len(self.news[person_key])

    async def newest(self, person_keys: Collection[str]) -> Mapping[str, int]:
        return {key: len(self.news[key]) for key in person_keys if self.news.get(key)}

    async def untold(self, person_key: str, locale: str) -> Sequence[tuple[int, Card]]:
        return [
            (n, card) for n, card in await self.since(person_key, 0, locale) if (person_key, n) not in self.streamed
        ]

    async def since(self, person_key: str, last_id: int, locale: str) -> Sequence[tuple[int, Card]]:
        self.locales.add(locale)
        return list(enumerate(self.news.get(person_key, ()), 1))[last_id:]

    async def told(self, person_key: str, news_id: int) -> None:
        self.streamed.add((person_key, news_id))

    async def keep(self, person_key: str, order: str, key: str) -> None:
        self.add(person_key, Card(f"Staff: {order}", ((key,),), order=order))
