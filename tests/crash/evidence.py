"""What is left after a run, as plain data: our rows, Stripe's ledger and objects, and what people were shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.orders import Move, Order
from bot.ports import Parked
from bot.refunds import RefundEntry


@dataclass(frozen=True)
class Told:
    """A row of news."""

    person: str
    id: int
    kind: str
    order: str
    at: datetime
    told: bool


@dataclass(frozen=True)
class Waiting:
    """A job that is left."""

    kind: str
    payload: Mapping[str, object]
    at: datetime


@dataclass(frozen=True)
class Asked:
    """A checkout session, as Stripe has it."""

    id: str
    order: str
    status: Literal["open", "complete", "expired"]
    paid: bool


@dataclass(frozen=True)
class Entry:
    """A line of the sandbox's ledger: amounts in minor units, `at` in seconds since the epoch."""

    kind: Literal["charge", "refund", "refund_failed"]
    id: str
    payment: str
    #: The order whose number Stripe holds with the payment.
    order: str
    amount: int
    at: float


@dataclass(frozen=True)
class Shown:
    """Something that appeared before somebody: `person` is their key, "" for the staff's channel."""

    at: float
    person: str
    text: str
    #: By which way it came: a method, an answer.
    how: str = ""


@dataclass(frozen=True)
class Wish:
    """One interaction that asked for an order, however often it was delivered, and the orders it was answered with."""

    key: str
    person: str
    text: str
    #: When it was delivered, each time.
    sent: tuple[float, ...]
    orders: frozenset[str]


@dataclass(frozen=True)
class Evidence:
    """Everything that the invariants look at."""

    orders: tuple[Order, ...]
    history: Mapping[str, tuple[Move, ...]]
    #: (reserved, sold) by variant, and how many were ever offered.
    stock: Mapping[str, tuple[int, int]]
    offered: Mapping[str, int]
    #: Minor units raised, by cause.
    raised: Mapping[str, int]
    news: tuple[Told, ...]
    jobs: tuple[Waiting, ...]
    parked: tuple[Parked, ...]
    sessions: tuple[Asked, ...]
    ledger: tuple[Entry, ...]
    #: Events that Stripe has still to deliver.
    undelivered: int
    shown: tuple[Shown, ...]
    wishes: tuple[Wish, ...]
    #: The refund book.
    refunds: tuple[RefundEntry, ...] = ()
    #: Instants at which a process was killed, and at which the answer to something shown was lost on its way.
    kills: tuple[float, ...] = ()
    lost: tuple[float, ...] = ()
    #: Seconds by which something may be shown later than whoever sent it was killed.
    late: float = 0.0
    #: What a delivery in chat says, by product.
    secrets: Mapping[str, str] = field(default_factory=dict)

    def order(self, number: str) -> Order | None:
        """Find an order."""
        return next((order for order in self.orders if order.id == number), None)

    def charges(self, order: Order) -> list[Entry]:
        """Give what was charged for an order: by the payments it knows, and by those that name it."""
        mine = {order.payment_intent, *order.late_payment.split()} - {""}
        named = order.id if order.origin == "chat" else ""
        renewals = {other.payment_intent for other in self.orders if other.origin == "renewal"} - mine
        return [
            entry
            for entry in self.ledger
            if entry.kind == "charge"
            and (entry.payment in mine or (entry.order == named and entry.payment not in renewals))
        ]

    def refunded(self, payment: str) -> int:
        """Give what was given back of a payment, in minor units."""
        signs = {"charge": 0, "refund": 1, "refund_failed": -1}
        return sum(signs[entry.kind] * entry.amount for entry in self.ledger if entry.payment == payment)
