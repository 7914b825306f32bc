"""The book of news: what people are told, in their order, and what became of telling it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class News:
    """Something private that one person is to be told. `id` counts up for each person, from 1."""

    person: str
    id: int
    kind: str
    subject: str  # the order it speaks of, or what the kind says
    at: datetime
    told: bool = False
    #: What the kind says besides, for whoever draws it; "" where the order says it all.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of news with what became of it: told at an instant, and how; `at` is None where it was not."""

    news: News
    at: datetime | None
    #: edited, sent, streamed, next word, overtaken (by later news of the order); "" where it was not told.
    how: str


class NewsBook(Protocol):
    """What people are to be told, kept until they were."""

    async def add(self, person: str, kind: str, subject: str, detail: str = "") -> News:
        """Write news, in the transaction that makes it true."""
        ...

    async def get(self, person: str, news_id: int) -> News | None:
        """Find one piece of news."""
        ...

    async def untold(self, person: str) -> Sequence[News]:
        """Give what a person has not been told, oldest first."""
        ...

    async def keep(self, person: str, news_id: int) -> None:
        """Note that it could not be told, so that the person's next word brings it."""
        ...

    async def kept(self, person: str) -> Sequence[News]:
        """Give what could not be told so far, oldest first; what a job is about to tell is not among it."""
        ...

    async def since(self, person: str, news_id: int) -> Sequence[News]:
        """Give all that came after `news_id`, told or not, oldest first."""
        ...

    async def newest(self, people: Collection[str]) -> Mapping[str, int]:
        """Give the id of each person's newest news, told or not; who has none is left out."""
        ...

    async def about(self, person: str, subject: str) -> Sequence[Told]:
        """Give all news of a person about a subject, oldest first, with when and how each was told."""
        ...

    async def told(self, person: str, news_id: int, how: str) -> None:
        """Note that it was told, and how: edited, sent, streamed, next word, overtaken. Only the first time counts."""
        ...

    async def waiting(self) -> Mapping[str, int]:
        """Count everybody's news that was not told, by kind."""
        ...
