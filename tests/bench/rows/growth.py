"""One order, from the wish to its delivery, in a database with ten thousand others, a hundred thousand, and a million."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.row import Figure, Row, Scale, pairs
from tests.bench.seeding import copies
from tests.bot.rig import World, opened

SIZES: Final = (10_000, 100_000, 1_000_000)
#: Orders that are measured in each round.
MEASURED: Final = 60
#: Orders before those, in which each statement is made ready.
WARM: Final = 5
#: What of an order, and of what belongs to it, is another for each; all else is as it is with one that was sold.
_OWN: Final[dict[str, dict[str, str]]] = {
    "orders": {
        "id": "printf('Z%07d', n)",
        "asked_by": "'seed' || n",
        "person": "'slack:T/P' || (n / 3)",
        "user_id": "'P' || (n / 3)",
        "session": "'cs_seed' || n",
        "payment_intent": "'pi_seed' || n",
        "created": "datetime(created, '-' || (n % 500000) || ' minutes') || '.000000'",
        "paid_at": "datetime(paid_at, '-' || (n % 500000) || ' minutes') || '.000000'",
    },
    "order_history": {"id": "NULL", "order_id": "printf('Z%07d', n)"},
    "news": {"person": "'slack:T/P' || (n / 3)", "id": "news.id + (n % 3) * 100"},
}


def _measure(scale: Scale) -> Sequence[Figure]:
    sizes = [scale.of(size, least=5) for size in SIZES]
    with tempfile.TemporaryDirectory() as folder:
        worlds = [_grown(Path(folder) / str(number), size) for number, size in enumerate(sizes)]
        many = scale.of(MEASURED, least=5)
        costs = [[asyncio.run(_cost(world, many, turn)) for world in worlds] for turn in range(scale.rounds)]
    return [
        pairs(f"an order beside {size:,}", "µs CPU", [(cost[number], cost[0]) for cost in costs], bound=1.2)
        for number, size in enumerate(sizes)
        if number
    ]


def _grown(folder: Path, size: int) -> World:
    """Make a shop that has sold so many times before."""
    folder.mkdir()
    world = World(folder, lasting=True)
    asyncio.run(_cost(world, 1, "first", warm=0))
    copies(folder, size, _OWN)
    return world


async def _cost(world: World, many: int, turn: object, *, warm: int = WARM) -> float:
    """Sell so often, and give what one order takes of this process's CPU (µs)."""
    begun = 0.0
    async with opened(world) as rig:
        for number in range(warm + many):
            if number == warm:
                begun = time.process_time()
            await rig.paid(await rig.place("zine", who=f"{turn}x{number}"))
        return (time.process_time() - begun) / many * 1e6


ROW: Final = Row("an order placed, paid and delivered, SQLite", "itself beside the fewest", _measure)
