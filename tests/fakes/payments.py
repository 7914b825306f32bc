"""A payment provider that lives in memory: the Payments port, and what a payer, a bank, time and the provider itself do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode

from bot.errors import PaymentsRefused, PaymentsUnavailable
from bot.money import Money, total
from bot.orders import Line
from bot.ports import Checkout, Event, Payment, Session, Subject, Subscription, Transaction
from tests.fakes.ledgers import host_clock
from tests.fakes.outside import How, Outside

__all__ = ["FakePayments", "How", "When"]

Answer = TypeVar("Answer")

#: The smallest charge, in minor units of any currency.
SMALLEST: Final = 50
#: How long a session may live, counted from its creation, as Stripe has it:
#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)

When = Literal["before", "after"]


class FakePayments(Outside):
    """One account at a provider in memory. It keeps every promise of the port, and can be told to be unreachable.

    What payers, banks, time and the dashboard do stands in `Outside`: `pay`, `settle`, `give_back`, `refund_fails`,
    `dispute`, `decide`, `renew`, `retry`, `mend`, `give_up`, `alter`, `leave`, `resume`; `balance.pay_out` in `Balance`;
    what webhooks bring, and lose, in `Ledgers`: `news`, `lose`.
    """

    def __init__(
        self, account: str = "", *, livemode: bool = False, clock: Callable[[], datetime] = host_clock
    ) -> None:
        super().__init__(account, livemode=livemode, clock=clock)
        #: How often each method of the port was called.
        self.asked: Final = Counter[str]()
        #: While true, no request arrives.
        self.down = False
        self._opened: dict[str, tuple[Checkout, str]] = {}
        self._keys: dict[str, tuple[object, ...]] = {}
        self._faults: list[tuple[When | Literal["refused"], str]] = []

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

    async def end(self, subscription: str) -> Subscription:
        """End a subscription at once."""
        return await self._ask("end", lambda: self._changed(subscription, status="ended"))

    async def change(self, subscription: str, amount: Money, *, key: str) -> Subscription:
        """Let a subscription cost another amount from its next invoice on."""
        return await self._ask("change", lambda: self._change(subscription, amount, key))

    async def portal(self, subscription: str, *, return_url: str) -> str:
        """Give the address of the page where a subscription is mended or ended."""
        return await self._ask("portal", lambda: self._portal(subscription, return_url))

    async def look(self, event: Event) -> Subject | None:
        """Fetch what an event speaks of."""
        return await self._ask("look", lambda: self._look(event.object_id))

    async def events(self, *, since: datetime, undelivered: bool = False) -> Sequence[Event]:
        """List events, oldest first; with `undelivered` those that `news` has not brought."""
        return await self._ask("events", lambda: self._events(since, undelivered=undelivered))

    async def payment(self, payment_intent: str) -> Payment:
        """Say what a payment is now."""
        return await self._ask("payment", lambda: self._payment(payment_intent))

    async def sessions(self, *, since: datetime) -> Sequence[Session]:
        """List the complete sessions made since then, oldest first."""
        return await self._ask("sessions", lambda: self._complete(since))

    async def transactions(self, *, since: datetime, until: datetime) -> Sequence[Transaction]:
        """List the balance's lines, oldest first."""
        return await self._ask("transactions", lambda: self.balance.between(since, until))

    async def held(self) -> Sequence[Money]:
        """Say what is held, by currency."""
        return await self._ask("held", self.balance.held)

    async def going_on(self) -> Sequence[Subscription]:
        """List the subscriptions that have not ended."""
        return await self._ask(
            "going_on", lambda: [each for each in self.subscriptions.values() if each.status != "ended"]
        )

    async def aclose(self) -> None:
        """Close nothing: there are no connections."""

    # The provider itself, and the net between

    def fail(self, when: When, what: str = "") -> None:
        """Be unreachable at the next call (of a method), before or after having acted."""
        self._faults.append((when, what))

    def refuse(self, what: str) -> None:
        """Say no to the next call of a method."""
        self._faults.append(("refused", what))

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
        shipping = checkout.shipping[0].price if checkout.shipping else none
        if (checkout.total + shipping).minor < SMALLEST:
            raise PaymentsRefused("amount_too_small")
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

    def _find(self, order: str, since: datetime) -> Session | None:
        first = since.replace(microsecond=0)
        names = [name for name, made in self._made.items() if made >= first and self.checkouts[name].order == order]
        return self._session(names[-1]) if names else None

    def _complete(self, since: datetime) -> list[Session]:
        first = since.replace(microsecond=0)
        sessions = [self._session(name) for name, made in self._made.items() if made >= first]
        return [session for session in sessions if session.status == "complete"]

    def _events(self, since: datetime, *, undelivered: bool) -> list[Event]:
        first = since.replace(microsecond=0)
        return [
            event for event in self._log if event.created >= first and not (undelivered and event.id in self._taken)
        ]

    def _expire(self, name: str) -> Session:
        session = self._session(name)
        return self._close(session) if session.status == "open" else session

    def _refund(self, intent: str, amount: Money | None, key: str) -> Payment:
        payment = self._payment(intent)
        left = payment.received - payment.refunded
        if self._known(key, intent, amount) or (payment.received and not left):
            return payment
        if not payment.received:
            raise PaymentsRefused("no_successful_charge", param="payment_intent")
        holding = [name for name, each in self.disputes.items() if each.payment_intent == intent]
        if any(self.disputes[name].status != "won" and name not in self._inquiries for name in holding):
            raise PaymentsRefused("charge_disputed")
        if amount is not None and left < amount:
            raise PaymentsRefused("amount_too_large", param="amount")
        self._keys[key] = (intent, amount)
        self._give_back(payment, left if amount is None else amount, key)
        return self.payments[intent]

    def _stop(self, name: str) -> Subscription:
        now = self._subscribed(name)
        return now if now.status == "ended" else self._changed(name, status="stopping")

    def _portal(self, name: str, return_url: str) -> str:
        return f"https://portal.example/{self._subscribed(name).id}?{urlencode({'back': return_url})}"

    def _change(self, name: str, amount: Money, key: str) -> Subscription:
        now = self._subscribed(name)
        if self._known(key, name, amount):
            return now
        if now.status == "ended":
            raise PaymentsRefused("subscription_ended")
        if now.amount is None or now.amount.currency != amount.currency:
            raise PaymentsRefused("other_currency", param="amount")
        if sum(line.quantity for line in self._lines_of(name)) != 1:
            raise PaymentsRefused("subscription_of_many")
        self._keys[key] = (name, amount)
        return self._changed(name, amount=amount)

    def _lines_of(self, subscription: str) -> Sequence[Line]:
        return next(
            self.checkouts[session.id].lines
            for session in self._sessions.values()
            if session.subscription == subscription
        )

    def _known(self, key: str, *asked: object) -> bool:
        """Tell whether a key was used before, for the same; for something else it is refused."""
        if self._keys.get(key, asked) != asked:
            raise PaymentsRefused("idempotency_error", param="key")
        return key in self._keys
