"""The ports: what the house needs of the world outside. The docstrings are the contract; tests/contracts holds each to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.chat import Card
from bot.money import Money
from bot.orders import Buyer, Line, Move, Order, Pledge
from bot.shop import Stock

Json = Mapping[str, str | int | bool | None]


class Clock(Protocol):
    """The calendar's clock. Only it travels in a demo; sessions, signatures and leases keep real time."""

    def now(self) -> datetime:
        """Tell the instant, with a zone (UTC)."""
        ...


# ------------------------------------------------------------------------------------------------------------- payments


@dataclass(frozen=True, slots=True)
class ShippingChoice:
    """A flat rate that the payer can choose on the checkout page."""

    label: str
    price: Money


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a checkout session is opened for. The amounts are ours; the provider only takes them."""

    order: str  # becomes client_reference_id, and metadata "order" on the session, payment intent and subscription
    kind: Literal["buy", "donate"]
    lines: tuple[Line, ...]  # a gift is one line, named after its cause
    total: Money  # lines less discount, before shipping and tax
    expires: datetime  # stored before the call, so that a retry sends the same
    success_url: str
    cancel_url: str
    locale: str
    discount: Money | None = None
    monthly: bool = False
    ship_to: tuple[str, ...] = ()  # countries; where any, address and phone are collected
    shipping: tuple[ShippingChoice, ...] = ()
    automatic_tax: bool = False
    #: Said beside the Pay button: the terms one accepts by paying (plain text).
    terms: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """What the provider says of a checkout session now."""

    id: str
    account: str
    livemode: bool
    order: str  # client_reference_id
    status: Literal["open", "complete", "expired"]
    #: Of a complete one: paid, still settling, or its delayed payment failed.
    payment: Literal["none", "processing", "paid", "failed"]
    url: str
    total: Money  # amount_total: with shipping and tax
    subtotal: Money  # the lines before discount, shipping and tax
    discount: Money
    shipping: Money
    tax: Money
    expires: datetime
    refunded: Money
    payment_intent: str = ""
    subscription: str = ""
    #: Name, address and phone in lines, if they were collected.
    ship_to: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """What the provider says of a payment intent now."""

    id: str
    account: str
    livemode: bool
    order: str  # from its metadata, "" where there is none
    received: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class Invoice:
    """What the provider says of a subscription's invoice now."""

    id: str
    account: str
    livemode: bool
    subscription: str
    order: str  # of the order that began the subscription, from its metadata
    first: bool  # whether it is the one that began the subscription
    paid: bool
    total: Money
    payment_intent: str
    period_end: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the provider says of a subscription now."""

    id: str
    account: str
    livemode: bool
    order: str  # from its metadata
    status: Literal["active", "stopping", "ended", "troubled"]
    until: datetime | None


Subject = Session | Payment | Invoice | Subscription


@dataclass(frozen=True, slots=True)
class Event:
    """A hint that something happened to an object; nothing else of it is believed."""

    id: str
    account: str
    livemode: bool
    type: str
    object_id: str
    created: datetime


class Payments(Protocol):
    """One account at a payment provider.

    Every call raises PaymentsUnavailable when the provider did not answer or not clearly (it may have acted: call again
    with the same key), PaymentsRefused when it said no, WrongAccount when the object is of the other livemode.
    """

    @property
    def account(self) -> str:
        """Our name of the account: "" for the shop's own, else the cause's id."""
        ...

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""
        ...

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a checkout session. The same `key` and checkout give the same session, however often it is called."""
        ...

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        ...

    async def find(self, order: str, *, since: datetime) -> Session | None:
        """Look for the newest session of an order among those made since then; for when `open` stayed in doubt."""
        ...

    async def expire(self, session_id: str) -> Session:
        """Ask that an open session ends, and say what it is now: expired, or complete if the payer was faster. Repeatable."""
        ...

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give back `amount` (None: all that is left) and say what the payment is now. Repeatable with the same key."""
        ...

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with the period that is paid for. Repeatable."""
        ...

    async def look(self, event: Event) -> Subject | None:
        """Fetch the object that an event speaks of, as it is now; None where Tillbot has no use for the event."""
        ...

    async def events(self, *, since: datetime) -> Sequence[Event]:
        """List events created since then, oldest first; for where no webhook can reach us."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


# ---------------------------------------------------------------------------------------------------------------- voice


class Voice(Protocol):
    """How one platform tells people things by itself."""

    @property
    def platform(self) -> str:
        """The platform's name: "web", "slack", "discord"."""
        ...

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: edit the card they hold (`buyer.reply`) while that lives, else a direct message.

        Answers how: "edited", "sent". Raises Unreachable where neither is possible; it never posts in public. `key`
        names this telling: the same twice should be shown once where the platform can.
        """
        ...

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a staff channel and answer its reference, for `amend`. Raises Unreachable."""
        ...

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card. Raises Unreachable."""
        ...


# ---------------------------------------------------------------------------------------------------------------- store


class OrderBook(Protocol):
    """Orders and their history. In a writing unit, a row that was read is locked until the unit ends."""

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

    async def newest(self, *, most: int = 100) -> Sequence[Order]:
        """Give everybody's orders, newest first; for the staff."""
        ...

    async def unsettled(self, kind: str | None = None) -> Sequence[Order]:
        """Give the orders in draft or awaiting, oldest first."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Count everybody's orders by state; for metrics."""
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
    """Monthly gifts."""

    async def get(self, pledge_id: str) -> Pledge | None:
        """Find a pledge by the order that began it."""
        ...

    async def put(self, pledge: Pledge) -> None:
        """Write a pledge, new or changed."""
        ...

    async def of(self, person: str) -> Sequence[Pledge]:
        """Give a person's pledges that have not ended."""
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


class NewsBook(Protocol):
    """What people are to be told, kept until they were."""

    async def add(self, person: str, kind: str, subject: str) -> News:
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

    async def told(self, person: str, news_id: int, how: str) -> None:
        """Note that it was told, and how: edited, sent, streamed, next word. Only the first time counts."""
        ...


class Inbox(Protocol):
    """Events received, by id, so that each is taken once."""

    async def take(self, event: Event) -> bool:
        """Write an event down; False where it was there already."""
        ...


class Facts(Protocol):
    """Small things to remember, by name: cursors, staff posts, what was announced, what was sold under an id."""

    async def get(self, name: str) -> str | None:
        """Give a fact."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Remember a fact, new or changed."""
        ...

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give the facts whose names begin so."""
        ...

    async def add(self, name: str, amount: int) -> int:
        """Add to a fact that is a whole number (0 where it is not there yet), and give the sum; safe between replicas."""
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
        """Monthly gifts."""
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
    def facts(self) -> Facts:
        """Small things to remember."""
        ...


class Store(Protocol):
    """The database. A unit commits when its block ends, and rolls back whole when it raises.

    Raises StoreUnavailable when a write cannot be taken (full, read-only, locked for 5 s, gone): nothing was written.
    """

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a writing unit."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a unit that only reads, of one consistent state."""
        ...


# ----------------------------------------------------------------------------------------------------------------- jobs

Handler = Callable[[Json], Awaitable[None]]
Tick = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Parked:
    """A job that failed too often and waits for somebody to look at it."""

    id: int
    kind: str
    error: str
    since: datetime


class Jobs(Protocol):
    """A transactional outbox: what is deferred in a unit is done if, and only if, the unit commits.

    At least once, not before `at`, in no order, never cancelled: a job is a wake-up, and its handler reads the state
    and does nothing if that has passed. A handler that raises is called again after growing pauses (1 s to 1 h, with
    jitter), then parked; one that raises Later(at) is called again then, without spending an attempt.
    """

    async def defer(
        self, unit: Unit, kind: str, payload: Json, *, at: datetime | None = None, key: str | None = None
    ) -> None:
        """Have `kind`'s handler called with `payload`. A `key` is accepted once, ever; the second is ignored."""
        ...

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job; before `run`."""
        ...

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Have `tick` called every so many seconds, by one replica; before `run`. A tick that raises is logged."""
        ...

    async def run(self) -> None:
        """Work until cancelled; then let running handlers end."""
        ...

    async def drain(self) -> None:
        """Work off what is due now, and return."""
        ...

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        ...
