"""A payment provider that lives in memory: the Payments port, and what a payer, a bank, time and the provider itself do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, Literal, TypeVar

from bot.errors import PaymentsRefused, PaymentsUnavailable
from bot.money import Money, total
from bot.ports import Checkout, Event, Invoice, Payment, Session, Subject, Subscription

Answer = TypeVar("Answer")

#: The smallest charge, in minor units of any currency.
SMALLEST: Final = 50
#: How long a session may live, counted from its creation, as Stripe has it:
#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
MONTH: Final = timedelta(days=30)

How = Literal["card", "declined", "later", "later_fails"]
When = Literal["before", "after"]


def host_clock() -> datetime:
    """Tell the time of this host."""
    return datetime.now(UTC)


class FakePayments:
    """One account at a provider in memory. It keeps every promise of the port, and can be told to be unreachable."""

    def __init__(
        self, account: str = "", *, livemode: bool = False, clock: Callable[[], datetime] = host_clock
    ) -> None:
        self.account: Final = account
        self.livemode: Final = livemode
        #: How often each method of the port was called.
        self.asked: Final = Counter[str]()
        #: What was asked for, by session.
        self.checkouts: Final[dict[str, Checkout]] = {}
        #: What took money, by payment intent.
        self.payments: Final[dict[str, Payment]] = {}
        self.subscriptions: Final[dict[str, Subscription]] = {}
        #: While true, no request arrives.
        self.down = False
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._made: dict[str, datetime] = {}
        self._invoices: dict[str, Invoice] = {}
        self._opened: dict[str, tuple[Checkout, str]] = {}
        self._refunds: dict[str, str] = {}
        self._settling: dict[str, How] = {}
        self._log: list[Event] = []
        self._brought = 0
        self._faults: list[tuple[When | Literal["refused"], str]] = []
        self._numbers = count(1)

    # The port

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a session, or give the one that this key opened."""
        return await self._ask("open", lambda: self._open(checkout, key))

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        return await self._ask("session", lambda: self._session(session_id))

    async def find(self, order: str, *, since: datetime) -> Session | None:
        """Look for the newest session of an order."""
        return await self._ask("find", lambda: self._find(order, since))

    async def expire(self, session_id: str) -> Session:
        """End an open session."""
        return await self._ask("expire", lambda: self._expire(session_id))

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give money back, once for each key."""
        return await self._ask("refund", lambda: self._refund(payment_intent, amount, key))

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with its period."""
        return await self._ask("stop", lambda: self._stop(subscription))

    async def look(self, event: Event) -> Subject | None:
        """Fetch what an event speaks of."""
        return await self._ask("look", lambda: self._look(event.object_id))

    async def events(self, *, since: datetime) -> Sequence[Event]:
        """List events, oldest first."""
        first = since.replace(microsecond=0)
        return await self._ask("events", lambda: [event for event in self._log if event.created >= first])

    async def aclose(self) -> None:
        """Close nothing: there are no connections."""

    # The payer, the bank, time

    def pay(
        self,
        session_id: str,
        how: How = "card",
        *,
        tax: int = 0,
        more: int = 0,
        ship_to: str = "Test Buyer\n1 Example Street",
    ) -> None:
        """Do what a payer does on the page; a session that is not open stays as it is.

        `tax` comes on top, `more` is paid than was asked (below zero: less), both in minor units.
        """
        session = self._session(session_id)
        if session.status != "open" or how == "declined":
            return
        checkout, currency = self.checkouts[session_id], session.total.currency
        session = replace(
            session,
            status="complete",
            payment="processing",
            url="",
            total=session.total + Money(tax + more, currency),
            subtotal=session.subtotal + Money(more, currency),
            tax=Money(tax, currency),
            payment_intent=self._name("pi"),
            ship_to=ship_to if checkout.ship_to else "",
        )
        if checkout.monthly:
            session = replace(session, subscription=self._begin(session))
        self._sessions[session_id] = session
        self._settling[session_id] = how
        if how == "card":
            self.settle(session_id)
        self._happened("checkout.session.completed", session_id)

    def settle(self, session_id: str) -> None:
        """Let a delayed payment come to its end."""
        how, session = self._settling.pop(session_id), self._sessions[session_id]
        succeeded = how != "later_fails"
        self._sessions[session_id] = replace(session, payment="paid" if succeeded else "failed")
        if succeeded:
            self._take(session.payment_intent, session.order, session.total)
        if how != "card":
            self._happened(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session_id)

    def give_back(self, payment_intent: str, minor: int | None = None) -> None:
        """Refund by the provider's own dashboard: so many minor units, or all that is left."""
        payment = self.payments[payment_intent]
        left = payment.received - payment.refunded
        self._gave_back(payment, left if minor is None else Money(minor, left.currency))

    def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end if it was stopped."""
        now = self.subscriptions[subscription]
        if now.status == "stopping":
            self.subscriptions[subscription] = replace(now, status="ended")
            self._happened("customer.subscription.deleted", subscription)
            return
        first = next(each for each in self._invoices.values() if each.subscription == subscription)
        ends = (now.until or self._clock()) + MONTH
        name, intent = self._name("in"), self._name("pi")
        self._take(intent, "", first.total)
        self._invoices[name] = replace(first, id=name, first=False, payment_intent=intent, period_end=ends)
        self.subscriptions[subscription] = replace(now, until=ends)
        self._happened("invoice.paid", name)

    # The provider itself, and the net between

    def fail(self, when: When, what: str = "") -> None:
        """Be unreachable at the next call (of a method), before or after having acted."""
        self._faults.append((when, what))

    def refuse(self, what: str) -> None:
        """Say no to the next call of a method."""
        self._faults.append(("refused", what))

    def news(self) -> Sequence[Event]:
        """Give the events since the last call, as webhooks would bring them."""
        fresh = self._log[self._brought :]
        self._brought = len(self._log)
        return fresh

    def of(self, order: str) -> list[Session]:
        """Give every session that was opened for an order, oldest first."""
        return [self._session(name) for name, checkout in self.checkouts.items() if checkout.order == order]

    # Inside

    async def _ask(self, what: str, act: Callable[[], Answer]) -> Answer:
        await asyncio.sleep(0)  # a request takes its time: others get their turn
        self.asked[what] += 1
        if self.down:
            raise PaymentsUnavailable("fake")
        fault = next((fault for fault in self._faults if fault[1] in {"", what}), None)
        if fault:
            self._faults.remove(fault)
        if fault and fault[0] == "refused":
            raise PaymentsRefused("refused_by_the_fake")
        if fault and fault[0] == "before":
            raise PaymentsUnavailable("fake")
        answer = act()
        await asyncio.sleep(0)
        if fault:
            raise PaymentsUnavailable("fake")
        return answer

    def _open(self, checkout: Checkout, key: str) -> Session:
        if key in self._opened:
            before, name = self._opened[key]
            if before != checkout:
                raise PaymentsRefused("idempotency_error", param="key")
            return self._session(name)
        now, none = self._clock(), Money(0, checkout.total.currency)
        if not now + SHORTEST <= checkout.expires <= now + LONGEST:
            raise PaymentsRefused("parameter_invalid", param="expires_at")
        discount = checkout.discount or none
        subtotal = total((line.amount for line in checkout.lines), checkout.total.currency)
        if subtotal - discount != checkout.total:
            raise ValueError("the lines do not add up to the total")
        if checkout.total.minor < SMALLEST:
            raise PaymentsRefused("amount_too_small")
        shipping = checkout.shipping[0].price if checkout.shipping else none
        name = self._name("cs")
        self._sessions[name] = Session(
            id=name,
            account=self.account,
            livemode=self.livemode,
            order=checkout.order,
            status="open",
            payment="none",
            url=f"https://pay.example/{name}",
            total=checkout.total + shipping,
            subtotal=subtotal,
            discount=discount,
            shipping=shipping,
            tax=none,
            expires=checkout.expires.replace(microsecond=0),
            refunded=none,
        )
        self.checkouts[name], self._made[name], self._opened[key] = checkout, now, (checkout, name)
        return self._sessions[name]

    def _session(self, name: str) -> Session:
        session = self._sessions.get(name)
        if session is None:
            raise PaymentsRefused("resource_missing", param="session")
        if session.status == "open" and self._clock() >= session.expires:
            session = self._close(session)
        payment = self.payments.get(session.payment_intent)
        return replace(session, refunded=payment.refunded) if payment else session

    def _find(self, order: str, since: datetime) -> Session | None:
        first = since.replace(microsecond=0)
        names = [name for name, made in self._made.items() if made >= first and self.checkouts[name].order == order]
        return self._session(names[-1]) if names else None

    def _expire(self, name: str) -> Session:
        session = self._session(name)
        return self._close(session) if session.status == "open" else session

    def _close(self, session: Session) -> Session:
        self._sessions[session.id] = replace(session, status="expired", url="")
        self._happened("checkout.session.expired", session.id)
        return self._sessions[session.id]

    def _refund(self, intent: str, amount: Money | None, key: str) -> Payment:
        payment = self.payments.get(intent)
        if payment is None:
            raise PaymentsRefused("resource_missing", param="payment_intent")
        left = payment.received - payment.refunded
        if key not in self._refunds and left:
            if amount is not None and left < amount:
                raise PaymentsRefused("amount_too_large", param="amount")
            self._refunds[key] = intent
            self._gave_back(payment, left if amount is None else amount)
        return self.payments[intent]

    def _gave_back(self, payment: Payment, back: Money) -> None:
        self.payments[payment.id] = replace(payment, refunded=payment.refunded + back)
        self._happened("charge.refunded", payment.id)

    def _stop(self, name: str) -> Subscription:
        now = self.subscriptions.get(name)
        if now is None:
            raise PaymentsRefused("resource_missing", param="id")
        if now.status not in {"stopping", "ended"}:
            self.subscriptions[name] = replace(now, status="stopping")
            self._happened("customer.subscription.updated", name)
        return self.subscriptions[name]

    def _look(self, name: str) -> Subject | None:
        if name in self._sessions:
            return self._session(name)
        return self.payments.get(name) or self._invoices.get(name) or self.subscriptions.get(name)

    def _take(self, intent: str, order: str, amount: Money) -> None:
        none = Money(0, amount.currency)
        self.payments[intent] = Payment(intent, self.account, self.livemode, order, amount, none)

    def _begin(self, session: Session) -> str:
        """Begin the subscription that a session is for, with its first invoice."""
        until, name, invoice = self._clock() + MONTH, self._name("sub"), self._name("in")
        self.subscriptions[name] = Subscription(name, self.account, self.livemode, session.order, "active", until)
        self._invoices[invoice] = Invoice(
            id=invoice,
            account=self.account,
            livemode=self.livemode,
            subscription=name,
            order=session.order,
            first=True,
            paid=True,
            total=session.total,
            payment_intent=session.payment_intent,
            period_end=until,
        )
        self._happened("invoice.paid", invoice)
        return name

    def _happened(self, kind: str, name: str) -> None:
        now = self._clock().replace(microsecond=0)
        self._log.append(Event(self._name("evt"), self.account, self.livemode, kind, name, now))

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{self.account or 'fake'}_{next(self._numbers)}"
