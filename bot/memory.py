"""The memory of adapters, kept among the facts of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.ports import Store

_PREFIX: Final = "memory:"


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """Implements bot.ports.Memory over a Store."""

    store: Store

    async def get(self, name: str) -> str | None:
        """Give what is remembered under a name."""
        async with self.store.reading() as unit:
            return await unit.facts.get(_PREFIX + name)

    async def put(self, name: str, value: str) -> None:
        """Remember something, new or changed."""
        async with self.store.unit() as unit:
            await unit.facts.put(_PREFIX + name, value)

    async def take(self, name: str) -> str | None:
        """Give what is remembered, and forget it."""
        async with self.store.unit() as unit:
            return await unit.facts.take(_PREFIX + name)

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give everything whose name begins so."""
        async with self.store.reading() as unit:
            found = await unit.facts.named(_PREFIX + prefix)
        return {name.removeprefix(_PREFIX): value for name, value in found.items()}
