"""`tillbot retire reminders`: what became of each round, and how far one is that runs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.database import Database
from bot.rounds import Outcome, Round, Telling
from tests.app.test_cli import shop, tillbot

__all__ = ["shop"]  # a fixture

THEN = datetime(2026, 3, 11, 13, tzinfo=UTC)
CLOSING = "buy:2026-04-10T12:00:00+00:00"
ROUND = Round("buy", CLOSING, 30, THEN, THEN, stage="telling")
ENDED = replace(ROUND, days=90, opened=THEN - timedelta(days=60), stage="ended", ended=THEN - timedelta(days=59))
BECAME = [*Outcome, Outcome.TOLD, Outcome.DUE]


@pytest.fixture
async def database(shop: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Give a database in which one round has ended and one runs."""
    url = f"sqlite:///{shop.parent.parent / 'till.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    async with await Database.open(url) as opened:
        async with opened.store.unit() as unit:
            await unit.rounds.open(ENDED)
            await unit.rounds.open(ROUND)
            await unit.rounds.add(
                [
                    Telling(CLOSING, 30, f"slack:T1/U{n}", "slack", "T1", "slack:0", outcome=outcome)
                    for n, outcome in enumerate(BECAME)
                ]
            )
        yield opened


async def test_each_round_is_shown_with_what_became_of_everybody(database: Database) -> None:
    """As JSON, a line a round, the newest first, with how many wait and how long that takes."""
    done = await asyncio.to_thread(tillbot, "retire", "reminders", "--json")
    assert done.exit_code == 0, done.output
    running, ended = map(json.loads, done.output.splitlines())
    assert (running["days"], running["ended"], running["due"]) == (30, None, THEN.isoformat())
    assert running["people"] == {
        **{outcome.value: 1 for outcome in Outcome},
        "told": 2,
        "due": 2,
    }
    assert running["seconds_left"] == pytest.approx(2 / 50 * 60, abs=1)
    assert (ended["days"], ended["seconds_left"], ended["people"]["told"]) == (90, 0, 0)


async def test_off_a_terminal_each_round_is_a_line(database: Database) -> None:
    """Plain and untruncated, and it does not wait for the round to end."""
    done = await asyncio.to_thread(tillbot, "retire", "reminders", "--most", "1")
    (line,) = done.output.splitlines()
    assert "30 days before\t2026-03-11T13:00:00+00:00\truns, less than a minute left" in line
    assert "told 2\tclosed 1\tgone 1\topted out 1\tnot reached 1\tdropped 1\twaiting 2" in line


async def test_on_a_terminal_a_bar_moves_until_the_round_ends(database: Database, shop: Path) -> None:
    """The bar says how many of all are done and how long it takes, and gives way to the table when the round ends."""
    environ = {"FORCE_COLOR": "1", "COLUMNS": "160", "DATABASE_URL": os.environ["DATABASE_URL"]}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bot.cli import main; main()", "retire", "reminders"),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env=environ,
        cwd=shop.parent.parent,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    shown = b""
    async with asyncio.timeout(30):
        while not all(part in shown for part in (b"buy, 30 days before", b"7/9", b"less than a minute left")):
            shown += await process.stderr.read(4096)
    assert not process.stdout.at_eof()
    async with database.store.unit() as unit:
        assert await unit.rounds.drop(CLOSING, 30) == 2
        await unit.rounds.save(replace(ROUND, stage="ended", ended=THEN + timedelta(hours=1)))
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert "opted out" in out.decode()
    assert "ended 2026-03-11T14:00:00+00:00" in out.decode()


async def test_where_nobody_was_reminded(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{shop.parent.parent / 'other.sqlite3'}")
    done = await asyncio.to_thread(tillbot, "retire", "reminders")
    assert done.output.strip() == "Nobody has been reminded yet."
