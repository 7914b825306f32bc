"""Opens the one checkout session of an order, through doubt and restarts, and asks Stripe to end it.

An order is written before Stripe is asked, with everything the request will say. While the answer is in doubt the same
request is repeated with the same key; after four minutes the session is looked up, and only if there is none is another
asked for. An order that has a session ends only on what Stripe says of it.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.desk import Desk
from bot.errors import Later, PaymentsRefused, PaymentsUnavailable
from bot.money import Money
from bot.moving import go
from bot.orders import Ending, Line, Order, State
from bot.ports import Checkout, Json, Session, ShippingChoice, Unit
from bot.settling import Settling

_log: Final = logging.getLogger(__name__)

#: Stripe wants an expiry 30 minutes or more after *its* creation; five more for the way there and for retries.
#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-expires_at
SLACK: Final = timedelta(minutes=5)
#: After this long without a clear answer, look the session up instead of asking again.
DOUBT: Final = timedelta(minutes=4)
#: The pause between two tries of a request in doubt.
PAUSE: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Checkouts:
    """Opening and ending of sessions."""

    desk: Desk
    settling: Settling

    def expiry(self, now: datetime) -> datetime:
        """Tell when a session asked for at `now` is to expire, and the stock to be free again; in whole seconds."""
        hold = timedelta(minutes=self.desk.shop().settings.limits.hold_minutes)
        return (now + hold + SLACK).replace(microsecond=0)

    async def write(self, unit: Unit, checkout: Checkout, order: Order) -> None:
        """In the unit that writes the order: make sure that its session is opened even if we die, and its hold ends."""
        await self.desk.jobs.defer(unit, "checkout", _payload(checkout, order.attempt, unit.now), at=unit.now + PAUSE)
        await self.desk.jobs.defer(unit, "hold", {"order": order.id}, at=order.expires + PAUSE)

    async def open(self, order: Order, checkout: Checkout, *, announce: bool = False) -> Order:
        """Ask Stripe for the session and write it down; with `announce`, its person is told what came of it.

        Raises PaymentsUnavailable (the job goes on) or PaymentsRefused (the order is cancelled).
        """
        payments = self.desk.payments(order.account)
        try:
            session = await payments.open(checkout, key=f"{order.id}:{order.attempt}")
        except PaymentsRefused as error:
            _log.warning("checkout refused", extra={"order": order.id, "code": error.code, "param": error.param})
            async with self.desk.store.unit() as unit:
                current = await unit.orders.get(order.id)
                if current and current.state is State.DRAFT:
                    refused = await go(unit, current, State.CANCELLED, f"refused by Stripe: {error.code}")
                    if announce:
                        await self.settling.tell(unit, refused, "refused")
            raise
        return await self._attach(session, announce=announce)

    async def retry(self, payload: Json) -> None:
        """Job "checkout": find or open the session of an order that is still a draft."""
        checkout, attempt, begun = _read(payload)
        async with self.desk.store.reading() as unit:
            order, now = await unit.orders.get(checkout.order), unit.now
        if order is None or order.state is not State.DRAFT or order.attempt != attempt:
            return
        try:
            if now - begun < DOUBT:
                with suppress(PaymentsRefused):  # the order has ended, and its person is told
                    await self.open(order, checkout, announce=True)
                return
            found = await self.desk.payments(order.account).find(order.id, since=order.created - DOUBT)
            if found is None:
                await self._begin_again(order, checkout)
            else:
                await self._attach(found, announce=True)
        except PaymentsUnavailable as error:
            raise Later(now + PAUSE) from error

    async def end(self, order_id: str, why: Ending) -> Order:
        """Ask for the end of an unpaid order, and say what it is now. What Stripe says of the session decides."""
        async with self.desk.store.unit() as unit:
            order = await self.ask_end(unit, order_id, why)
        try:
            await self.expire({"order": order_id})
        except PaymentsUnavailable:
            return order
        async with self.desk.store.reading() as unit:
            return await unit.orders.get(order_id) or order

    async def ask_end(self, unit: Unit, order_id: str, why: Ending) -> Order:
        """In a unit: note why an unpaid order is to end, and have Stripe asked. An order past that stays as it is.

        The first reason stays, save that an order makes room for another, which does not last. Stripe is asked again, for
        where the first asking came to nothing.
        """
        order = await unit.orders.get(order_id)
        if order is None:
            raise LookupError(order_id)
        if order.state in {State.DRAFT, State.AWAITING}:
            if order.ending in {"", "moved"}:
                order = replace(order, ending=why)
                await unit.orders.save(order)
            await self.desk.jobs.defer(unit, "expire", {"order": order.id})
        return order

    async def expire(self, payload: Json) -> None:
        """Job "expire": ask Stripe to end the session of an order whose end was asked for, and apply the answer."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(str(payload["order"]))
        if order is None or order.state is not State.AWAITING or not order.ending:
            return  # a draft's session is ended as soon as it is known
        session = await self.desk.payments(order.account).expire(order.session)
        await self.settling.apply(session)

    async def hold(self, payload: Json) -> None:
        """Job "hold": the time to pay is over. Stripe ends the session by itself; this is for where its word was lost."""
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(str(payload["order"]))
            if order is not None and unit.now >= order.expires:
                await self.ask_end(unit, order.id, "expired")

    async def _attach(self, session: Session, *, announce: bool) -> Order:
        """Write the session to its order; if the order's end was asked for meanwhile, end the session at once."""
        await self.settling.apply(session, announce=announce)
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(session.order)
        if order is None:
            raise LookupError(session.order)
        if order.ending and order.state is State.AWAITING:
            await self.expire({"order": order.id})
            async with self.desk.store.reading() as unit:
                order = await unit.orders.get(session.order) or order
        return order

    async def _begin_again(self, order: Order, checkout: Checkout) -> None:
        """Stripe knows of no session: end the order if that was asked, else try with a new key."""
        async with self.desk.store.unit() as unit:
            current = await unit.orders.get(order.id)
            if current is None or current.state is not State.DRAFT or current.attempt != order.attempt:
                return
            if current.ending:
                target = State.CANCELLED if current.ending == "cancelled" else State.EXPIRED
                moved = await go(unit, current, target, "no session at Stripe")
                await self.settling.tell(unit, moved, current.ending)
                return
            again = replace(current, attempt=current.attempt + 1, expires=self.expiry(unit.now))
            await unit.orders.save(again)
            fresh = replace(checkout, expires=again.expires)
            await self.desk.jobs.defer(unit, "checkout", _payload(fresh, again.attempt, unit.now))
            await self.desk.jobs.defer(unit, "hold", {"order": order.id}, at=again.expires + PAUSE)


def _payload(checkout: Checkout, attempt: int, begun: datetime) -> Json:
    text = json.dumps(asdict(checkout), default=lambda value: value.isoformat(), ensure_ascii=False)
    return {"order": checkout.order, "attempt": attempt, "begun": begun.isoformat(), "checkout": text}


def _read(payload: Json) -> tuple[Checkout, int, datetime]:
    raw = json.loads(str(payload["checkout"]))
    lines = tuple(Line(**{**line, "price": Money(**line["price"])}) for line in raw["lines"])
    shipping = tuple(ShippingChoice(choice["label"], Money(**choice["price"])) for choice in raw["shipping"])
    checkout = Checkout(
        **{
            **raw,
            "lines": lines,
            "shipping": shipping,
            "total": Money(**raw["total"]),
            "discount": Money(**raw["discount"]) if raw["discount"] else None,
            "expires": datetime.fromisoformat(raw["expires"]),
            "ship_to": tuple(raw["ship_to"]),
        }
    )
    return checkout, int(payload["attempt"] or 1), datetime.fromisoformat(str(payload["begun"]))
