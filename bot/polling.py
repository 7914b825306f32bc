"""Polling: Stripe's events are listed, with a cursor that overlaps, for where no webhook can reach us or one was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.desk import Desk
from bot.hearing import Hearing
from bot.settling import Settling

#: Stripe's events may appear late and out of order: each listing looks back so far behind the newest one seen.
OVERLAP: Final = timedelta(minutes=5)
#: How often it is asked: just after a pay link was given, while sessions are open, and else; beside webhooks always so.
EAGER: Final = timedelta(seconds=3)
AWAKE: Final = timedelta(seconds=30)
IDLE: Final = timedelta(minutes=5)
#: Beside webhooks only what none took is listed, while they are heard; everything so often, and where none was for so long.
FULL: Final = timedelta(hours=1)
#: The facts that say when each account was asked last, and when for everything.
_ASKED: Final = "asked:"
_WHOLE: Final = "asked whole:"


@dataclass(frozen=True, slots=True)
class Polling:
    """Lists events of every account as often as it is worth, on whichever replica has the tick."""

    desk: Desk
    settling: Settling

    async def tick(self) -> None:
        """Ask each account whose turn it is; called once a second."""
        async with self.desk.store.reading() as unit:
            waiting, now = await unit.orders.unsettled(), unit.now
            asked = await unit.facts.named(_ASKED)
        named = self.desk.shop().settings.account_keys
        for account in dict.fromkeys([*named, *(order.account for order in waiting)]):
            newest = max((order.created for order in waiting if order.account == account), default=None)
            pause = IDLE if newest is None or self.desk.addresses.public else EAGER if now - newest < IDLE else AWAKE
            last = asked.get(_ASKED + account)
            if last is None or now - datetime.fromisoformat(last) >= pause:
                await self._poll(account)

    async def _heard(self, account: str, now: datetime) -> bool:
        """Tell whether webhooks do their work, and a full listing was not long ago.

        An event that a webhook took is not listed as undelivered; but neither is one that no endpoint was to be told of,
        nor one that another program's endpoint took. Where webhooks were silent for long, the list is short anyway.
        """
        if not self.desk.addresses.public:
            return False
        async with self.desk.store.reading() as unit:
            whole = await unit.facts.get(_WHOLE + account)
        if whole is None or now - datetime.fromisoformat(whole) >= FULL:
            return False
        heard, _ = await Hearing(self.desk.store).last(account)
        return bool(heard) and now - datetime.fromisoformat(heard) < FULL

    async def _poll(self, account: str) -> None:
        async with self.desk.store.unit() as unit:
            now = unit.now
            await unit.facts.put(_ASKED + account, now.isoformat())  # before it is asked: a failure waits its turn too
        undelivered = await self._heard(account, now)
        name = f"cursor:undelivered:{account}" if undelivered else f"cursor:{account}"
        async with self.desk.store.reading() as unit:
            cursor = await unit.facts.get(name)
        seen = datetime.fromisoformat(cursor) if cursor else now
        for event in await self.desk.payments(account).events(since=seen - OVERLAP, undelivered=undelivered):
            await self.settling.receive(event)
            seen = max(seen, event.created)
        async with self.desk.store.unit() as unit:
            await unit.facts.put(name, seen.isoformat())
            if not undelivered:
                await unit.facts.put(_WHOLE + account, now.isoformat())
