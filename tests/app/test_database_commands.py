"""`tillbot migrate`, `backup` and `jobs`, as operators use them: exit codes, words and JSON."""

from __future__ import annotations

import asyncio
import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from adapters.database import Database
from adapters.database.migrations import HEAD
from adapters.database.patience import Patience
from bot.ports import Json
from tests.app.test_cli import shop, tillbot

__all__ = ["shop"]  # a fixture


@pytest.fixture
def database(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have an empty shop in SQLite, where DATABASE_URL says."""
    file = shop.parent.parent / "till.sqlite3"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    assert tillbot("migrate").exit_code == 0
    return file


def test_migrate(database: Path) -> None:
    """`migrate` makes the database where it is missing, says its version, and may be said again."""
    assert database.exists()
    done = tillbot("migrate", "--json")
    assert (done.exit_code, json.loads(done.output)) == (0, {"version": HEAD})
    assert f"up to date ({HEAD})" in tillbot("migrate").output


def test_migrate_a_server(shop: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate` brings a server's tables up to date too."""
    monkeypatch.setenv("DATABASE_URL", postgresql_url)
    assert f"up to date ({HEAD})" in tillbot("migrate").output


def test_move(database: Path, postgresql_url: str) -> None:
    """`migrate --to` moves the shop, says each table with its rows and checksum, a line each, and what to do next."""
    done = tillbot("migrate", "--to", postgresql_url)
    assert done.exit_code == 0, done.output
    assert re.search(r"^orders\t0\t[0-9a-f]{32}$", done.output, re.MULTILINE)
    assert "Set DATABASE_URL" in done.output
    again = tillbot("orders")
    assert again.exit_code == 1
    assert "this shop was moved to" in again.output
    assert "in use again" in tillbot("migrate", "--undo-move").output
    assert "has not moved" in tillbot("migrate", "--undo-move").output
    assert tillbot("orders").exit_code == 0


def test_move_as_json(database: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as JSON, with the address, which may hold a password, from the environment."""
    monkeypatch.setenv("TILLBOT_MIGRATE_TO", postgresql_url)
    done = tillbot("migrate", "--json")
    assert done.exit_code == 0, done.output
    tables = {table["table"]: table for table in map(json.loads, done.output.splitlines())}
    assert tables["orders"]["rows"] == 0


def test_a_move_that_is_refused(database: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second move into the same database exits 1 where there is anything in it, and repeats no password."""
    with monkeypatch.context() as there:
        there.setenv("DATABASE_URL", postgresql_url)
        assert tillbot("migrate").exit_code == 0
    for to, said in (
        ("postgresql://ann:hunter2@127.0.0.1:1/tills", "cannot be reached"),
        ("mysql://ann:hunter2@db/tills", "the new address names no database of a server; write postgresql://"),
        ("sqlite:///ann:hunter2", "the new address names no database of a server; write postgresql://"),
    ):
        done = tillbot("migrate", "--to", to)
        assert done.exit_code == 1
        assert said in done.output
        assert "hunter2" not in done.output


def test_backup(database: Path, tmp_path: Path) -> None:
    """`backup` copies the database, says how much it was, and does not write over a file unless it is told to."""
    to = tmp_path / "monday.sqlite3"
    done = tillbot("backup", str(to))
    assert done.exit_code == 0, done.output
    assert "0 orders" in done.output
    again = tillbot("backup", str(to))
    assert again.exit_code == 1
    assert "--replace" in again.output
    replaced = tillbot("backup", str(to), "--replace", "--json")
    assert json.loads(replaced.output) == {"file": str(to), "size": to.stat().st_size, "orders": 0}


def test_a_backup_that_cannot_be_made(database: Path, tmp_path: Path) -> None:
    """Where the copy's folder or the shop is missing no backup is made, and it is said which; nothing is left behind."""
    done = tillbot("backup", str(tmp_path / "copies" / "monday.sqlite3"))
    assert done.exit_code == 1
    assert f"No backup was made. {tmp_path}/copies/monday.sqlite3: there is no folder {tmp_path}/copies" in done.output
    database.unlink()
    done = tillbot("backup", str(tmp_path / "monday.sqlite3"))
    assert done.exit_code == 1
    assert done.output.startswith(f"No backup was made. {database}: ")
    assert not list(tmp_path.glob("*monday*"))


def test_backup_of_a_server(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a server's database no backup is made: exit 1, so that no timer takes it for one, with the command that makes it."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:hunter2@db.example/tills")
    done = tillbot("backup", str(tmp_path / "monday.dump"))
    assert done.exit_code == 1
    assert f"pg_dump --format=custom --file={tmp_path}/monday.dump" in done.output
    assert "hunter2" not in done.output
    assert not (tmp_path / "monday.dump").exists()


def test_jobs_that_wait_for_somebody(database: Path) -> None:
    """`jobs` lists what failed too often with its reason, `jobs retry` has it begun again, and says which it does not know."""
    assert "No job waits for anybody." in tillbot("jobs").output

    async def park() -> None:
        async with await Database.open(f"sqlite:///{database}", patience=Patience(attempts=1)) as opened:

            async def fail(_: Json) -> None:
                raise ValueError

            opened.jobs.handle("tell", fail)
            async with opened.store.unit() as unit:
                await opened.jobs.defer(unit, "tell", {})
            await opened.jobs.drain()

    asyncio.run(park())
    (body,) = map(json.loads, tillbot("jobs", "--json").output.splitlines())
    assert (body["id"], body["kind"]) == (1, "tell")
    assert "1\ttell\t" in tillbot("jobs").output
    assert "Say which" in tillbot("jobs", "retry").output
    assert tillbot("jobs", "retry", str(2**63)).exit_code == 2, "no row has such a number"
    done = tillbot("jobs", "retry", "1", "1", "7")
    assert done.exit_code == 1
    assert "1 is begun again." in done.output
    assert "left alone: 7." in done.output
    assert tillbot("jobs", "retry", "--all").exit_code == 0


def test_the_version() -> None:
    """`--version` says it, as whoever reports a fault is asked."""
    assert tillbot("--version").output == f"tillbot {version('tillbot')}\n"
