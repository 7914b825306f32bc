"""Refunding: admins give an order's money back, in full or in part; above what the shop decided, a second one agrees."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.chat import Context
from bot.closings import check_open
from bot.desk import Desk
from bot.errors import (
    BadAmount,
    BeyondLeft,
    NotAllowed,
    OwnRequest,
    PaymentsRefused,
    PaymentsUnavailable,
    TooLate,
    UnknownOrder,
    UnknownRefund,
)
from bot.facing import scope_of
from bot.money import Money, total
from bot.orders import Order
from bot.outbox import show_staff, warn
from bot.ports import Json, Unit
from bot.refunded import HAD
from bot.refunds import COUNTED, OPEN, RefundEntry, Stage, left_of, order_of, same_admin
from bot.retirement import Capability
from bot.settling import Settling

_log: Final = logging.getLogger(__name__)

#: After so long Stripe is asked what it has done before it is asked to do it: it may forget keys after 24 hours.
#: https://docs.stripe.com/api/idempotent_requests
FORGETS: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Refunding:
    """Giving money back."""

    desk: Desk
    settling: Settling

    async def refund(
        self, ctx: Context, order_id: str, amount: Money | None = None, reason: str = ""
    ) -> tuple[Order, RefundEntry | None]:
        """Give back an amount, or all that is left; the same interaction again is the same refund.

        Raises NotAllowed, and what `ask` raises. The order comes back as it is by then: where Stripe did not answer the
        job goes on, and where a second admin has to agree nothing has gone yet. There is no entry where nothing was left.
        """
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            entry = await self.ask(unit, order_id, amount, reason, by=ctx.person.key, key=ctx.key)
        return await self._come_to(order_id, entry)

    async def approve(self, ctx: Context, refund_id: str) -> tuple[Order, RefundEntry | None]:
        """Agree to a refund that another admin asked for. Raises NotAllowed, and what `agree` raises."""
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            entry = await self.agree(unit, refund_id, by=ctx.person.key)
        return await self._come_to(entry.order, entry)

    async def decline(self, ctx: Context, refund_id: str) -> tuple[Order, RefundEntry | None]:
        """Decline a refund that waits, also one's own. Raises NotAllowed, and what `turn_down` raises."""
        if not ctx.person.admin:
            raise NotAllowed
        async with self.desk.store.unit() as unit:
            entry = await self.turn_down(unit, refund_id, by=ctx.person.key)
        return await self._come_to(entry.order, entry)

    async def ask(
        self, unit: Unit, order_id: str, amount: Money | None, reason: str, *, by: str, key: str, agreed: bool = False
    ) -> RefundEntry | None:
        """In a unit: write a refund down, with the job that makes it, or with the question to a second admin.

        `key` is the interaction's; the same again gives the same entry. With no amount it is all that is left; where
        nothing is, it is the entry that still waits, or None. `agreed` says that no second admin is asked any more: the plan of
        a retirement was. Raises UnknownOrder, TooLate (not paid, or a dispute is
        open), Closed, BeyondLeft, MixedCurrencies, BadAmount (nothing at all).
        """
        order = await unit.orders.get(order_id.upper())
        if order is None:
            raise UnknownOrder(order_id)
        known = await unit.refunds.asked_with(
            key
        )  # looked for with the order locked: else two would not see each other
        if known is not None:
            return known
        if order.state not in HAD or order.disputed or not order.payment_intent:
            raise TooLate(order.id, "disputed" if order.disputed else order.state)
        if not agreed and order.kind == "buy":
            await check_open(self.desk, unit, scope_of(order), Capability.REFUND)
        entries = await unit.refunds.of(order.id)
        left = left_of(order, entries)
        if amount is None and not left:
            return next((entry for entry in reversed(entries) if entry.stage in OPEN), None)
        wanted = left if amount is None else amount
        if not wanted:
            raise BadAmount(wanted.typed(), "form", wanted.currency)
        if left < wanted:
            raise BeyondLeft(order.id, wanted, left)
        alone = agreed or not self._needs_another(entries, wanted)
        entry = RefundEntry(
            id=f"{order.id}-R{len(entries) + 1}",
            order=order.id,
            amount=wanted,
            reason=reason,
            asked_by=by,
            asked_with=key,
            stage=Stage.APPROVED if alone else Stage.ASKED,
            asked_at=unit.now,
            decided_by=by if alone else "",
            decided_at=unit.now if alone else None,
        )
        await unit.refunds.put(entry)
        await unit.orders.note(order.id, f"refund of {wanted} asked for")
        if alone:
            await self.desk.jobs.defer(unit, "refund", {"refund": entry.id})
        else:
            name = f"alert:refund_asked:{entry.id}"
            await warn(self.desk, unit, name, "alert.refund_asked", number=order.id, amount=wanted, refund=entry.id)
        await show_staff(self.desk, unit, order)
        return entry

    async def agree(self, unit: Unit, refund_id: str, *, by: str) -> RefundEntry:
        """In a unit: let a refund go ahead. Raises UnknownRefund, OwnRequest, TooLate; one that was decided stays as it is."""
        entry, order = await self._waiting(unit, refund_id)
        if entry.stage is not Stage.ASKED:
            return entry
        if same_admin(entry.asked_by, by):
            raise OwnRequest(entry.id)
        if order.disputed:
            raise TooLate(order.id, "disputed")
        agreed = replace(entry, stage=Stage.APPROVED, decided_by=by, decided_at=unit.now)
        await unit.refunds.put(agreed)
        await unit.orders.note(order.id, f"refund of {entry.amount} approved")
        await self.desk.jobs.defer(unit, "refund", {"refund": entry.id})
        await show_staff(self.desk, unit, order)
        return agreed

    async def turn_down(self, unit: Unit, refund_id: str, reason: str = "", *, by: str) -> RefundEntry:
        """In a unit: decline a refund that waits. Raises UnknownRefund; one that was decided stays as it is.

        The reason stands in the order's history.
        """
        entry, order = await self._waiting(unit, refund_id)
        if entry.stage is not Stage.ASKED:
            return entry
        declined = replace(entry, stage=Stage.REFUSED, decided_by=by, decided_at=unit.now, why="declined")
        await unit.refunds.put(declined)
        await unit.orders.note(order.id, f"refund of {entry.amount} declined" + (f": {reason}" if reason else ""))
        await show_staff(self.desk, unit, order)
        return declined

    async def refund_now(self, payload: Json) -> None:
        """Job "refund": ask Stripe, with a key that makes the second call the first, and apply the answer."""
        if "refund" not in payload:
            await self._refund_whole(str(payload["order"]))
            return
        found = await self._approved(str(payload["refund"]))
        if found is None:
            return
        entry, order, old = found
        payments = self.desk.payments(order.account)
        if old:
            await self.settling.apply_payment(await payments.payment(order.payment_intent))
            if await self._approved(entry.id) is None:
                return
        if order.disputed:
            await self._refused(entry.id, "disputed")
            return
        try:
            payment, why = await payments.refund(order.payment_intent, entry.amount, key=entry.key), "nothing_left"
        except PaymentsRefused as error:  # it may still be that an earlier request, whose answer was lost, went through
            payment, why = await payments.payment(order.payment_intent), error.code
        await self.settling.apply_payment(payment)
        await self._refused(entry.id, why)

    async def _refund_whole(self, number: str) -> None:
        """Do what a version before this one deferred: all of an order, under the key that it used."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(number)
        if order is not None and order.state in HAD and order.payment_intent:
            payments = self.desk.payments(order.account)
            answer = await payments.refund(order.payment_intent, None, key=f"refund:{order.id}")
            await self.settling.apply_payment(answer)

    async def _approved(self, refund_id: str) -> tuple[RefundEntry, Order, bool] | None:
        """Give an entry that is to be made, its order, and whether Stripe may have forgotten that it was asked."""
        async with self.desk.store.reading() as unit:
            entry = await unit.refunds.get(refund_id)
            order = await unit.orders.get(entry.order) if entry else None
            if entry is None or order is None or entry.stage is not Stage.APPROVED:
                return None
            return entry, order, unit.now - (entry.decided_at or entry.asked_at) > FORGETS

    async def _refused(self, refund_id: str, why: str) -> None:
        """Where Stripe has not made it after all: close the entry, and say so to admins, for no money went back."""
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(order_of(refund_id))  # locked before its entries, as everywhere
            entry = await unit.refunds.get(refund_id)
            if entry is None or order is None or entry.stage is not Stage.APPROVED:
                return
            _log.warning("refund refused", extra={"order": order.id, "code": why})
            await unit.refunds.put(replace(entry, stage=Stage.REFUSED, decided_at=unit.now, why=why))
            await unit.orders.note(order.id, f"refund of {entry.amount} refused: {why}")
            name = f"alert:refund_refused:{entry.id}"
            await warn(self.desk, unit, name, "alert.refund_refused", number=order.id, amount=entry.amount, why=why)
            await show_staff(self.desk, unit, order)

    async def _come_to(self, order_id: str, entry: RefundEntry | None) -> tuple[Order, RefundEntry | None]:
        """Make a refund that may be made at once, and give what it has come to."""
        if entry is not None and entry.stage is Stage.APPROVED:
            try:
                await self.refund_now({"refund": entry.id})
            except PaymentsUnavailable:
                _log.info("refund goes on in a job", extra={"order": entry.order})
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(order_id.upper())
            if order is None:
                raise UnknownOrder(order_id)
            return order, await unit.refunds.get(entry.id) if entry else None

    async def _waiting(self, unit: Unit, refund_id: str) -> tuple[RefundEntry, Order]:
        order = await unit.orders.get(order_of(refund_id.upper()))  # locked before its entries, as everywhere
        entry = await unit.refunds.get(refund_id.upper())
        if entry is None or order is None or entry.order != order.id:
            raise UnknownRefund(refund_id)
        return entry, order

    def _needs_another(self, entries: Sequence[RefundEntry], wanted: Money) -> bool:
        """Tell whether a second admin has to agree. All that an order gives back counts: parts are no way round."""
        approval = self.desk.shop().settings.approval
        if approval.admins < 2:  # noqa: PLR2004 - one, or two
            return False
        so_far = total((entry.amount for entry in entries if entry.stage in COUNTED), wanted.currency)
        above = approval.above
        return above is None or above.currency != wanted.currency or above < so_far + wanted
