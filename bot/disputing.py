"""Disputing: what Stripe says of disputes becomes what orders are; admins are told in time, the payer is left in peace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.desk import Desk
from bot.granting import prolong_for, revoke_for
from bot.money import total
from bot.moving import raise_by
from bot.orders import SOLD, Order
from bot.outbox import show_staff, warn
from bot.ports import Dispute, Json, Unit
from bot.refunded import HAD
from bot.refunds import counted

#: How many days before the last day of evidence admins are reminded.
REMINDED: Final = (3, 1)


@dataclass(frozen=True, slots=True)
class Disputing:
    """Disputes of orders."""

    desk: Desk

    async def apply(self, dispute: Dispute) -> None:
        """Apply what a dispute is now. It is kept also where no order is known for its payment: it may have come first."""
        async with self.desk.store.unit() as unit:
            await unit.orders.alone_with(dispute.payment_intent)
            before = await unit.disputes.get(dispute.id)
            if before is not None and (before.account, before.livemode) != (dispute.account, dispute.livemode):
                return
            if before is not None and before.status != "open" and dispute.status == "open":
                return  # what was decided is not open again: this was asked before, and comes after
            if before == dispute:
                return
            await unit.disputes.put(dispute)
            order = await unit.orders.by_payment(dispute.payment_intent) if dispute.payment_intent else None
            if order is not None:
                await hold_against(self.desk, unit, order)

    async def remind(self, payload: Json) -> None:
        """Job "dispute_due": remind admins of evidence that is still to be handed in, unless its day was moved."""
        async with self.desk.store.reading() as unit:
            dispute = await unit.disputes.get(str(payload["dispute"]))
        async with self.desk.store.unit() as unit:
            await unit.orders.alone_with(dispute.payment_intent if dispute else "")
            dispute = await unit.disputes.get(str(payload["dispute"]))
            if dispute is None or dispute.status != "open" or dispute.due is None:
                return
            order = await unit.orders.by_payment(dispute.payment_intent)
            if order is None or dispute.due.isoformat() != payload["due"] or unit.now >= dispute.due:
                return
            await warn(
                self.desk,
                unit,
                f"alert:dispute:{dispute.id}:{payload['due']}:{payload['days']}",
                "alert.dispute_due",
                number=order.id,
                amount=dispute.amount,
                due=dispute.due,
            )


async def hold_against(desk: Desk, unit: Unit, order: Order) -> Order:
    """In a unit: bring an order in line with the disputes of its payment, and have admins told what is new."""
    if not order.payment_intent:  # paid from credit: there is nothing that a bank could want back
        return order
    disputes = [each for each in await unit.disputes.of(order.payment_intent) if _of(order, each)]
    if order.state not in HAD or not disputes:
        return order
    currency = order.total.currency
    lost = [each for each in disputes if each.status == "lost"]
    away = total((each.amount for each in lost if each.amount.currency == currency), currency)
    foreign = [each for each in lost if each.amount.currency != currency]  # no sum of ours can say how much that is
    anew = [each for each in foreign if await unit.facts.get(_told(each)) is None]
    after = replace(
        order,
        disputed=any(each.status == "open" for each in disputes),
        disputed_away=away or (away if order.disputed_away is not None else None),
    )
    if after != order:
        await unit.orders.save(after)
        await raise_by(unit, after, counted(after) - counted(order))
    if (away and away != order.disputed_away) or anew:
        await revoke_for(desk, unit, after)
        if after.subscription:  # the next month would be disputed as well
            await desk.jobs.defer(unit, "stop", {"pledge": after.id.partition("-")[0]})
    elif order.disputed_away and not (away or foreign) and order.state in SOLD and await _goes_on(unit, after):
        await prolong_for(desk, unit, after)  # the bank has thought again, so what it took is given back
    for dispute in disputes:
        await _announce(desk, unit, after, dispute)
    await show_staff(desk, unit, after)
    return after


async def _announce(desk: Desk, unit: Unit, order: Order, dispute: Dispute) -> None:
    """Note what a dispute has come to, and tell admins: each step once, however often it is looked at."""
    due = dispute.due.isoformat() if dispute.due else ""
    name = _told(dispute)
    if await unit.facts.get(name) is None:
        note = f"dispute {dispute.status}: {dispute.amount}, {dispute.reason}"
        await unit.orders.note(order.id, note)
        abroad = dispute.status == "lost" and dispute.amount.currency != order.total.currency
        key = f"alert.dispute_{dispute.status}{'_foreign' if abroad else ''}"
        if dispute.status == "open" and dispute.due:
            await warn(
                desk, unit, name, f"{key}_due", number=order.id, amount=dispute.amount, reason=dispute.reason,
                due=dispute.due,
            )  # fmt: skip
        else:
            await warn(desk, unit, name, key, number=order.id, amount=dispute.amount, reason=dispute.reason)
    if dispute.status != "open" or dispute.due is None:
        return
    for days in REMINDED:
        at = dispute.due - timedelta(days=days)
        if at > unit.now:
            payload: Json = {"dispute": dispute.id, "due": due, "days": days}
            await desk.jobs.defer(unit, "dispute_due", payload, at=at, key=f"dispute:{dispute.id}:{due}:{days}")


async def _goes_on(unit: Unit, order: Order) -> bool:
    """Tell whether an order may hold its perks: always once paid for, but by the month only while that goes on."""
    if order.origin == "renewal":  # its perks hang on what began it, and the next month brings them
        return False
    pledge = await unit.pledges.get(order.id) if order.monthly else None
    return not order.monthly or (pledge is not None and pledge.state != "ended")


def _told(dispute: Dispute) -> str:
    """Name the alert that says what a dispute has come to."""
    due = dispute.due.isoformat() if dispute.due and dispute.status == "open" else ""
    return f"alert:dispute:{dispute.id}:{dispute.status}:{due}"


def _of(order: Order, dispute: Dispute) -> bool:
    return (dispute.account, dispute.livemode) == (order.account, order.livemode)
