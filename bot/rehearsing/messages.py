"""What people would be told in a rehearsal: noted, and said to nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.chat import Card
from bot.orders import Buyer
from bot.perks import Perk
from bot.words import plain

#: How the keys of what is told to those who sell begin, and those of cards that hold a buyer's address.
_SELLERS: Final = ("sellers:", "alert:")
_ADDRESSED: Final = "staff:"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, or the change of one: to whom by kind, and its text."""

    at: datetime
    #: "buyer", "admin", "channel"; "changed" is a posted card that became another.
    whom: str
    platform: str
    title: str
    text: str
    key: str
    order: str = ""
    #: Whom exactly, so that it is seen who is told twice. Never shown.
    person: str = field(default="", repr=False)


class NotedVoice:
    """The voice of one platform, which notes."""

    def __init__(self, platform: str, clock: Callable[[], datetime], notes: list[Message]) -> None:
        self._platform: Final = platform
        self._clock: Final = clock
        self._notes: Final = notes

    @property
    def platform(self) -> str:
        """The platform's name."""
        return self._platform

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Note what one person would be told."""
        self._note("admin" if key.startswith(_SELLERS) else "buyer", card, key, buyer.key)
        return "sent"

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Note what would be posted."""
        self._note("channel", card, key, channel)
        return f"rehearsed {len(self._notes)}"

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Note what a posted card would become."""
        self._note("changed", card, f"amend:{reference}", channel)

    def _note(self, whom: str, card: Card, key: str, person: str) -> None:
        shown = whom != "changed" and not key.startswith(_ADDRESSED)
        # What stands in a card's facts may be somebody's words, and a staff card holds an address: neither is kept.
        text = "\n".join(map(plain, card.text)) if shown else ""
        self._notes.append(Message(self._clock(), whom, self._platform, card.title, text, key, card.order, person))


class NotedPerks:
    """The perks of one platform, which nobody gets or loses."""

    def __init__(self, platform: str) -> None:
        self._platform: Final = platform

    @property
    def platform(self) -> str:
        """The platform's name."""
        return self._platform

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Grant nothing."""

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take nothing away."""
