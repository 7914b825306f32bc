"""Braking: a burst of declined payments is somebody who tries stolen cards, so for a while no new checkout is opened.

Each decline is counted once, at the instant at which Stripe says it happened: it may be told twice, or late. Nothing has to
be lifted again: whether the brake is on follows from what was declined within the last minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.desk import Desk
from bot.errors import Braked
from bot.orders import Ending, Order, State
from bot.outbox import warn
from bot.ports import Json, Payment, Unit
from bot.settings import Limits
from bot.settling import RENEWING, belongs

_log: Final = logging.getLogger(__name__)

Whose = Literal["person", "address", "shop"]

#: What is remembered under of a burst, before whose it is and a digest of them: when the last decline of it was.
_BURST: Final = "burst:"
#: The pause until a declined payment of no known order counts: by then the invoice is known, if it was a renewal's.
PAUSE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Braking:
    """Counting what is declined."""

    desk: Desk
    #: Asks for the end of an unpaid order, in a unit.
    ask_end: Callable[[Unit, str, Ending], Awaitable[Order]]

    async def heard(self, payment: Payment, at: datetime) -> None:
        """Count what a payment says of declines, heard of by something that happened `at`. A renewal's are no attack."""
        if not payment.declines:
            return
        cards = payment.declines - await self._slow(payment)
        async with self.desk.store.unit() as unit:
            order = await _order_of(unit, payment)
            if order is not None:
                await self._count(unit, order, payment, cards, at)
            elif not payment.order and await _may_be_monthly(unit, payment):
                note: Json = {"payment": payment.id, "declines": payment.declines, "at": at.isoformat()}
                await self.desk.jobs.defer(unit, "declined", note, at=unit.now + PAUSE)

    async def unattributed(self, payload: Json) -> None:
        """Job "declined": count for the whole shop what was declined of a monthly checkout that cannot be told.

        A subscription's payments bear no order's number (https://docs.stripe.com/api/checkout/sessions/create has
        `payment_intent_data` in payment mode alone); one that a renewal's invoice names is left out.
        """
        name = str(payload["payment"])
        async with self.desk.store.unit() as unit:
            if await unit.facts.get(_renewing(name)) is None and await unit.orders.by_payment(name) is None:
                at = min(datetime.fromisoformat(str(payload["at"])), unit.now)
                await unit.declines.add(name, int(payload["declines"] or 0), "", at)
                await self._look(unit, None)

    async def forget(self) -> None:
        """Tick: forget of whom bursts were that are over, under whatever digest: the next one is a new one anyway."""
        over = window(self.desk.shop().settings.limits)
        async with self.desk.store.reading() as unit:
            known = await unit.facts.named(_BURST)
        for name in known:
            async with self.desk.store.unit() as unit:
                last = await unit.facts.get(name)  # somebody may have been declined meanwhile
                if last is not None and unit.now - datetime.fromisoformat(last) > over:
                    await unit.facts.take(name)

    async def _slow(self, payment: Payment) -> int:
        """Tell how many of the declines are a bank debit or transfer that failed days later, and so no card: one at most.

        Asked after the payment was, so that what it counts is known to the session; the order may not have heard of it yet.
        """
        if payment.status != "unpaid":
            return 0
        async with self.desk.store.reading() as unit:
            order = await _order_of(unit, payment)
        if order is None or not order.session or not belongs(order, payment):
            return 0
        session = await self.desk.payments(order.account).session(order.session)
        return int(session.payment == "failed")

    async def _count(self, unit: Unit, order: Order, payment: Payment, cards: int, at: datetime) -> None:
        if order.origin == "renewal" or not belongs(order, payment) or cards <= await unit.declines.counted(payment.id):
            return
        await unit.declines.add(payment.id, cards, order.id, min(at, order.paid_at or at, unit.now))
        await self._look(unit, order)

    async def _look(self, unit: Unit, order: Order | None) -> None:
        """Where it is a burst: tell admins, once for each, and end what its person has open."""
        limits = self.desk.shop().settings.limits
        person, address = (order.buyer.key, order.buyer.address) if order else ("", "")
        for whose, subject, most in _gauges(limits, person, address):
            if (until := await _until(unit, limits, whose, subject, most)) is None:
                continue
            if await self._begins(unit, whose, subject, limits):
                await self._warn(unit, order, whose, subject, until)
            if whose == "person":
                await self._end_all(unit, subject)

    async def _begins(self, unit: Unit, whose: Whose, subject: str, limits: Limits) -> bool:
        """Tell whether this is a new burst: the last decline beyond the limit is a whole window ago."""
        name = f"{_BURST}{whose}:{self.desk.signer.digest('burst', subject)}"
        last = await unit.facts.get(name)
        await unit.facts.put(name, unit.now.isoformat())
        return last is None or unit.now - datetime.fromisoformat(last) > window(limits)

    async def _warn(self, unit: Unit, order: Order | None, whose: Whose, subject: str, until: datetime) -> None:
        limits = self.desk.shop().settings.limits
        count = await unit.declines.many(unit.now - window(limits), **_named(whose, subject))
        _log.warning("burst of declines", extra={"order": order.id if order else "", "of": whose, "count": count})
        name = f"alert:declines:{whose}:{order.id if order else ''}:{unit.now.isoformat()}"
        key = f"alert.declines_{whose}"
        minutes = limits.declines_minutes
        await warn(
            self.desk, unit, name, key, number=order.id if order else "", count=count, minutes=minutes, until=until
        )

    async def _end_all(self, unit: Unit, person: str) -> None:
        for order in await unit.orders.of(person, most=100):
            if order.state in {State.DRAFT, State.AWAITING} and order.ending in {"", "moved"}:
                await self.ask_end(unit, order.id, "braked")


async def check_brake(unit: Unit, limits: Limits, person: str, address: str) -> None:
    """Refuse a new checkout where too much was declined of late. Raises Braked."""
    for whose, subject, most in _gauges(limits, person, address):
        until = await _until(unit, limits, whose, subject, most)
        if until is not None:
            raise Braked(whose, until)


async def note_renewal(unit: Unit, payment_intent: str) -> None:
    """Note that a payment is a renewal's: what is declined of it is an empty account, and no attack."""
    await unit.facts.put(_renewing(payment_intent), unit.now.isoformat())


def window(limits: Limits) -> timedelta:
    """Tell how far back declines count."""
    return timedelta(minutes=limits.declines_minutes)


def _gauges(limits: Limits, person: str, address: str) -> list[tuple[Whose, str, int]]:
    """Name what is counted, of whom, and how many are too many."""
    found: list[tuple[Whose, str, int]] = [("shop", "", limits.declines_shop)]
    if address:
        found.insert(0, ("address", address, limits.declines_address))
    if person:
        found.insert(0, ("person", person, limits.declines_person))
    return found


async def _until(unit: Unit, limits: Limits, whose: Whose, subject: str, most: int) -> datetime | None:
    """Tell when fewer than `most` will have been declined within the window; None where that is so now."""
    first = await unit.declines.nth(most, unit.now - window(limits), **_named(whose, subject))
    return None if first is None else first + window(limits)


def _named(whose: Whose, subject: str) -> dict[str, str]:
    return {} if whose == "shop" else {whose: subject}


def _renewing(payment_intent: str) -> str:
    return f"{RENEWING}{payment_intent}"


async def _order_of(unit: Unit, payment: Payment) -> Order | None:
    if payment.order:
        return await unit.orders.get(payment.order)
    return await unit.orders.by_payment(payment.id)


async def _may_be_monthly(unit: Unit, payment: Payment) -> bool:
    """Tell whether a payment of no known order may be one of ours: the account may be used by others too."""
    return any(
        order.monthly and (order.account, order.livemode) == (payment.account, payment.livemode)
        for order in await unit.orders.unsettled()
    )
