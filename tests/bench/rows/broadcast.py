"""A reminder to 100,000 people, on a virtual clock: how long it takes beside what the platform allows, and its memory."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.chat import Card
from bot.errors import Later
from bot.orders import Buyer
from bot.rounds import RATES, Outcome, outcomes
from tests.bench.processes import RSS, says
from tests.bench.row import Figure, Row, Scale, alone, pairs
from tests.bench.seeding import copies
from tests.bot.rig import CLOSING, SHOP, Rig, Time, World, opened

PEOPLE: Final = 100_000
#: Workspaces that they are in, each with a limit of its own.
WORKSPACES: Final = 25
#: A tenth of the people, whose memory is the other's anchor.
FEWER: Final = 10
#: The first step, 30 days before the closing; those who are told once a step at any hour.
STEP: Final = datetime(2026, 3, 11, 13, tzinfo=UTC)
TEXT: Final = (
    SHOP + CLOSING + "\n[retirement.buy.reminders]\ndays = [30]\nquiet_from = 00:00:00\nquiet_until = 00:00:00\n"
)
MINUTE: Final = timedelta(minutes=1)
_OWN: Final[dict[str, dict[str, str]]] = {
    "orders": {
        "id": "printf('Z%07d', n)",
        "asked_by": "'seed' || n",
        "person": f"'slack:T' || (n % {WORKSPACES}) || '/P' || n",
        "user_id": "'P' || n",
        "workspace": f"'T' || (n % {WORKSPACES})",
        "session": "'cs_seed' || n",
        "payment_intent": "'pi_seed' || n",
    }
}

_CODE: Final = """
import asyncio, json, sys
from tests.bench.rows.broadcast import broadcast
print(json.dumps(asyncio.run(broadcast(int(sys.argv[1]), rss))))
"""


@dataclass
class Limited:
    """Slack, as far as its limit goes: so many messages a minute in each workspace, and then a 429 that says when again.

    Implements bot.ports.Voice.
    """

    time: Time
    platform: str = "slack"
    told: int = 0
    refused: int = 0
    _began: dict[str, datetime] = field(default_factory=dict)
    _many: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell somebody, or say when again."""
        del card, key
        now, there = self.time.at, buyer.workspace
        if now - self._began.get(there, now - MINUTE) >= MINUTE:
            self._began[there], self._many[there] = now, 0
        if self._many[there] >= RATES["slack"].a_minute:
            self.refused += 1
            raise Later(self._began[there] + MINUTE)
        self._many[there] += 1
        self.told += 1
        return "sent"

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post to the staff."""
        del channel, card
        return key

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Amend nothing."""


def _measure(scale: Scale) -> Sequence[Figure]:
    people = scale.of(PEOPLE, least=50)
    with tempfile.TemporaryDirectory() as folder:
        most, fewer = (
            says(RSS + _CODE, str(many), compiled=Path(folder) / "compiled") for many in (people, people // FEWER)
        )
    least = _least(people)
    return [
        pairs("from the first told to the last", "minutes", [(most["minutes"], least)], bound=1.1),
        alone("work for each", "ms CPU", most["cpu"], bound=float("inf")),
        pairs("memory that it takes, to that of a tenth of them", "MB", [(most["rss"], fewer["rss"])], bound=1.1),
    ]


def _least(people: int) -> float:
    """Give the least minutes that the platform's limit leaves: each workspace's window takes so many, the first at once."""
    each = -(-people // WORKSPACES)
    return max(-(-each // int(RATES["slack"].a_minute)) - 1, 1)


async def broadcast(people: int, rss: Any) -> dict[str, float]:
    """Tell them all, and say how many minutes that took on the shop's clock, and megabytes at the end."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), text=SHOP)
        async with opened(world) as rig:
            await rig.paid(await rig.place("zine"))
        copies(Path(folder), people, _OWN)
        voice = Limited(world.time)
        world.voice, world.text = voice, TEXT  # type: ignore[assignment]  # a Voice, of which no more is asked
        async with opened(world) as rig:
            rig.time.reach(STEP)
            begun, cpu = rig.time.at, time.process_time()
            await _rounds_end(rig)
            async with rig.database.store.reading() as unit:
                found = outcomes(await unit.rounds.tallies())
            if found.get(Outcome.TOLD, 0) < people:
                raise RuntimeError(f"not everybody was told: {found}")
            minutes = (rig.time.at - begun) / MINUTE
            return {
                "minutes": minutes,
                "rss": rss(),
                "cpu": (time.process_time() - cpu) / people * 1e3,
                "refused": voice.refused,
            }


async def _rounds_end(rig: Rig) -> None:
    """Let time pass from one thing that is due to the next, until no round runs."""
    jobs: Any = rig.database.jobs
    while True:
        await rig.live.refresh()
        await rig.house.reminding.tick()
        await jobs.drain()
        async with rig.database.store.reading() as unit:
            if not await unit.rounds.running():
                return
        due = await jobs.next_due(rig.time.at)
        rig.time.reach(max(due or rig.time.at, rig.time.at) + timedelta(milliseconds=1))


ROW: Final = Row(
    f"a reminder to 100,000 people in {WORKSPACES} workspaces, virtual clock", "the platform's limit", _measure
)
