"""Group commit: what callers were told is what is in the file, whoever raises, is cancelled, or is killed with others."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from adapters.database import Database
from adapters.database.groups import MOST, Group, Groups, Member
from bot.errors import StoreUnavailable
from tests.databases import ready

#: What a unit does: write, write and raise, write and be cancelled, write and wait a little, or only look.
DEEDS = ["writes", "raises", "cancelled", "waits", "looks"]


class Raised(Exception):
    """What a unit raises of its own."""


ERRORS: dict[str, type[BaseException]] = {"raises": Raised, "cancelled": asyncio.CancelledError}


def kept(file: Path) -> set[str]:
    """Read from the file, by itself, what is in it."""
    with closing(sqlite3.connect(file)) as reading:
        return {name for (name,) in reading.execute("SELECT name FROM facts WHERE name LIKE 'unit %'")}


async def act(database: Database, name: str, deed: str) -> bool:
    """Do a unit, and tell whether it was said to be kept."""
    try:
        async with database.store.unit() as unit:
            assert await unit.facts.get(name) is None
            if deed == "looks":
                return False
            await unit.facts.put(name, "written")
            if deed == "waits":
                await asyncio.sleep(0.001)
            if deed in ERRORS:
                raise ERRORS[deed]
    except Raised:
        return False
    except StoreUnavailable:
        if deed == "raises its error":
            raise
        return False
    return True


def failing(groups: Groups, turns: list[bool]) -> Callable[[], None]:
    """Let commits fail as these turns say, as on a full disk; gives what puts that right."""
    honest = groups._close

    async def close(group: Any) -> None:
        if turns and groups._group and turns.pop():
            full = sqlite3.OperationalError("database or disk is full")
            full.sqlite_errorcode = sqlite3.SQLITE_FULL

            def commit() -> None:
                raise OperationalError("COMMIT", None, full)

            setattr(groups._group.connection, "commit", commit)  # noqa: B010 - a disk that is full
        await honest(group)

    groups._close = close  # type: ignore[method-assign]
    return lambda: setattr(groups, "_close", honest)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(DEEDS), min_size=1, max_size=40), st.lists(st.booleans(), max_size=4))
async def test_what_callers_were_told_is_what_is_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[str], failures: list[bool]
) -> None:
    """Of units that write at the same time exactly those are there that were said to be, whatever commits fail."""
    file = tmp_path_factory.mktemp("group") / "till.sqlite3"
    async with await Database.open(ready(file)) as database:
        groups = database._connections._groups  # type: ignore[attr-defined]
        honest = failing(groups, failures)
        acts = [act(database, f"unit {number}", deed) for number, deed in enumerate(deeds)]
        told = await asyncio.gather(*acts, return_exceptions=True)
        honest()
        assert kept(file) == {f"unit {number}" for number, said in enumerate(told) if said is True}
        assert await act(database, "unit after", "writes"), "and it goes on"


async def test_those_who_wait_are_committed_together(tmp_path: Path) -> None:
    """A hundred units at once take a few commits, in the order in which they asked; nobody is told before the disk has it."""
    file, commits, order = tmp_path / "till.sqlite3", [], []
    async with await Database.open(ready(file)) as database:
        groups = database._connections._groups  # type: ignore[attr-defined]
        honest = groups._close

        async def close(group: Any) -> None:
            await honest(group)
            commits.append(group.units)

        async def one(number: int) -> None:
            async with database.store.unit() as unit:
                order.append(number)
                await unit.facts.put(f"unit {number}", "")
            assert f"unit {number}" in kept(file)

        groups._close = close
        await asyncio.gather(*(one(number) for number in range(100)))
    assert order == list(range(100))
    assert max(commits) <= MOST
    assert len(commits) < 20


async def test_whoever_is_cancelled_while_the_group_is_committed_holds_nobody_up(tmp_path: Path) -> None:
    """Their unit is kept, as it is of those whose commit has begun, and so are the others'."""
    file = tmp_path / "till.sqlite3"
    async with await Database.open(ready(file)) as database:
        tasks = [asyncio.create_task(act(database, f"unit {number}", "writes")) for number in range(9)]
        for _ in range(5):  # until the first of them has begun
            await asyncio.sleep(0)
        tasks[0].cancel()
        found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
        assert [said for said in found[1:] if said is not True] == []
        assert kept(file) >= {f"unit {number}" for number in range(1, 9)}
        assert await act(database, "unit after", "writes")


async def test_the_last_who_waited_is_cancelled_before_its_turn(tmp_path: Path) -> None:
    """The group that was left to it is committed all the same."""
    file = tmp_path / "till.sqlite3"
    async with await Database.open(ready(file)) as database:
        inside, go = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with database.store.unit() as unit:
                await unit.facts.put("unit first", "")
                inside.set()
                await go.wait()

        leading = asyncio.create_task(first())
        await inside.wait()
        last = asyncio.create_task(act(database, "unit last", "writes"))
        await asyncio.sleep(0)
        go.set()
        await asyncio.sleep(0)
        last.cancel()
        await asyncio.wait_for(leading, 10)
        with suppress(asyncio.CancelledError):
            await last
        assert "unit first" in kept(file)


async def test_what_sqlite_rolls_back_by_itself_fails_all(tmp_path: Path) -> None:
    """Where the transaction is gone under a unit, nobody of its group is told that anything was kept, and it is not."""
    file = tmp_path / "till.sqlite3"
    async with await Database.open(ready(file)) as database:
        groups = database._connections._groups  # type: ignore[attr-defined]

        async def spoils() -> bool:
            try:
                async with database.store.unit() as unit:
                    await unit.facts.put("unit spoils", "")
                    groups._group.raw.execute("ROLLBACK")
                    with suppress(StoreUnavailable):
                        await unit.facts.put("unit by itself", "")
            except StoreUnavailable:
                return False
            return True

        before = act(database, "unit before", "writes")
        told = await asyncio.gather(before, spoils(), act(database, "unit behind", "writes"))
        assert list(told) == [False, False, True]
        assert kept(file) == {"unit behind"}


async def test_a_group_that_nobody_can_join_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even a savepoint can be made, the unit fails, and the next one begins anew."""
    file = tmp_path / "till.sqlite3"
    async with await Database.open(ready(file)) as database:

        def broken(_: Member, __: Group) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as patch:
            patch.setattr(Member, "__init__", broken)
            with pytest.raises(StoreUnavailable, match="disk I/O error"):
                await asyncio.wait_for(act(database, "unit one", "raises its error"), 10)
        assert await asyncio.wait_for(act(database, "unit two", "writes"), 10)


_KILLED = """
import asyncio, sys
from adapters.database import Database

async def main():
    async with await Database.open(sys.argv[1]) as database:
        async def one(number):
            async with database.store.unit() as unit:
                await unit.facts.put(f"unit {number}", "")
            print(number, flush=True)
        number = int(sys.argv[2])
        while True:
            await asyncio.gather(*(one(number + n) for n in range(40)))
            number += 40

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_that_anybody_was_told(tmp_path: Path) -> None:
    """Killed with -9 in the middle of its groups, a process has in the file whatever it had said is there."""
    file = tmp_path / "till.sqlite3"
    for life in range(3):
        url = ready(file) if life == 0 else f"sqlite:///{file}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _KILLED, url, str(life * 100_000), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        said = [await process.stdout.readline() for _ in range(60 + 17 * life)]
        os.kill(process.pid, signal.SIGKILL)
        said += (await process.stdout.read()).splitlines()
        await process.wait()
        names = {f"unit {int(line)}" for line in said if line.strip()}
        assert len(names) > 50
        assert names <= kept(file)
