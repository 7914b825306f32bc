"""The database: a unit of work, and the books in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.audit import AuditLine, Entry
from bot.money import Money
from bot.orders import Move, Order, Pledge, State
from bot.ports.declines import DeclineBook
from bot.ports.payments import Event
from bot.ports.people import PeopleBook
from bot.ports.returns import DisputeBook, RefundBook
from bot.ports.rounds import RoundBook
from bot.ports.tallies import Counted, Tally
from bot.shop import Stock


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
        most: int = 100,
    ) -> Sequence[Order]:
        """Give everybody's orders, newest first: of these states, of a kind, of a person, made since then. All by default."""
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

    async def opened_since(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the orders made since then by a person, from an address, or (neither) in the whole shop. No renewals."""
        ...

    async def next_receipt(self, account: str, year: int) -> str:
        """Take the next receipt number of an account: "2026-000001", without gaps."""
        ...


class StockBook(Protocol):
    """How much of each variant is reserved and sold."""

    async def of(self, variant: str) -> Stock:
        """Give one variant's counts, locked until the unit ends."""
        ...

    async def all(self) -> Mapping[str, Stock]:
        """Give every variant's counts."""
        ...

    async def shift(self, variant: str, reserved: int, sold: int) -> None:
        """Add to the counts. A count below zero is a ValueError: the ledger would be wrong."""
        ...


class PledgeBook(Protocol):
    """Monthly gifts and purchases."""

    async def get(self, pledge_id: str) -> Pledge | None:
        """Find a pledge by the order that began it."""
        ...

    async def put(self, pledge: Pledge) -> None:
        """Write a pledge, new or changed."""
        ...

    async def of(self, person: str) -> Sequence[Pledge]:
        """Give a person's pledges that have not ended."""
        ...

    async def active(self, kind: str) -> Sequence[Pledge]:
        """Give everybody's pledges of a kind that go on."""
        ...

    async def going_on(self, account: str) -> Sequence[Pledge]:
        """Give an account's pledges that have not ended, in the order of their numbers."""
        ...

    async def running(self, kind: str) -> Sequence[Pledge]:
        """Give everybody's pledges of a kind that have not ended, in the order of their numbers."""
        ...

    async def tallies(self) -> Sequence[Counted]:
        """Add everybody's pledges up, by kind, state and currency, in that order; amounts are of one month."""
        ...


@dataclass(frozen=True, slots=True)
class News:
    """Something private that one person is to be told. `id` counts up for each person, from 1."""

    person: str
    id: int
    kind: str
    subject: str  # the order it speaks of, or what the kind says
    at: datetime
    told: bool = False
    #: What the kind says besides, for whoever draws it; "" where the order says it all.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A piece of news with what became of it: told at an instant, and how; `at` is None where it was not."""

    news: News
    at: datetime | None
    #: edited, sent, streamed, next word; "" where it was not told.
    how: str


class NewsBook(Protocol):
    """What people are to be told, kept until they were."""

    async def add(self, person: str, kind: str, subject: str, detail: str = "") -> News:
        """Write news, in the transaction that makes it true."""
        ...

    async def get(self, person: str, news_id: int) -> News | None:
        """Find one piece of news."""
        ...

    async def untold(self, person: str) -> Sequence[News]:
        """Give what a person has not been told, oldest first."""
        ...

    async def keep(self, person: str, news_id: int) -> None:
        """Note that it could not be told, so that the person's next word brings it."""
        ...

    async def kept(self, person: str) -> Sequence[News]:
        """Give what could not be told so far, oldest first; what a job is about to tell is not among it."""
        ...

    async def since(self, person: str, news_id: int) -> Sequence[News]:
        """Give all that came after `news_id`, told or not, oldest first."""
        ...

    async def latest(self, person: str) -> int:
        """Give the id of a person's newest news, told or not; 0 where there is none."""
        ...

    async def about(self, person: str, subject: str) -> Sequence[Told]:
        """Give all news of a person about a subject, oldest first, with when and how each was told."""
        ...

    async def told(self, person: str, news_id: int, how: str) -> None:
        """Note that it was told, and how: edited, sent, streamed, next word. Only the first time counts."""
        ...

    async def waiting(self) -> Mapping[str, int]:
        """Count everybody's news that was not told, by kind."""
        ...


class Inbox(Protocol):
    """Events received, by id, so that each is taken once."""

    async def take(self, event: Event) -> bool:
        """Write an event down; False where it was there already."""
        ...

    async def missing(self, account: str, ids: Collection[str]) -> Collection[str]:
        """Tell which events of an account were never taken."""
        ...


class AuditBook(Protocol):
    """What operators did: lines are added and read, never changed."""

    async def add(self, entry: Entry) -> AuditLine:
        """Write a line behind the last one, chained to it. Who else writes waits until this unit ends."""
        ...

    def lines(self, *, after: int = 0) -> AsyncIterator[AuditLine]:
        """Give the lines behind number `after`, oldest first; memory does not grow with them."""
        ...


class Facts(Protocol):
    """Small things to remember, by name: cursors, staff posts, what was announced, what was sold under an id."""

    async def get(self, name: str) -> str | None:
        """Give a fact."""
        ...

    async def hold(self, name: str) -> str | None:
        """Give a fact, and keep everybody from changing it until the unit ends; others may hold it as well."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Remember a fact, new or changed."""
        ...

    async def take(self, name: str) -> str | None:
        """Give a fact, and forget it."""
        ...

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give the facts whose names begin so."""
        ...

    async def add(self, name: str, amount: int) -> int:
        """Add to a fact that is a whole number (0 where it is not there yet), and give the sum; safe between replicas."""
        ...


class LeaseBook(Protocol):
    """What one holder has for a while, on the database's clock: whoever dies loses it when its time is up."""

    async def take(self, name: str, holder: str, seconds: float) -> bool:
        """Take a lease for so many seconds, or renew one's own; False where another holds it."""
        ...

    async def release(self, name: str, holder: str, *, after: float = 0.0) -> None:
        """Let go of a lease, at once or so many seconds from now; nothing where another holds it."""
        ...


class Unit(Protocol):
    """One transaction. Await nothing but the store inside a writing one."""

    @property
    def now(self) -> datetime:
        """The database's clock when the unit began (UTC)."""
        ...

    @property
    def orders(self) -> OrderBook:
        """Orders and their history."""
        ...

    @property
    def stock(self) -> StockBook:
        """Stock counts."""
        ...

    @property
    def pledges(self) -> PledgeBook:
        """Monthly gifts and purchases."""
        ...

    @property
    def refunds(self) -> RefundBook:
        """What was asked to go back, and what went."""
        ...

    @property
    def disputes(self) -> DisputeBook:
        """What payers' banks want back."""
        ...

    @property
    def declines(self) -> DeclineBook:
        """Attempts to pay that were declined."""
        ...

    @property
    def news(self) -> NewsBook:
        """What people are to be told."""
        ...

    @property
    def inbox(self) -> Inbox:
        """Events received."""
        ...

    @property
    def audit(self) -> AuditBook:
        """What operators did."""
        ...

    @property
    def rounds(self) -> RoundBook:
        """Reminders, and who was told."""
        ...

    @property
    def facts(self) -> Facts:
        """Small things to remember."""
        ...

    @property
    def people(self) -> PeopleBook:
        """Forgetting people."""
        ...

    @property
    def leases(self) -> LeaseBook:
        """What one holder has for a while."""
        ...


class Store(Protocol):
    """The database. A unit commits when its block ends, and rolls back whole when it raises.

    In a writing unit what was read stays so until it ends: rows are locked, and what was looked for by its name and is not
    there (a fact, the order of an interaction) is nobody else's to write. Several units write at the same time, so they
    lock in one order, lest two wait for each other: the payment (`alone_with`), the order, its refunds and disputes, stock in
    the order of its names, then the rest.

    Raises StoreUnavailable when a write cannot be taken (full, read-only, locked for 5 s, gone): nothing was written.
    """

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a writing unit."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a unit that only reads, of one consistent state."""
        ...
