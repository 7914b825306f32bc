"""What happens at a rehearsal's provider by itself: sessions expire, delayed payments settle, subscriptions renew."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final, Literal

from bot.errors import PaymentsRefused
from bot.money import Money
from bot.orders import Order, Pledge
from bot.ports import Dispute, Event, Invoice, Payment, Session, Subscription
from bot.refunds import RefundEntry
from bot.rehearsing.rows import payments_of, session_of

#: How long a delayed payment still takes, and a period of a subscription lasts.
SETTLES: Final = timedelta(days=5)
PERIOD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that would move."""

    at: datetime
    kind: Literal["charge", "renewal", "refund"]
    #: The order it is of, "" where that is not known.
    order: str
    amount: Money
    payment_intent: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The end of something that was asked for while it went on: an open session, or a subscription."""

    at: datetime
    what: Literal["session", "subscription"]
    order: str


class Outside:
    """What happens at one account by itself: `pay` and `pass_time`. What it noted stands in `moved` and `asked`."""

    def __init__(self, name: str, *, livemode: bool, clock: Callable[[], datetime]) -> None:
        self._name: Final = name
        self._livemode: Final = livemode
        self._clock: Final = clock
        self.moved: Final[list[Movement]] = []
        self.asked: Final[list[Asked]] = []
        self._sessions: Final[dict[str, Session]] = {}
        self._payments: Final[dict[str, Payment]] = {}
        self._subscriptions: Final[dict[str, Subscription]] = {}
        self._invoices: Final[dict[str, Invoice]] = {}
        self._disputes: Final[dict[str, Dispute]] = {}
        self._monthly: Final[dict[str, Money]] = {}  # what each month costs, by session
        self._countries: Final[dict[str, str]] = {}  # where it ships, by session
        self._opened: Final[dict[str, str]] = {}
        self._due: Final[list[tuple[datetime, str]]] = []
        self._events: list[Event] = []
        self._numbers = count(1)

    # What our rows say of it

    def remember(self, order: Order, entries: Sequence[RefundEntry], disputes: Sequence[Dispute]) -> None:
        """Know the session and the payment of an order as its rows have them; and payments that came after its end."""
        for payment in payments_of(order, entries, name=self._name, livemode=self._livemode):
            self._payments[payment.id] = payment
        for dispute in disputes:
            self._disputes[dispute.id] = dispute
        session = session_of(order, name=self._name, livemode=self._livemode)
        if session is None:
            return
        self._sessions[session.id] = session
        if order.monthly:
            self._monthly[session.id] = order.price
        if order.shipping is not None:
            self._countries[session.id] = order.shipping.region or next(iter(order.shipping.countries), "")
        if session.status == "open":
            self._wake(session.expires, session.id)
        elif session.payment == "processing":
            self._wake(self._clock() + SETTLES, session.id)

    def remember_pledge(self, pledge: Pledge) -> None:
        """Know the subscription of a pledge that has not ended."""
        until = pledge.until or self._clock() + PERIOD
        status: Literal["active", "stopping"] = "stopping" if pledge.state == "stopping" else "active"
        self._subscriptions[pledge.subscription] = Subscription(
            pledge.subscription, self._name, self._livemode, pledge.id, status, until, pledge.amount
        )
        self._wake(until, pledge.subscription)

    # What people, banks and time do

    def pay(self, session_id: str) -> None:
        """Have somebody pay an open session; one that is not open stays as it is."""
        session = self._session(session_id)
        if session.status != "open":
            return
        name = self._new("pi")
        subscription = ""
        if session_id in self._monthly:
            subscription = self._new("sub")
            until = self._clock() + PERIOD
            self._subscriptions[subscription] = Subscription(
                subscription, self._name, self._livemode, session.order, "active", until, self._monthly[session_id]
            )
            self._wake(until, subscription)
        country = self._countries.get(session_id, "")
        self._sessions[session_id] = replace(
            session,
            status="complete",
            payment="paid",
            url="",
            payment_intent=name,
            subscription=subscription,
            ship_to="(rehearsed)" if country else "",
            country=country,
        )
        self._take(name, session.order, session.total, "charge")
        self._happened("checkout.session.completed", session_id)

    def pass_time(self) -> None:
        """Let everything happen that is due by now."""
        now = self._clock()
        while self._due and self._due[0][0] <= now:
            _, name = heapq.heappop(self._due)
            if name in self._subscriptions:
                self._period_ends(self._subscriptions[name], now)
            elif (session := self._sessions[name]).status == "open" and session.expires <= now:
                self._close(session)
            elif session.payment == "processing":
                intent = session.payment_intent or self._new("pi")
                self._sessions[name] = replace(session, payment="paid", payment_intent=intent)
                self._take(intent, session.order, session.total, "charge")
                self._happened("checkout.session.async_payment_succeeded", name)

    @property
    def next_due(self) -> datetime | None:
        """When something happens next by itself."""
        return self._due[0][0] if self._due else None

    def news(self) -> Sequence[Event]:
        """Give the events since the last call, as webhooks would bring them."""
        fresh, self._events = self._events, []
        return fresh

    # Inside

    def _session(self, name: str) -> Session:
        if name not in self._sessions:
            raise PaymentsRefused("resource_missing", param="session")
        session = self._sessions[name]
        payment = self._payments.get(session.payment_intent)
        return replace(session, refunded=payment.refunded) if payment else session

    def _subscribed(self, name: str) -> Subscription:
        if name not in self._subscriptions:
            raise PaymentsRefused("resource_missing", param="id")
        return self._subscriptions[name]

    def _close(self, session: Session) -> Session:
        self._sessions[session.id] = replace(session, status="expired", url="")
        self._happened("checkout.session.expired", session.id)
        return self._sessions[session.id]

    def _ending(self, name: str, status: Literal["stopping", "ended"]) -> Subscription:
        now = self._subscribed(name)
        if now.status in {status, "ended"}:
            return now
        self.asked.append(Asked(self._clock(), "subscription", now.order))
        self._subscriptions[name] = replace(now, status=status)
        self._happened("customer.subscription.updated", name)
        return self._subscriptions[name]

    def _period_ends(self, now: Subscription, at: datetime) -> None:
        if now.status == "ended":
            return
        if now.status == "stopping":
            self._subscriptions[now.id] = replace(now, status="ended")
            self._happened("customer.subscription.deleted", now.id)
            return
        until, amount = at + PERIOD, now.amount
        self._subscriptions[now.id] = replace(now, until=until)
        self._wake(until, now.id)
        if amount is None:
            return
        name, intent = self._new("in"), self._new("pi")
        self._take(intent, now.order, amount, "renewal")
        self._invoices[name] = Invoice(
            name, self._name, self._livemode, now.id, now.order, False, True, amount, intent, until, attempts=1
        )
        self._happened("invoice.paid", name)

    def _take(self, intent: str, order: str, amount: Money, kind: Literal["charge", "renewal"]) -> None:
        of = order if kind == "charge" else ""  # a subscription's payments name no order
        self._payments[intent] = Payment(intent, self._name, self._livemode, of, amount, amount * 0)
        self.moved.append(Movement(self._clock(), kind, order, amount, intent))

    def _wake(self, at: datetime, name: str) -> None:
        heapq.heappush(self._due, (at, name))

    def _happened(self, kind: str, name: str) -> None:
        at = self._clock().replace(microsecond=0)
        self._events.append(Event(self._new("evt"), self._name, self._livemode, kind, name, at))

    def _new(self, prefix: str) -> str:
        return f"{prefix}_rehearsal_{self._name}_{next(self._numbers)}"
