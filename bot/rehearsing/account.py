"""The payment provider of a rehearsal: an account in memory that knows what our own rows say of it, and notes what moves.

It speaks with nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import PaymentsRefused
from bot.money import Money
from bot.ports import Checkout, Event, Payment, Refund, Session, Subject, Subscription, Transaction
from bot.rehearsing.outside import Asked, Movement, Outside


class Account(Outside):
    """One account, as the port asks it."""

    @property
    def account(self) -> str:
        """Our name of the account."""
        return self._name

    @property
    def livemode(self) -> bool:
        """What the rows say: nothing moves here, whatever it is."""
        return self._livemode

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a session, or give the one that this key opened."""
        if key in self._opened:
            return self._sessions[self._opened[key]]
        none, name = checkout.total * 0, self._new("cs")
        shipping = checkout.shipping[0].price if checkout.shipping else none
        discount = checkout.discount or none
        self._opened[key] = name
        self._sessions[name] = Session(
            id=name,
            account=self._name,
            livemode=self._livemode,
            order=checkout.order,
            status="open",
            payment="none",
            url=f"https://rehearsal.invalid/{name}",
            total=checkout.total + shipping,
            subtotal=checkout.total + discount,
            discount=discount,
            shipping=shipping,
            tax=none,
            expires=checkout.expires,
            refunded=none,
        )
        if checkout.monthly:
            self._monthly[name] = checkout.total + discount
        self._countries[name] = next(iter(checkout.ship_to), "")
        self._wake(checkout.expires, name)
        return self._sessions[name]

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        return self._session(session_id)

    async def find(self, order: str, *, since: datetime) -> Session | None:  # noqa: ARG002 - of the port; there is little to choose from
        """Look for the newest session of an order."""
        return next((each for each in reversed(self._sessions.values()) if each.order == order), None)

    async def expire(self, session_id: str) -> Session:
        """End an open session."""
        session = self._session(session_id)
        if session.status != "open":
            return session
        if self._clock() < session.expires:
            self.asked.append(Asked(self._clock(), "session", session.order))
        return self._close(session)

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give money back, once for each key."""
        payment = await self.payment(payment_intent)
        if any(each.key == key for each in payment.refunds):
            return payment
        held = [each for each in self._disputes.values() if each.payment_intent == payment_intent]
        if any(each.status != "won" for each in held):
            raise PaymentsRefused("charge_disputed")
        back = amount or payment.received - payment.refunded
        if back > payment.received - payment.refunded:
            raise PaymentsRefused("amount_too_large", param="amount")
        if not back:
            return payment
        refunds = (*payment.refunds, Refund(self._new("re"), key, back, "done"))
        self._payments[payment_intent] = replace(payment, refunded=payment.refunded + back, refunds=refunds)
        self.moved.append(Movement(self._clock(), "refund", payment.order, back, payment_intent))
        self._happened("charge.refunded", payment_intent)
        return self._payments[payment_intent]

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with its period."""
        return self._ending(subscription, "stopping")

    async def end(self, subscription: str) -> Subscription:
        """End a subscription at once."""
        return self._ending(subscription, "ended")

    async def change(self, subscription: str, amount: Money, *, key: str) -> Subscription:  # noqa: ARG002 - of the port
        """Let a subscription cost another amount."""
        self._subscriptions[subscription] = replace(self._subscribed(subscription), amount=amount)
        return self._subscriptions[subscription]

    async def portal(self, subscription: str, *, return_url: str) -> str:  # noqa: ARG002 - of the port
        """Refuse: nobody is there to read it. Raises PaymentsRefused."""
        raise PaymentsRefused("resource_missing", param="portal")

    async def look(self, event: Event) -> Subject | None:
        """Fetch what an event speaks of."""
        name = event.object_id
        found: Subject | None = self._sessions.get(name) and self._session(name)
        return (
            found
            or self._payments.get(name)
            or self._invoices.get(name)
            or self._subscriptions.get(name)
            or self._disputes.get(name)
        )

    async def events(self, *, since: datetime, undelivered: bool = False) -> Sequence[Event]:  # noqa: ARG002 - of the port; there is little to choose from
        """List nothing: `news` brings all there is."""
        return ()

    async def payment(self, payment_intent: str) -> Payment:
        """Say what a payment is now."""
        if payment_intent not in self._payments:
            raise PaymentsRefused("resource_missing", param="intent")
        return self._payments[payment_intent]

    async def sessions(self, *, since: datetime) -> Sequence[Session]:  # noqa: ARG002 - of the port; there is little to choose from
        """List the complete sessions."""
        return [self._session(name) for name, each in self._sessions.items() if each.status == "complete"]

    async def transactions(self, *, since: datetime, until: datetime) -> Sequence[Transaction]:  # noqa: ARG002 - of the port; there is little to choose from
        """List nothing: what moved stands in `moved`."""
        return ()

    async def held(self) -> Sequence[Money]:
        """Hold nothing."""
        return ()

    async def going_on(self) -> Sequence[Subscription]:
        """List the subscriptions that have not ended."""
        return [each for each in self._subscriptions.values() if each.status != "ended"]

    async def aclose(self) -> None:
        """Close nothing: there are no connections."""
