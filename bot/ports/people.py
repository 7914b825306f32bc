"""The book of people: what is forgotten of one, and what the books must keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class PeopleBook(Protocol):
    """Forgetting people."""

    async def forget(self, person: str, name: str) -> Sequence[str]:
        """Forget a person, whose orders from then on are those of `name`, and give the numbers of these.

        Of orders, monthly payments and refunds stay amounts, dates, states, goods, cause, receipt, coupon, country and the
        payment provider's ids. News, facts, jobs, leases and keys that name the person go.
        """
        ...
