"""The book of orders: their rows, their history, and what is summed and counted of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.money import Money
from bot.orders import Move, Order, State
from bot.ports.tallies import Tally


@dataclass(frozen=True, slots=True)
class Taking:
    """What came in: how many paid orders of a kind, what they paid, and what of it was given back or lost in disputes."""

    kind: Literal["buy", "donate"]
    orders: int
    paid: Money
    refunded: Money
    lost: Money


class OrderBook(Protocol):
    """Orders and their history."""

    async def get(self, order_id: str) -> Order | None:
        """Find an order by its public number."""
        ...

    async def asked_by(self, key: str) -> Order | None:
        """Find the order that an interaction made."""
        ...

    async def by_session(self, session_id: str) -> Order | None:
        """Find the order of a checkout session."""
        ...

    async def by_payment(self, payment_intent: str) -> Order | None:
        """Find the order of a payment intent."""
        ...

    async def alone_with(self, payment_intent: str) -> None:
        """Be the only one that applies anything of a payment until the unit ends: the first thing to do in it.

        What is heard of a payment, and what makes it an order's, must see each other.
        """
        ...

    async def add(self, order: Order, why: str) -> None:
        """Write a new order with the first row of its history, from nothing to its state."""
        ...

    async def save(self, order: Order, move: Move | None = None) -> None:
        """Write an order's columns, and a history row if it moved."""
        ...

    async def note(self, order_id: str, why: str) -> None:
        """Write a history row that is no move: a problem noted, a late payment, terms accepted."""
        ...

    async def history(self, order_id: str) -> Sequence[Move]:
        """Give an order's history, oldest first. A note has its state as both source and target."""
        ...

    async def of(self, person: str, *, most: int = 20) -> Sequence[Order]:
        """Give a person's orders, newest first."""
        ...

    async def last_shipped(self, person: str) -> Order | None:
        """Give a person's newest paid order that ships; None where there is none."""
        ...

    async def newest(self, *, most: int = 100) -> Sequence[Order]:
        """Give everybody's orders, newest first; for the staff."""
        ...

    async def listed(
        self,
        *,
        states: Collection[State] = (),
        kind: str = "",
        person: str = "",
        since: datetime | None = None,
        beyond: Order | None = None,
        most: int = 100,
    ) -> Sequence[Order]:
        """Give everybody's orders, newest first: of these states, of a kind, of a person, made since then. All by default.

        With `beyond` those that follow that one: with the last of a page comes the next page.
        """
        ...

    async def unsettled(self, kind: str | None = None) -> Sequence[Order]:
        """Give the orders in draft or awaiting, oldest first."""
        ...

    async def standing(self, states: Collection[State], *, since: datetime | None = None) -> Sequence[Order]:
        """Give the orders in any of the states, those made since then only where that is said, oldest first."""
        ...

    async def paid_with(self, payment_intents: Collection[str]) -> Mapping[str, Order]:
        """Find the orders of payment intents, by payment intent; payments that came too late are among them."""
        ...

    async def begun(self, account: str) -> datetime | None:
        """Say when an account's oldest order was made; None where it has none."""
        ...

    async def takings(self, since: datetime) -> Sequence[Taking]:
        """Add up what was paid since then, by kind and currency, sales first."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Count everybody's orders by state; for metrics."""
        ...

    async def tallies(self) -> Sequence[Tally]:
        """Add everybody's orders up, by kind, origin, state and currency, in that order."""
        ...

    async def placed(self, since: datetime, products: Collection[str] = ()) -> Mapping[tuple[str, str], int]:
        """Count the purchases begun since then by (platform, workspace); with `products` only those of one of them."""
        ...

    async def uses(self, code: str, *, person: str = "") -> int:
        """Count the orders (of a person) that hold or had a coupon: unpaid ones that may still be paid, and sold ones.

        In a writing unit, whoever else counts the same coupon waits until it ends, so that what is found stays true.
        """
        ...

    async def processing(self, person: str, variant: str) -> Order | None:
        """Find a person's newest order of a variant that is paid and not settled."""
        ...

    async def alone(self, person: str) -> None:
        """Let nobody else open an order of theirs until the unit ends: what is read after that of their orders stays true."""
        ...

    async def opened_since(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the orders made since then by a person, from an address, or (neither) in the whole shop. No renewals.

        In a writing unit what is found of a person, or an address, stays true until it ends. Of the whole shop, orders that
        others are writing in the same moment are not in it yet.
        """
        ...

    async def next_receipt(self, account: str, year: int) -> str:
        """Take the next receipt number of an account: "2026-000001", without gaps."""
        ...
