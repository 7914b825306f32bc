"""How the web tells people things by itself: it wakes their open pages; what is kept in the store does the rest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Final

from adapters.web.news import Streams
from bot.chat import Card
from bot.errors import Unreachable
from bot.orders import Buyer

#: Keeps news in the store: person key, order, and a key under which the same news is kept once.
Keep = Callable[[str, str, str], Awaitable[None]]


class WebVoice:
    """Implements bot.ports.Voice. A channel is a person of that name: whoever opens a staff link reads "web:staff"."""

    platform: Final = "web"

    def __init__(self, streams: Streams, keep: Keep) -> None:
        self._streams = streams
        self._keep = keep

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:  # noqa: ARG002 - the page reads it from the store
        """Wake the person's open pages, which read the kept news. Raises Unreachable where none is open."""
        if not self._streams.wake(buyer.key):
            raise Unreachable("no page open")
        return "streamed"

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Keep the card's order as news for the channel's readers, and show it to those who are there."""
        await self._keep(f"web:{channel}", card.order, key)
        self._streams.wake(f"web:{channel}")
        return key

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Show the channel's readers what became of it, as news; their pages take the buttons off the older cards."""
        told = sha256(repr(card).encode()).hexdigest()[:16]
        await self._keep(f"web:{channel}", card.order, f"{reference}:{told}")
        self._streams.wake(f"web:{channel}")
