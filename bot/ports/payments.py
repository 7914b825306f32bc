"""One account at a payment provider: checkout sessions, payments, invoices, subscriptions, events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.money import Money
from bot.orders import Line


@dataclass(frozen=True, slots=True)
class ShippingChoice:
    """A flat rate on the checkout page. Where there is only one, the payer has nothing to choose."""

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
    #: Name, address and phone in lines, if they were collected, and the address's country (ISO 3166-1 alpha-2).
    ship_to: str = ""
    country: str = ""
    #: The variant that a Payment Link of ours sold by it; "" for every other session.
    link: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of a payment, as the provider says it is now."""

    id: str
    #: The key that `refund` was asked with; "" where it was made elsewhere, as in the provider's dashboard.
    key: str
    amount: Money
    #: A failed one went back to the balance: the payer has not got it, and `Payment.refunded` no longer holds it.
    status: Literal["pending", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Payment:
    """What the provider says of a payment intent now."""

    id: str
    account: str
    livemode: bool
    order: str  # from its metadata, "" where there is none: a subscription's payments have none
    received: Money
    refunded: Money
    status: Literal["unpaid", "processing", "paid"] = "paid"
    #: How many attempts to pay it were declined so far; many at once are somebody who tries stolen cards.
    declines: int = 0
    #: The provider's word for why the last attempt was declined, "" where it was not: "insufficient_funds".
    declined: str = ""
    #: Oldest first.
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """What the provider says of a dispute now: a payer's bank wants the money back."""

    id: str
    account: str
    livemode: bool
    payment_intent: str
    amount: Money
    #: An inquiry that may become one is open too; one that was closed in our favour is won.
    status: Literal["open", "won", "lost"]
    #: The provider's word for why: "fraudulent", "product_not_received".
    reason: str
    #: Until when evidence may be handed in.
    due: datetime | None


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
    #: How often its payment was tried, and when it is tried again; None where it is not.
    attempts: int = 0
    next_attempt: datetime | None = None
    #: The provider's page on which it can be paid with another card; "" where there is none.
    pay_url: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the provider says of a subscription now."""

    id: str
    account: str
    livemode: bool
    order: str  # from its metadata
    #: "troubled" is one whose last invoice could not be paid, and is tried again.
    status: Literal["active", "stopping", "ended", "troubled"]
    until: datetime | None
    #: What each period costs from the next invoice on, before tax; None where it is no fixed amount.
    amount: Money | None = None


Subject = Session | Payment | Dispute | Invoice | Subscription


@dataclass(frozen=True, slots=True)
class Transaction:
    """One line of the account's balance: amount - fee = net, in the currency that the balance is kept in.

    That may be another than the payment's: then the amount is what the provider changed it into.
    """

    id: str
    account: str
    type: Literal["charge", "refund", "dispute", "payout", "other"]
    #: The provider's own word for it: "payment", "adjustment", "stripe_fee".
    kind: str
    amount: Money  # below zero where it leaves the balance
    fee: Money
    net: Money
    created: datetime
    payment_intent: str = ""
    order: str = ""  # from the payment's metadata
    #: The payout it went to the bank with, "" where it has not yet.
    payout: str = ""
    #: The same in the payment's own currency, where the balance is kept in another.
    original: Money | None = None


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
        """Give back `amount` (None: all that is left) and say what the payment is now. Repeatable with the same key.

        Refused with the code "charge_disputed" while a dispute holds the money, and after one that was lost.
        """
        ...

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with the period that is paid for. Repeatable."""
        ...

    async def end(self, subscription: str) -> Subscription:
        """End a subscription at once; nothing is given back of the period that was paid for. Repeatable."""
        ...

    async def change(self, subscription: str, amount: Money, *, key: str) -> Subscription:
        """Let a subscription of one thing cost `amount` from its next invoice on; nothing is charged or given back now.

        Repeatable with the same key. Refused where it has ended, is of more than one thing, or of another currency.
        """
        ...

    async def portal(self, subscription: str, *, return_url: str) -> str:
        """Give the address of the provider's page where the payer mends or ends a subscription; it lives for minutes."""
        ...

    async def look(self, event: Event) -> Subject | None:
        """Fetch the object that an event speaks of, as it is now; None where Tillbot has no use for the event."""
        ...

    async def events(self, *, since: datetime, undelivered: bool = False) -> Sequence[Event]:
        """List events created since then, oldest first; only those that no webhook took, where `undelivered`."""
        ...

    async def payment(self, payment_intent: str) -> Payment:
        """Say what a payment is now."""
        ...

    async def sessions(self, *, since: datetime) -> Sequence[Session]:
        """List the complete sessions made since then, oldest first; for whoever reconciles."""
        ...

    async def transactions(self, *, since: datetime, until: datetime) -> Sequence[Transaction]:
        """List what moved the account's balance from `since` to before `until`, oldest first, with the payouts it went by.

        Both are taken in whole seconds, as the provider counts. Nets add up to what the balance gained, by currency.
        """
        ...

    async def held(self) -> Sequence[Money]:
        """Say what the account holds now, an amount for each currency: the sum of all its transactions."""
        ...

    async def going_on(self) -> Sequence[Subscription]:
        """List the subscriptions that have not ended; for whoever reconciles."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
