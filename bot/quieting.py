"""Quieting: whoever wants no reminders gets none; news of their own orders reaches them all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.chat import Context
from bot.desk import Desk
from bot.ports import Unit

#: What the names of the facts begin with that say who wants none.
_QUIET: Final = "quiet:"


@dataclass(frozen=True, slots=True)
class Quieting:
    """Remembers who wants no reminders."""

    desk: Desk

    async def quiet(self, ctx: Context) -> None:
        """Remind this person of nothing any more."""
        async with self.desk.store.unit() as unit:
            await unit.facts.put(_name(ctx.person.key), unit.now.isoformat())

    async def remind(self, ctx: Context) -> None:
        """Remind this person again."""
        async with self.desk.store.unit() as unit:
            await unit.facts.take(_name(ctx.person.key))


async def is_quiet(unit: Unit, person: str) -> bool:
    """Tell whether a person, by their key, wants no reminders."""
    return await unit.facts.get(_name(person)) is not None


async def quiet_people(unit: Unit) -> frozenset[str]:
    """Give the keys of all people who want no reminders."""
    return frozenset(name.removeprefix(_QUIET) for name in await unit.facts.named(_QUIET))


def _name(person: str) -> str:
    return f"{_QUIET}{person}"
