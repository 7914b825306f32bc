"""How a platform tells people things by itself."""

from __future__ import annotations

from typing import Protocol

from bot.chat import Card
from bot.orders import Buyer


class Voice(Protocol):
    """How one platform tells people things by itself."""

    @property
    def platform(self) -> str:
        """The platform's name: "web", "slack", "discord"."""
        ...

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: edit the card they hold (`buyer.reply`) while that lives, else a direct message.

        Answers how: "edited", "sent". Raises Unreachable where neither is possible; it never posts in public. `key`
        names what is told: the same to the same person should be shown once where the platform can. Others may be told
        under the same key.
        """
        ...

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a staff channel and answer its reference, for `amend`. Raises Unreachable. `key` is as in `tell`."""
        ...

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card. Raises Unreachable."""
        ...
