"""Brownouts: they wait until the announcement has arrived, and stop by themselves where too much fails or too many complain.

The calendar says when one is on; here is only what it has to know besides, and that is noted as acts, so that every replica
gives the same answer.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.acting import Acting, Wanted
from bot.announcing import heard_by
from bot.audit import Entry
from bot.chat import Context
from bot.desk import Desk
from bot.errors import Outdated
from bot.facing import browned
from bot.judging import remember, to_change
from bot.outbox import warn
from bot.ports import Unit
from bot.reminding import cut_short
from bot.replicas import check_active
from bot.retirement import Act, Plan, Scope, Stage, brownout, left, parts, stage, steps
from bot.rounds import Outcome, outcomes
from bot.seats import seats

_log: Final = logging.getLogger(__name__)

_FACT: Final = "brownout:"
#: Who is said to have done what the shop does by itself.
_SHOP: Final = "tillbot"
_KNOWN: Final = frozenset({Stage.ANNOUNCED, Stage.CLOSING_SOON})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong in one brownout: answers that failed, and people who complained."""

    errors: int = 0
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class Brownouts:
    """Looks after the brownouts of every plan."""

    desk: Desk
    acting: Acting
    #: Answers that failed here and are not written down yet, by the fact that counts them.
    _failed: Counter[str] = field(default_factory=Counter)

    def failed(self) -> None:
        """Count an answer that failed, to each brownout that is on. It is written down within a second."""
        now = self.desk.clock.now()
        for plan in self.desk.shop().settings.plans.values():
            if brownout(plan, now) is not None:
                self._failed[_name(plan, now, "errors")] += 1

    async def refresh(self) -> None:
        """Write down what failed here. Raises StoreUnavailable; nothing is lost by that."""
        failed = {name: many for name, many in self._failed.items() if many}
        if not failed:
            return
        async with self.desk.store.unit() as unit:
            for name, many in sorted(failed.items()):  # in one order, lest two replicas wait for each other
                await unit.facts.add(name, many)
        self._failed.subtract(failed)

    async def complain(self, ctx: Context, product: str) -> Plan | None:
        """Count that somebody cannot wait, once a brownout; of them is kept a keyed digest. None where none is on."""
        async with self.desk.store.unit() as unit:
            plans, now = (await to_change(unit)).in_force, self.desk.clock.shows(unit.now)
            plan = browned(plans.values(), now, Scope(ctx.person.platform, ctx.person.workspace, product=product))
            if plan is None:
                return None
            name = _name(plan, now, "complaints")
            who = f"{name}:{self.desk.signer.digest('brownout', ctx.person.key)}"
            if await unit.facts.get(who) is None:
                await unit.facts.put(who, "1")
                await unit.facts.add(name, 1)
            return plan

    async def forget(self) -> None:
        """Tick: forget who complained in brownouts that are over. How many they were stays."""
        plans, now = self.desk.shop().settings.plans.values(), self.desk.clock.now()
        on = tuple(f"{_name(plan, now, 'complaints')}:" for plan in plans if brownout(plan, now) is not None)
        async with self.desk.store.reading() as unit:
            known = await unit.facts.named(_FACT)
        for name in known:
            if ":complaints:" in name and not name.startswith(on):
                async with self.desk.store.unit() as unit:
                    await unit.facts.take(name)

    async def tick(self) -> None:
        """Note of which plans the announcement has arrived, and stop brownouts that cause too much trouble."""
        with suppress(Outdated):  # another replica has a newer plan: what follows from this one is not ours to do
            for plan in self.desk.shop().settings.plans.values():
                if plan.brownouts and not plan.lit:
                    await self._follow(plan, self.desk.clock.now())

    async def _follow(self, plan: Plan, now: datetime) -> None:
        on = brownout(plan, now)
        waits = not plan.delivered and stage(plan, now) in _KNOWN
        async with self.desk.store.reading() as unit:
            arrived = waits and await delivered(self.desk, unit, plan, now)
            suffered = await trouble(unit, plan, now) if on else Trouble()
        if arrived:
            await self._arrived(plan.feature)
        if suffered.errors >= plan.fuse.errors or suffered.complaints >= plan.fuse.complaints:
            await self._trip(plan.feature)

    async def _arrived(self, feature: str) -> None:
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            memory, now = await to_change(unit), self.desk.clock.shows(unit.now)
            plan = memory.in_force.get(feature)
            if plan is None or plan.delivered or not await delivered(self.desk, unit, plan, now):
                return
            act = Act(feature, "delivered", now, _SHOP, "", memory.plans[feature].closing_key)
            await remember(unit, replace(memory, acts=(*memory.acts, act)))
            details = json.dumps({"closes": plan.closes.isoformat()})
            digest = self.desk.shop().settings.digest
            await unit.audit.add(Entry(_SHOP, "retire.delivered", feature, "", digest, details))
            _log.info("the announcement has arrived", extra={"feature": feature})

    async def _trip(self, feature: str) -> None:
        """Stop the brownouts of a feature, in the unit that sees that they must, and tell admins."""
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            plan = (await to_change(unit)).in_force.get(feature)
            now = self.desk.clock.shows(unit.now)
            on = brownout(plan, now)
            if plan is None or on is None:
                return
            found = await trouble(unit, plan, now)
            # of this time alone: once a new date or other windows have come, the same window may have to be stopped again
            name = f"{_window(plan, now)}:{unit.now.isoformat()}"
            why = f"{found.errors} errors, {found.complaints} complaints"
            await self.acting.act(unit, Wanted(feature, "brownout_stop", why), by=_SHOP, key=name)
            counts = {"errors": found.errors, "complaints": found.complaints}
            await warn(
                self.desk, unit, f"alert:{name}", "retiring.tripped", feature=feature, closes=plan.closes, **counts
            )
            _log.warning("brownouts stopped", extra={"feature": feature, **counts})


async def trouble(unit: Unit, plan: Plan, now: datetime) -> Trouble:
    """Read what went wrong in the brownout that is on; nothing where none is."""
    if brownout(plan, now) is None:
        return Trouble()
    return Trouble(
        int(await unit.facts.get(_name(plan, now, "errors")) or 0),
        int(await unit.facts.get(_name(plan, now, "complaints")) or 0),
    )


async def troubles(unit: Unit, plans: Mapping[str, Plan]) -> Mapping[tuple[str, str], int]:
    """Add up what went wrong in all brownouts of each plan that has some, by feature and "errors" or "complaints"."""
    found = Counter({(plan.feature, kind): 0 for plan in plans.values() if plan.brownouts for kind in _KINDS})
    for name, text in (await unit.facts.named(_FACT)).items():
        feature, _, rest = name.removeprefix(_FACT).partition("@")
        kind = rest.rpartition(":")[2]
        if kind in _KINDS and (feature, kind) in found:
            found[feature, kind] += int(text)
    return found


_KINDS: Final = ("errors", "complaints")


async def delivered(desk: Desk, unit: Unit, plan: Plan, now: datetime) -> bool:
    """Tell whether the announcement has arrived: a round of reminders before the closing has reached whom it could.

    So for each instant at which it has still to close for somebody whom a brownout meets. Where nobody is reminded before
    the closing, each seat of the staff has heard of the date, or cannot be told for good.
    """
    if not any(step.days > 0 for step in steps(plan)):
        return all([await unit.facts.get(heard_by(plan, seat)) for seat in seats(desk.shop().settings)])
    meets = parts(replace(plan, exemptions=()))
    return all([await _reached(unit, part, now) for part in meets if left(part.closes, now) > timedelta(0)])


async def _reached(unit: Unit, part: Plan, now: datetime) -> bool:
    for step in steps(part):
        if step.days <= 0 or left(step.at, now) > timedelta(0):
            continue
        found = await unit.rounds.get(part.closing_key, step.days)
        if found is None or found.stage != "ended" or await unit.facts.get(cut_short(found)) is not None:
            continue
        many = outcomes(await unit.rounds.tallies(part.closing_key, step.days))
        if not (many.get(Outcome.DUE) or many.get(Outcome.DROPPED)) and (many.get(Outcome.TOLD) or not many):
            return True
    return False


def _window(plan: Plan, now: datetime) -> str:
    on = brownout(plan, now)
    return f"{_FACT}{plan.feature}@{on.starts.isoformat() if on else ''}"


def _name(plan: Plan, now: datetime, kind: str) -> str:
    return f"{_window(plan, now)}:{kind}"
