"""Plays a scene again and again, killed at another instant each time, and tells how each of them ended."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from adapters.database import Database, tables
from adapters.sandbox.server import Sandbox
from tests.adapters.sandbox.buyer import Buyer
from tests.conformance.world import KEYS
from tests.crash import scenes
from tests.crash.evidence import Evidence, Shown
from tests.crash.gathering import gather, open_session
from tests.crash.process import ROOT

#: What differs from one playing to the next, though nothing else does: instants, and names that somebody thought up.
_OWN: Final = re.compile(
    r"cs_test_\w+|(?:pi|sub|evt|in)_\w+|http://127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d[T ][\d:.]+(?:\+00:00|Z)?"
)
#: Facts and counters that say how it went, not how it ended.
_PASSING: Final = ("cursor:", "asked", "webhook:", "check:")
KILLED: Final = -9


@dataclass
class Nursery:
    """A running `tests.crash.nursery`."""

    process: Process

    async def play(self, **task: Any) -> int:
        """Have a child play, and give how it ended: 0, or -9."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write((json.dumps(task, default=str) + "\n").encode())
        return int(await self.process.stdout.readline())

    @classmethod
    async def open(cls) -> Nursery:
        """Start it."""
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.crash.nursery", stdin=PIPE, stdout=PIPE, cwd=ROOT
            )
        )

    async def close(self) -> None:
        """End it."""
        self.process.kill()
        await self.process.communicate()


@dataclass(frozen=True)
class Ending:
    """How a playing ended."""

    #: Whether it was killed before the work was done.
    killed: bool
    instants: int
    evidence: Evidence
    #: Every row, without what differs each time.
    rows: Sequence[str]
    #: What the person holds.
    held: bool


@dataclass
class Stagehand:
    """Plays one scene in a folder of its own. `plants` are in the process that is killed, `after` in the one that goes on."""

    nurseries: Sequence[Nursery]
    folder: Path
    scene: str
    plants: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    #: Whether it is killed at the beginnings of awaits too, and at those within: several times as many.
    every: bool = False

    async def prepare(self) -> None:
        """Play what comes before, once."""
        first, nursery = self.folder / "first", self.nurseries[0]
        first.mkdir(parents=True)
        (first / "shop.toml").write_text(scenes.CONFIG, encoding="utf-8")
        scene = scenes.SCENES[self.scene]
        async with _sandbox(first) as sandbox, Buyer() as buyer:
            assert await self._play(nursery, "before", first, sandbox) == 0
            if scene.pays:
                url = open_session(sandbox, await _number(first))
                assert (await buyer.pay(url)).status == 303
            if scene.meanwhile:
                assert await self._play(nursery, "meanwhile", first, sandbox) == 0
        for each in self.nurseries:
            warm = self.folder / "warm"
            shutil.copytree(first, warm)
            async with _sandbox(warm) as sandbox:
                assert await self._play(each, "work", warm, sandbox, here=True) == 0
                assert await self._play(each, "go on", warm, sandbox, here=True) == 0
            shutil.rmtree(warm)

    async def each(self, most: int) -> AsyncGenerator[tuple[int, Ending], None]:
        """Play it killed at instant 1, 2, 3..., as many at once as there are nurseries, until the work came to its end."""
        waiting = itertools.count(1)
        playing = {asyncio.create_task(self._next(nursery, waiting)) for nursery in self.nurseries}
        try:
            while playing:
                done, playing = await asyncio.wait(playing, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    nursery, last, ending = task.result()
                    yield last, ending
                    if ending.killed and last < most:
                        playing.add(asyncio.create_task(self._next(nursery, waiting)))
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)

    async def _next(self, nursery: Nursery, waiting: Iterator[int]) -> tuple[Nursery, int, Ending]:
        last = next(waiting)
        return nursery, last, await self.play(last, nursery)

    async def play(self, last: int, nursery: Nursery | None = None) -> Ending:
        """Play the work up to its instant `last` (0: to its end), then have a new process go on."""
        nursery = nursery or self.nurseries[0]
        place = self.folder / f"at {last}"
        shutil.copytree(self.folder / "first", place)
        async with _sandbox(place) as sandbox:
            status = await self._play(nursery, "work", place, sandbox, last=last, plants=self.plants)
            killed = [time.time()] if status == KILLED else []
            assert status in {0, KILLED}, f"{self.scene} at {last}: {status}"
            assert await self._play(nursery, "go on", place, sandbox, plants=self.after) == 0
            shown, held = _diary(place / "diary")
            passed = place / "passed"
            ending = Ending(
                bool(killed),
                int(passed.read_text()) if passed.exists() else 0,
                await gather(_url(place), sandbox, place / "shop.toml", shown=shown, kills=killed, moves=_moves(place)),
                await _rows(place),
                held,
            )
        shutil.rmtree(place)
        return ending

    async def _play(
        self,
        nursery: Nursery,
        part: str,
        place: Path,
        sandbox: Sandbox,
        *,
        last: int = 0,
        plants: Sequence[str] = (),
        here: bool = False,
    ) -> int:
        return await nursery.play(
            scene=self.scene,
            part=part,
            folder=place,
            stripe=sandbox.base,
            last=last,
            every=self.every,
            plants=list(plants),
            here=here,
        )


def _sandbox(place: Path) -> Sandbox:
    return Sandbox(path=place / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values()))


def _url(place: Path) -> str:
    return f"sqlite:///{place / 'shop.sqlite3'}"


def _moves(place: Path) -> list[tuple[float, float]]:
    lines = [json.loads(line) for line in (place / "moves").read_text().splitlines()]
    return [(since, ahead) for since, ahead in lines if ahead]


def _diary(file: Path) -> tuple[list[Shown], bool]:
    """Read what was shown, and whether the person holds the perk in the end."""
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    shown = [Shown(line["at"], line["person"], line["text"]) for line in lines if "text" in line]
    return shown, next((line["held"] for line in reversed(lines) if "held" in line), False)


async def _number(place: Path) -> str:
    async with await Database.open(_url(place)) as database, database.store.reading() as unit:
        return next(iter(await unit.orders.newest())).id


async def _rows(place: Path) -> list[str]:
    """Give every row that says how it ended, as text without what differs each time."""
    found: list[str] = []
    async with await Database.open(_url(place)) as database, database.store.reading() as unit:
        number = next(iter(await unit.orders.newest())).id
        for table in (
            tables.orders,
            tables.order_history,
            tables.stock,
            tables.pledges,
            tables.news,
            tables.facts,
            tables.inbox,
            tables.jobs,
        ):
            columns = [column for column in table.columns if column.name not in {"id", "told_at", "how", "changed"}]
            for row in (await unit.transaction.execute(select(*columns).order_by(*table.primary_key))).mappings():
                text = json.dumps(dict(row), default=str)
                if row.get("kind") != "ready" and not str(row.get("name", "")).startswith(_PASSING):
                    found.append(f"{table.name} {_OWN.sub('*', text.replace(number, 'ORDER'))}")
    return sorted(set(found))  # what was asked for twice is noted twice
