"""Announcing: sellers are told once of each thing that a retirement has come to: its date, a new one, its end or recall."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from bot.closings import plans_in
from bot.desk import Desk
from bot.ports import Unit
from bot.replicas import check_active
from bot.retirement import Plan, Stage, stage
from bot.seats import seats

_log: Final = logging.getLogger(__name__)

#: What sellers are told of a retirement. "moved" says the date that no longer holds, too.
Notice = Literal["announced", "moved", "closed", "paused", "cancelled", "reopened"]
#: Notices of what only concerns whoever was told of the retirement before.
_AFTER: Final = frozenset({"paused", "cancelled", "reopened"})
#: Notices by which a seat has heard of the date.
HEARD: Final = frozenset({"announced", "moved"})


@dataclass(frozen=True, slots=True)
class Announcing:
    """Notices to sellers."""

    desk: Desk
    #: By feature, what was told last, as this process knows it.
    _last: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def follow(self, plan: Plan, now: datetime) -> None:
        """Have sellers told where a plan has come to something that they do not know yet. Raises Outdated."""
        kind = _comes_to(plan, now)
        if kind == "" or self._last.get(plan.feature) == (kind, plan.closing_key):
            return
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            current = (await plans_in(self.desk, unit)).get(plan.feature)
            if current != plan:
                return  # it was changed meanwhile, and the next tick sees what it is now
            await self._tell(unit, plan, kind)
        self._last[plan.feature] = (kind, plan.closing_key)

    async def _tell(self, unit: Unit, plan: Plan, kind: Notice) -> None:
        name = f"notice:{plan.feature}"
        text = await unit.facts.get(name)
        before = json.loads(text) if text else {}
        if (before.get("kind"), before.get("closing")) == (kind, plan.closing_key) or (kind in _AFTER and not before):
            return
        moved = kind == "announced" and before and before["closing"] != plan.closing_key
        again = kind == "announced" and before.get("kind") in _AFTER
        told: Notice = "moved" if moved or again else "reopened" if kind == "cancelled" and _ended(before) else kind
        turn = int(before.get("turn", 0)) + 1
        # An announcement or closing is told once ever; the others as often as they happen.
        once = told == kind and kind not in _AFTER
        job = f"{kind}:{plan.closing_key}" if once else f"{told}:{plan.closing_key}:{turn}"
        key = f"{plan.closing_key}:{told}" if once else f"{plan.closing_key}:{turn}:{told}"
        was = before.get("closes", "") if told == "moved" else ""
        for seat in seats(self.desk.shop().settings):
            payload = {
                **seat,
                "feature": plan.feature,
                "closing": plan.closing_key,
                "kind": told,
                "was": was,
                "key": key,
            }
            await self.desk.jobs.defer(unit, "sellers", payload, key=f"{job}:{':'.join(seat.values())}")
        if was:  # for whoever draws it from what is kept
            await unit.facts.put(f"sellers:{key}", was)
        closes = plan.closes.isoformat()
        now = {"kind": kind, "closing": plan.closing_key, "closes": closes, "turn": turn, "ended": kind == "closed"}
        await unit.facts.put(name, json.dumps(now))
        _log.info("retirement", extra={"feature": plan.feature, "step": told, "closes": closes})


def heard_by(plan: Plan, seat: Mapping[str, object]) -> str:
    """Name the fact that a seat of the staff has heard of a closing's date, or cannot be told for good."""
    return f"heard:{plan.closing_key}:{seat['platform']}:{seat['channel']}:{seat['user']}"


def holds(plan: Plan, kind: str) -> bool:
    """Tell whether a notice is still true of a plan by the time that it is told."""
    return plan.halted == (kind in _AFTER)


def _comes_to(plan: Plan, now: datetime) -> Notice | Literal[""]:
    match stage(plan, now):
        case Stage.ANNOUNCED | Stage.CLOSING_SOON | Stage.BROWNOUT:
            return "announced"
        case Stage.PAUSED:
            return "paused"
        case Stage.ROLLED_BACK:
            return "cancelled"
        case Stage.OPEN if plan.standing == "cancelled":
            return "cancelled"
        case Stage.CLOSED | Stage.DRAINING | Stage.RETIRED:
            return "closed"
        case _:
            return ""


def _ended(before: dict[str, object]) -> bool:
    """Tell whether sellers were told that it has closed, so that it is opened again and not called off."""
    return bool(before.get("ended"))
