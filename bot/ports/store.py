"""The database: a unit of work, and the books in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.audit import AuditLine, Entry
from bot.orders import Pledge
from bot.ports.declines import DeclineBook
from bot.ports.news import NewsBook
from bot.ports.orders import OrderBook
from bot.ports.payments import Event
from bot.ports.people import PeopleBook
from bot.ports.returns import DisputeBook, RefundBook
from bot.ports.rounds import RoundBook
from bot.ports.tallies import Counted
from bot.shop import Stock


class StockBook(Protocol):
    """How much of each variant is reserved and sold."""

    async def of(self, variant: str) -> Stock:
        """Give one variant's counts, locked until the unit ends."""
        ...

    async def all(self) -> Mapping[str, Stock]:
        """Give every variant's counts."""
        ...

    async def shift(self, variant: str, reserved: int, sold: int) -> None:
        """Add to the counts. A count below zero is a ValueError, here or where the unit commits: the ledger would be wrong."""
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

    async def note(self, name: str, value: str) -> None:
        """Remember a fact where it is not so already; whoever finds it so waits for nobody who has it."""
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
        """Begin a unit that only reads, of one consistent state: something by its key, or a page."""
        ...

    def surveying(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a unit that only reads, likewise, and goes through much: others of the process go on meanwhile."""
        ...

    async def keeps(self, person: str) -> bool:
        """Tell whether news is kept for somebody. Each of their words asks it, so it is asked by itself, not in a unit."""
        ...
