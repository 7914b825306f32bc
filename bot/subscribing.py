"""Subscribing: what Stripe says of invoices and subscriptions becomes renewals and what pledges are.

As with orders, events are hints, and what is applied is what Stripe says now: it may come late, twice, in any order.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.braking import note_renewal
from bot.desk import Desk
from bot.errors import Later
from bot.granting import GRACE, prolong_for, revoke_for
from bot.moving import go, put, raise_by
from bot.orders import ENDED_UNPAID, HOLDING, SOLD, Donation, Line, Order, Pledge, State, pledge_of
from bot.ports import Invoice, Subscription, Unit
from bot.settling import Settling, belongs

_log: Final = logging.getLogger(__name__)

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
        """Apply what an invoice is now: a paid one writes an order of origin "renewal", a failed one asks to be mended."""
        if not (invoice.first or invoice.paid) and invoice.payment_intent:
            async with self.desk.store.unit() as unit:  # of its own: it stays also where the invoice has to wait
                await note_renewal(unit, invoice.payment_intent)
        async with self.desk.store.unit() as unit:
            await unit.orders.alone_with(invoice.payment_intent)
            begun = await unit.orders.get(invoice.order)
            if begun is None or not belongs(begun, invoice):
                return
            if invoice.first:
                if invoice.paid and begun.state in ENDED_UNPAID:
                    await self.settling.late(unit, begun, invoice.payment_intent, invoice.subscription)
                return
            if begun.state in HOLDING:
                raise Later(unit.now + PAUSE)
            pledge = await _pledge(unit, begun, invoice.subscription)
            if pledge is None:
                if invoice.paid and invoice.payment_intent:
                    await self.settling.return_later(unit, begun, invoice.payment_intent, invoice.subscription)
            elif invoice.paid:
                await self._renewed(unit, begun, pledge, invoice)
            elif invoice.attempts:
                await self._failed(unit, begun, pledge, invoice)

    async def _renewed(self, unit: Unit, begun: Order, pledge: Pledge, invoice: Invoice) -> None:
        if await unit.orders.asked_by(f"invoice:{invoice.id}"):
            return
        receipt = await self.settling.receipt(unit, begun.account) if begun.kind == "donate" else ""
        number = receipt or str(await unit.facts.add(f"renewals:{begun.id}", 1) + 1)
        renewal = replace(
            begun,
            id=f"{begun.id}-{number}",
            origin="renewal",
            state=State.PAID,
            asked_by=f"invoice:{invoice.id}",
            created=unit.now,
            paid_at=unit.now,
            total=pledge.amount if begun.kind == "buy" else invoice.total,  # tax may come on top of what is bought
            paid=invoice.total,
            lines=tuple(self._line(line, pledge) for line in begun.lines),
            donation=_gift(pledge, invoice),
            discount=None,  # it was for the first month
            code="",
            refunded=None,
            session="",
            session_url="",
            ending="",
            late_payment="",
            disputed=False,
            disputed_away=None,
            problem="",
            buyer=replace(begun.buyer, reply=""),  # the card they hold is the first month's
            payment_intent=invoice.payment_intent,
            receipt=receipt,
        )
        await put(unit, renewal, "invoice paid")
        await raise_by(unit, renewal, renewal.total.minor)
        if renewal.kind == "buy":
            renewal = await go(unit, renewal, State.FULFILLED, "delivered in chat")
        renewal = await self.settling.catch_up(unit, renewal)
        ends = max(filter(None, (pledge.until, invoice.period_end)), default=None)
        pledge = replace(_mended(pledge) if pledge.unpaid == invoice.id else pledge, until=ends)
        await unit.pledges.put(pledge)
        if pledge.state != "ended":
            await prolong_for(self.desk, unit, begun)
        failed = await unit.facts.get(_failure(invoice)) is not None
        await self.settling.tell(unit, renewal, "mended" if failed else "renewed")
        await self.desk.jobs.defer(unit, "staff", {"order": renewal.id}, key=f"staff:{renewal.id}")

    def _line(self, line: Line, pledge: Pledge) -> Line:
        """Give this month's line: at what it costs now, with what the catalogue sends now, if it still has it."""
        variant = self.desk.shop().catalogue.variants.get(line.variant)
        sends = variant.product.message if variant and variant.product.fulfil == line.fulfil else line.message
        return replace(line, price=pledge.amount, message=sends)

    async def _failed(self, unit: Unit, begun: Order, pledge: Pledge, invoice: Invoice) -> None:
        """Remember what is to be mended; tell of it once, however often Stripe tries again."""
        if pledge.state == "ended" or (pledge.until and invoice.period_end and invoice.period_end < pledge.until):
            return  # a later month has begun, or none ever will
        told = await unit.facts.get(_failure(invoice)) is not None
        days = timedelta(days=self.desk.shop().settings.limits.grace_days)
        mend_by = pledge.mend_by if pledge.unpaid == invoice.id and pledge.mend_by else unit.now + days
        await unit.pledges.put(replace(pledge, unpaid=invoice.id, mend_by=mend_by, mend_url=invoice.pay_url))
        if told:
            return
        _log.info("invoice not paid", extra={"order": begun.id, "object": invoice.id})
        await unit.facts.put(_failure(invoice), unit.now.isoformat())
        await revoke_for(self.desk, unit, begun, at=mend_by)
        await self.settling.tell(unit, begun, f"unpaid.{invoice.total.minor}")

    async def apply_subscription(self, subscription: Subscription) -> None:
        """Apply what a subscription is now to the pledge that holds it: its state, its amount, whether it is in trouble."""
        async with self.desk.store.unit() as unit:
            begun = await unit.orders.get(subscription.order)
            if begun is None or not belongs(begun, subscription):
                return
            before = await _pledge(unit, begun, subscription.id)
            if before is None or before.state == "ended":
                return  # what has ended never begins again: this was asked before, and comes after
            now = _applied(before, subscription)
            if now == before:
                return
            if before.state == "stopping" and now.state == "active":
                now = replace(now, ending="")
                await unit.facts.add(f"resumed:{begun.id}", 1)
            await unit.pledges.put(now)
            if before.unpaid and not now.unpaid and now.state != "ended":
                await prolong_for(self.desk, unit, begun)
            if now.state == "ended":
                await revoke_for(self.desk, unit, begun, at=unit.now + GRACE)
            for kind in _news(before, now):
                await self.settling.tell(unit, begun, kind)


async def _pledge(unit: Unit, begun: Order, subscription: str) -> Pledge | None:
    """Find the pledge of a subscription. A version before this one paid monthly purchases without writing theirs."""
    pledge = await unit.pledges.get(begun.id)
    if pledge is None and begun.monthly and begun.state in SOLD and begun.subscription == subscription:
        pledge = pledge_of(begun)
    return pledge if pledge and pledge.subscription == subscription else None


def _failure(invoice: Invoice) -> str:
    return f"unpaid:{invoice.id}"


def _gift(pledge: Pledge, invoice: Invoice) -> Donation | None:
    """Say of a gift what came this month: the amount may be another than in the month before."""
    gift = pledge.donation
    if gift is None or invoice.total == pledge.amount:
        return gift
    return replace(gift, net=invoice.total, cover_fees=False)


def _applied(pledge: Pledge, subscription: Subscription) -> Pledge:
    """Give the pledge as its subscription says that it is now."""
    state = "active" if subscription.status == "troubled" else subscription.status
    now = replace(pledge, state=state, until=subscription.until or pledge.until)
    if subscription.amount and subscription.amount != pledge.amount:
        gift = pledge.donation and replace(pledge.donation, net=subscription.amount, cover_fees=False)
        now = replace(now, amount=subscription.amount, donation=gift)
    if subscription.status in {"active", "ended"}:
        now = _mended(now)
    return now


def _mended(pledge: Pledge) -> Pledge:
    return replace(pledge, unpaid="", mend_by=None, mend_url="")


def _news(before: Pledge, now: Pledge) -> list[str]:
    """Name what its person is told of a change."""
    kinds = [f"changed.{now.amount.minor}"] if now.amount != before.amount and now.state != "ended" else []
    if now.state != before.state:
        match now.state:
            case "active":
                kinds.append("resumed")
            case "stopping":
                kinds.append("stopping_closed" if now.ending else "stopping")
            case "ended":
                kinds.append("gave_up" if before.unpaid else "ended")
    return kinds
