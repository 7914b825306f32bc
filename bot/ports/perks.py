"""How a platform grants and takes away perks."""

from __future__ import annotations

from typing import Protocol

from bot.orders import Buyer
from bot.perks import Perk


class Perks(Protocol):
    """Perks of one platform. Both calls are repeatable: granting what is held, or revoking what is not, is no error."""

    @property
    def platform(self) -> str:
        """The platform's name: "slack", "discord"."""
        ...

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Give somebody a perk.

        Raises Unreachable: `for_good` where it can never work so (no permission, a role above the bot's own, not a
        member), with a `why` that an admin can act on.
        """
        ...

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take a perk away. Raises Unreachable likewise; somebody who has left has nothing to lose."""
        ...
