"""One payment asked of one person is an Order; only the table in this file moves it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from bot.catalogue import Every, Fulfil
from bot.errors import IllegalMove
from bot.money import Money, total
from bot.shipping import Shipping


class State(StrEnum):
    """Where an order stands."""

    DRAFT = "draft"  # written down, stock reserved, no checkout session known yet
    AWAITING = "awaiting"  # a checkout session is open
    PROCESSING = "processing"  # the form is paid but not settled (SEPA, bank transfer)
    PAID = "paid"
    FULFILLED = "fulfilled"
    REFUNDED = "refunded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVES: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.AWAITING, State.CANCELLED, State.EXPIRED}),
    State.AWAITING: frozenset({State.PROCESSING, State.PAID, State.CANCELLED, State.EXPIRED}),
    State.PROCESSING: frozenset({State.PAID, State.FAILED}),
    State.PAID: frozenset({State.FULFILLED, State.REFUNDED}),
    State.FULFILLED: frozenset({State.REFUNDED}),
    State.REFUNDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}

#: States in which an order holds its stock in reserve.
HOLDING: Final = frozenset({State.DRAFT, State.AWAITING, State.PROCESSING})
#: States in which its stock counts as sold.
SOLD: Final = frozenset({State.PAID, State.FULFILLED})
#: States that ended without payment.
ENDED_UNPAID: Final = frozenset({State.CANCELLED, State.EXPIRED, State.FAILED})

#: "moved": it makes room for an order to another region (bot/rerouting.py).
Ending = Literal["", "cancelled", "expired", "closed", "moved", "braked"]


@dataclass(frozen=True, slots=True)
class Line:
    """So many of one variant, at the price of the moment it was ordered."""

    variant: str
    product: str
    label: str
    quantity: int
    price: Money
    #: How it is delivered, and what is sent: as the product said when it was ordered.
    fulfil: Fulfil = "none"
    message: str = ""

    @property
    def amount(self) -> Money:
        """Quantity times price."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Donation:
    """What a gift's order remembers of the gift. `net` is what was typed, before any fees covered."""

    cause: str
    net: Money
    rhythm: Literal["once", "monthly"] = "once"
    dedication: str = ""
    anonymous: bool = False
    cover_fees: bool = False
    #: The legal recipient and its registration number when it was given, as the receipt must say them.
    recipient: str = ""
    registration: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose order it is and how they are told: kept with the order, so that news reaches them in their language."""

    platform: str
    id: str
    user: str
    workspace: str
    locale: str
    #: What the adapter needs to edit the card it answered with; it dies after minutes.
    reply: str = ""
    #: A keyed digest of the IP address, for limits; "" where the platform shows none.
    address: str = ""

    @property
    def key(self) -> str:
        """The person's key: "slack:T1/U1"."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Order:
    """One payment asked of one person. `total` is what we ask, with shipping; `paid` what Stripe took, with tax too."""

    id: str  # public: "T7K3M9QX"
    kind: Literal["buy", "donate"]
    state: State
    buyer: Buyer
    total: Money
    created: datetime  # the database's clock
    #: The interaction that asked for it; unique, so that a platform's retry finds the same order.
    asked_by: str
    #: Stripe account ("" is the shop's own) and livemode; an object of another is refused.
    account: str
    livemode: bool
    #: When its checkout session is to expire; stored before the call, real time.
    expires: datetime
    origin: Literal["chat", "renewal"] = "chat"
    lines: tuple[Line, ...] = ()
    discount: Money | None = None
    code: str = ""
    #: Where it ships, and at what price; None where nothing is shipped.
    shipping: Shipping | None = None
    donation: Donation | None = None
    #: How the attempt to open a session is numbered; part of the idempotency key.
    attempt: int = 1
    session: str = ""
    session_url: str = ""
    payment_intent: str = ""
    subscription: str = ""
    paid: Money | None = None
    refunded: Money | None = None
    disputed: bool = False
    #: What lost disputes took away, which is no refund: Stripe took it.
    disputed_away: Money | None = None
    #: Why we asked Stripe to expire the session; what Stripe then says decides.
    ending: Ending = ""
    #: Payments that arrived although the order had ended, parted by spaces: recorded, refunded, told.
    late_payment: str = ""
    #: The number on the receipt of a paid gift: unbroken, per account.
    receipt: str = ""
    tracking: str = ""
    #: A problem that staff noted, or "" where there is none.
    problem: str = ""
    #: The terms and refund policy that were shown before Pay.
    terms: str = ""
    #: Name and address to ship to, as Stripe collected them. Never logged; shown to admins only.
    ship_to: str = ""
    paid_at: datetime | None = None
    #: "month" for a purchase that is paid anew each month; a gift says so itself.
    every: Every = ""

    @property
    def monthly(self) -> bool:
        """Whether it starts a subscription, or renews one."""
        return bool(self.every) or (self.donation is not None and self.donation.rhythm == "monthly")

    @property
    def price(self) -> Money:
        """What each further month of a monthly one costs: its discount is for the first alone."""
        return self.goods if self.every else self.total

    @property
    def postage(self) -> Money:
        """What shipping costs; nothing where nothing is shipped."""
        return self.shipping.price if self.shipping else Money(0, self.total.currency)

    @property
    def goods(self) -> Money:
        """The sum of the lines, before the discount."""
        return total((line.amount for line in self.lines), self.total.currency)


@dataclass(frozen=True, slots=True)
class Move:
    """One row of an order's history."""

    order: str
    source: State | None
    target: State
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Pledge:
    """A monthly gift or purchase: a Stripe subscription, each paid invoice of which writes an order of origin "renewal".

    An invoice that could not be paid is remembered as `unpaid` until it is, or the subscription ends.
    """

    id: str  # the id of the order that began it
    person: str
    account: str
    subscription: str
    cause: str  # "" of a purchase
    amount: Money
    state: Literal["active", "stopping", "ended"]
    #: The end of the current period.
    until: datetime | None = None
    donation: Donation | None = field(default=None, repr=False)
    kind: Literal["donate", "buy"] = "donate"
    #: What is bought each month, and how it was called when it was begun; "" of a gift.
    product: str = ""
    label: str = ""
    #: The invoice whose payment failed, until when it can be mended without loss, and the provider's page for that.
    unpaid: str = ""
    mend_by: datetime | None = None
    mend_url: str = field(default="", repr=False)
    #: Why we asked Stripe to stop it, where that was no wish of its person: Buy has closed.
    ending: Literal["", "closed"] = ""


def pledge_of(order: Order) -> Pledge:
    """Make the pledge that a paid monthly order begins."""
    line = order.lines[0] if order.kind == "buy" else None
    return Pledge(
        id=order.id,
        person=order.buyer.key,
        account=order.account,
        subscription=order.subscription,
        cause=order.donation.cause if order.donation else "",
        amount=order.price,
        state="active",
        donation=order.donation,
        kind=order.kind,
        product=line.product if line else "",
        label=line.label if line else "",
    )


def move(order: Order, target: State, *, at: datetime, why: str) -> tuple[Order, Move]:
    """Move an order to `target` if the table leads there, with the history row to write in the same transaction.

    Raises IllegalMove. `why` is a plain word for the history: "session complete", "hold over".
    """
    if target not in MOVES[order.state]:
        raise IllegalMove(order.id, order.state, target)
    return replace(order, state=target), Move(order.id, order.state, target, at, why)


def stock_change(line: Line, source: State | None, target: State) -> tuple[int, int]:
    """Tell by how much a move changes (reserved, sold) of a line's variant; available + reserved + sold stays the same."""
    before = (source in HOLDING, source in SOLD)
    after = (target in HOLDING, target in SOLD)
    return (after[0] - before[0]) * line.quantity, (after[1] - before[1]) * line.quantity
