"""Plays a story on the real house: up to an instant, from one thing that is due to the next, each at its own time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from bot.chat import Context, Person, Place, Then
from bot.errors import Refused
from bot.house import House
from bot.ports import Jobs
from bot.retirement import Plan, allowed, parts, schedule, steps
from bot.story.acts import NUMBERS, YOU, Act
from bot.story.clock import StoryClock
from bot.undelivered import LOOK

_log: Final = logging.getLogger(__name__)

#: What falls due by itself is played together where it is less than this apart: one who moves days sees no hours.
TOGETHER: Final = timedelta(hours=1)
#: How often what is due at one instant may bring something else that is due at it.
_TURNS: Final = 50
#: Real seconds in which a webhook goes from the provider to the shop.
_PATIENCE: Final = 5.0
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Bank(Protocol):
    """The payment provider of a story, which looks at the story's clock."""

    def pass_time(self) -> None:
        """Let everything happen that is due by now, and send what follows from it."""
        ...

    def next_due(self) -> float | None:
        """Tell when the next thing is due, in seconds since 1970; None where nothing is."""
        ...

    async def delivered(self) -> None:
        """Wait until no webhook is on its way."""
        ...

    def pay(self, session: str, number: str) -> object:
        """Pay a checkout session with a test number."""
        ...


@dataclass
class Player:
    """A story, and who takes part. `you` is whoever moves the clock, once somebody has."""

    acts: Sequence[Act]
    house: House
    jobs: Jobs
    clock: StoryClock
    bank: Bank
    plans: Callable[[], Sequence[Plan]]
    refresh: Callable[[], Awaitable[None]]
    #: When the next job comes due after an instant; None where none waits.
    next_job: Callable[[datetime], Awaitable[datetime | None]]
    you: Person | None = None
    _done: set[tuple[datetime, str]] = field(default_factory=set)

    async def reach(self, until: datetime) -> None:
        """Play up to an instant; where that has passed, nothing. The clock is held meanwhile, and runs on after it."""
        self.clock.hold()
        try:
            while True:
                now = self.clock()
                stop = min(await self._next(now), until)
                self.clock.reach(stop)
                await self._act(stop)
                await self._settle()
                if stop >= until:
                    return
        finally:
            self.clock.flow()

    async def _next(self, now: datetime) -> datetime:
        """Give the next instant after `now` at which anything is due."""
        due = [at for at in (*self._doings(), *self._marks()) if at > now]
        job, bank = await self.next_job(_BEGINNING), self.bank.next_due()
        soon = now + TOGETHER
        due += [max(at, soon) for at in (job, datetime.fromtimestamp(bank, UTC) if bank is not None else None) if at]
        return min(due, default=datetime.max.replace(tzinfo=UTC))

    def _doings(self) -> Iterator[datetime]:
        for act in self.acts:
            yield act.at
            if act.ships is not None:
                yield act.ships

    def _marks(self) -> Iterator[datetime]:
        """Give every instant of the calendars, with the moment after at which paid orders are looked at again."""
        for plan in self.plans():
            told = (allowed(plan, step.at) for part in parts(plan) for step in steps(part))
            for at in (plan.announced, *told, *schedule(plan).values()):
                yield at
                yield at + LOOK

    async def _act(self, now: datetime) -> None:
        """Let people do what they do by now, and have not done."""
        for act in self.acts:
            if act.at <= now and (act.at, "says") not in self._done:
                self._done.add((act.at, "says"))
                await self._say(act)
        for act in self.acts:
            if act.ships is not None and act.ships <= now and (act.at, "ships") not in self._done:
                self._done.add((act.at, "ships"))
                await self._ship(act)

    async def _say(self, act: Act) -> None:
        await self.refresh()
        ctx = self._context(self._person(act.who), act)
        opened = self.house.conversation.hear(ctx, act.says)
        if not isinstance(opened, Then):
            return  # it has closed: they read the notice
        await self.house.conversation.run(ctx, opened)
        if act.pays:
            async with self.house.retiring.desk.store.reading() as unit:
                order = await unit.orders.asked_by(ctx.key)
            if order is not None and order.session:
                self.bank.pay(order.session, NUMBERS[act.pays])

    async def _ship(self, act: Act) -> None:
        asked = self._context(self._person(act.who), act).key
        async with self.house.retiring.desk.store.reading() as unit:
            order = await unit.orders.asked_by(asked)
        if order is None:
            return
        ctx = self._context(Person("web", "staff", "staff", admin=True), act)
        with suppress(Refused):  # its money went back: nothing is sent
            await ctx.till.fulfilling.ship(ctx, order.id, "")

    def _person(self, who: str) -> Person:
        if who == YOU and self.you is not None:
            return self.you
        return Person("web", f"story-{who}", f"story-{who}")

    def _context(self, person: Person, act: Act) -> Context:
        return self.house.conversation.context(person, Place("web"), key=f"story:{act.at.isoformat()}")

    async def _settle(self) -> None:
        """Do what is due now, and what that brings, until nothing is."""
        for _ in range(_TURNS):
            await self.refresh()
            await self.house.retiring.tick()
            await self.house.reminding.tick()
            await self.house.telling.till.posting.tick()
            self.bank.pass_time()
            try:
                await asyncio.wait_for(self.bank.delivered(), _PATIENCE)
            except TimeoutError:  # it is sent again at another instant of the story, which goes on
                _log.warning("a webhook of the story is late")
                return
            finally:
                await self.jobs.drain()
            now, job, bank = self.clock(), await self.next_job(_BEGINNING), self.bank.next_due()
            if (job is None or job > now) and (bank is None or bank > now.timestamp()):
                return
