"""The inbox: events received, so that each is taken once."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from adapters.database import tables
from adapters.database.transaction import Transaction, insert, portions
from bot.ports import Event

_inbox = tables.inbox


class SqlInbox:
    """Inbox on SQL. An id counts within its account: another account cannot use up ours."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, event: Event) -> bool:
        """Write an event down; False where it was there already."""
        statement = (
            insert(_inbox)
            .values(
                account=event.account,
                id=event.id,
                livemode=event.livemode,
                type=event.type,
                object_id=event.object_id,
                created=event.created,
                received=self._transaction.now,
            )
            .on_conflict_do_nothing()
            .returning(_inbox.c.id)
        )
        return (await self._transaction.execute(statement)).scalar() is not None

    async def missing(self, account: str, ids: Collection[str]) -> Collection[str]:
        """Tell which events of an account were never taken."""
        found: set[str] = set()
        for some in portions(ids):
            query = select(_inbox.c.id).where(_inbox.c.account == account, _inbox.c.id.in_(some))
            found.update((await self._transaction.execute(query)).scalars())
        return set(ids) - found
