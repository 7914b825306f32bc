"""What happens at the fake provider by itself: what payers, banks, time and the provider's own dashboard do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal

from bot.money import Money
from bot.ports import Dispute, Invoice, Session, Subscription
from tests.fakes.ledgers import Ledgers

MONTH: Final = timedelta(days=30)
#: How long evidence may be handed in, and the pause until a renewal that was declined is tried again.
EVIDENCE: Final = timedelta(days=9)
AGAIN: Final = timedelta(days=3)

How = Literal["card", "declined", "later", "later_fails"]


class Outside(Ledgers):
    """The levers."""

    # The payer, on the checkout page

    def pay(
        self,
        session_id: str,
        how: How = "card",
        *,
        tax: int = 0,
        more: int = 0,
        ship_to: str = "Test Buyer\n1 Example Street",
        country: str = "",
        postage: int | None = None,
    ) -> None:
        """Do what a payer does on the page; a session that is not open stays as it is.

        `tax` comes on top, `more` is paid than was asked (below zero: less), `postage` for shipping, in minor units. The
        address is in `country`, else in the first of those that were asked for.
        """
        session = self._session(session_id)
        if session.status != "open":
            return
        checkout, currency = self.checkouts[session_id], session.total.currency
        order = "" if checkout.monthly else session.order  # a subscription's payments have no metadata
        intent = self._intend(session.total, order, self._intents.get(session_id, "")).id
        self._intents[session_id] = intent
        if how == "declined":
            self._decline(intent, "generic_decline")
            return
        if postage is not None:
            other = Money(postage, currency)
            session = replace(session, total=session.total - session.shipping + other, shipping=other)
        session = replace(
            session,
            status="complete",
            payment="processing",
            url="",
            total=session.total + Money(tax + more, currency),
            subtotal=session.subtotal + Money(more, currency),
            tax=Money(tax, currency),
            payment_intent=intent,
            ship_to=ship_to if checkout.ship_to else "",
            country=country or next(iter(checkout.ship_to), ""),
        )
        self.attempts[intent] = replace(self.attempts[intent], status="processing")
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
        invoice = next((each for each in self.invoices.values() if each.payment_intent == session.payment_intent), None)
        if succeeded:
            self._take(session.payment_intent, session.total, delayed=how != "card")
            if invoice:
                self._collected(invoice)
        else:
            self._decline(session.payment_intent, "payment_method_provider_decline")
            if invoice:
                self._not_collected(invoice)
        if how != "card":
            self._happened(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session_id)

    # Refunds and disputes

    def give_back(self, payment_intent: str, minor: int | None = None) -> str:
        """Refund by the provider's own dashboard: so many minor units, or all that is left; gives the refund's id."""
        payment = self.payments[payment_intent]
        left = payment.received - payment.refunded
        return self._give_back(payment, left if minor is None else Money(minor, left.currency), "").id

    def refund_fails(self, refund: str) -> None:
        """Let a refund that was made fail: the money comes back to the balance."""
        payment = self.payments[self._refunded[refund]]
        failed = next(each for each in payment.refunds if each.id == refund)
        refunds = tuple(replace(each, status="failed") if each is failed else each for each in payment.refunds)
        self.payments[payment.id] = replace(payment, refunded=payment.refunded - failed.amount, refunds=refunds)
        self.balance.refund(failed.amount, payment.id, payment.order, failed=True)
        self._happened("refund.failed", refund)

    def dispute(
        self, payment_intent: str, minor: int | None = None, *, reason: str = "fraudulent", inquiry: bool = False
    ) -> str:
        """Let a payer's bank dispute a payment, or so many minor units of it; gives the dispute's id.

        The money leaves the balance at once, except for an inquiry, which only asks.
        """
        payment, name = self.payments[payment_intent], self._name("du")
        amount = payment.received - payment.refunded if minor is None else Money(minor, payment.received.currency)
        due = (self._clock() + EVIDENCE).replace(microsecond=0)
        self.disputes[name] = Dispute(name, self.account, self.livemode, payment_intent, amount, "open", reason, due)
        self._happened("charge.dispute.created", name)
        if inquiry:
            self._inquiries.add(name)
        else:
            self.balance.dispute(amount, payment_intent, payment.order)
            self._happened("charge.dispute.funds_withdrawn", name)
        return name

    def decide(self, dispute: str, outcome: Literal["won", "lost"]) -> None:
        """Let the bank decide a dispute; one that is won brings the money back. An inquiry can only be won, by closing."""
        now = self.disputes[dispute]
        self.disputes[dispute] = replace(now, status=outcome)
        if outcome == "won" and dispute not in self._inquiries:
            order = self.payments[now.payment_intent].order
            self.balance.dispute(now.amount, now.payment_intent, order, won=True)
            self._happened("charge.dispute.funds_reinstated", dispute)
        self._happened("charge.dispute.closed", dispute)

    def escalate(self, dispute: str) -> None:
        """Let an inquiry become a dispute, which takes the money."""
        now = self.disputes[dispute]
        self._inquiries.remove(dispute)
        self.balance.dispute(now.amount, now.payment_intent, self.payments[now.payment_intent].order)
        self._happened("charge.dispute.updated", dispute)
        self._happened("charge.dispute.funds_withdrawn", dispute)

    # Subscriptions and their invoices

    def renew(self, subscription: str, *, paid: bool = True) -> str:
        """Bring a subscription to its next month, or to its end if it was stopped; gives the invoice's id, "" for none.

        Unless `paid`, its card is declined: the subscription is troubled until `mend` or `give_up`.
        """
        now = self.subscriptions[subscription]
        if now.status == "stopping":
            self._changed(subscription, status="ended")
            return ""
        first = next(each for each in self.invoices.values() if each.subscription == subscription)
        amount = now.amount or first.total
        ends = (now.until or self._clock()) + MONTH
        name, intent = self._name("in"), self._intend(amount, "").id
        invoice = replace(
            first,
            id=name,
            first=False,
            paid=False,
            total=amount,
            payment_intent=intent,
            period_end=ends,
            attempts=0,
            pay_url=f"https://pay.example/{name}",
        )
        self.invoices[name] = invoice
        self.subscriptions[subscription] = replace(now, until=ends)
        self.retry(name, paid=paid)
        return name

    def retry(self, invoice: str, *, paid: bool = True) -> None:
        """Try an invoice's card again."""
        now = self.invoices[invoice]
        if paid:
            self._take(now.payment_intent, now.total)
            self._collected(now)
        else:
            self._decline(now.payment_intent, "generic_decline")
            self._not_collected(now)

    def mend(self, invoice: str) -> None:
        """Pay an invoice on its page with another card."""
        self.retry(invoice)

    def give_up(self, subscription: str) -> None:
        """End a subscription at once: by the dashboard, or since its last try was declined."""
        for invoice in self.invoices.values():
            if invoice.subscription == subscription and invoice.next_attempt:
                self.invoices[invoice.id] = replace(invoice, next_attempt=None)
        self._changed(subscription, status="ended")

    def alter(self, subscription: str, minor: int) -> None:
        """Change by the dashboard what a subscription costs from its next invoice on, in minor units."""
        now = self.subscriptions[subscription].amount
        assert now is not None
        self._changed(subscription, amount=Money(minor, now.currency))

    def leave(self, subscription: str) -> None:
        """End a subscription with its period, as its payer does in the portal."""
        self._changed(subscription, status="stopping")

    def resume(self, subscription: str) -> None:
        """Take that back, as its payer may until the period ends."""
        self._changed(subscription, status="active")

    # Inside

    def _begin(self, session: Session) -> str:
        """Begin the subscription that a session is for, with its first invoice."""
        until, name, invoice = self._clock() + MONTH, self._name("sub"), self._name("in")
        self.subscriptions[name] = Subscription(
            name, self.account, self.livemode, session.order, "active", until, session.subtotal
        )
        self.invoices[invoice] = Invoice(
            id=invoice,
            account=self.account,
            livemode=self.livemode,
            subscription=name,
            order=session.order,
            first=True,
            paid=False,
            total=session.total,
            payment_intent=session.payment_intent,
            period_end=until,
            pay_url=f"https://pay.example/{invoice}",
        )
        return name

    def _collected(self, invoice: Invoice) -> None:
        self.invoices[invoice.id] = replace(invoice, paid=True, attempts=invoice.attempts + 1, next_attempt=None)
        self._happened("invoice.paid", invoice.id)
        if self.subscriptions[invoice.subscription].status == "troubled":
            self._changed(invoice.subscription, status="active")

    def _not_collected(self, invoice: Invoice) -> None:
        again = (self._clock() + AGAIN).replace(microsecond=0)
        self.invoices[invoice.id] = replace(invoice, attempts=invoice.attempts + 1, next_attempt=again)
        self._happened("invoice.payment_failed", invoice.id)
        if self.subscriptions[invoice.subscription].status == "active":
            self._changed(invoice.subscription, status="troubled")
