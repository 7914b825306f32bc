"""A shop with ten thousand orders, written in one go: what a rehearsal has to get through in a minute."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.database import Database, tables
from adapters.database.order_rows import row_of
from bot.orders import HOLDING, SOLD, Buyer, Donation, Order, Pledge, State
from tests.app.harbour import bought

ORDERS: Final = 10_000
#: Who bought within the year, and is told of each step; everybody else did so longer ago.
PEOPLE: Final = 2_000
#: The states of a hundred orders in a row.
_STATES: Final = (
    *[State.PAID] * 4,
    *[State.AWAITING] * 3,
    *[State.PROCESSING] * 1,
    *[State.REFUNDED] * 2,
    *[State.EXPIRED] * 10,
    *[State.FULFILLED] * 80,
)
_PLATFORMS: Final = ("slack", "discord", "web")
_RECENT: Final = timedelta(days=200)
_LONG_AGO: Final = timedelta(days=900)


async def fill(url: str) -> None:
    """Write the orders, and the monthly purchases and gifts that go on."""
    now = datetime.now(UTC)
    orders = [_order(number, now) for number in range(ORDERS)]
    stock: dict[str, Counter[str]] = {}
    for order in orders:
        for line in order.lines:
            counts = stock.setdefault(line.variant, Counter())
            counts.update(reserved=order.state in HOLDING, sold=order.state in SOLD)
    async with await Database.open(url) as database, database.store.unit() as unit:
        write = unit.transaction.execute
        await write(tables.orders.insert(), [row_of(order) for order in orders])
        rows = [
            {"variant": name, **{each: counts[each] for each in ("reserved", "sold")}} for name, counts in stock.items()
        ]
        await write(tables.stock.insert(), rows)
        for order in orders:
            if order.subscription:
                product = order.lines[0].product if order.lines else ""
                cause = order.donation.cause if order.donation else ""
                await unit.pledges.put(
                    Pledge(
                        order.id,
                        order.buyer.key,
                        "",
                        order.subscription,
                        cause,
                        order.total,
                        "active",
                        kind=order.kind,
                        product=product,
                        donation=order.donation,
                        label="Zine" if product else "",
                    )
                )


def _order(number: int, now: datetime) -> Order:
    """Make one order: of the delivered ones three in four are from long ago, of somebody who never came again."""
    state = _STATES[number % len(_STATES)]
    old = state is State.FULFILLED and number % 4 != 0
    person = PEOPLE + number if old else number % PEOPLE
    platform, workspace = _PLATFORMS[person % 3], f"T{person % 7}"
    who = Buyer(platform, f"{workspace}/P{person}", f"P{person}", workspace, "fr" if person % 2 else "en")
    product = "mug/blue" if state in {State.PAID, State.AWAITING} else "zine"
    order = bought(f"N{number:05}", who, product, 1250 + number % 7, state, now)
    made = now - (_LONG_AGO if old else timedelta(minutes=20) if state is State.AWAITING else _RECENT)
    order = replace(order, created=made, paid_at=order.paid_at and made)
    if state is State.REFUNDED:
        return replace(order, refunded=order.total)
    if number % 100 == 96:
        return replace(order, every="month", subscription=f"sub_{number}")
    if number % 100 == 92:
        gift = Donation("kitchen", order.total, rhythm="monthly")
        return replace(order, kind="donate", lines=(), donation=gift, subscription=f"sub_{number}")
    return order


def number_of(state: State) -> int:
    """Tell how many orders are in a state."""
    return ORDERS * _STATES.count(state) // len(_STATES)
