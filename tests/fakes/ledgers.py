"""What the fake provider keeps: its objects as the port shows them, its events, and its balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Final, TypeVar

from bot.errors import PaymentsRefused
from bot.money import Money
from bot.ports import Checkout, Dispute, Event, Invoice, Payment, Refund, Session, Subject, Subscription
from tests.fakes.balance import Balance

Thing = TypeVar("Thing")


def host_clock() -> datetime:
    """Tell the time of this host."""
    return datetime.now(UTC)


class Ledgers:
    """The inside of one account. What happens to it is said in `events`, in order."""

    def __init__(self, account: str, *, livemode: bool, clock: Callable[[], datetime]) -> None:
        self.account: Final = account
        self.livemode: Final = livemode
        #: What was asked for, by session.
        self.checkouts: Final[dict[str, Checkout]] = {}
        #: What took money, by payment intent.
        self.payments: Final[dict[str, Payment]] = {}
        #: Payment intents that took none: declined so far, or not settled yet.
        self.attempts: Final[dict[str, Payment]] = {}
        self.subscriptions: Final[dict[str, Subscription]] = {}
        self.invoices: Final[dict[str, Invoice]] = {}
        self.disputes: Final[dict[str, Dispute]] = {}
        self.balance: Final = Balance(account, clock, self._name)
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._made: dict[str, datetime] = {}
        self._intents: dict[str, str] = {}  # by session, from its first attempt on
        self._refunded: dict[str, str] = {}  # payment intents by refund
        self._inquiries: set[str] = set()
        self._settling: dict[str, str] = {}  # how sessions that are being settled end
        self._log: list[Event] = []
        self._taken: set[str] = set()
        self._lost: set[str] = set()
        self._brought = 0
        self._to_lose = 0
        self._numbers = count(1)

    # Events, as webhooks bring them

    def news(self) -> Sequence[Event]:
        """Give the events since the last call, as webhooks would bring them, less those that are lost."""
        fresh = [event for event in self._log[self._brought :] if event.id not in self._lost]
        self._brought = len(self._log)
        self._taken.update(event.id for event in fresh)
        return fresh

    def lose(self, events: int = 1) -> None:
        """Lose the next events on their way: no webhook brings them, though they are listed; 0 loses no more."""
        self._to_lose = events

    def of(self, order: str) -> list[Session]:
        """Give every session that was opened for an order, oldest first."""
        return [self._session(name) for name, checkout in self.checkouts.items() if checkout.order == order]

    def attempted(self, session_id: str) -> Payment | None:
        """Give the payment that a session's payer has tried to make so far, if any."""
        intent = self._intents.get(session_id, "")
        return self.payments.get(intent) or self.attempts.get(intent)

    # Inside

    def _session(self, name: str) -> Session:
        session = self._found(self._sessions, name, "session")
        if session.status == "open" and self._clock() >= session.expires:
            session = self._close(session)
        payment = self.payments.get(session.payment_intent)
        return replace(session, refunded=payment.refunded) if payment else session

    def _close(self, session: Session) -> Session:
        self._sessions[session.id] = replace(session, status="expired", url="")
        self._happened("checkout.session.expired", session.id)
        return self._sessions[session.id]

    def _payment(self, intent: str) -> Payment:
        return self._found({**self.attempts, **self.payments}, intent, "intent")

    def _look(self, name: str) -> Subject | None:
        if name in self._sessions:
            return self._session(name)
        intent = self._refunded.get(name, name)
        if intent in self.attempts or intent in self.payments:
            return self._payment(intent)
        return self.disputes.get(name) or self.invoices.get(name) or self.subscriptions.get(name)

    def _intend(self, amount: Money, order: str, name: str = "") -> Payment:
        """Give a payment intent that nobody has paid yet, made at its first attempt."""
        name = name or self._name("pi")
        none = amount * 0
        made = Payment(name, self.account, self.livemode, order, none, none, status="unpaid")
        return self.attempts.setdefault(name, made)

    def _take(self, intent: str, amount: Money, *, delayed: bool = False) -> None:
        """Let a payment intent take its money."""
        taken = replace(self.attempts.pop(intent), received=amount, status="paid", declined="")
        self.payments[intent] = taken
        self.balance.charge(amount, intent, taken.order, delayed=delayed)

    def _decline(self, intent: str, why: str) -> None:
        """Let an attempt on a payment intent be declined."""
        payment = self.attempts[intent]
        declined = replace(payment, status="unpaid", declines=payment.declines + 1, declined=why)
        self.attempts[intent] = declined
        self._happened("payment_intent.payment_failed", intent)

    def _give_back(self, payment: Payment, back: Money, key: str, *, pending: bool = False) -> Refund:
        refund = Refund(self._name("re"), key, back, "pending" if pending else "done")
        self._refunded[refund.id] = payment.id
        self.payments[payment.id] = replace(
            payment, refunded=payment.refunded + back, refunds=(*payment.refunds, refund)
        )
        self.balance.refund(back, payment.id, payment.order)
        self._happened("refund.created", refund.id)
        self._happened("charge.refunded", payment.id)
        return refund

    def _subscribed(self, name: str) -> Subscription:
        return self._found(self.subscriptions, name, "id")

    def _changed(self, name: str, **to: object) -> Subscription:
        """Change a subscription, and say so where that changes anything."""
        before = self._subscribed(name)
        after = replace(before, **to)  # type: ignore[arg-type]  # of its own fields, as every caller has them
        if after != before:
            self.subscriptions[name] = after
            ended = after.status == "ended"
            self._happened(f"customer.subscription.{'deleted' if ended else 'updated'}", name)
        return after

    def _found(self, among: dict[str, Thing], name: str, param: str) -> Thing:
        if name not in among:
            raise PaymentsRefused("resource_missing", param=param)
        return among[name]

    def _happened(self, kind: str, name: str) -> None:
        now = self._clock().replace(microsecond=0)
        event = Event(self._name("evt"), self.account, self.livemode, kind, name, now)
        self._log.append(event)
        if self._to_lose:
            self._to_lose -= 1
            self._lost.add(event.id)

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{self.account or 'fake'}_{next(self._numbers)}"
