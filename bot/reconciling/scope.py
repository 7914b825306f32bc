"""What one comparison of one account works with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bot.checkouts import Checkouts
from bot.desk import Desk
from bot.errors import IllegalMove, Later, PaymentsRefused, WrongAccount
from bot.orders import Order
from bot.ports import Payments
from bot.reconciling.differences import Difference, Outcome, Value
from bot.settling import GONE, Settling

Found = TypeVar("Found")
Differences = AsyncIterator[Difference]
#: Told what is being compared, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Scope:
    """One account, since when, and whether to mend."""

    desk: Desk
    settling: Settling
    checkouts: Checkouts
    payments: Payments
    account: str
    since: datetime
    now: datetime
    #: Whether only to look.
    dry: bool
    progress: Progress

    async def order(self, number: str) -> Order | None:
        """Give an order as it is."""
        async with self.desk.store.surveying() as unit:
            return await unit.orders.get(number)

    def mended(self, difference: Difference) -> Difference:
        """Say that something was put right, or in a dry run could be."""
        outcome: Outcome = "mendable" if self.dry else "mended"
        return replace(difference, outcome=outcome)

    def difference(
        self, kind: str, values: Mapping[str, Value], *, order: str = "", stripe: str = "", outcome: Outcome = "person"
    ) -> Difference:
        """Make a difference of this account; `stripe` is Stripe's id of what differs."""
        return Difference(kind, outcome, self.account, order, stripe, values)


async def known(asking: Awaitable[Found]) -> Found | None:
    """Give what Stripe says of an object; None where it knows none of that id, or only one of the other livemode."""
    try:
        return await asking
    except WrongAccount:
        return None
    except PaymentsRefused as error:
        if error.code != GONE:
            raise
        return None


async def applied(applying: Awaitable[None]) -> None:
    """Apply what Stripe says; what our table of moves does not allow, or must wait, is seen by comparing again."""
    try:
        await applying
    except (IllegalMove, Later):
        return
