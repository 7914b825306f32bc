"""Polling: Stripe's events are listed, with a cursor that overlaps, for where no webhook can reach us or one was lost."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Polling:
    """Lists events of every account as often as it is worth."""

    desk: Desk
    settling: Settling
    _asked: dict[str, datetime] = field(default_factory=dict)
    _whole: dict[str, datetime] = field(default_factory=dict)

    async def tick(self) -> None:
        """Ask each account whose turn it is; called once a second."""
        async with self.desk.store.reading() as unit:
            waiting, now = await unit.orders.unsettled(), unit.now
        named = self.desk.shop().settings.account_keys
        for account in dict.fromkeys([*named, *(order.account for order in waiting)]):
            newest = max((order.created for order in waiting if order.account == account), default=None)
            pause = IDLE if newest is None or self.desk.addresses.public else EAGER if now - newest < IDLE else AWAKE
            asked = self._asked.get(account)
            if asked is None or now - asked >= pause:
                self._asked[account] = now
                await self._poll(account, now, undelivered=await self._heard(account, now))

    async def _heard(self, account: str, now: datetime) -> bool:
        """Tell whether webhooks do their work, and a full listing was not long ago.

        An event that a webhook took is not listed as undelivered; but neither is one that no endpoint was to be told of,
        nor one that another program's endpoint took. Where webhooks were silent for long, the list is short anyway.
        """
        whole = self._whole.get(account)
        if not self.desk.addresses.public or whole is None or now - whole >= FULL:
            return False
        heard, _ = await Hearing(self.desk.store).last(account)
        return bool(heard) and now - datetime.fromisoformat(heard) < FULL

    async def _poll(self, account: str, now: datetime, *, undelivered: bool) -> None:
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
            self._whole[account] = now
