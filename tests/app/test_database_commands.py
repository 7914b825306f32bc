"""`tillbot backup` and `tillbot migrate` as an operator says them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.postgresql import Server


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stand in a folder whose shop is a file."""
    monkeypatch.chdir(tmp_path)
    address = f"sqlite:///{tmp_path}/var/till.sqlite3"
    monkeypatch.setenv("DATABASE_URL", address)
    return address


def tillbot(*words: str) -> Result:
    """Say `tillbot WORDS`."""
    return CliRunner().invoke(app, list(words))


def test_migrate_makes_and_changes_the_tables(url: str, tmp_path: Path) -> None:
    """A database that is missing is made; one that is up to date is left alone."""
    for _ in range(2):
        done = tillbot("migrate")
        assert (done.exit_code, done.output) == (0, "The database is up to date.\n")
    assert url.endswith(str(tmp_path / "var" / "till.sqlite3"))


@pytest.mark.usefixtures("url")
def test_backup_says_what_it_did_and_writes_over_nothing(tmp_path: Path) -> None:
    """The copy is named; a second time it is refused with what to say, unless replacing is said."""
    tillbot("migrate")
    assert "whole copy" in tillbot("backup", "copy").output
    refused = tillbot("backup", "copy")
    assert refused.exit_code == 1
    assert "--replace" in refused.output
    assert tillbot("backup", "copy", "--replace").exit_code == 0
    assert (tmp_path / "copy").stat().st_size > 0


def test_backup_of_a_server_says_what_to_run(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is backed up by its own program, which is named without the password."""
    assert url
    monkeypatch.setenv("DATABASE_URL", "postgresql://till:geheim@db.example/shop")
    said = tillbot("backup", "copy")
    assert said.exit_code == 1
    assert "pg_dump" in said.output
    assert "geheim" not in said.output


@pytest.mark.usefixtures("url")
def test_migrate_to_a_server_counts_what_it_moved(server: Server) -> None:
    """A line a table, or an object; a target that is none is refused in words."""
    tillbot("migrate")
    target = server.empty()
    moved = [json.loads(line) for line in tillbot("migrate", "--to", target, "--json").output.splitlines()]
    assert ("orders", 0) in [(each["table"], each["rows"]) for each in moved]
    assert all(len(each["sha256"]) == 64 for each in moved)
    refused = tillbot("migrate", "--to", "sqlite:///other")
    assert refused.exit_code == 1
    assert "--to needs postgresql://" in refused.output
    server.drop(target)
