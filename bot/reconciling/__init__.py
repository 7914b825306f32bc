"""Reconciling: Stripe and our orders compared; what is certain is mended by settling, what is not is listed for a person.

Every comparison goes through the same settling as webhooks do, so that doing it twice changes nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.checkouts import Checkouts
from bot.desk import Desk
from bot.errors import PaymentsError, PaymentsRefused
from bot.orders import HOLDING
from bot.outbox import alert_in
from bot.ports import Unit
from bot.reconciling.differences import OPEN, Difference
from bot.reconciling.events import compare_events
from bot.reconciling.orders import compare_orders
from bot.reconciling.pledges import compare_pledges
from bot.reconciling.scope import Progress, Scope
from bot.reconciling.sessions import compare_sessions
from bot.settling import Settling
from bot.words import Tongue

__all__ = ["OPEN", "Difference", "Progress", "Reconciling"]

_log: Final = logging.getLogger(__name__)

#: Stripe lists events for 30 days: https://docs.stripe.com/api/events
WHOLE: Final = timedelta(days=30)
#: How often all of that is compared, and how often what is fresh; Stripe counts reads.
DAILY: Final = timedelta(days=1)
HOURLY: Final = timedelta(hours=1)
#: What is fresh: a session that could be paid since the last time; so much longer than it lives.
OVERLAP: Final = timedelta(hours=3)
#: Differences that one alert names; the others it counts.
NAMED: Final = 10


def _silent(step: str, done: int, of: int) -> None:
    """Show nobody how far it has come."""


@dataclass(frozen=True, slots=True)
class Reconciling:
    """Compares every account with our orders."""

    desk: Desk
    settling: Settling
    checkouts: Checkouts
    #: How the staff is spoken to, at the time.
    tongue: Callable[[], Tongue]

    async def tick(self) -> None:
        """Compare what is fresh once an hour, and all that Stripe can list once a day; called every few minutes."""
        async with self.desk.store.surveying() as unit:
            now = unit.now
            whole = now - await _last(unit, "whole") >= DAILY
            due = whole or now - await _last(unit, "fresh") >= HOURLY
        if not due:
            return
        async with self.desk.store.unit() as unit:  # before it begins: a comparison that fails waits for its next turn
            for name in ("whole", "fresh") if whole else ("fresh",):
                await unit.facts.put(f"reconciled:{name}", now.isoformat())
        lives = timedelta(minutes=self.desk.shop().settings.limits.hold_minutes)
        found = await self.run(since=now - (WHOLE if whole else OVERLAP + lives), events=whole)
        counts = {name: sum(each.outcome == name for each in found) for name in ("mended", "person")}
        _log.info("reconciled", extra={"whole": whole, **counts})

    async def accounts(self) -> Sequence[str]:
        """Name the accounts to compare: those of the config, and those that an open order still counts on."""
        async with self.desk.store.surveying() as unit:
            held = await unit.orders.standing(HOLDING)
        return list(dict.fromkeys([*self.desk.shop().settings.account_keys, *(order.account for order in held)]))

    async def run(
        self,
        *,
        since: datetime,
        accounts: Collection[str] | None = None,
        events: bool = True,
        dry: bool = False,
        progress: Progress = _silent,
    ) -> Sequence[Difference]:
        """Compare what was made since then, mend what is certain (unless `dry`), and tell admins what is new and is not.

        An account that does not answer is a difference of its own; the others are compared all the same.
        """
        found: list[Difference] = []
        compared: list[str] = []
        for account in await self.accounts() if accounts is None else accounts:
            async with self.desk.store.surveying() as unit:
                now = unit.now
            try:
                payments = self.desk.payments(account)
            except LookupError:
                found.append(Difference("account_gone", "person", account))
                continue
            scope = Scope(
                self.desk, self.settling, self.checkouts, payments, account, since, now, dry=dry, progress=progress
            )
            try:
                found += await _compare(scope, events=events)
            except PaymentsError as error:
                code = error.code if isinstance(error, PaymentsRefused) else type(error).__name__
                _log.warning("account not compared", extra={"account": account, "why": code})
                found.append(Difference("account_silent", "person", account, values={"why": code}))
            else:
                if events and now - since >= WHOLE:
                    compared.append(account)
        if not dry:
            await self._remember(found, compared)
        return found

    async def _remember(self, found: Sequence[Difference], whole: Collection[str]) -> None:
        """Keep what needs a person, and tell admins of what is new; what a whole comparison did not find is settled."""
        tongue = self.tongue()
        needing = {each.name: each for each in found if each.outcome == "person"}
        for each in found:
            if each.outcome != "information":
                extra = {"order": each.order, "object": each.object, "outcome": each.outcome}
                _log.info("difference %s", each.kind, extra=extra)
        async with self.desk.store.unit() as unit:
            open_ = await unit.facts.named(OPEN)
            for name in open_:
                account = name.split(":")[2]
                if account in whole and name not in needing:
                    await unit.facts.take(name)
            new = [each for name, each in needing.items() if name not in open_ and each.kind != "account_silent"]
            for each in new:
                await unit.facts.put(each.name, unit.now.isoformat())
            if new:
                number = await unit.facts.add("alerts", 1)
                lines = [f"{each.says(tongue)} {each.todo(tongue)}" for each in new[:NAMED]]
                if len(new) > NAMED:
                    lines.append(tongue.word("reconcile.more", len(new) - NAMED))
                await alert_in(self.desk, unit, f"alert:{number}", "\n".join(lines))


async def _compare(scope: Scope, *, events: bool) -> Sequence[Difference]:
    seen: set[str] = set()
    found = [each async for each in compare_sessions(scope, seen)]
    if events:
        found += [each async for each in compare_pledges(scope)]
        found += [each async for each in compare_events(scope)]
    # Last, for it looks at the renewals too that lost events have written, and at what was given back of them.
    return [*found, *[each async for each in compare_orders(scope, seen)]]


async def _last(unit: Unit, name: str) -> datetime:
    """Say when it was last compared so; the first day of the calendar where it never was."""
    kept = await unit.facts.get(f"reconciled:{name}")
    return datetime.fromisoformat(kept) if kept else datetime.min.replace(tzinfo=unit.now.tzinfo)
