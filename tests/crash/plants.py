"""Bugs that a test plants into a process of its own, to see that the invariants find them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from adapters.database.inbox import SqlInbox
from adapters.stripe.payments import StripePayments
from bot.orders import Order
from bot.ports import Checkout, Event, Session, Unit
from bot.selling import Selling
from bot.settling import Settling


def no_idempotency_key() -> None:
    """Ask for each session anew: the answer that was lost is not found again."""
    honest = StripePayments.open

    async def open_anew(self: StripePayments, checkout: Checkout, *, key: str) -> Session:
        return await honest(self, checkout, key=f"{key}:{secrets.token_hex(8)}")

    StripePayments.open = open_anew  # type: ignore[method-assign]


def believes_processing() -> None:
    """Take a payment that its bank has not settled for paid."""
    honest = StripePayments._session

    async def credulous(self: StripePayments, body: dict[str, Any]) -> Session:
        session = await honest(self, body)
        return replace(session, payment="paid") if session.payment == "processing" else session

    StripePayments._session = credulous  # type: ignore[method-assign,assignment]


def no_wish() -> None:
    """Take each delivery of an interaction for a wish of its own."""
    honest = Selling.place

    async def place_anew(self: Selling, ctx: Any, wanted: Any, *, again: bool = False) -> Order:
        return await honest(self, replace(ctx, key=f"{ctx.key}:{secrets.token_hex(8)}"), wanted, again=again)

    async def known(_: Selling, __: Any) -> Order | None:
        return None

    Selling.place = place_anew  # type: ignore[method-assign]
    Selling.known = known  # type: ignore[method-assign,assignment]


def tells_outside_the_transaction() -> None:
    """Write the news after the transaction that makes it true, instead of in it."""
    honest = Settling.tell
    running: set[asyncio.Task[None]] = set()

    async def later(self: Settling, order: Order, kind: str) -> None:
        await asyncio.sleep(0.01)  # else it is committed with the other, as whatever waits for its turn is
        async with self.desk.store.unit() as unit:
            await honest(self, unit, order, kind)

    async def tell(self: Settling, unit: Unit, order: Order, kind: str) -> None:
        del unit
        task = asyncio.create_task(later(self, order, kind))
        running.add(task)
        task.add_done_callback(running.discard)

    Settling.tell = tell  # type: ignore[method-assign]


def no_inbox() -> None:
    """Take every event for a new one, and thank for each that says paid."""
    honest = Settling.apply

    async def always_new(_: SqlInbox, __: Event) -> bool:
        return True

    async def thank(self: Settling, session: Session, *, announce: bool = False) -> None:
        async with self.desk.store.unit() as unit:
            order = await unit.orders.get(session.order)
            if order is not None and order.paid is not None and session.payment == "paid":
                await self.tell(unit, order, "paid")
        await honest(self, session, announce=announce)

    SqlInbox.take = always_new  # type: ignore[method-assign,assignment]
    Settling.apply = thank  # type: ignore[method-assign]


def answers_before_storing() -> None:
    """Answer a webhook with 200 first, and store its event when there is time."""
    honest = Settling.receive
    running: set[asyncio.Task[bool]] = set()

    async def receive(self: Settling, event: Event) -> bool:
        task = asyncio.create_task(honest(self, event))
        running.add(task)
        task.add_done_callback(running.discard)
        return True

    Settling.receive = receive  # type: ignore[method-assign]


PLANTS: Final[Mapping[str, Callable[[], None]]] = {
    plant.__name__: plant
    for plant in (
        no_idempotency_key,
        believes_processing,
        no_wish,
        tells_outside_the_transaction,
        no_inbox,
        answers_before_storing,
    )
}
