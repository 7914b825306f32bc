"""Gathers the evidence: reads the database through the store's own tables, and the sandbox's file behind its API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from adapters.database import Database, tables
from adapters.database.order_rows import order_of
from adapters.sandbox.server import Sandbox
from adapters.sandbox.storage import Storage
from bot.orders import Move, Order, State
from bot.settings import Settings
from config.read import read
from tests.crash.evidence import Asked, Entry, Evidence, Shown, Told, Waiting, Wish

Real = Callable[[datetime], datetime]


def unmoved(moves: Sequence[tuple[float, float]]) -> Real:
    """Turn instants of the database's clock into real ones: `moves` says since when it was how many seconds ahead."""

    def real(at: datetime) -> datetime:
        for since, ahead in reversed(moves):
            if at.timestamp() >= since + ahead:
                return at - timedelta(seconds=ahead)
        return at

    return real


async def gather(
    url: str,
    sandbox: Sandbox,
    config: Path,
    *,
    shown: Sequence[Shown],
    wishes: Sequence[Wish] = (),
    kills: Sequence[float] = (),
    lost: Sequence[float] = (),
    moves: Sequence[tuple[float, float]] = (),
    late: float = 0.0,
) -> Evidence:
    """Read all there is. `moves` says since when the database's clock was how many seconds ahead of the real one."""
    settings, real = read(config), unmoved(moves)
    async with await Database.open(url) as database:
        async with database.store.reading() as unit:
            numbers = (
                await unit.transaction.execute(select(tables.refunds.c.id).order_by(tables.refunds.c.number))
            ).scalars()
            book = [await unit.refunds.get(number) for number in numbers]
        rows = {table.name: await _rows(database, table) for table in _TABLES}
        parked = tuple(await database.jobs.parked())
    orders = tuple(order_of(row) for row in rows["orders"])
    return Evidence(
        orders=orders,
        history=_history(orders, rows["order_history"]),
        stock={row["variant"]: (row["reserved"], row["sold"]) for row in rows["stock"]},
        offered=_offered(settings),
        raised={
            row["name"].split(":")[1]: int(row["value"]) for row in rows["facts"] if row["name"].startswith("raised:")
        },
        news=tuple(
            Told(row["person"], row["id"], row["kind"], row["subject"], real(row["at"]), row["told_at"] is not None)
            for row in rows["news"]
        ),
        jobs=tuple(Waiting(row["kind"], row["payload"], row["at"]) for row in rows["jobs"] if row["parked_at"] is None),
        parked=parked,
        sessions=tuple(_sessions(sandbox)),
        ledger=tuple(_ledger(sandbox)),
        undelivered=undelivered(sandbox),
        shown=tuple(shown),
        wishes=tuple(wishes),
        refunds=tuple(entry for entry in book if entry),
        kills=tuple(kills),
        lost=tuple(lost),
        late=late,
        secrets={product.id: product.message for product in settings.catalogue.products if product.message},
    )


def undelivered(sandbox: Sandbox) -> int:
    """Count the events that are on their way, or will be tried again."""
    (many,) = (
        _storage(sandbox)
        ._connection.execute(  # what no API tells
            "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"
        )
        .fetchone()
    )
    return int(many)


def unsettled(sandbox: Sandbox) -> int:
    """Count the payments and refunds that a bank has still to settle."""
    (many,) = (
        _storage(sandbox)
        ._connection.execute("SELECT count(*) FROM timers WHERE kind IN ('settle', 'refund')")
        .fetchone()
    )
    return int(many)


def hurry(sandbox: Sandbox) -> None:
    """Have every event sent now that would be tried again later."""
    storage = _storage(sandbox)
    with storage.unit():
        storage._connection.execute("UPDATE deliveries SET due = 0 WHERE state = 'pending'")
    sandbox._engine.wake()


def settle_at(sandbox: Sandbox, at: float) -> None:
    """Have banks settle what they have under way at an instant, in seconds since the epoch."""
    storage = _storage(sandbox)
    with storage.unit():
        storage._connection.execute("UPDATE timers SET due = ? WHERE kind = 'settle'", (at,))
    sandbox._engine.wake()


def open_session(sandbox: Sandbox, order: str) -> str:
    """Give the address of an order's page at Stripe, as somebody has it who opened it before; "" where there is none."""
    for account in set(sandbox._engine.accounts.values()):
        found = _storage(sandbox).newest(
            account, "checkout.session", ("client_reference_id", "is", order), ("status", "is", "open")
        )
        if found:
            return str(found[0].body["url"])
    return ""


def _sessions(sandbox: Sandbox) -> list[Asked]:
    return [
        Asked(row.id, row.body["client_reference_id"], row.body["status"], row.body["payment_status"] == "paid")
        for account in set(sandbox._engine.accounts.values())
        for row in _storage(sandbox).newest(account, "checkout.session")
    ]


def _ledger(sandbox: Sandbox) -> list[Entry]:
    return [
        Entry(
            line["kind"],
            line["id"],
            line["payment_intent"],
            _owner(_storage(sandbox), line["payment_intent"]),
            line["amount"],
            line["at"],
        )
        for line in sandbox.ledger()
    ]


def _owner(storage: Storage, payment: str) -> str:
    """Give the order whose number Stripe holds with a payment, or with the subscription that it is for."""
    row = storage.find(payment, kind="payment_intent")
    if row is None:
        return ""
    number = row.body["metadata"].get("order", "")
    subscription = storage.find(row.hidden.get("subscription", ""), kind="subscription")
    return number or (subscription.body["metadata"].get("order", "") if subscription else "")


def _storage(sandbox: Sandbox) -> Storage:
    return sandbox._engine.storage


async def _rows(database: Database, table: Table) -> list[Mapping[str, Any]]:
    async with database.store.reading() as unit:
        found = await unit.transaction.execute(select(table).order_by(*table.primary_key))
        return [dict(row) for row in found.mappings()]


def _history(orders: Sequence[Order], rows: Sequence[Mapping[str, Any]]) -> Mapping[str, tuple[Move, ...]]:
    moves: dict[str, list[Move]] = {order.id: [] for order in orders}
    for row in rows:
        source = State(row["source"]) if row["source"] else None
        moves[row["order_id"]].append(Move(row["order_id"], source, State(row["target"]), row["at"], row["why"]))
    return {number: tuple(mine) for number, mine in moves.items()}


def _offered(settings: Settings) -> dict[str, int]:
    return {variant.id: variant.stock for variant in settings.catalogue.variants.values() if variant.stock is not None}


_TABLES = (tables.orders, tables.order_history, tables.stock, tables.facts, tables.news, tables.jobs)
