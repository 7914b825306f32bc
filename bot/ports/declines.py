"""The book of declined payments: when each happened and whose order it was for, so that bursts of them are seen."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class DeclineBook(Protocol):
    """Attempts to pay that were declined, each once."""

    async def counted(self, payment_intent: str) -> int:
        """Tell how many declines of a payment are written down."""
        ...

    async def add(self, payment_intent: str, upto: int, order_id: str, at: datetime) -> None:
        """Write a payment's declines down as far as its `upto`-th, those that are new at the instant `at`.

        What is there already stays as it is. `order_id` is "" where it is only known that the payment was ours.
        """
        ...

    async def nth(self, many: int, since: datetime, *, person: str = "", address: str = "") -> datetime | None:
        """Give the instant of the `many`-th newest decline after `since`; None where there were fewer.

        Those of a person's orders, of orders from an address, or (neither) all of the shop's.
        """
        ...

    async def many(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the declines after `since`, of whom `nth` counts."""
        ...
