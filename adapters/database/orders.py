"""The order book: orders and their history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Text, and_, bindparam, case, cast, func, or_, select, update

from adapters.database import tables
from adapters.database.counters import count_up
from adapters.database.order_rows import order_of, row_of
from adapters.database.transaction import Transaction, insert, portions, prepared
from bot.errors import IllegalMove
from bot.money import Money
from bot.orders import HOLDING, SOLD, Move, Order, State
from bot.ports import Taking, Tally

_orders = tables.orders
_history = tables.order_history
_ADD: Final = insert(_orders).on_conflict_do_nothing().returning(_orders.c.id)
_REMEMBER: Final = insert(_history)
_BY: Final = {
    column.name: prepared(select(_orders).where(column == bindparam("wanted")).limit(1))
    for column in (_orders.c.id, _orders.c.asked_by, _orders.c.session, _orders.c.payment_intent)
}
_PROCESSING: Final = prepared(
    select(_orders)
    .where(_orders.c.person == bindparam("whose"), _orders.c.state == State.PROCESSING.value)
    .order_by(_orders.c.created.desc(), _orders.c.id)
)
_opened = (
    select(func.count()).select_from(_orders).where(_orders.c.created >= bindparam("since"), _orders.c.origin == "chat")
)
_OPENED: Final = {
    "": _opened,
    **{column.name: _opened.where(column == bindparam("whose")) for column in (_orders.c.person, _orders.c.address)},
}


class SqlOrderBook:
    """OrderBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, order_id: str) -> Order | None:
        """Find an order by its public number."""
        return await self._one("id", order_id)

    async def asked_by(self, key: str) -> Order | None:
        """Find the order that an interaction made; where there is none, another unit that looks waits for this one."""
        found = await self._one("asked_by", key)
        if found is None and await self._transaction.claim(f"asked by:{key}"):
            found = await self._one("asked_by", key)
        return found

    async def by_session(self, session_id: str) -> Order | None:
        """Find the order of a checkout session."""
        return await self._one("session", session_id)

    async def by_payment(self, payment_intent: str) -> Order | None:
        """Find the order of a payment intent."""
        return await self._one("payment_intent", payment_intent)

    async def alone_with(self, payment_intent: str) -> None:
        """Be the only one that applies anything of a payment until the unit ends."""
        if payment_intent:
            await self._transaction.claim(f"payment:{payment_intent}")

    async def add(self, order: Order, why: str) -> None:
        """Write a new order. ValueError where its number, interaction or session is taken by another."""
        if (await self._transaction.execute(_ADD, row_of(order))).scalar() is None:
            raise ValueError(f"order {order.id}, its interaction or its session is written down already")
        await self._remember(Move(order.id, None, order.state, self._transaction.now, why))

    async def save(self, order: Order, move: Move | None = None) -> None:
        """Write an order's columns. IllegalMove where it is no longer in the state that it is moved from.

        ValueError for a move that is not this order's, LookupError for an order that was never added.
        """
        if move is not None and (move.order != order.id or move.target is not order.state):
            raise ValueError(f"a move of {move.order} to {move.target} does not explain order {order.id}")
        source = order.state if move is None else move.source
        row = row_of(order)
        statement = (
            update(_orders).where(_orders.c.id == row.pop("id"), _orders.c.state == source).returning(_orders.c.id)
        )
        if (await self._transaction.execute(statement, [row])).scalar() is None:
            raise IllegalMove(order.id, await self._state(order.id), order.state)
        if move is not None:
            await self._remember(move)

    async def note(self, order_id: str, why: str) -> None:
        """Write a history row that is no move. LookupError for an order that was never added."""
        state = State(await self._state(order_id))
        await self._remember(Move(order_id, state, state, self._transaction.now, why))

    async def history(self, order_id: str) -> Sequence[Move]:
        """Give an order's history, oldest first."""
        query = select(_history).where(_history.c.order_id == order_id).order_by(_history.c.id)
        rows = (await self._transaction.execute(query)).mappings()
        return [
            Move(
                row["order_id"],
                None if row["source"] is None else State(row["source"]),
                State(row["target"]),
                row["at"],
                row["why"],
            )
            for row in rows
        ]

    async def of(self, person: str, *, most: int = 20) -> Sequence[Order]:
        """Give a person's orders, newest first."""
        query = select(_orders).where(_orders.c.person == person)
        return await self._many(query.order_by(_orders.c.created.desc(), _orders.c.id).limit(most))

    async def last_shipped(self, person: str) -> Order | None:
        """Give a person's newest paid order that ships."""
        query = select(_orders).where(
            _orders.c.person == person, _orders.c.paid_at.is_not(None), _orders.c.shipping.is_not(None)
        )
        found = await self._many(query.order_by(_orders.c.created.desc(), _orders.c.id).limit(1))
        return found[0] if found else None

    async def newest(self, *, most: int = 100) -> Sequence[Order]:
        """Give everybody's orders, newest first."""
        return await self._many(select(_orders).order_by(_orders.c.created.desc(), _orders.c.id).limit(most))

    async def listed(
        self,
        *,
        states: Collection[State] = (),
        kind: str = "",
        person: str = "",
        since: datetime | None = None,
        beyond: Order | None = None,
        most: int = 100,
    ) -> Sequence[Order]:
        """Give everybody's orders that fit, newest first; those that follow `beyond`."""
        query = select(_orders)
        if states:
            query = query.where(_orders.c.state.in_([state.value for state in states]))
        if kind:
            query = query.where(_orders.c.kind == kind)
        if person:
            query = query.where(_orders.c.person == person)
        if since is not None:
            query = query.where(_orders.c.created >= since)
        if beyond is not None:
            same = and_(_orders.c.created == beyond.created, _orders.c.id > beyond.id)
            query = query.where(or_(_orders.c.created < beyond.created, same))
        return await self._many(query.order_by(_orders.c.created.desc(), _orders.c.id).limit(most))

    async def unsettled(self, kind: str | None = None) -> Sequence[Order]:
        """Give the orders in draft or awaiting, oldest first."""
        query = select(_orders).where(_orders.c.state.in_([State.DRAFT.value, State.AWAITING.value]))
        if kind is not None:
            query = query.where(_orders.c.kind == kind)
        return await self._many(query.order_by(_orders.c.created, _orders.c.id))

    async def standing(self, states: Collection[State], *, since: datetime | None = None) -> Sequence[Order]:
        """Give the orders in any of the states, those made since then only where that is said, oldest first."""
        query = select(_orders).where(_orders.c.state.in_([state.value for state in states]))
        if since is not None:
            query = query.where(_orders.c.created >= since)
        return await self._many(query.order_by(_orders.c.created, _orders.c.id))

    async def paid_with(self, payment_intents: Collection[str]) -> Mapping[str, Order]:
        """Find the orders of payment intents, by payment intent; payments that came too late are among them."""
        found: dict[str, Order] = {}
        if payment_intents:  # the late ones are few, and several may stand in one column
            for order in await self._many(select(_orders).where(_orders.c.late_payment != "")):
                found |= dict.fromkeys(order.late_payment.split(), order)
        for some in portions(payment_intents):
            for order in await self._many(select(_orders).where(_orders.c.payment_intent.in_(some))):
                found[order.payment_intent] = order
        return {name: order for name, order in found.items() if name in payment_intents}

    async def begun(self, account: str) -> datetime | None:
        """Say when an account's oldest order was made; None where it has none."""
        query = select(_orders.c.created).where(_orders.c.account == account).order_by(_orders.c.created).limit(1)
        created: datetime | None = (await self._transaction.execute(query)).scalar()
        return created

    async def takings(self, since: datetime) -> Sequence[Taking]:
        """Add up what was paid since then, by kind and currency, sales first."""
        sums = (
            func.count().label("many"),
            func.sum(_orders.c.paid).label("paid"),
            func.sum(_orders.c.refunded).label("back"),
            func.sum(_orders.c.disputed_away).label("lost"),
        )
        query = select(_orders.c.kind, _orders.c.currency, *sums).where(_orders.c.paid_at >= since)
        query = query.group_by(_orders.c.kind, _orders.c.currency).order_by(_orders.c.kind, _orders.c.currency)
        return [
            Taking(
                row.kind, row.many, *(Money(int(each or 0), row.currency) for each in (row.paid, row.back, row.lost))
            )
            for row in await self._transaction.execute(query)
        ]

    async def counts(self) -> Mapping[str, int]:
        """Count everybody's orders by state."""
        query = select(_orders.c.state, func.count().label("many")).group_by(_orders.c.state)
        return {row.state: row.many for row in await self._transaction.execute(query)}

    async def tallies(self) -> Sequence[Tally]:
        """Add everybody's orders up."""
        parted = (_orders.c.kind, _orders.c.origin, _orders.c.state, _orders.c.currency)
        sums = (
            func.count().label("many"),
            func.coalesce(func.sum(_orders.c.paid), 0).label("paid"),
            func.coalesce(func.sum(_orders.c.refunded), 0).label("refunded"),
            func.coalesce(func.sum(_orders.c.disputed_away), 0).label("taken"),
            func.sum(case((_orders.c.refunded > 0, 1), else_=0)).label("returned"),
        )
        rows = await self._transaction.execute(select(*parted, *sums).group_by(*parted).order_by(*parted))
        return [
            Tally(
                kind=row.kind,
                origin=row.origin,
                state=State(row.state),
                orders=row.many,
                paid=Money(int(row.paid), row.currency),
                refunded=Money(int(row.refunded), row.currency),
                returned=int(row.returned),
                taken=Money(int(row.taken), row.currency),
            )
            for row in rows
        ]

    async def placed(self, since: datetime, products: Collection[str] = ()) -> Mapping[tuple[str, str], int]:
        """Count the purchases begun since then by platform and workspace."""
        parted = (_orders.c.platform, _orders.c.workspace)
        query = select(*parted, func.count().label("many")).where(_orders.c.created >= since, _orders.c.kind == "buy")
        query = query.where(_orders.c.origin == "chat")
        if products:  # the column is text as it was written, in both databases
            lines = cast(_orders.c.lines, Text)
            query = query.where(or_(*(lines.contains(f'"product": "{each}"', autoescape=True) for each in products)))
        rows = await self._transaction.execute(query.group_by(*parted).order_by(*parted))
        return {(row.platform, row.workspace): row.many for row in rows}

    async def uses(self, code: str, *, person: str = "") -> int:
        """Count the orders that hold or had a coupon; the counter's row is the lock that others wait for."""
        if self._transaction.writing:
            await count_up(self._transaction, "coupon", code)
        using = [state.value for state in HOLDING | SOLD]
        query = select(func.count()).select_from(_orders).where(_orders.c.code == code, _orders.c.state.in_(using))
        if person:
            query = query.where(_orders.c.person == person)
        return int((await self._transaction.execute(query)).scalar_one())

    async def processing(self, person: str, variant: str) -> Order | None:
        """Find a person's newest order of a variant that is paid and not settled."""
        rows = (await self._transaction.find(_PROCESSING, whose=person)).mappings()
        found = (order_of(dict(row)) for row in rows)
        return next((order for order in found if any(line.variant == variant for line in order.lines)), None)

    async def alone(self, person: str) -> None:
        """Let nobody else open an order of theirs until the unit ends, by what each of them asks first: `opened_since`."""
        await self._transaction.claim(f"orders opened:{person}")

    async def opened_since(self, since: datetime, *, person: str = "", address: str = "") -> int:
        """Count the orders made since then, not counting renewals.

        A unit that writes counts those of a person, or an address, alone until it ends. Those of the whole shop all count
        side by side: were they to wait for each other there, one replica would sell as much as many.
        """
        if person or address:
            await self.alone(person or address)
        column = "person" if person else "address" if address else ""
        values = {"since": since, **({"whose": person or address} if column else {})}
        return int((await self._transaction.execute(_OPENED[column], values)).scalar_one())

    async def next_receipt(self, account: str, year: int) -> str:
        """Take the next receipt number of an account."""
        return f"{year:04}-{await count_up(self._transaction, 'receipt', f'{year}:{account}'):06}"

    async def _one(self, column: str, wanted: str) -> Order | None:
        row = (await self._transaction.find(_BY[column], wanted=wanted)).mappings().first()
        return None if row is None else order_of(dict(row))

    async def _many(self, query: Select[Any]) -> list[Order]:
        rows = (await self._transaction.execute(self._transaction.locking(query))).mappings()
        return [order_of(dict(row)) for row in rows]

    async def _state(self, order_id: str) -> str:
        query = self._transaction.locking(select(_orders.c.state).where(_orders.c.id == order_id))
        state = (await self._transaction.execute(query)).scalar()
        if state is None:
            raise LookupError(f"there is no order {order_id}")
        return str(state)

    async def _remember(self, move: Move) -> None:
        row = {
            "order_id": move.order,
            "source": None if move.source is None else move.source.value,
            "target": move.target.value,
            "at": move.at,
            "why": move.why,
        }
        await self._transaction.execute(_REMEMBER, row)
