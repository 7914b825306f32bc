"""The pledge book: monthly gifts and purchases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from adapters.database import tables
from adapters.database.order_rows import donation_json, donation_of
from adapters.database.transaction import Transaction, insert
from bot.money import Money
from bot.orders import Pledge
from bot.ports import Counted

_pledges = tables.pledges


class SqlPledgeBook:
    """PledgeBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, pledge_id: str) -> Pledge | None:
        """Find a pledge by the order that began it."""
        query = self._transaction.locking(select(_pledges).where(_pledges.c.id == pledge_id))
        row = (await self._transaction.execute(query)).mappings().first()
        return None if row is None else _pledge(dict(row))

    async def put(self, pledge: Pledge) -> None:
        """Write a pledge, new or changed."""
        row = {
            "id": pledge.id,
            "person": pledge.person,
            "account": pledge.account,
            "subscription": pledge.subscription,
            "cause": pledge.cause,
            "currency": pledge.amount.currency,
            "amount": pledge.amount.minor,
            "state": pledge.state,
            "until": pledge.until,
            "donation": donation_json(pledge.donation, pledge.amount.currency),
            "kind": pledge.kind,
            "product": pledge.product,
            "label": pledge.label,
            "unpaid": pledge.unpaid,
            "mend_by": pledge.mend_by,
            "mend_url": pledge.mend_url,
            "ending": pledge.ending,
        }
        statement = insert(_pledges).values(row)
        changed = {name: statement.excluded[name] for name in row if name != "id"}
        statement = statement.on_conflict_do_update(index_elements=["id"], set_=changed)
        await self._transaction.execute(statement)

    async def of(self, person: str) -> Sequence[Pledge]:
        """Give a person's pledges that have not ended, in the order of their numbers."""
        query = select(_pledges).where(_pledges.c.person == person, _pledges.c.state != "ended")
        return await self._many(query)

    async def active(self, kind: str) -> Sequence[Pledge]:
        """Give everybody's pledges of a kind that go on, in the order of their numbers."""
        return await self._many(select(_pledges).where(_pledges.c.kind == kind, _pledges.c.state == "active"))

    async def going_on(self, account: str) -> Sequence[Pledge]:
        """Give an account's pledges that have not ended, in the order of their numbers."""
        return await self._many(select(_pledges).where(_pledges.c.account == account, _pledges.c.state != "ended"))

    async def running(self, kind: str) -> Sequence[Pledge]:
        """Give everybody's pledges of a kind that have not ended, in the order of their numbers."""
        return await self._many(select(_pledges).where(_pledges.c.kind == kind, _pledges.c.state != "ended"))

    async def tallies(self) -> Sequence[Counted]:
        """Add everybody's pledges up."""
        parted = (_pledges.c.kind, _pledges.c.state, _pledges.c.currency)
        sums = (func.count().label("many"), func.sum(_pledges.c.amount).label("amount"))
        rows = await self._transaction.execute(select(*parted, *sums).group_by(*parted).order_by(*parted))
        return [Counted(row.kind, row.state, row.many, Money(int(row.amount), row.currency)) for row in rows]

    async def _many(self, query: Select[Any]) -> list[Pledge]:
        query = self._transaction.locking(query.order_by(_pledges.c.id))
        return [_pledge(dict(row)) for row in (await self._transaction.execute(query)).mappings()]


def _pledge(row: Mapping[str, Any]) -> Pledge:
    return Pledge(
        id=row["id"],
        person=row["person"],
        account=row["account"],
        subscription=row["subscription"],
        cause=row["cause"],
        amount=Money(row["amount"], row["currency"]),
        state=row["state"],
        until=row["until"],
        donation=donation_of(row["donation"], row["currency"]),
        kind=row["kind"],
        product=row["product"],
        label=row["label"],
        unpaid=row["unpaid"],
        mend_by=row["mend_by"],
        mend_url=row["mend_url"],
        ending=row["ending"],
    )
