"""The book of people: forgetting one, whole, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Column, ColumnElement, Table, Text, cast, delete, or_, select, true, update

from adapters.database import tables
from adapters.database.transaction import Transaction
from bot.rounds import Outcome

_orders = tables.orders
_refunds = tables.refunds
_pledges = tables.pledges
_history = tables.order_history

#: In a line of an order's history: what follows is staff's own words, and not ours.
_BECAUSE: Final = " declined: "
_ALL: Final = true()


class SqlPeopleBook:
    """PeopleBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def forget(self, person: str, name: str) -> Sequence[str]:
        """Forget a person, whose orders from then on are those of `name`, and give the numbers of these."""
        numbers = await self._orders(person, name)
        await self._pledges(person, name)
        for table, column in (
            (tables.facts, tables.facts.c.name),
            (tables.leases, tables.leases.c.name),
            (tables.job_keys, tables.job_keys.c.key),
        ):
            await self._strike(table, _names(column, person))
        await self._strike(tables.news, tables.news.c.person == person)
        await self._reminders(person, name)
        await self._strike(tables.counters, tables.counters.c.name == person)
        quoted = cast(tables.jobs.c.payload, Text).contains(f'"{person}"', autoescape=True)
        await self._strike(tables.jobs, quoted)
        return numbers

    async def forget_orders(self, person: str, name: str, numbers: Collection[str]) -> None:
        """Forget whose some of a person's orders are, which from then on are those of `name`, with the news of them."""
        await self._orders(person, name, _orders.c.id.in_(numbers))
        await self._pledges(person, name, _pledges.c.id.in_(numbers))
        news = tables.news
        await self._strike(news, (news.c.person == person) & news.c.subject.in_(numbers))

    async def purchases(self, nobody: str, *, after: str = "", most: int) -> Sequence[str]:
        """Give the numbers of purchases that name somebody, behind a number, in order."""
        named = (_orders.c.kind == "buy") & (_orders.c.platform != nobody) & (_orders.c.id > after)
        query = select(_orders.c.id).where(named).order_by(_orders.c.id).limit(most)
        return [row.id for row in (await self._transaction.execute(query)).all()]

    async def _orders(self, person: str, name: str, which: ColumnElement[bool] = _ALL) -> Sequence[str]:
        mine = (_orders.c.person == person) & which
        query = select(_orders.c.id, _orders.c.donation).where(mine).order_by(_orders.c.id)
        rows = (await self._transaction.execute(self._transaction.locking(query))).all()
        bare = {
            "person": name,
            "platform": name.partition(":")[0],
            "user_id": "",
            "workspace": "",
            "locale": "",
            "reply": "",
            "address": None,
            "session_url": "",
            "tracking": "",
            "problem": "",
            "ship_to": "",
        }
        for row in rows:
            gift = None if row.donation is None else {**row.donation, "dedication": ""}
            changed = {**bare, "asked_by": f"{name}:{row.id}", "donation": gift}
            await self._transaction.execute(update(_orders).where(_orders.c.id == row.id).values(changed))
            await self._refunds(row.id, person, name)
            await self._history(row.id)
        return [row.id for row in rows]

    async def _refunds(self, order: str, person: str, name: str) -> None:
        query = select(_refunds.c.id, _refunds.c.asked_by, _refunds.c.decided_by).where(_refunds.c.order_id == order)
        for row in (await self._transaction.execute(query)).all():
            changed = {
                "reason": "",
                "asked_with": f"{name}:{row.id}",
                "asked_by": name if row.asked_by == person else row.asked_by,
                "decided_by": name if row.decided_by == person else row.decided_by,
            }
            await self._transaction.execute(update(_refunds).where(_refunds.c.id == row.id).values(changed))

    async def _history(self, order: str) -> None:
        """Take out of an order's history why staff declined a refund: that is in their own words."""
        query = select(_history.c.id, _history.c.why).where(
            _history.c.order_id == order, _history.c.why.contains(_BECAUSE, autoescape=True)
        )
        for row in (await self._transaction.execute(query)).all():
            why = row.why.partition(_BECAUSE)[0] + _BECAUSE.rstrip(": ")
            await self._transaction.execute(update(_history).where(_history.c.id == row.id).values(why=why))

    async def _pledges(self, person: str, name: str, which: ColumnElement[bool] = _ALL) -> None:
        query = select(_pledges.c.id, _pledges.c.donation).where((_pledges.c.person == person) & which)
        for row in (await self._transaction.execute(query)).all():
            gift = None if row.donation is None else {**row.donation, "dedication": ""}
            changed = {"person": name, "donation": gift, "mend_url": ""}
            await self._transaction.execute(update(_pledges).where(_pledges.c.id == row.id).values(changed))

    async def _reminders(self, person: str, name: str) -> None:
        """Leave in the rounds of reminders that somebody was told; whoever still waits there is told no more."""
        told = tables.tellings
        await self._strike(told, (told.c.person == person) & (told.c.outcome == Outcome.DUE))
        changed = {"person": name, "workspace": "", "lane": ""}
        await self._transaction.execute(update(told).where(told.c.person == person).values(changed))
        # a round that has come as far as them begins its search anew: whoever is written down there is so once
        at = tables.rounds
        await self._transaction.execute(update(at).where(at.c.person == person).values(person="", order_id=""))

    async def _strike(self, table: Table, condition: ColumnElement[bool]) -> None:
        await self._transaction.execute(delete(table).where(condition))


def _names(column: Column[str], person: str) -> ColumnElement[bool]:
    """Tell whether a name has the person as a part of it: "grant:web:ann:..." names web:ann, and not web:an."""
    text = cast(column, Text)
    return or_(
        text == person,
        text.startswith(f"{person}:", autoescape=True),
        text.endswith(f":{person}", autoescape=True),
        text.contains(f":{person}:", autoescape=True),
    )
