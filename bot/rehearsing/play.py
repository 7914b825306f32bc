"""Plays a calendar: from instant to instant at which something is due, until the last has passed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.house import House
from bot.ports import Jobs
from bot.rehearsing.account import Account
from bot.rehearsing.clock import PlayedClock
from bot.rehearsing.outside import PERIOD
from bot.retirement import ANYWHERE, Capability, Plan, Scope, allowed, closes_at, parts, schedule, steps
from bot.undelivered import LOOK, WARNINGS

#: So long before the instant at which open checkouts end, some of them are paid.
LAST: Final = timedelta(seconds=1)
#: So long after the last instant of the calendar it is looked at what is left.
AFTER: Final = timedelta(days=2)
#: How often what is due at one instant may bring something else that is due at it.
_TURNS: Final = 50
#: Where jobs alone ask for the next instant, each such in a row is this much further away at least, up to an hour.
_FURTHER: Final = timedelta(seconds=1)
_FURTHEST: Final = timedelta(hours=1)

#: Told the instant that is played, after each.
Passing = Callable[[datetime], None]


@dataclass
class Play:
    """A calendar, and who takes part."""

    house: House
    jobs: Jobs
    clock: PlayedClock
    accounts: Mapping[str, Account]
    plans: Sequence[Plan]
    refresh: Callable[[], Awaitable[None]]
    #: When the next job comes due after an instant; None where none waits.
    next_job: Callable[[datetime], Awaitable[datetime | None]]
    #: The open sessions that are paid, by the instant of that: (account, session).
    paying: Mapping[datetime, Sequence[tuple[str, str]]] = field(default_factory=dict)

    @property
    def until(self) -> datetime:
        """The instant with which it ends (UTC)."""
        last = [
            max(
                closes_at(plan, Capability.FULFIL, scope),
                closes_at(plan, Capability.RENEW, scope) + PERIOD,
                *(allowed(plan, step.at) for part in parts(plan) for step in steps(part)),
                *(at for each, at in schedule(plan, scope).items() if each is Capability.DELETE),
            )
            for plan in self.plans
            for scope in _scopes(plan)
        ]
        return max([self.clock.at, *last]) + AFTER

    async def run(self, passing: Passing) -> None:
        """Play it to its end."""
        until = self.until
        every = {*self._marks(), *self.paying, self.clock.at, until}
        marks = sorted(at for at in every if self.clock.at <= at <= until)
        alone = 0
        for mark in marks:
            while True:
                soon = await self._due(self.clock.at + min(_FURTHER * 2**alone, _FURTHEST))
                if soon is None or soon >= mark:
                    break
                self.clock.reach(soon)
                await self._settle()
                passing(self.clock.at)
                alone = min(alone + 1, 12)
            alone = 0
            self.clock.reach(mark)
            for account, session in self.paying.get(mark, ()):
                self.accounts[account].pay(session)
            await self._settle()
            passing(mark)

    def _marks(self) -> Iterator[datetime]:
        """Give every instant of the calendar, with the moment after at which paid orders are looked at again."""
        for plan in self.plans:
            instants = [plan.announced, *(allowed(plan, step.at) for part in parts(plan) for step in steps(part))]
            for scope in _scopes(plan):
                instants += schedule(plan, scope).values()
            ends = closes_at(plan, Capability.FULFIL)
            for at in (*instants, *(ends - warning for warning in WARNINGS)):
                yield at
                yield at + LOOK

    async def _due(self, earliest: datetime) -> datetime | None:
        """Give the next instant at which a job, or something at the provider, is due; not before `earliest`."""
        job = await self.next_job(self.clock.at)
        outside = [account.next_due for account in self.accounts.values()]
        due = [at for at in (job and max(job, earliest), *outside) if at is not None]
        return min(due, default=None)

    async def _settle(self) -> None:
        """Do what is due now, and what that brings, until nothing is."""
        for _ in range(_TURNS):
            await self.refresh()
            await self.house.retiring.tick()
            while self.house.retiring.deleting.under_way:
                await self.house.retiring.tick()
            await self.house.reminding.tick()
            await self.house.telling.till.posting.tick()
            heard = 0
            for account in self.accounts.values():
                account.pass_time()
                for event in account.news():
                    await self.house.settling.receive(event)
                    heard += 1
            before = self.clock.at
            job = await self.next_job(before - timedelta(days=36500))
            if not heard and (job is None or job > before):
                return
            await self.jobs.drain()


def _scopes(plan: Plan) -> list[Scope]:
    """Name every scope of which the plan says something of its own."""
    exempt = (exemption.scope for exemption in plan.exemptions)
    return [ANYWHERE, *(override.scope for override in plan.overrides), *exempt]
