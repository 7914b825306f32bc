"""Delivering: the jobs of a round's lanes, which tell those concerned one after another and write down what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.chat import Card, Scene
from bot.concerning import Spoken, bought, speaking
from bot.desk import Desk
from bot.errors import Later, Outdated, StoreUnavailable, Unreachable
from bot.holding import held
from bot.orders import Buyer
from bot.outbox import warn
from bot.ports import Json, Voice
from bot.quieting import is_quiet
from bot.replicas import check_active
from bot.retirement import Plan, Stand, allowed, left, stand_text
from bot.rounds import Outcome, Round, Telling, seat_lane, seat_of
from bot.sealing import seal
from bot.seats import seats

_log: Final = logging.getLogger(__name__)

#: People that are told between two looks at whether all is as it was.
PAGE: Final = 50
#: Seconds for which a job works before it lets others have their turn.
BREATH: Final = 3.0
#: How often a person is tried who cannot be reached for now: with these pauses, for some five hours.
TRIES: Final = 12
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=1)
#: How long a workspace is let alone after somebody there could not be reached for now.
REST: Final = timedelta(seconds=10)
#: How long a platform that refuses us is let alone: until somebody has seen to it.
REFUSED: Final = timedelta(minutes=5)
#: The pause until what somebody else has under way is looked at again.
PAUSE: Final = timedelta(seconds=1)
_NOTHING: Final = timedelta(0)
#: Of so many of somebody's newest orders it is looked up what a closing means to them.
RECENT: Final = 200


class Cards(Protocol):
    """The cards of reminders. `commands` furnishes them."""

    def reminder(self, scene: Scene, plan: Plan, stand: Stand) -> Card:
        """Remind somebody who buys, from where they stand, of what closes or has closed."""
        ...

    def sellers(self, scene: Scene, plan: Plan, kind: str, was: datetime | None) -> Card:
        """Remind those who sell; `kind` is "reminder"."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look at a lane shows: the round, who is to be told now, and the pause where nobody is."""

    found: Round
    now: datetime
    page: Sequence[Telling]
    pause: timedelta
    #: Whether somebody who sells here has not been tried yet.
    sellers_first: bool


@dataclass(frozen=True, slots=True)
class Delivering:
    """Tells people, each once ever; a kill repeats what was under way at most."""

    desk: Desk
    cards: Cards
    #: Sets the scene for a reader's locale, the shop's own for "".
    scene: Callable[[str], Scene]
    voices: Callable[[], Mapping[str, Voice]]
    #: Until when a workspace is let alone: it asked us to wait, or did not answer.
    _resting: dict[tuple[str, str], datetime] = field(default_factory=dict)

    async def work(self, payload: Json) -> None:
        """Job "remind": tell those of a lane, one after another."""
        closing, days, lane = str(payload["closing"]), int(payload["days"] or 0), str(payload["lane"])
        lost = asyncio.Event()
        async with held(self.desk.store, f"remind:{closing}:{days}:{lane}", lost=lost) as ours:
            again = await self._work(closing, days, lane, lost) if ours else PAUSE
        await later(self.desk, again)

    async def _work(self, closing: str, days: int, lane: str, lost: asyncio.Event) -> timedelta | None:
        """Tell who is to be told now, for a breath; give the pause until the next look, None where nobody is left."""
        clock = asyncio.get_running_loop().time
        until = clock() + BREATH
        while True:
            try:
                seen = await self._look(closing, days, lane)
            except Outdated:
                return PAUSE
            if seen is None:
                return None
            if not seen.page:
                return seen.pause
            for telling in seen.page:
                pause = self._hindered(seen, telling)
                if pause is not None:
                    return pause
                if lost.is_set() or clock() >= until:
                    return _NOTHING
                spoken = speaking(self.desk, seen.found)
                if spoken is not None and (telling.platform, telling.workspace) not in self._let_alone(seen.now):
                    await self._tell(spoken, telling)

    async def _look(self, closing: str, days: int, lane: str) -> _Seen | None:
        """Look who of a lane is to be told now; None where nobody is left. Raises Outdated."""
        async with self.desk.store.reading() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            found, now = await unit.rounds.get(closing, days), unit.now
            if found is None or found.stage == "ended":
                return None
            resting = {place: at for place, at in self._let_alone(now).items() if lane.startswith(f"{place[0]}:")}
            besides = [workspace for _, workspace in resting]
            page = await unit.rounds.waiting(closing, days, lane, now, besides=besides, most=PAGE)
            ahead = now if page else await unit.rounds.next_after(closing, days, lane)
            if ahead is None and found.stage == "telling":
                return None
            wakes = [at for at in (*resting.values(), ahead) if at is not None and at > now]
            pause = min(wakes, default=now + PAUSE) - now
            sellers = {seat_lane(seat["platform"]) for seat in seats(self.desk.shop().settings)} - {lane}
            return _Seen(found, now, page, pause, sellers_first=await unit.rounds.untried(closing, days, sellers))

    def _hindered(self, seen: _Seen, telling: Telling) -> timedelta | None:
        """Tell how long somebody is not to be told yet; None where they may be told now."""
        spoken, now = speaking(self.desk, seen.found), self.desk.clock.now()
        if spoken is None or (seen.sellers_first and not telling.seat):
            return PAUSE  # the tick ends the round; or who sells here hears of it first
        quiet = left(allowed(spoken.plan, now), now)
        return quiet if quiet > _NOTHING else None

    def _let_alone(self, now: datetime) -> Mapping[tuple[str, str], datetime]:
        """Give the workspaces that are let alone now."""
        for place in [place for place, at in self._resting.items() if at <= now]:
            del self._resting[place]
        return dict(self._resting)

    async def _tell(self, spoken: Spoken, telling: Telling) -> None:
        """Tell one person, and write down what became of it."""
        place = (telling.platform, telling.workspace)
        try:
            outcome = await (self._seat(spoken.plan, telling) if telling.seat else self._buyer(spoken, telling))
        except Later as later:
            self._resting[place] = later.at
            return
        except Unreachable as error:
            if error.for_good:
                await self._note(replace(telling, outcome=Outcome.GONE if error.gone else Outcome.CLOSED))
                return
            if error.ours:
                await self._refused(place)
                return
            async with self.desk.store.reading() as unit:
                self._resting[place] = unit.now + REST
            await self._fail(telling, error.why)
            return
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one telling, the others are told
            await self._fail(telling, type(error).__name__)
            return
        if outcome is not None:
            await self._note(replace(telling, outcome=outcome))

    async def _buyer(self, spoken: Spoken, telling: Telling) -> Outcome | None:
        """Remind somebody who buys, in the language of their newest order; None where that is written down already."""
        async with self.desk.store.reading() as unit:
            if await is_quiet(unit, telling.person):
                return Outcome.OPTED_OUT
            orders = await unit.orders.of(telling.person, most=RECENT)
        if not orders:
            return Outcome.GONE
        there = spoken.to(telling.platform, telling.workspace, bought(spoken.plan, orders))
        if there is None:
            return Outcome.DROPPED  # it closes at another instant for them by now, and they hear of that
        plan, buyer = spoken.plan, replace(orders[0].buyer, reply="")  # what they hold of that order stays
        voice, scene = self.voices().get(telling.platform), self.scene(buyer.locale)
        if voice is None:
            return Outcome.GONE
        card = seal(scene, self.cards.reminder(scene, plan, there))
        if telling.platform != "web":
            await voice.tell(buyer, card, key=f"remind:{telling.closing}:{telling.days}:{telling.person}")
            return Outcome.TOLD
        async with self.desk.store.unit() as unit:  # what is kept and that it is, in one: never twice
            news = await unit.news.add(telling.person, "reminder", plan.feature, stand_text(there))
            await unit.news.keep(telling.person, news.id)
            await unit.rounds.note(replace(telling, outcome=Outcome.TOLD))
        with suppress(Unreachable):  # no page is open: it is told at their next visit
            await voice.tell(buyer, card, key=f"{news.person}:{news.id}")
        return None

    async def _seat(self, plan: Plan, telling: Telling) -> Outcome:
        """Remind a staff channel, or an admin in private."""
        voice, scene = self.voices().get(telling.platform), self.scene("")
        if voice is None:
            return Outcome.GONE
        card = seal(scene, self.cards.sellers(scene, plan, "reminder", None))
        channel, user = seat_of(telling)
        key = f"sellers:{telling.closing}:{telling.days}:reminder"
        if channel:
            await voice.post(channel, card, key=key)
        else:
            await voice.tell(Buyer(telling.platform, user, user, "", ""), card, key=key)
        return Outcome.TOLD

    async def _refused(self, place: tuple[str, str]) -> None:
        """Let a workspace alone that refuses us, and have admins told, once a day; nobody there is given up for it."""
        platform, _ = place
        async with self.desk.store.unit() as unit:
            self._resting[place] = unit.now + REFUSED
            name = f"alert:token:{platform}:{unit.now.date().isoformat()}"
            if await unit.facts.get(name) is None:
                _log.warning("platform refuses our token", extra={"platform": platform})
                await warn(self.desk, unit, name, "alert.token_refused", platform=platform.capitalize())

    async def _note(self, telling: Telling) -> None:
        async with self.desk.store.unit() as unit:
            await unit.rounds.note(telling)

    async def _fail(self, telling: Telling, why: str) -> None:
        """Try again later, with growing pauses, but not for ever."""
        tries = telling.tries + 1
        _log.info("reminder not delivered", extra={"platform": telling.platform, "tries": tries, "why": why})
        async with self.desk.store.unit() as unit:
            pause = min(FIRST_PAUSE * 2**telling.tries, LONGEST_PAUSE)
            outcome = Outcome.UNREACHED if tries >= TRIES else Outcome.DUE
            await unit.rounds.note(replace(telling, tries=tries, after=unit.now + pause, outcome=outcome))


async def later(desk: Desk, pause: timedelta | None) -> None:
    """Have the job that asks woken again after a pause; None where it is done. Raises Later."""
    if pause is None:
        return
    async with desk.store.reading() as unit:
        raise Later(unit.now + pause)
