"""The inbox: events received, so that each is taken once."""

from __future__ import annotations

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
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
