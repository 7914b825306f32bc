"""The books of what goes back: refunds, asked for here or made elsewhere, and disputes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.ports.payments import Dispute
from bot.ports.tallies import Counted
from bot.refunds import RefundEntry


class RefundBook(Protocol):
    """Refunds of orders. In a writing unit, a row that was read is locked until the unit ends."""

    async def get(self, refund_id: str) -> RefundEntry | None:
        """Find a refund by its number."""
        ...

    async def asked_with(self, key: str) -> RefundEntry | None:
        """Find the refund that an interaction asked for."""
        ...

    async def of(self, order_id: str) -> Sequence[RefundEntry]:
        """Give an order's refunds, in the order in which they were written."""
        ...

    async def put(self, entry: RefundEntry) -> None:
        """Write a refund, new or changed. ValueError where its interaction has asked for another."""
        ...

    async def undone(self) -> Sequence[RefundEntry]:
        """Give everybody's refunds that are asked or approved, or failed with none as large done since, oldest first."""
        ...

    async def tallies(self) -> Sequence[Counted]:
        """Add everybody's refunds up, by the kind of their order, stage and currency, in that order."""
        ...


class DisputeBook(Protocol):
    """Disputes, by the provider's ids; also those of payments that no order is known to have yet."""

    async def get(self, dispute_id: str) -> Dispute | None:
        """Find a dispute."""
        ...

    async def of(self, payment_intent: str) -> Sequence[Dispute]:
        """Give the disputes of a payment, in the order in which they were heard of."""
        ...

    async def put(self, dispute: Dispute) -> None:
        """Write a dispute, new or changed."""
        ...

    async def open(self) -> Sequence[Dispute]:
        """Give everybody's disputes that are open, in the order in which they were heard of."""
        ...

    async def tallies(self) -> Sequence[Counted]:
        """Add all disputes up, by the kind of their order ("" where that is not known), status and currency, in that order."""
        ...
