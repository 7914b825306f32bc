"""A payment provider that lives in memory: the Payments port, and what a payer and the provider itself do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.errors import PaymentsRefused, PaymentsUnavailable
from bot.money import Money
from bot.ports import Checkout, Event, Invoice, Payment, Session, Subject, Subscription

#: The smallest charge, in minor units of any currency.
SMALLEST = 50

How = Literal["card", "declined", "later", "later_fails"]
When = Literal["before", "after"]


@dataclass
class FakePayments:
    """One account at a provider in memory. It keeps every promise of the port, and can be told to be unreachable."""

    account: str = ""
    livemode: bool = False
    sessions: dict[str, Session] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    log: list[Event] = field(default_factory=list)
    _checkouts: dict[str, Checkout] = field(default_factory=dict)
    _done: dict[str, str] = field(default_factory=dict)
    _settling: dict[str, How] = field(default_factory=dict)
    _made: list[tuple[datetime, str]] = field(default_factory=list)
    _faults: list[When] = field(default_factory=list)

    # The port

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a session, or give the one that this key opened."""
        self._fault("before")
        if key not in self._done:
            if checkout.total.minor < SMALLEST:
                raise PaymentsRefused("amount_too_small")
            self._done[key] = self._open(checkout)
        self._fault("after")
        return self.sessions[self._done[key]]

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        self._fault("before")
        if session_id not in self.sessions:
            raise PaymentsRefused("resource_missing", param="session")
        return self.sessions[session_id]

    async def find(self, order: str, *, since: datetime) -> Session | None:
        """Look for the newest session of an order."""
        self._fault("before")
        names = [name for made, name in self._made if made >= since.replace(microsecond=0)]
        return next((self.sessions[name] for name in reversed(names) if self.sessions[name].order == order), None)

    async def expire(self, session_id: str) -> Session:
        """End an open session."""
        session = await self.session(session_id)
        if session.status == "open":
            session = self.sessions[session_id] = replace(session, status="expired", url="")
            self._happened("checkout.session.expired", session_id)
        self._fault("after")
        return session

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give money back, once for each key."""
        self._fault("before")
        if payment_intent not in self.payments:
            raise PaymentsRefused("resource_missing", param="payment_intent")
        payment = self.payments[payment_intent]
        left = payment.received - payment.refunded
        if key not in self._done and left:
            back = left if amount is None else amount
            if back > left:
                raise PaymentsRefused("amount_too_large", param="amount")
            self._done[key] = payment_intent
            self._refunded(replace(payment, refunded=payment.refunded + back))
        self._fault("after")
        return self.payments[payment_intent]

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with its period."""
        self._fault("before")
        if subscription not in self.subscriptions:
            raise PaymentsRefused("resource_missing", param="id")
        now = self.subscriptions[subscription]
        if now.status not in {"stopping", "ended"}:
            now = self.subscriptions[subscription] = replace(now, status="stopping")
            self._happened("customer.subscription.updated", subscription)
        self._fault("after")
        return now

    async def look(self, event: Event) -> Subject | None:
        """Fetch what an event speaks of."""
        self._fault("before")
        name = event.object_id
        found: Subject | None = (
            self.sessions.get(name)
            or self.payments.get(name)
            or self.invoices.get(name)
            or self.subscriptions.get(name)
        )
        return found

    async def events(self, *, since: datetime) -> Sequence[Event]:
        """List events, oldest first."""
        self._fault("before")
        return [event for event in self.log if event.created >= since.replace(microsecond=0)]

    async def aclose(self) -> None:
        """Close nothing: there are no connections."""

    # The payer, and the provider itself

    def pay(self, session_id: str, how: How = "card") -> None:
        """Do what a payer does on the page; a session that is not open stays as it is."""
        session = self.sessions[session_id]
        if session.status != "open" or how == "declined":
            return
        checkout = self._checkouts[session_id]
        shipping = checkout.shipping[0].price if checkout.shipping else Money(0, session.total.currency)
        intent = self._name("pi")
        subscription = self._begin(session, checkout, intent) if checkout.monthly else ""
        self.sessions[session_id] = replace(
            session,
            status="complete",
            payment="processing",
            url="",
            payment_intent=intent,
            subscription=subscription,
            shipping=shipping,
            ship_to="Test Buyer\n1 Example Street" if checkout.ship_to else "",
        )
        self._settling[session_id] = how
        if how == "card":
            self.settle(session_id)
        self._happened("checkout.session.completed", session_id)

    def settle(self, session_id: str) -> None:
        """Let a delayed payment come to its end."""
        how, session = self._settling.pop(session_id), self.sessions[session_id]
        succeeded = how != "later_fails"
        self.sessions[session_id] = replace(session, payment="paid" if succeeded else "failed")
        if succeeded:
            none = Money(0, session.total.currency)
            payment = Payment(session.payment_intent, self.account, self.livemode, session.order, session.total, none)
            self.payments[payment.id] = payment
            for name, invoice in self.invoices.items():
                if invoice.payment_intent == payment.id:
                    self.invoices[name] = replace(invoice, paid=True)
                    self._happened("invoice.paid", name)
        if how != "card":
            self._happened(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session_id)

    def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end if it was stopped."""
        now = self.subscriptions[subscription]
        if now.status == "stopping":
            self.subscriptions[subscription] = replace(now, status="ended")
            self._happened("customer.subscription.deleted", subscription)
            return
        first = next(each for each in self.invoices.values() if each.subscription == subscription)
        ends = (now.until or datetime.now(UTC)) + timedelta(days=30)
        intent, none = self._name("pi"), Money(0, first.total.currency)
        self.payments[intent] = Payment(intent, self.account, self.livemode, "", first.total, none)
        name = self._name("in")
        self.invoices[name] = replace(first, id=name, first=False, payment_intent=intent, period_end=ends)
        self.subscriptions[subscription] = replace(now, until=ends)
        self._happened("invoice.paid", name)

    def fail(self, when: When) -> None:
        """Be unreachable at the next call, before or after having acted."""
        self._faults.append(when)

    def _open(self, checkout: Checkout) -> str:
        none = Money(0, checkout.total.currency)
        discount = checkout.discount or none
        shipping = checkout.shipping[0].price if checkout.shipping else none
        name = self._name("cs")
        self.sessions[name] = Session(
            id=name,
            account=self.account,
            livemode=self.livemode,
            order=checkout.order,
            status="open",
            payment="none",
            url=f"https://pay.example/{name}",
            total=checkout.total + shipping,
            subtotal=checkout.total + discount,
            discount=discount,
            shipping=shipping,
            tax=none,
            expires=checkout.expires.replace(microsecond=0),
            refunded=none,
        )
        self._checkouts[name] = checkout
        self._made.append((datetime.now(UTC).replace(microsecond=0), name))
        return name

    def _begin(self, session: Session, checkout: Checkout, intent: str) -> str:
        until = datetime.now(UTC) + timedelta(days=30)
        name, invoice = self._name("sub"), self._name("in")
        self.subscriptions[name] = Subscription(name, self.account, self.livemode, checkout.order, "active", until)
        self.invoices[invoice] = Invoice(
            id=invoice,
            account=self.account,
            livemode=self.livemode,
            subscription=name,
            order=checkout.order,
            first=True,
            paid=False,
            total=session.total,
            payment_intent=intent,
            period_end=until,
        )
        return name

    def _refunded(self, payment: Payment) -> None:
        self.payments[payment.id] = payment
        for name, session in self.sessions.items():
            if session.payment_intent == payment.id:
                self.sessions[name] = replace(session, refunded=payment.refunded)
        self._happened("charge.refunded", payment.id)

    def _happened(self, kind: str, name: str) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.log.append(Event(self._name("evt"), self.account, self.livemode, kind, name, now))

    def _name(self, prefix: str) -> str:
        taken = len(self.sessions) + len(self.payments) + len(self.invoices) + len(self.subscriptions) + len(self.log)
        return f"{prefix}_fake_{taken}"

    def _fault(self, when: When) -> None:
        if self._faults and self._faults[0] == when:
            self._faults.pop(0)
            raise PaymentsUnavailable("fake")
