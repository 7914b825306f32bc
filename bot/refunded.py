"""Refunded: what Stripe says of a payment's refunds becomes the entries of its order, and what the order says.

A refund is known by its key where it was asked for here, and by Stripe's id else; so one that was made in Stripe's dashboard
gets an entry of its own. An entry only ever goes on: done, and then perhaps failed. So whatever is applied may be old, or
come twice, and the end is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.desk import Desk
from bot.granting import revoke_for
from bot.money import Money, total
from bot.moving import go, raise_by
from bot.orders import SOLD, Order, State
from bot.outbox import show_staff, tell, warn
from bot.ports import Payment, Refund, Unit
from bot.refunds import ELSEWHERE, RefundEntry, Stage, counted

#: States of an order whose money came in.
HAD: Final = SOLD | {State.REFUNDED}


@dataclass(frozen=True, slots=True)
class _Change:
    before: RefundEntry | None
    now: RefundEntry


async def apply_refunds(desk: Desk, unit: Unit, order: Order, payment: Payment) -> Order:
    """In a unit: bring an order's entries and its refunded amount in line with its payment, and tell whom it concerns."""
    if order.state not in HAD:
        return order
    known = list(await unit.refunds.of(order.id))
    changes = _changes(order, known, payment.refunds, unit.now)
    for change in changes:
        await unit.refunds.put(change.now)
    entries = {entry.id: entry for entry in known} | {change.now.id: change.now for change in changes}
    none = Money(0, order.total.currency)
    refunded = total((entry.amount for entry in entries.values() if entry.stage is Stage.DONE), none.currency)
    kept = order.paid or order.total
    full = order.state in SOLD and max(refunded, payment.refunded) >= kept
    if not (changes or full or refunded != (order.refunded or none)):
        return order
    after = replace(order, refunded=refunded or (None if order.refunded is None else none))
    await raise_by(unit, after, counted(after) - counted(order))
    if full:
        after = await go(unit, after, State.REFUNDED, "refunded in full")
        await revoke_for(desk, unit, after)
        await _goes_on(desk, unit, after)
    else:
        await unit.orders.save(after)
    told = total((e.amount for e in known if e.stage is Stage.DONE), none.currency)
    for change in changes:
        if change.now.stage is Stage.FAILED:
            await _failed(desk, unit, after, change)
            continue
        told += change.now.amount
        if told > (order.refunded or none):  # else the order knew of it before there were entries
            await unit.orders.note(order.id, f"refunded {change.now.amount} of {kept}")
            detail = json.dumps({"minor": change.now.amount.minor, "reason": change.now.reason}, ensure_ascii=False)
            await tell(desk, unit, after, "refunded", detail)
    await show_staff(desk, unit, after)
    return after


async def _goes_on(desk: Desk, unit: Unit, order: Order) -> None:
    """Where what went back is a month of something that goes on: say so to admins, for the next month will be charged."""
    if not order.subscription:
        return
    pledge = await unit.pledges.get(order.id.partition("-")[0])
    if pledge is not None and pledge.state == "active" and pledge.subscription == order.subscription:
        await warn(
            desk, unit, f"alert:goes_on:{order.id}", "alert.goes_on", number=order.id, subscription=pledge.subscription
        )


async def _failed(desk: Desk, unit: Unit, order: Order, change: _Change) -> None:
    """Say that money which went back did not arrive: it is with the shop again, and somebody has to find another way."""
    entry = change.now
    await unit.orders.note(order.id, f"refund of {entry.amount} failed")
    await warn(
        desk, unit, f"alert:refund_failed:{entry.id}", "alert.refund_failed", number=order.id, amount=entry.amount
    )
    if change.before is not None and change.before.stage is Stage.DONE:  # who was told that it comes must hear of it
        await tell(desk, unit, order, "refund_failed", json.dumps({"minor": entry.amount.minor, "reason": ""}))


def _changes(order: Order, known: Iterable[RefundEntry], refunds: Iterable[Refund], now: datetime) -> list[_Change]:
    """Tell which entries are new or go on, in Stripe's order."""
    entries = list(known)
    found: list[_Change] = []
    for refund in refunds:
        stage = Stage.FAILED if refund.status == "failed" else Stage.DONE
        entry = next((each for each in entries if _same(each, refund)), None)
        if entry is None:
            entry = _elsewhere(order, refund, len(entries) + 1, stage, now)
            entries.append(entry)
            found.append(_Change(None, entry))
            continue
        settled = entry.stage is Stage.FAILED or entry.stage is stage
        if settled and entry.provider_id:
            continue
        gone_on = replace(entry, stage=stage, provider_id=refund.id, amount=refund.amount, why="")
        entries[entries.index(entry)] = gone_on
        found.append(_Change(entry, gone_on))
    return found


def _same(entry: RefundEntry, refund: Refund) -> bool:
    return entry.provider_id == refund.id if entry.provider_id else bool(refund.key) and entry.key == refund.key


def _elsewhere(order: Order, refund: Refund, number: int, stage: Stage, now: datetime) -> RefundEntry:
    return RefundEntry(
        id=f"{order.id}-R{number}",
        order=order.id,
        amount=refund.amount,
        reason="",
        asked_by=ELSEWHERE,
        asked_with=f"provider:{order.account}:{refund.id}",
        stage=stage,
        asked_at=now,
        decided_at=now,
        provider_id=refund.id,
    )
