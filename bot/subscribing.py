"""Subscribing: what Stripe says of invoices and subscriptions becomes renewals and what pledges are; people stop theirs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.chat import Context
from bot.desk import Desk
from bot.errors import Later, NotYours, PaymentsUnavailable, TooLate, UnknownOrder
from bot.granting import GRACE, revoke_for
from bot.moving import put, raise_by
from bot.orders import HOLDING, Pledge, State
from bot.ports import Invoice, Json, Subscription
from bot.settling import Settling, belongs

#: The pause until an invoice is looked at again whose first payment has not been applied yet.
PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Subscribing:
    """Monthly gifts and purchases, from the second month on."""

    desk: Desk
    settling: Settling

    async def apply(self, subject: Invoice | Subscription) -> None:
        """Apply what an invoice or a subscription is now."""
        match subject:
            case Invoice():
                await self.apply_invoice(subject)
            case Subscription():
                await self.apply_subscription(subject)

    async def apply_invoice(self, invoice: Invoice) -> None:
        """Apply a paid invoice of a subscription: each after the first writes an order of origin "renewal", born paid."""
        if invoice.first or not invoice.paid:
            return
        async with self.desk.store.unit() as unit:
            begun = await unit.orders.get(invoice.order)
            if begun is None or not belongs(begun, invoice) or await unit.orders.asked_by(f"invoice:{invoice.id}"):
                return
            if begun.state in HOLDING:
                raise Later(unit.now + PAUSE)
            pledge = await unit.pledges.get(begun.id)
            if pledge is None or pledge.subscription != invoice.subscription:
                await self.settling.return_later(unit, begun, invoice.payment_intent, invoice.subscription)
                return
            receipt = await self.settling.receipt(unit, begun.account)
            renewal = replace(
                begun,
                id=f"{begun.id}-{receipt}",
                origin="renewal",
                state=State.PAID,
                asked_by=f"invoice:{invoice.id}",
                created=unit.now,
                paid_at=unit.now,
                total=invoice.total,
                paid=invoice.total,
                refunded=None,
                session="",
                session_url="",
                ending="",
                late_payment="",
                disputed=False,
                problem="",
                buyer=replace(begun.buyer, reply=""),  # the card they hold is the first month's
                payment_intent=invoice.payment_intent,
                receipt=receipt,
            )
            await put(unit, renewal, "invoice paid")
            await raise_by(unit, renewal, renewal.total.minor)
            await unit.pledges.put(replace(pledge, until=invoice.period_end))
            await self.settling.tell(unit, renewal, "renewed")
            await self.desk.jobs.defer(unit, "staff", {"order": renewal.id}, key=f"staff:{renewal.id}")

    async def apply_subscription(self, subscription: Subscription) -> None:
        """Apply what a subscription is now to the pledge that holds it."""
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(subscription.order)
            pledge = await unit.pledges.get(subscription.order)
            if order is None or pledge is None or not belongs(order, subscription):
                return
            if pledge.subscription != subscription.id or pledge.state == "ended":
                return  # what has ended never begins again: this was asked before, and comes after
            state = "active" if subscription.status == "troubled" else subscription.status
            if (state, subscription.until) == (pledge.state, pledge.until):
                return
            await unit.pledges.put(replace(pledge, state=state, until=subscription.until or pledge.until))
            if state not in {pledge.state, "active"}:
                await self.settling.tell(unit, order, state)
            if state == "ended":
                await revoke_for(self.desk, unit, order, at=unit.now + GRACE)

    async def stop(self, ctx: Context, pledge_id: str) -> Pledge:
        """End a monthly gift with the period that is paid for. Raises NotYours, UnknownOrder, TooLate.

        The pledge comes back still active where Stripe did not answer: the job goes on, and news follow.
        """
        async with self.desk.store.unit() as unit:
            pledge = await unit.pledges.get(pledge_id.upper())
            if pledge is None:
                raise UnknownOrder(pledge_id)
            if pledge.person != ctx.person.key:
                raise NotYours
            if pledge.state == "ended":
                raise TooLate(pledge.id, pledge.state)
            if pledge.state == "active":
                await self.desk.jobs.defer(unit, "stop", {"pledge": pledge.id})
        try:
            await self.stop_now({"pledge": pledge.id})
        except PaymentsUnavailable:
            return pledge
        async with self.desk.store.reading() as unit:
            return await unit.pledges.get(pledge.id) or pledge

    async def stop_now(self, payload: Json) -> None:
        """Job "stop": ask Stripe to end the subscription with its period, and apply the answer."""
        async with self.desk.store.reading() as unit:
            pledge = await unit.pledges.get(str(payload["pledge"]))
        if pledge is None or pledge.state != "active":
            return
        answer = await self.desk.payments(pledge.account).stop(pledge.subscription)
        await self.apply_subscription(answer)
