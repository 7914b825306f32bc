"""The book of people: what is forgotten of one, and what the books must keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol


class PeopleBook(Protocol):
    """Forgetting people."""

    async def forget(self, person: str, name: str) -> Sequence[str]:
        """Forget a person, whose orders from then on are those of `name`, and give the numbers of these.

        Of orders, monthly payments and refunds stay amounts, dates, states, goods, cause, receipt, coupon, country and the
        payment provider's ids. News, facts, jobs, leases and keys that name the person go.
        """
        ...

    async def forget_orders(self, person: str, name: str, numbers: Collection[str]) -> None:
        """Forget whose some of a person's orders are, which from then on are those of `name`, with the news of them.

        What stays of an order is as with `forget`; everything else of the person stays theirs.
        """
        ...

    async def purchases(self, nobody: str, *, after: str = "", most: int) -> Sequence[str]:
        """Give the numbers of purchases that name somebody, of any platform but `nobody`, behind a number, in order."""
        ...
