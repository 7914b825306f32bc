"""Pledging: people stop, change and manage their own monthly gifts and purchases; what Stripe then says makes it so."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import Context
from bot.desk import Desk
from bot.errors import BadAmount, NotYours, PaymentsRefused, PaymentsUnavailable, TooLate, UnknownOrder
from bot.money import Money
from bot.orders import Pledge
from bot.ports import Json, Unit
from bot.selling import check_minimum
from bot.subscribing import Subscribing


@dataclass(frozen=True, slots=True)
class Ways:
    """Where a pledge is looked after on Stripe's pages: addresses that live for minutes, "" where there is none."""

    pledge: Pledge
    #: Pays the invoice that failed.
    mend: str
    #: Changes the card, shows invoices, stops and resumes.
    portal: str


@dataclass(frozen=True, slots=True)
class Pledging:
    """What people do with what they pay each month."""

    desk: Desk
    subscribing: Subscribing

    async def stop(self, ctx: Context, pledge_id: str) -> Pledge:
        """End what is paid monthly with the period that is paid for. Raises NotYours, UnknownOrder, TooLate.

        The pledge comes back still active where Stripe did not answer: the job goes on, and news follow.
        """
        async with self.desk.store.unit() as unit:
            pledge = await _own(unit, ctx, pledge_id)
            if pledge.state == "ended":
                raise TooLate(pledge.id, pledge.state)
            if pledge.state == "active":
                await self.desk.jobs.defer(unit, "stop", {"pledge": pledge.id})
        try:
            await self.stop_now({"pledge": pledge.id})
        except PaymentsUnavailable:
            return pledge
        return await self._again(pledge)

    async def stop_now(self, payload: Json) -> None:
        """Job "stop": ask Stripe to end the subscription with its period, or `at_once`, and apply the answer."""
        async with self.desk.store.reading() as unit:
            pledge = await unit.pledges.get(str(payload["pledge"]))
        if pledge is None or pledge.state != "active":
            return
        payments = self.desk.payments(pledge.account)
        ending = payments.end if payload.get("at_once") else payments.stop
        answer = await ending(pledge.subscription)
        await self.subscribing.apply_subscription(answer)

    async def change(self, ctx: Context, pledge_id: str, amount: Money) -> Pledge:
        """Let a monthly gift come to `amount` from the next month on.

        Raises NotYours, UnknownOrder, TooLate (it stops, has ended, or is a purchase), BadAmount (another currency),
        BelowMinimum. The pledge comes back with its old amount where Stripe did not answer: the job goes on.
        """
        check_minimum(ctx.shop, amount)
        async with self.desk.store.unit() as unit:
            pledge = await _own(unit, ctx, pledge_id)
            if pledge.kind != "donate" or pledge.state != "active":
                raise TooLate(pledge.id, "paid" if pledge.kind != "donate" else pledge.state)
            if amount.currency != pledge.amount.currency:
                raise BadAmount(amount.plain(), "currency", pledge.amount.currency)
            # One key for each wish, so that 10, then 20, then 10 again are three changes and a repeated one is none.
            turn = await unit.facts.add(f"changes:{pledge.id}", 1)
            payload: Json = {"pledge": pledge.id, "amount": amount.minor, "turn": turn}
            await self.desk.jobs.defer(unit, "change", payload)
        try:
            await self.change_now(payload)
        except PaymentsUnavailable:
            return pledge
        return await self._again(pledge)

    async def change_now(self, payload: Json) -> None:
        """Job "change": ask Stripe for another amount, unless a newer wish has come since, and apply the answer."""
        number, turn = str(payload["pledge"]), int(payload["turn"] or 0)
        async with self.desk.store.reading() as unit:
            pledge = await unit.pledges.get(number)
            newest = int(await unit.facts.get(f"changes:{number}") or 0)
        if pledge is None or pledge.state != "active" or newest != turn:
            return
        amount = Money(int(payload["amount"] or 0), pledge.amount.currency)
        payments = self.desk.payments(pledge.account)
        answer = await payments.change(pledge.subscription, amount, key=f"change:{pledge.id}:{turn}")
        await self.subscribing.apply_subscription(answer)

    async def ways(self, ctx: Context, pledge_id: str) -> Ways:
        """Give fresh addresses of Stripe's pages for one's own pledge. Raises NotYours, UnknownOrder, TooLate."""
        async with self.desk.store.reading() as unit:
            pledge = await _own(unit, ctx, pledge_id)
        if pledge.state == "ended":
            raise TooLate(pledge.id, pledge.state)
        home = self.desk.addresses.public or ctx.shop.settings.homepage
        try:
            portal = await self.desk.payments(pledge.account).portal(pledge.subscription, return_url=home)
        except PaymentsRefused:  # the account has no portal set up: what failed can be mended without one
            if not pledge.mend_url:
                raise
            portal = ""
        return Ways(pledge, pledge.mend_url, portal)

    async def _again(self, pledge: Pledge) -> Pledge:
        async with self.desk.store.reading() as unit:
            return await unit.pledges.get(pledge.id) or pledge


async def _own(unit: Unit, ctx: Context, pledge_id: str) -> Pledge:
    pledge = await unit.pledges.get(pledge_id.upper())
    if pledge is None:
        raise UnknownOrder(pledge_id)
    if pledge.person != ctx.person.key:
        raise NotYours
    return pledge
