"""`tillbot retire rehearse` over a database with one of everything: what would be told and moved, and what would break."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from adapters.database import Database
from bot.app.rehearsing import rehearse
from bot.cli import app
from bot.concerning import Spoken
from bot.delivering import Delivering
from bot.moving import put
from bot.orders import HOLDING, SOLD, Buyer, Donation, State, move
from bot.retiring import Retiring
from bot.rounds import Telling
from bot.undelivered import Undelivered
from tests.app.harbour import BOB, DEE, bought, eur, fill
from tests.conformance.world import SHOP
from tests.databases import ready
from tests.postgresql import Server

Say = Callable[..., Result]

CONFIG = (
    SHOP
    + """
[notify]
slack = "C-STAFF"

[admins]
slack = ["U-BOSS"]

[retirement.buy]
announced = {announced}
closes = {closes}
zone = "Europe/Paris"
reason.en = "The platform no longer offers buying."
reason.fr = "La plateforme ne propose plus l’achat."
contact = "shop@harbour.example"

[[retirement.buy.alternative]]
name = "Our stall"
url = "https://harbour.example/stall"
"""
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    dates = {"announced": now + timedelta(days=1), "closes": now + timedelta(days=41)}
    text = CONFIG.format(**{name: at.isoformat() for name, at in dates.items()})
    (tmp_path / "shop.toml").write_text(text)
    return ready(tmp_path / "shop.sqlite3")


@pytest.fixture
def say(tmp_path: Path, url: str) -> Say:
    environ = {"TILLBOT_CONFIG": str(tmp_path / "shop.toml"), "DATABASE_URL": url}

    def run(*words: str, database: str = "") -> Result:
        done = CliRunner().invoke(app, words, env=environ | ({"DATABASE_URL": database} if database else {}))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


@pytest.fixture
def filled(url: str) -> None:
    """One of everything, with the jobs that the shop would have written with it."""
    asyncio.run(fill(url))
    asyncio.run(_jobs(url))


async def _jobs(url: str) -> None:
    async with await Database.open(url) as database, database.store.unit() as unit:
        now = unit.now
        goes = bought("GOES", DEE, "mug/blue", 401, State.FULFILLED, now, every="month", subscription="sub_2")
        gift = bought("GIFTS", BOB, "x", 2500, State.PAID, now, subscription="sub_4")
        given = Donation("kitchen", eur(2500), rhythm="monthly", dedication="For a grandmother")
        await unit.orders.add(goes, "new")
        await unit.orders.add(replace(gift, kind="donate", lines=(), donation=given), "new")
        for order in await unit.orders.standing(frozenset(State)):
            for line in order.lines:
                holds, sold = int(order.state in HOLDING), int(order.state in SOLD)
                await unit.stock.shift(line.variant, holds, sold)
        draft = await unit.orders.get("DRAFT")
        assert draft is not None
        opened = replace(draft, session="cs_DRAFT")
        await unit.orders.save(*move(opened, State.AWAITING, at=unit.now, why="session open"))
        await database.jobs.defer(unit, "refund", {"refund": "UNSENT-R2"})
        for number in range(9):
            who = Buyer("slack", f"T1/V{number}", f"V{number}", "T1", "en")
            await put(unit, bought(f"OPEN{number}", who, "mug/blue", 1250, State.AWAITING, unit.now), "new")


def told(done: Result) -> list[Mapping[str, Any]]:
    """Read what was said, a line each."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def broken(done: Result) -> list[str]:
    """Name the promises that would break."""
    return [each["promise"] for each in told(done) if "promise" in each and not each["kept"]]


@pytest.mark.usefixtures("filled")
def test_a_calendar_is_played_to_its_end(say: Say) -> None:
    """All promises are kept: each open checkout ends or is paid in the last second, and what is paid goes out or back."""
    done = say("retire", "rehearse", "--json")
    lines = told(done)
    assert broken(done) == [], [each for each in lines if "promise" in each]
    assert done.exit_code == 0
    moved = Counter((each["movement"], each["order"], each["amount"]) for each in lines if "movement" in each)
    gifts = moved.pop(("renewal", "GIFTS", 2500))
    assert gifts == 3, "a month each until the last purchase can be delivered"
    renewed = moved.pop(("renewal", "MONTHLY", 401))
    assert renewed == 1, "before the closing, and not after it"
    late = Counter({("charge", "DRAFT", 1250): 1, ("charge", "OPEN8", 1250): 1})
    back = Counter({("refund", number, 1250): 1 for number in ("DRAFT", "OPEN8")})
    settled = Counter({("charge", "SETTLES", 1251): 1, ("refund", "SETTLES", 1251): 1})
    unsent = Counter({("refund", "UNSENT", 30): 1, ("refund", "UNSENT", 1170): 1})
    assert moved == late + back + settled + unsent
    closed = [each["order"] for each in lines if each.get("message") == "Your order: closed"]
    assert len(closed) == len(set(closed))
    left = {(each["left"], each["number"], each["state"], each["amount"]) for each in lines if "left" in each}
    waits = {("refund", "SENT-R1", "asked", 31), ("dispute", "du_1", "open", 1254)}
    assert left == waits, "what waits for people is named, and breaks nothing"
    assert {each["currency"] for each in lines if "currency" in each} == {"EUR"}


@pytest.mark.usefixtures("filled")
def test_nothing_real_is_touched(say: Say, tmp_path: Path) -> None:
    """The database holds the same rows afterwards, no key is needed, and what is said names nobody."""

    def rows() -> list[str]:
        with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection:
            return list(connection.iterdump())

    before = rows()
    done = say("retire", "rehearse")
    assert rows() == before
    assert done.exit_code == 0, done.stdout
    assert done.stdout.endswith("Nothing was changed.\n")
    assert "  1 × charge of 12.51 EUR, order SETTLES\n" in done.stdout
    assert "staff channel on slack: Selling here will end\n" in done.stdout
    assert "Thank you! It is being packed" in done.stdout
    assert "buyer on web: Thank you for this month’s gift" in done.stdout
    assert [said for said in ("T1/U1", "grandmother") if said in done.stdout] == []


@pytest.mark.usefixtures("filled")
def test_how_far_it_is_is_told(tmp_path: Path, url: str) -> None:
    """The instants that are told only grow, are no more than what is due, and end with the last of the calendar."""
    seen: list[tuple[datetime, datetime, datetime]] = []
    found = asyncio.run(rehearse(tmp_path / "shop.toml", url, lambda *told: seen.append(told)))
    instants = [at for _, at, _ in seen]
    assert instants == sorted(instants)
    assert {begun for begun, _, _ in seen} == {found.begun}
    assert {until for _, _, until in seen} == {instants[-1]}
    assert len(seen) < 400, "it jumps, and does not tick"


def _never_stopped(patch: pytest.MonkeyPatch) -> None:
    async def stop(_: Retiring, *__: object) -> None:
        """Stop nothing."""

    patch.setattr(Retiring, "_stop_monthly", stop)


def _never_given_back(patch: pytest.MonkeyPatch) -> None:
    async def follow(_: Undelivered, *__: object) -> None:
        """Give nothing back."""

    patch.setattr(Undelivered, "follow", follow)


def _gift_stopped(patch: pytest.MonkeyPatch) -> None:
    async def stop(self: Retiring, *_: object) -> None:
        await self.desk.payments("").stop("sub_4")

    patch.setattr(Retiring, "_stop_monthly", stop)


def _told_again(patch: pytest.MonkeyPatch) -> None:
    tell = Delivering._tell

    async def twice(self: Delivering, spoken: Spoken, telling: Telling) -> None:
        await tell(self, spoken, telling)
        await tell(self, spoken, telling)

    patch.setattr(Delivering, "_tell", twice)


def _always_closed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.retiring.closed_somewhere", lambda *_: True)
    patch.setattr("bot.retiring.closed", lambda plans, *_: next(iter(plans)))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("promise", "plant"),
    [
        ("nobody is charged twice", _never_stopped),
        ("no paid order is lost", _never_given_back),
        ("gifts are untouched", _gift_stopped),
        ("nobody is told twice", _told_again),
        ("nothing closes early", _always_closed),
        ("nothing is owed at the end", _never_given_back),
    ],
)
def test_a_bug_breaks_its_promise(
    say: Say, monkeypatch: pytest.MonkeyPatch, promise: str, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """With a bug in the shop the rehearsal names the promise that would break, and exits 1."""
    plant(monkeypatch)
    done = say("retire", "rehearse", "--json")
    assert promise in broken(done)
    assert done.exit_code == 1


@pytest.mark.usefixtures("filled")
def test_a_shop_on_a_server_is_rehearsed_on_a_copy_in_a_file(say: Say, server: Server, postgresql_url: str) -> None:
    """From PostgreSQL the same is told, moved and left as from a file, and the server is not written to."""
    asyncio.run(fill(postgresql_url))
    asyncio.run(_jobs(postgresql_url))
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    server.say(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    there, here = (say("retire", "rehearse", "--json", database=url) for url in (postgresql_url, ""))
    assert (there.exit_code, broken(there)) == (0, []), there.stdout

    def summed(done: Result) -> Counter[str]:
        return Counter(json.dumps([value for name, value in each.items() if name != "at"]) for each in told(done))

    assert summed(there) == summed(here)
    assert server.say("SELECT count(*) FROM orders WHERE state = 'awaiting'", database=name) == [(12,)]


def test_a_server_without_a_shop_is_named(say: Say, server: Server) -> None:
    """Of an empty database nothing is made where it is, and it is said what would make its tables."""
    empty = server.empty()
    done = say("retire", "rehearse", database=empty)
    assert done.exit_code == 1
    assert "tillbot migrate" in done.stderr
    name = empty.partition("@/")[2].partition("?")[0]
    assert server.say("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=name) == [(0,)]
