"""A platform's perks that are kept here, and that may be refused, slow or away."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import Later, Unreachable
from bot.orders import Buyer
from bot.perks import Perk
from tests.fakes.gate import Gate


@dataclass(slots=True)
class FakePerks:
    """Keeps who holds what: pairs of a bare user id and a perk's target."""

    platform: str = "slack"
    held: set[tuple[str, str]] = field(default_factory=set)
    #: What was done, in the order in which it took effect: "grant ann vip".
    done: list[str] = field(default_factory=list)
    #: Who has left the platform: nobody who is not there can be given anything.
    left: set[str] = field(default_factory=set)
    #: What every call is refused with, where it is.
    refusal: Unreachable | Later | None = None
    #: What the next calls wait for before they take effect, one each, in their order.
    gates: list[Gate] = field(default_factory=list)
    #: What the next calls wait for after they took effect, before they answer.
    answers: list[Gate] = field(default_factory=list)

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Give somebody a perk."""
        await self._pass()
        if buyer.user in self.left:
            raise Unreachable("they are not a member")
        self.held.add((buyer.user, perk.target))
        await self._did(f"grant {buyer.user} {perk.target}")

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take a perk away."""
        await self._pass()
        self.held.discard((buyer.user, perk.target))
        await self._did(f"revoke {buyer.user} {perk.target}")

    async def _pass(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        if self.gates:
            await self.gates.pop(0).wait()

    async def _did(self, what: str) -> None:
        self.done.append(what)
        if self.answers:
            await self.answers.pop(0).wait()
