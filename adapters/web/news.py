"""Live news: what a page needs of the newsroom, and which pages are open in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from bot.chat import Card

#: Pages that may be open: of one person, from one address (fresh cookies cost nothing), and of all people together. The
#: rest are told at their next word.
MOST_EACH: Final = 8
MOST_HERE: Final = 100
MOST_ALL: Final = 2000


class Newsroom(Protocol):
    """Where the news of one person is kept, numbered from 1. Raises StoreUnavailable."""

    async def newest(self, person_keys: Collection[str]) -> Mapping[str, int]:
        """Give the id of each person's newest news, told or not; who has none is left out."""
        ...

    async def untold(self, person_key: str, locale: str) -> Sequence[tuple[int, Card]]:
        """Give what the person was not told yet, oldest first, as cards in `locale`."""
        ...

    async def since(self, person_key: str, last_id: int, locale: str) -> Sequence[tuple[int, Card]]:
        """Give everything after `last_id`, told or not, oldest first."""
        ...

    async def told(self, person_key: str, news_id: int) -> None:
        """Note that it was streamed to an open page."""
        ...


@dataclass(slots=True, eq=False)
class OpenPage:
    """One open page: the event that wakes it, and whether its reader is still there."""

    connected: Callable[[], bool]
    #: Where it is open, for limits only; "" where that is not known.
    address: str = ""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    #: The id of the newest news that it has; None until it knows where it stands.
    last: int | None = None


class Streams:
    """The open pages of this process, by person, each with the event that wakes it."""

    def __init__(self) -> None:
        self._pages: dict[str, list[OpenPage]] = {}

    def live(self, person_key: str) -> bool:
        """Tell whether a page of this person is open here."""
        return any(page.connected() for page in self._pages.get(person_key, ()))

    def full(self, person_key: str, address: str) -> bool:
        """Tell whether one more page would be too many."""
        mine = sum(page.connected() for page in self._pages.get(person_key, ()))
        here = [page.address for pages in self._pages.values() for page in pages]
        return mine >= MOST_EACH or (address != "" and here.count(address) >= MOST_HERE) or len(here) >= MOST_ALL

    def wake(self, person_key: str) -> bool:
        """Have the person's pages look for news now; False where none is sure to see what is in the store by now."""
        pages = self._pages.get(person_key, ())
        for page in pages:
            page.woken.set()
        return any(page.last is not None and page.connected() for page in pages)

    def people(self) -> Collection[str]:
        """Name the people whose pages are open here."""
        return self._pages.keys()

    def alone(self, page: OpenPage) -> bool:
        """Tell whether no other page is open here."""
        return all(each is page for pages in self._pages.values() for each in pages)

    def awake(self, newest: Mapping[str, int]) -> None:
        """Have the pages look that have less than the newest news, do not know where they stand, or have lost their reader."""
        for person, pages in self._pages.items():
            for page in pages:
                if page.last is None or newest.get(person, 0) > page.last or not page.connected():
                    page.woken.set()

    @contextmanager
    def join(self, person_key: str, connected: Callable[[], bool], address: str) -> Iterator[OpenPage]:
        """Count a page as open while the block lasts."""
        page = OpenPage(connected, address)
        self._pages.setdefault(person_key, []).append(page)
        try:
            yield page
        finally:
            self._pages[person_key].remove(page)
            if not self._pages[person_key]:
                del self._pages[person_key]
