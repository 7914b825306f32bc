"""`tillbot retire` and `tillbot audit`, said as an operator says it, while the shop runs and while it does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.orders import State
from tests.app.terminal import Terminal
from tests.conformance.test_story import state_is
from tests.conformance.web_door import WebDoor
from tests.conformance.world import World, eventually


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with World.at(await WebDoor.open(), tmp_path) as world:
        yield Terminal(world)


async def closes(terminal: Terminal, expected: datetime) -> None:
    """Wait until the running shop closes Buy at an instant."""

    def there() -> bool:
        plan = terminal.world.app.live().plan("buy")
        return plan is not None and plan.closes == expected

    await eventually(there, "the shop did not follow", within=15)


async def test_a_running_shop_follows(terminal: Terminal) -> None:
    """Postponed with an order in flight, it can be paid on; closed now, a new wish gets the notice; taken back, it is open."""
    await terminal.world.retire(announced=timedelta(days=-1), closes=timedelta(hours=1))
    number, link = await terminal.wish("/buy zine")
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=40)
    no_reason = await terminal.tillbot("retire", "postpone", "buy", "--to", later.isoformat(), keys=False)
    assert (no_reason.code, no_reason.err) == (1, "Say why: --reason TEXT.\n")
    done = await terminal.tillbot(
        "retire", "postpone", "buy", "--to", later.isoformat(), "--reason", "lease", "--by", "eve", keys=False
    )
    assert done.code == 0, done.err
    assert "buy: announced" in done.out
    await closes(terminal, later)
    terminal.world.clock.shift = timedelta(hours=2)
    await terminal.world.pay(link)
    await state_is(terminal.world, number, State.FULFILLED)

    waiting, _ = await terminal.wish("/buy mug blue 1", "bob")
    assert (await terminal.tillbot("retire", "now", "buy", "--reason", "roof", "--yes", keys=False)).code == 0
    await state_is(terminal.world, waiting, State.EXPIRED)
    ann = await terminal.world.door.person("ann")
    assert "ended on" in (await ann.say("/buy zine")).text

    asked = await terminal.tillbot("retire", "rollback", "buy", "--reason", "mended", keys=False)
    assert asked.code == 1
    assert "checkouts that were ended: 1;" in asked.out
    assert "ended on" in (await ann.say("/buy zine")).text
    assert (await terminal.tillbot("retire", "rollback", "buy", "--reason", "mended", "--yes", keys=False)).code == 0

    async def open_again() -> bool:
        return terminal.world.app.live().settings.plans["buy"].standing == "rolled_back"

    await eventually(open_again, "the shop did not open again", within=15)
    await terminal.wish("/buy zine", "cid")
    assert (await terminal.world.order(waiting)).state is State.EXPIRED
    listed = (await terminal.tillbot("audit", keys=False)).out.splitlines()
    assert ["retire.postpone" in listed[1], "retire.now" in listed[2], "retire.rollback" in listed[3]] == [True] * 3
    assert "cli:eve" in listed[1]


async def test_before_a_shop_ever_ran_and_while_none_runs(terminal: Terminal) -> None:
    """Acts are written down, shown by status, and in force before the first answer of the next start."""
    await terminal.world.retire(announced=timedelta(days=-1), closes=timedelta(days=30))
    await terminal.world.stop()
    assert (await terminal.tillbot("retire", "pause", "buy", keys=False)).code == 0
    assert (await terminal.tillbot("retire", "pause", "buy", keys=False)).err == "buy is on hold already.\n"
    assert (await terminal.tillbot("retire", "resume", "buy", keys=False)).code == 0
    assert (await terminal.tillbot("retire", "now", "buy", "--reason", "roof", "--yes", keys=False)).code == 0
    (shown,) = [json.loads(line) for line in (await terminal.tillbot("retire", "status", "--json")).out.splitlines()]
    assert [act["deed"] for act in shown["acts"]] == ["pause", "resume", "now"]
    assert shown["state"] == "draining"
    await terminal.world.start()
    ann = await terminal.world.door.person("ann")
    assert "ended on" in (await ann.say("/buy zine")).text


async def test_what_cannot_be_said_is_refused(terminal: Terminal) -> None:
    """An instant without its zone, a feature that does not retire, an approval of nothing: exit 1, nothing written."""
    bare = await terminal.tillbot("retire", "postpone", "buy", "--to", "2027-02-01T10:00", "--reason", "x", keys=False)
    assert "needs its zone" in bare.err
    assert "Nothing called cup retires" in (await terminal.tillbot("retire", "pause", "cup", keys=False)).err
    assert "Nothing called buy retires" in (await terminal.tillbot("retire", "approve", "buy", keys=False)).err
    assert (await terminal.tillbot("retire", "status", keys=False)).out == "Nothing retires in this shop.\n"
    assert (await terminal.tillbot("audit", keys=False)).out == ""


async def test_an_altered_line_is_found(terminal: Terminal) -> None:
    """`audit verify` says how many lines hold, and exits 1 with the number of the first that does not."""
    await terminal.world.retire(announced=timedelta(days=-1), closes=timedelta(days=30))
    assert (await terminal.tillbot("retire", "pause", "buy", "--reason", "court", keys=False)).code == 0
    good = await terminal.tillbot("audit", "verify", keys=False)
    assert (good.code, good.out[:13]) == (0, "2 lines hold.")
    with sqlite3.connect(terminal.world.folder / "shop.sqlite3") as connection:
        connection.execute("UPDATE audit SET who = 'cli:mallory' WHERE number = 2")
    connection.close()
    bad = await terminal.tillbot("audit", "verify", keys=False)
    assert (bad.code, bad.err) == (1, "The first 1 lines hold; then line 2 was altered.\n")
