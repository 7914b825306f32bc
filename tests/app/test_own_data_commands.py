"""`tillbot export` over a database with one of everything."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.database import Database
from bot.cli import app
from bot.orders import Buyer
from tests.app.harbour import CONFIG, fill
from tests.contracts.samples import an_order
from tests.databases import ready


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "shop.toml").write_text(CONFIG)
    url = ready(tmp_path / "shop.sqlite3")
    asyncio.run(fill(url))
    return {"TILLBOT_CONFIG": str(tmp_path / "shop.toml"), "DATABASE_URL": url, "TILLBOT_SECRET": "long enough, long"}


def say(environ: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(app, words, env=environ)


def test_exports_everybody_s_orders(environ: dict[str, str], tmp_path: Path) -> None:
    """Each order is one record with its amounts, in a file of its owner's alone that is never written over."""
    out = tmp_path / "orders.csv"
    done = say(environ, "export", "orders", "--out", str(out))
    assert done.exit_code == 0, done.stderr
    rows = {row["number"]: row for row in csv.DictReader(io.StringIO(out.read_bytes().decode(), newline=""))}
    assert len(rows) == 14
    unsent = rows["UNSENT"]
    assert (unsent["paid"], unsent["refunded"], unsent["currency"], unsent["person"]) == (
        "12.52", "0.52", "EUR", "web:bob"
    )  # fmt: skip
    assert rows["LOST"]["taken_back"] == "12.55"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert say(environ, "export", "orders", "--out", str(out)).exit_code == 1


def test_exports_one_person_s_as_json(environ: dict[str, str]) -> None:
    """An object a line, in minor units, with what went back; the address only where it is asked for."""
    done = say(environ, "export", "orders", "--format", "json", "--person", "discord:33")
    bodies = {body["number"]: body for body in map(json.loads, done.stdout.splitlines())}
    assert bodies.keys() == {"SENT", "BACK"}
    assert (bodies["BACK"]["paid"], bodies["BACK"]["refunded"]) == (1253, 1253)
    assert [entry["amount"] for entry in bodies["BACK"]["refunds"]] == [1253]
    assert "ship_to" not in bodies["BACK"]
    with_address = say(environ, "export", "orders", "--format", "json", "--person", "discord:33", "--address").stdout
    assert "ship_to" in json.loads(with_address.splitlines()[0])


def test_erases_a_person(environ: dict[str, str], tmp_path: Path) -> None:
    """With nothing open only amounts stay, and the log says that somebody was erased and not who; else it says what is open."""
    refused = say(environ, "erase", "web:bob", "--yes")
    assert refused.exit_code == 1
    assert "UNSENT" in refused.stderr
    assert "GIFTS" in refused.stderr, "a monthly gift goes on"
    assert say(environ, "erase", "web:old").exit_code == 1, "nobody said yes"
    done = say(environ, "erase", "web:old", "--by", "eve", "--yes")
    assert (done.exit_code, done.stdout) == (0, "Erased. 1 orders stay as amounts and dates.\n")
    left = say(environ, "export", "orders", "--person", "web:old").stdout
    assert len(left.splitlines()) == 1, "the heading"
    assert "OLD" in say(environ, "export", "orders").stdout
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection:
        (line,) = connection.execute("SELECT who, what, subject, details FROM audit").fetchall()
    assert line == ("cli:eve", "erase", "a person", '{"orders": 1}')


def test_a_long_history_is_written_page_by_page(environ: dict[str, str]) -> None:
    """More orders than one page holds come each once under one heading, and as many objects as JSON."""

    async def sell() -> None:
        async with await Database.open(environ["DATABASE_URL"]) as database, database.store.unit() as unit:
            for n in range(501):
                await unit.orders.add(an_order(f"L{n:04}", buyer=Buyer("web", "many", "many", "", "en")), "new")

    asyncio.run(sell())
    wanted = {f"L{n:04}" for n in range(501)}
    table = list(csv.DictReader(say(environ, "export", "orders", "--person", "web:many").stdout.splitlines()))
    assert len(table) == len(wanted)
    assert {row["number"] for row in table} == wanted
    objects = say(environ, "export", "orders", "--person", "web:many", "--format", "json").stdout.splitlines()
    assert {json.loads(line)["number"] for line in objects} == wanted
