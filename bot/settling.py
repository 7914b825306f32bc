"""Settling: what Stripe says of sessions and payments becomes what our orders are; subscribing goes on with subscriptions.

Events are hints. Each is written to the inbox once, and a job fetches the object and applies what it says *now*; so they
may come twice, late, in any order, or be found by looking. Applying the same object again changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot import link_sales
from bot.desk import Desk
from bot.disputing import hold_against
from bot.errors import PaymentsRefused, WrongAccount
from bot.granting import grant_for
from bot.moving import go, raise_by
from bot.orders import ENDED_UNPAID, Order, State, pledge_of
from bot.outbox import tell
from bot.ports import Dispute, Event, Invoice, Json, Payment, Session, Subscription, Unit
from bot.refunded import apply_refunds
from bot.shipping import Shipping
from bot.unwanted import unwanted_in

_log: Final = logging.getLogger(__name__)

#: Stripe's code for an object that is not there, and never will be: https://docs.stripe.com/error-codes#resource-missing
GONE: Final = "resource_missing"
#: For how long Stripe lists an event: https://docs.stripe.com/api/events
LISTED: Final = timedelta(days=30)
#: What is kept, with its instant, of a payment that is no order's yet, and of one that is a renewal's.
_EARLY: Final = "early:"
RENEWING: Final = "renewing:"


@dataclass(frozen=True, slots=True)
class Settling:
    """Applies what Stripe says."""

    desk: Desk
    #: Applies what an invoice or a subscription is now.
    subscribed: Callable[[Invoice | Subscription], Awaitable[None]]
    #: Applies what a dispute is now.
    disputed: Callable[[Dispute], Awaitable[None]]
    #: Counts what a payment says of declines, heard of by something that happened then.
    declined: Callable[[Payment, datetime], Awaitable[None]]

    async def receive(self, event: Event) -> bool:
        """Take a webhook's or a poll's event: once in the inbox, with the job that looks. False if it was there already.

        Raises WrongAccount where its livemode is not the account's: a test event can never touch a live order.
        """
        payments = self.desk.payments(event.account)
        if event.livemode != payments.livemode:
            raise WrongAccount(_mode(payments.livemode), _mode(event.livemode))
        async with self.desk.store.unit() as unit:
            new = await unit.inbox.take(event)
            if new:
                payload: Json = {
                    "id": event.id,
                    "account": event.account,
                    "livemode": event.livemode,
                    "type": event.type,
                    "object": event.object_id,
                    "created": int(event.created.timestamp()),
                }
                await self.desk.jobs.defer(unit, "event", payload)
        return new

    async def handle(self, event: Event) -> None:
        """Job "event": fetch what the event speaks of, and apply it."""
        try:
            subject = await self.desk.payments(event.account).look(event)
        except PaymentsRefused as error:
            if error.code != GONE:
                raise  # a key that is wrong or may not read: the event must not be lost for that
            _log.warning("event's object not readable", extra={"stripe_event": event.id, "code": error.code})
            return
        match subject:
            case Session():
                await self.apply(subject)
            case Payment():
                await self.apply_payment(subject)
                await self.declined(subject, event.created)
            case Dispute():
                await self.disputed(subject)
            case Invoice() | Subscription():
                await self.subscribed(subject)
            case None:
                pass

    async def apply(self, session: Session, *, announce: bool = False) -> None:
        """Apply what a checkout session is now to its order.

        With `announce` its person, who could be given no pay link so far, is told that it is there.
        """
        payment = await self._given_back(session)
        async with self.desk.store.unit() as unit:
            await unit.orders.alone_with(session.payment_intent)
            order = await self._meant(unit, session)
            if order is None:
                return
            if order.session not in {"", session.id}:
                await self._stray(unit, order, session)
                return
            if order.state is State.DRAFT:
                order = await self._opened(unit, order, session, announce=announce)
            match session.status, session.payment:
                case "complete", "paid":
                    await self._paid(unit, order, session, payment)
                case "complete", "processing" if order.state is State.AWAITING:
                    order = replace(order, payment_intent=session.payment_intent)
                    await self.tell(unit, await go(unit, order, State.PROCESSING, "paid, not settled"), "processing")
                case "complete", "failed" if order.state in {State.AWAITING, State.PROCESSING}:
                    if order.state is State.AWAITING:
                        order = await go(unit, order, State.PROCESSING, "paid, not settled")
                    if session.subscription:  # else its invoice would be tried again, for an order that has ended
                        await self.return_later(unit, order, "", session.subscription)
                    await self.tell(unit, await go(unit, order, State.FAILED, "payment failed"), "failed")
                case "expired", _ if order.state is State.AWAITING and order.ending != "moved":
                    target = State.CANCELLED if order.ending == "cancelled" else State.EXPIRED
                    await self.tell(unit, await go(unit, order, target, "session expired"), order.ending or "expired")
                case _:
                    pass

    async def _meant(self, unit: Unit, session: Session) -> Order | None:
        """Give the order that a session is of; what a Payment Link sold is none, and is written down."""
        order = await unit.orders.get(session.order)
        if order is None:
            await link_sales.take(self.desk, unit, session)
            return None
        return order if belongs(order, session) else None

    async def _given_back(self, session: Session) -> Payment | None:
        """Ask for the payment of a session of which something went back: the session does not say which refunds they are."""
        if not (session.refunded and session.payment_intent):
            return None
        return await self.desk.payments(session.account).payment(session.payment_intent)

    async def _opened(self, unit: Unit, order: Order, session: Session, *, announce: bool) -> Order:
        order = replace(order, session=session.id, session_url=session.url)
        order = await go(unit, order, State.AWAITING, "session open")
        if order.ending:  # asked for while there was no session to end
            await self.desk.jobs.defer(unit, "expire", {"order": order.id})
        elif announce and session.status == "open":
            await self.tell(unit, order, "ready")
        return order

    async def _paid(self, unit: Unit, order: Order, session: Session, payment: Payment | None) -> None:
        if order.state in ENDED_UNPAID:
            await self._late(unit, order, session)
            return
        if order.state in {State.AWAITING, State.PROCESSING}:
            unwanted = await unwanted_in(self.desk, unit, order)
            order = replace(
                order,
                paid=session.total,
                payment_intent=session.payment_intent,
                subscription=session.subscription,
                ship_to=session.ship_to,
                paid_at=unit.now,
                problem="; ".join((*_amiss(order, session), *unwanted)),
                shipping=_shipped(order, session),
            )
            order = await self.catch_up(unit, await self._sold(unit, order, "paid"))
        if payment is not None:  # in the same unit: what has gone back already is not handed out
            await apply_refunds(self.desk, unit, order, payment)
        elif order.refunded:
            await self._look_later(unit, order)

    async def _sold(self, unit: Unit, order: Order, why: str) -> Order:
        """Do all that follows a payment, in the transaction that makes it true."""
        if order.kind == "donate":
            order = replace(order, receipt=await self.receipt(unit, order.account))
        order = await go(unit, order, State.PAID, why)
        if order.terms:  # they stand beside the Pay button of Stripe's page too
            await unit.orders.note(order.id, "terms accepted by paying")
        await raise_by(unit, order, order.total.minor)
        if order.monthly:
            await unit.pledges.put(pledge_of(order))
        if order.kind == "buy" and not order.problem and all(line.fulfil != "ship" for line in order.lines):
            order = await go(unit, order, State.FULFILLED, "delivered in chat")
        if not order.problem:
            await grant_for(self.desk, unit, order)
        await self.tell(unit, order, "paid")
        await self.desk.jobs.defer(unit, "staff", {"order": order.id}, key=f"staff:{order.id}")
        return order

    async def _late(self, unit: Unit, order: Order, session: Session) -> None:
        """Record a payment for an order that had ended, give it back, and say so."""
        await self.late(unit, order, session.payment_intent, session.subscription)

    async def late(self, unit: Unit, order: Order, payment_intent: str, subscription: str) -> None:
        """In a unit: record a payment that came after the end of its order, once; give it back, and say so."""
        if not payment_intent or payment_intent in order.late_payment.split():
            return
        late = replace(order, late_payment=f"{order.late_payment} {payment_intent}".strip())
        await unit.orders.save(late)
        await unit.orders.note(order.id, "late payment, refunded")
        await self.return_later(unit, late, payment_intent, subscription)
        await self.tell(unit, late, "late")

    async def _stray(self, unit: Unit, order: Order, session: Session) -> None:
        """Keep a second session of one order, from a request that was thought lost, from taking money."""
        if session.status == "complete" and session.payment == "paid":
            await self._late(unit, order, session)
        elif session.status == "open":
            await self.desk.jobs.defer(unit, "stray", {"account": order.account, "session": session.id}, key=session.id)

    async def expire_stray(self, payload: Json) -> None:
        """Job "stray": end a session that no order points at."""
        session = await self.desk.payments(str(payload["account"])).expire(str(payload["session"]))
        if session.status == "complete":
            await self.apply(session)

    async def return_later(self, unit: Unit, order: Order, payment_intent: str, subscription: str) -> None:
        """In a unit: have a payment that no order may keep given back, once."""
        key = f"late:{payment_intent or subscription}"
        payload: Json = {
            "account": order.account,
            "payment": payment_intent,
            "subscription": subscription,
            "key": key,
        }
        await self.desk.jobs.defer(unit, "give_back", payload, key=key)

    async def give_back(self, payload: Json) -> None:
        """Job "give_back": refund a payment that no order may keep, and let what would take more of them take none."""
        payments = self.desk.payments(str(payload["account"]))
        if payload["payment"]:
            await payments.refund(str(payload["payment"]), None, key=str(payload["key"]))
        if payload["subscription"]:
            await payments.stop(str(payload["subscription"]))

    async def apply_payment(self, payment: Payment) -> None:
        """Apply what a payment is now: its refunds, wherever they were made."""
        async with self.desk.store.unit() as unit:
            await unit.orders.alone_with(payment.id)
            order = await unit.orders.by_payment(payment.id)
            if order is None:
                # A renewal's, or one whose order is not paid yet: it looks when it is. A stranger's leaves nothing behind.
                if payment.refunds and (not payment.order or await unit.orders.get(payment.order)):
                    await unit.facts.put(f"{_EARLY}{payment.id}", unit.now.isoformat())
            elif belongs(order, payment):
                await apply_refunds(self.desk, unit, order, payment)

    async def forget(self) -> None:
        """Tick: forget what was heard of payments that became nobody's order within the time that Stripe lists events for."""
        async with self.desk.store.reading() as unit:
            heard = {**await unit.facts.named(_EARLY), **await unit.facts.named(RENEWING)}
            old = [name for name, at in heard.items() if unit.now - datetime.fromisoformat(at) > LISTED]
        for name in old:
            async with self.desk.store.unit() as unit:
                await unit.facts.take(name)

    async def catch_up(self, unit: Unit, order: Order) -> Order:
        """In the unit that makes an order paid: apply what was heard of its payment before it was known to be its own."""
        if await unit.facts.take(f"{_EARLY}{order.payment_intent}") is not None:
            await self._look_later(unit, order)
        return await hold_against(self.desk, unit, order)

    async def _look_later(self, unit: Unit, order: Order) -> None:
        await self.desk.jobs.defer(unit, "payment", {"order": order.id})

    async def look_again(self, payload: Json) -> None:
        """Job "payment": ask what an order's payment is now, and apply it."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(str(payload["order"]))
        if order is not None and order.payment_intent:
            await self.apply_payment(await self.desk.payments(order.account).payment(order.payment_intent))

    async def receipt(self, unit: Unit, account: str) -> str:
        """Take the next receipt's number, of the civil year that its date will show."""
        return await unit.orders.next_receipt(account, unit.now.astimezone(self.desk.shop().settings.zone).year)

    async def tell(self, unit: Unit, order: Order, kind: str) -> None:
        """Write private news for the order's person, with the job that tells it."""
        await tell(self.desk, unit, order, kind)


def _amiss(order: Order, session: Session) -> Iterator[str]:
    """Say what was paid otherwise than it was asked; tax may be part of it or come on top."""
    goods, asked = session.subtotal - session.discount, order.total - order.postage
    if goods != asked:
        yield f"paid {goods}, asked {asked}"
    if order.shipping is None:
        return
    if session.shipping != order.postage:
        yield f"paid {session.shipping} for shipping, asked {order.postage}"
    if session.country not in order.shipping.countries:  # which one it is stands in the address, for admins
        yield "the address is not in the region that the shipping is for"


def _shipped(order: Order, session: Session) -> Shipping | None:
    """Let the address's country stand for the region: the next order of the same person goes there too."""
    if order.shipping is None or session.country not in order.shipping.countries:
        return order.shipping
    return replace(order.shipping, region=session.country)


def belongs(order: Order, subject: Session | Payment | Invoice | Subscription) -> bool:
    """Tell whether the object is of the order's account and livemode; a stranger's is refused, and logged."""
    if (order.account, order.livemode) == (subject.account, subject.livemode):
        return True
    _log.error("object of another account refused", extra={"order": order.id, "object": subject.id})
    return False


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"
