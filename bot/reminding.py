"""Reminding: at each step of a closing, those concerned are told, each once ever, also over restarts and replicas.

A step opens a round. A job looks up in pages whom it concerns and writes each down under a key that is there once; jobs of
a few lanes tell them (`delivering`). The round ends when nobody waits any more, and admins get its report.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from zlib import crc32

from bot.concerning import speaking
from bot.delivering import BREATH, PAUSE, later
from bot.desk import Desk
from bot.errors import Outdated
from bot.holding import held
from bot.outbox import warn
from bot.ports import Json, Unit
from bot.replicas import check_active
from bot.retirement import Plan, Step, allowed, due, left, months_before, parts
from bot.rounds import Concerned, Outcome, Round, Telling, outcomes, seat_lane, seat_named
from bot.seats import seats
from bot.settings import Settings

_log: Final = logging.getLogger(__name__)

#: Orders that are looked at in one unit.
SEARCH: Final = 500
#: Lanes of a platform: so many people are told at the same time there, and most jobs at a time are still others'.
LANES: Final = 2


@dataclass(frozen=True, slots=True)
class Reminding:
    """Opens rounds, finds whom they concern, and ends them."""

    desk: Desk
    _opened: set[tuple[str, int]] = field(default_factory=set)

    async def tick(self) -> None:
        """Open the rounds of steps that have come due, and end those in which nobody waits."""
        now = self.desk.clock.now()
        with suppress(Outdated):  # another replica has a newer plan: what follows from this one is not ours to do
            for plan in self.desk.shop().settings.plans.values():
                if left(allowed(plan, now), now) > timedelta(0):
                    continue
                for part in parts(plan):
                    step = due(part, now)
                    if step is not None and (part.closing_key, step.days) not in self._opened:
                        await self._open(part, step, sellers=part is plan)
            await self._end()

    async def find(self, payload: Json) -> None:
        """Job "remind_find": look up in pages whom a round concerns."""
        closing, days = str(payload["closing"]), int(payload["days"] or 0)
        async with held(self.desk.store, f"remind:{closing}:{days}:find") as ours:
            again = await self._find(closing, days) if ours else PAUSE
        await later(self.desk, again)

    async def _open(self, plan: Plan, step: Step, *, sellers: bool) -> None:
        """Open a round; who sells is told by the plan's own dates, and reads there of the others."""
        closing, settings = plan.closing_key, self.desk.shop().settings
        async with self.desk.store.unit() as unit:
            await check_active(unit, settings.digest)
            if await unit.rounds.open(Round(plan.feature, closing, step.days, step.at, unit.now)):
                if sellers and step.days != 0:  # at the closing itself they get the notice of it
                    await self._add(unit, [_seat(closing, step.days, seat) for seat in seats(settings)])
                payload: Json = {"closing": closing, "days": step.days}
                await self.desk.jobs.defer(unit, "remind_find", payload, key=f"remind:{closing}:{step.days}:find")
                _log.info("reminders begin", extra={"feature": plan.feature, "days": step.days})
        self._opened.add((closing, step.days))

    async def _add(self, unit: Unit, tellings: list[Telling]) -> None:
        """Write down who is to be told, with the jobs of the lanes that tell them."""
        await unit.rounds.add(tellings)
        for closing, days, lane in sorted({(each.closing, each.days, each.lane) for each in tellings}):
            payload: Json = {"closing": closing, "days": days, "lane": lane}
            await self.desk.jobs.defer(unit, "remind", payload, key=f"remind:{closing}:{days}:{lane}")

    async def _find(self, closing: str, days: int) -> timedelta | None:
        """Look up page after page, for a breath; give the pause until the next, None where nobody is left."""
        clock = asyncio.get_running_loop().time
        until = clock() + BREATH
        while clock() < until:
            settings = self.desk.shop().settings
            async with self.desk.store.surveying() as unit:
                found = await unit.rounds.get(closing, days)
                if found is None or found.stage != "finding":
                    return None
                spoken = speaking(self.desk, found)
                if spoken is None:
                    return PAUSE  # the tick ends the round
                plan = spoken.plan
                since, after = months_before(found.opened, plan.reminders.months), (found.person, found.order)
                people, more = await unit.rounds.concerned(plan.products, since, after=after, most=SEARCH)
            theirs = [each for each in people if spoken.to(each.platform, each.workspace, each.bought)]
            told = [_buyer(closing, days, each) for each in theirs if not _is_admin(settings, each)]
            try:
                await self._turn(found, told, more)
            except Outdated:
                return PAUSE
        return timedelta(0)

    async def _turn(self, found: Round, told: list[Telling], more: tuple[str, str] | None) -> None:
        """Write a page of people down, and where the next begins. Raises Outdated."""
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            if await unit.rounds.get(found.closing, found.days) != found:
                return  # it has ended, or somebody else has turned the page
            await self._add(unit, told)
            person, order = more or ("", "")
            await unit.rounds.save(replace(found, person=person, order=order, stage="finding" if more else "telling"))

    async def _end(self) -> None:
        """End the rounds in which nobody waits, and those that speak of what is so no longer; tell admins how it went."""
        async with self.desk.store.reading() as unit:
            running = await unit.rounds.running()
        for each in running:
            over = speaking(self.desk, each) is None
            async with self.desk.store.unit() as unit:
                await check_active(unit, self.desk.shop().settings.digest)
                found = await unit.rounds.get(each.closing, each.days)
                if found is None or found.stage == "ended":
                    continue
                if over:
                    await unit.rounds.drop(found.closing, found.days)
                    if found.stage == "finding":
                        await unit.facts.put(cut_short(found), unit.now.isoformat())
                elif found.stage == "finding" or await unit.rounds.waits(found.closing, found.days):
                    continue
                await unit.rounds.save(replace(found, stage="ended", ended=unit.now))
                await self._report(unit, found)

    async def _report(self, unit: Unit, ended: Round) -> None:
        many = outcomes(await unit.rounds.tallies(ended.closing, ended.days))
        _log.info(
            "reminders ended", extra={"feature": ended.feature, "days": ended.days, "told": many.get(Outcome.TOLD, 0)}
        )
        if not many:
            return
        counts = {outcome.value: many.get(outcome, 0) for outcome in Outcome if outcome is not Outcome.DUE}
        name = f"alert:remind:{ended.closing}:{ended.days}"
        await warn(self.desk, unit, name, "reminder.report", at=ended.due, **counts)


def cut_short(found: Round) -> str:
    """Name the fact that a round ended before all whom it concerned were looked up: nobody waits in it, nor was told."""
    return f"round cut short:{found.closing}:{found.days}"


def _buyer(closing: str, days: int, who: Concerned) -> Telling:
    lane = f"{who.platform}:{crc32(who.person.encode()) % LANES}"
    return Telling(closing, days, who.person, who.platform, who.workspace, lane)


def _is_admin(settings: Settings, who: Concerned) -> bool:
    """Tell whether somebody has a seat: then they are told as one who sells here."""
    mine = (seat for seat in seats(settings) if seat["platform"] == who.platform)
    return any(seat["user"] == who.user for seat in mine)


def _seat(closing: str, days: int, seat: Mapping[str, str]) -> Telling:
    platform = seat["platform"]
    name = seat_named(platform, seat["channel"], seat["user"])
    return Telling(closing, days, name, platform, "", seat_lane(platform), seat=True)
