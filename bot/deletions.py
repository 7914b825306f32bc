"""How many histories were deleted, by what retired: of whom is forgotten, and that it was done is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.ports import Unit

_FACT: Final = "deleted:"


async def count_deleted(unit: Unit, feature: str) -> None:
    """Count one more history that was deleted with a feature."""
    await unit.facts.add(_FACT + feature, 1)


async def deleted(unit: Unit) -> Mapping[str, int]:
    """Count the histories that were deleted, by feature."""
    found = await unit.facts.named(_FACT)
    return {name.removeprefix(_FACT): int(many) for name, many in found.items()}
