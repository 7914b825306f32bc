"""Rerouting: an unpaid order makes room for one of the same lines that ships to another region.

The session of the first is ended at Stripe, for its page may take one rate only. Whoever asks for that marks the order as
"moved"; nobody else then ends it on Stripe's word, so that its stock goes to the other order in one unit, the last item
too. That is a lease: after a minute a job looks at the session, whatever became of us. Each try has an id of its own, in a
fact beside the mark and in its job, so that the job of one try does not end the next.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.braking import check_brake
from bot.chat import Context
from bot.checkouts import PAUSE, Checkouts
from bot.closings import check_open, plans_in
from bot.desk import Desk
from bot.errors import Braked, Later, NotShipped, Outdated, PaymentsError, PaymentsUnavailable, TooLate
from bot.facing import closed, scope_of
from bot.moving import go, put
from bot.orders import ENDED_UNPAID, Buyer, Ending, Order, State
from bot.ports import Checkout, Json, Unit
from bot.replicas import check_active
from bot.retirement import Capability, Scope
from bot.selling import admit, check_minimum, checkout_of, new_number, own, try_open
from bot.settling import Settling
from bot.shipping import Shipping, rate_to

#: How long an order may stay marked before a job looks what became of its session.
LEASE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rerouting:
    """Changing the region of an unpaid order."""

    desk: Desk
    checkouts: Checkouts
    settling: Settling

    async def reroute(self, ctx: Context, order_id: str, country: str) -> Order:
        """Give the order that takes one's own order's place; the order itself where it is paid, or ships there already.

        Raises PaymentsUnavailable where Stripe does not answer (the order stays as it is), NotShipped, Closed, TooMany,
        BelowMinimum, NotYours, UnknownOrder, and TooLate where the order has ended. Raises Outdated and Braked as selling
        does: where it comes to that only after Stripe has ended the session, the order ends and none takes its place.
        """
        known = await self._known(ctx)
        if known is not None:
            return known
        rate = rate_to(ctx.shop.settings.shipping, country)
        if rate is None:
            raise NotShipped(country, country)
        order = await own(self.desk, ctx, order_id)
        attempt = secrets.token_hex(8)
        buyer = await self._mark(ctx, order.id, rate.to(country), attempt)
        if buyer is None:
            return await self._now(order)
        try:
            session = await self.desk.payments(order.account).expire(order.session)
        except PaymentsError:
            await self._leave(order.id, attempt)
            raise
        async with self.desk.store.unit() as unit:
            current = await unit.orders.get(order.id) or order
            made: tuple[Order, Checkout] | None = None
            refusal: Outdated | Braked | None = None
            why: Ending = ""
            if await _marked(unit, current, attempt):
                if session.status == "expired":
                    refusal, why = await self._refused(unit, ctx, buyer, _scope(current, rate.to(country)))
                if session.status == "expired" and refusal is None and not why:
                    made = await self._replace(unit, ctx, current, rate.to(country), buyer)
                else:
                    await unit.orders.save(replace(current, ending=why))
        if made is not None:
            return await try_open(self.checkouts, *made)
        await self.settling.apply(session)
        if refusal is not None:
            raise refusal
        return await self._now(order)

    async def look(self, payload: Json) -> None:
        """Job "moved": whatever became of whoever marked the order, let it be what Stripe says of its session."""
        number, attempt = str(payload["order"]), str(payload.get("attempt", ""))
        async with self.desk.store.reading() as unit:
            order, now = await unit.orders.get(number), unit.now
            marked = order is not None and await _marked(unit, order, attempt)
        if order is None or not marked:
            await self._leave(number, attempt)
            return
        try:
            session = await self.desk.payments(order.account).session(order.session)
        except PaymentsUnavailable as error:
            raise Later(now + PAUSE) from error
        await self._leave(number, attempt)
        await self.settling.apply(session)

    async def _mark(self, ctx: Context, order_id: str, shipping: Shipping, attempt: str) -> Buyer | None:
        """Mark the order as one that makes room, once all is seen to; None where it is to stay as it is."""
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(order_id)
            if order is None or order.state in ENDED_UNPAID:
                raise TooLate(order_id, order.state if order else State.CANCELLED)
            if order.state is not State.AWAITING or order.ending or order.shipping is None:
                return None
            if order.shipping.region in shipping.countries:
                return None
            await check_open(self.desk, unit, _scope(order, shipping), Capability.CHECKOUT_NEW)
            check_minimum(ctx.shop, order.total - order.postage + shipping.price)
            buyer = await admit(self.desk, unit, ctx)
            await unit.orders.save(replace(order, ending="moved"))
            await unit.facts.put(_moving(order.id), attempt)
            payload: Json = {"order": order.id, "attempt": attempt}
            await self.desk.jobs.defer(unit, "moved", payload, at=unit.now + LEASE)
            return buyer

    async def _refused(
        self, unit: Unit, ctx: Context, buyer: Buyer, scope: Scope
    ) -> tuple[Outdated | Braked | None, Ending]:
        """Look again whether a new order may be written: while Stripe was asked, prices, calendar and brake may have changed.

        Gives what is to be raised, if anything, and why the order ends; "" and None where it may be.
        """
        plans, now = await plans_in(self.desk, unit), self.desk.clock.shows(unit.now)
        if closed(plans.values(), Capability.CHECKOUT_NEW, now, scope) is not None:
            return None, "closed"
        try:
            await check_active(unit, ctx.shop.settings.digest)
            await check_brake(unit, ctx.shop.settings.limits, buyer.key, buyer.address)
        except Outdated as error:
            return error, ""
        except Braked as error:
            return error, "braked"
        return None, ""

    async def _replace(
        self, unit: Unit, ctx: Context, order: Order, shipping: Shipping, buyer: Buyer
    ) -> tuple[Order, Checkout]:
        """End the order and write the one that takes its place: what the one gives back, the other takes."""
        taking = replace(
            order,
            id=new_number(),
            state=State.DRAFT,
            buyer=buyer,
            total=order.total - order.postage + shipping.price,
            shipping=shipping,
            created=unit.now,
            asked_by=ctx.key,
            expires=self.checkouts.expiry(unit.now),
            attempt=1,
            session="",
            session_url="",
            ending="",
        )
        checkout = checkout_of(self.desk, ctx, taking)
        moved = await go(unit, order, State.CANCELLED, f"makes room for {taking.id}")
        await self.settling.tell(unit, moved, "moved")
        await put(unit, taking, f"asked for in place of {order.id}")
        await self.checkouts.write(unit, checkout, taking)
        return taking, checkout

    async def _leave(self, order_id: str, attempt: str) -> None:
        """Take the mark of a try off an order, and forget the try; another's mark stays."""
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(order_id)
            if order is not None and await _marked(unit, order, attempt):
                await unit.orders.save(replace(order, ending=""))
            if await unit.facts.get(_moving(order_id)) == attempt:
                await unit.facts.take(_moving(order_id))

    async def _known(self, ctx: Context) -> Order | None:
        async with self.desk.store.reading() as unit:
            return await unit.orders.asked_by(ctx.key)

    async def _now(self, order: Order) -> Order:
        async with self.desk.store.reading() as unit:
            return await unit.orders.get(order.id) or order


def _scope(order: Order, shipping: Shipping) -> Scope:
    """Say where an order would stand if it went to another region."""
    return scope_of(replace(order, shipping=shipping))


async def _marked(unit: Unit, order: Order, attempt: str) -> bool:
    """Tell whether an order makes room for this very try. A version before this one marked without an id."""
    if order.state is not State.AWAITING or order.ending != "moved":
        return False
    return (await unit.facts.get(_moving(order.id)) or "") == attempt


def _moving(order_id: str) -> str:
    return f"moving:{order_id}"
