"""A platform's voice that keeps what it said, and may find nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from bot.chat import Card
from bot.errors import Later, Unreachable
from bot.orders import Buyer
from tests.fakes.gate import Gate


@dataclass(frozen=True, slots=True)
class Told:
    """A card that one person was told."""

    person: str
    card: Card
    key: str


@dataclass(slots=True)
class FakeVoice:
    """Keeps what was told in private and what was posted. While `deaf`, nobody is reached; with a `refusal`, that."""

    platform: str = "slack"
    deaf: bool = False
    refusal: Unreachable | Later | None = None
    told: list[Told] = field(default_factory=list)
    #: What stands in each channel now: by channel and reference.
    posted: dict[tuple[str, str], Card] = field(default_factory=dict)
    amended: int = 0
    #: Which posted cards were replaced, one entry each time.
    edits: list[tuple[str, str]] = field(default_factory=list)
    #: What the next replacements wait for before they show, one each, in their order.
    gates: list[Gate] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person."""
        self._reach()
        self.told.append(Told(buyer.id, card, key))
        return "sent"

    async def post(self, channel: str, card: Card, *, key: str) -> str:  # noqa: ARG002 - each post is shown here
        """Post a card."""
        self._reach()
        reference = str(next(self._numbers))
        self.posted[channel, reference] = card
        return reference

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card."""
        self._reach()
        if self.gates:
            await self.gates.pop(0).wait()
        if (channel, reference) not in self.posted:
            raise Unreachable("message_not_found")
        self.posted[channel, reference] = card
        self.edits.append((channel, reference))
        self.amended += 1

    def to(self, person: str) -> list[Card]:
        """Give what one person was told."""
        return [told.card for told in self.told if told.person == person]

    def _reach(self) -> None:
        if self.deaf:
            raise Unreachable("nobody listens")
        if self.refusal is not None:
            raise self.refusal
