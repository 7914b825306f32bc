"""When each retirement was last said otherwise: what a feed calls `updated`, the same on every replica."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.desk import Desk
from bot.ports import Unit
from bot.replicas import check_active
from bot.retirement import Plan, Stage, fingerprint, stage

_FACT: Final = "changed:"


@dataclass(frozen=True, slots=True)
class Changed:
    """Notes when what a plan says changed."""

    desk: Desk
    #: By feature, what was noted last, as this process knows it.
    _last: dict[str, str] = field(default_factory=dict)

    async def follow(self, plan: Plan, now: datetime) -> None:
        """Note that a plan that people know of says something else than before. Raises Outdated."""
        says = fingerprint(replace(plan, delivered=False))
        if self._last.get(plan.feature) == says or stage(plan, now) is Stage.OPEN:
            return
        async with self.desk.store.unit() as unit:
            await check_active(unit, self.desk.shop().settings.digest)
            text = await unit.facts.get(_FACT + plan.feature)
            if text is None or json.loads(text)["says"] != says:
                await unit.facts.put(_FACT + plan.feature, json.dumps({"says": says, "at": now.isoformat()}))
        self._last[plan.feature] = says


async def changed(unit: Unit) -> Mapping[str, datetime]:
    """Give when each retirement was last said otherwise, by feature; what nobody noted yet is missing."""
    found = await unit.facts.named(_FACT)
    return {name.removeprefix(_FACT): datetime.fromisoformat(json.loads(text)["at"]) for name, text in found.items()}
