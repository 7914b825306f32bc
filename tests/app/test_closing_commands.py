"""`tillbot retire plan`, `verify` and `report` over a database with one of everything: counts and cents, one by one."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.database import Database
from bot.cli import app
from bot.clicks import name_of
from bot.feeds import Fetches
from bot.retirement import Alternative
from tests.app.harbour import BOB, CONFIG, fill
from tests.databases import ready

Say = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "shop.toml").write_text(CONFIG)
    return ready(tmp_path / "shop.sqlite3")


@pytest.fixture
def say(tmp_path: Path, url: str) -> Say:
    environ = {
        "TILLBOT_CONFIG": str(tmp_path / "shop.toml"),
        "DATABASE_URL": url,
        "TILLBOT_SECRET": "long enough, long",
    }

    def run(*words: str) -> Result:
        done = CliRunner().invoke(app, words, env=environ)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


@pytest.fixture
def filled(url: str) -> None:
    asyncio.run(fill(url))


@pytest.mark.usefixtures("filled")
def test_plan_counts_whom_and_what_it_concerns(say: Say) -> None:
    """For Buy and for the mugs apart: people once each, what is open with its cents, gifts nowhere among it."""
    done = say("retire", "plan", "--json")
    assert done.exit_code == 0, done.stderr
    buy, mug = json.loads(done.stdout)["features"]
    assert (buy["feature"], buy["state"], mug["feature"]) == ("buy", "open", "product.mug")
    assert buy["people"] == {"all": 4, "bought": 3, "waiting": 2, "monthly": 1, "quiet": 0}
    assert buy["open"] == {
        "open": {"count": 2, "amounts": {"EUR": 5750}},
        "processing": {"count": 1, "amounts": {"EUR": 1251}},
        "undelivered": {"count": 1, "amounts": {"EUR": 1200}},
        "refund": {"count": 2, "amounts": {"EUR": 61}},
        "dispute": {"count": 1, "amounts": {"EUR": 1254}},
        "monthly": {"count": 2, "amounts": {"EUR": 802}},
    }
    assert mug["people"] == {"all": 4, "bought": 3, "waiting": 2, "monthly": 1, "quiet": 0}
    assert mug["open"] == {
        "open": {"count": 1, "amounts": {"EUR": 1250}},
        "processing": {"count": 1, "amounts": {"EUR": 1251}},
        "undelivered": {"count": 1, "amounts": {"EUR": 1200}},
        "refund": {"count": 1, "amounts": {"EUR": 30}},
        "dispute": {"count": 1, "amounts": {"EUR": 1254}},
        "monthly": {"count": 1, "amounts": {"EUR": 401}},
    }


@pytest.mark.usefixtures("filled")
def test_plan_says_which_instants_are_given(say: Say) -> None:
    """Each capability of each scope has its instant, and whether the operator wrote it; a scope lists what differs there."""
    buy, _ = json.loads(say("retire", "plan", "--json").stdout)["features"]
    parts = {
        (part["workspace"] or part["exception"], part["capability"]): (part["ends"], part["given"])
        for part in buy["capabilities"]
    }
    assert parts[None, "checkout_new"] == ("2030-02-15T00:00:00+01:00", True)
    assert parts[None, "subscribe_new"] == ("2030-01-01T09:00:00+01:00", False)
    assert parts[None, "fulfil"] == ("2030-03-01T00:00:00+01:00", True)
    assert parts["T1", "checkout_new"] == ("2030-02-20T00:00:00+01:00", True)
    assert parts["T1", "complete_open"] == ("2030-02-20T00:00:00+01:00", False)
    assert ("T1", "fulfil") not in parts, "it is the same there"
    assert parts["the quay", "checkout_new"] == ("2030-02-25T00:00:00+01:00", True)


@pytest.mark.usefixtures("filled")
def test_plan_lists_coupons_and_missing_translations(say: Say) -> None:
    """A coupon that is used up, or that other products still take, is not listed; a text without a language is named."""
    buy, mug = json.loads(say("retire", "plan", "--json").stdout)["features"]
    assert [(each["code"], each["used"], each["last"]) for each in buy["coupons"]] == [
        ("WELCOME10", 0, "2030-02-14T23:00:00+00:00"),
        ("ZINES", 0, "2030-02-14T23:00:00+00:00"),
    ]
    assert mug["coupons"] == []
    assert buy["missing_translations"] == [{"text": "reason", "locale": "fr"}]
    assert mug["missing_translations"] == []


PLACES = (
    ("[product.mug]\n", '[product.mug]\npicture = "https://harbour.example/mug.jpg"\n'),
    (
        'url = "https://harbour.example/stall"\n',
        (
            'url = "https://harbour.example/stall"\n[[retirement.buy.alternative]]\nname = "Pins"\n'
            'url = "https://pins.example/"\nchannel = "pinterest"\n[[retirement.buy.alternative]]\nname = "Mugs"\n'
            'url = "https://mugs.example/"\nchannel = "google"\nproducts = ["mug"]\n'
        ),
    ),
)


@pytest.mark.usefixtures("filled")
def test_plan_says_what_is_ready_for_the_places_with_a_channel(say: Say, tmp_path: Path, url: str) -> None:
    """Each place with a channel has its products counted: how many are ready, and what the others lack; others say nothing."""
    text = CONFIG
    for was, now in PLACES:
        assert was in text
        text = text.replace(was, now, 1)
    (tmp_path / "shop.toml").write_text(text)
    buy, mug = json.loads(say("retire", "plan", "--json").stdout)["features"]
    pins, mugs = buy["channels"]
    missing = pins["products"] - 1
    assert missing > 1
    assert (pins["place"], pins["channel"], pins["ready"], pins["feed"]) == ("Pins", "pinterest", 1, None)
    assert pins["left_out"]["picture"] == missing - pins["left_out"].get("every", 0)
    assert (mugs["products"], mugs["ready"], mugs["left_out"]) == (1, 1, {})
    assert mug["channels"] == []
    (tmp_path / "shop.toml").write_text(text.replace("[retirement.buy]", HERE + "[retirement.buy]", 1))
    told = say("retire", "plan").stdout
    assert "  Pins (pinterest): 1 of " in told
    assert f"{pins['left_out']['picture']} without a picture" in told
    feed = "https://till.harbour.example/feeds/google"
    assert f"  Mugs (google): 1 of 1 products ready; is fetched from {feed}, which nobody did yet\n" in told

    async def fetch() -> None:
        async with await Database.open(url) as database:
            await Fetches(database.store).note("google", "Googlebot/2.1")

    asyncio.run(fetch())
    assert re.search(rf"is fetched from {feed}, last at \S+ by Googlebot\n", say("retire", "plan").stdout)
    [_, mugs] = json.loads(say("retire", "plan", "--json").stdout)["features"][0]["channels"]
    assert mugs["fetched_by"] == "Googlebot"


HERE = '[web]\npublic_url = "https://till.harbour.example/"\n'


@pytest.mark.usefixtures("filled")
def test_plan_counts_who_wants_no_reminders_and_names_dead_links(say: Say, url: str) -> None:
    """Of those to be told whoever opted out is counted, once in each plan; a place that failed three times is named."""

    async def happen() -> None:
        stall = "https://harbour.example/stall"
        failed = {"url": stall, "looked": "2026-01-01T00:00:00+00:00", "failed": 3, "since": "", "why": "no answer"}
        alive = {**failed, "url": "https://harbour.example/other", "failed": 2}
        async with await Database.open(url) as database, database.store.unit() as unit:
            for person in (BOB.key, "web:stranger"):
                await unit.facts.put(f"quiet:{person}", "2026-01-01T00:00:00+00:00")
            await unit.facts.put("link:one", json.dumps(failed))
            await unit.facts.put("link:two", json.dumps(alive))

    asyncio.run(happen())
    buy, mug = json.loads(say("retire", "plan", "--json").stdout)["features"]
    assert (buy["people"]["all"], buy["people"]["quiet"], mug["people"]["quiet"]) == (4, 1, 1)
    assert buy["dead_links"] == [{"name": "Our stall", "url": "https://harbour.example/stall"}]
    assert mug["dead_links"] == []
    said = say("retire", "plan").stdout
    assert "  Of these 1 want no reminders, and get none\n" in said
    assert "  Dead link: Our stall, https://harbour.example/stall\n" in said


@pytest.mark.usefixtures("filled")
def test_plan_reads_well_and_changes_nothing(say: Say, tmp_path: Path) -> None:
    """Off a terminal it is plain lines; the database holds the same rows afterwards."""

    def rows() -> list[str]:
        with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection:
            return list(connection.iterdump())

    before = rows()
    done = say("retire", "plan")
    assert "    - checkout_new  2030-02-15T00:00:00+01:00  given\n" in done.stdout
    assert "  exception the quay (discord)\n    ~ " in done.stdout
    assert "  Open checkouts: 2 (57.50 EUR)\n" in done.stdout
    assert "who holds one after that asks shop@harbour.example" in done.stdout
    assert done.stdout.endswith("Nothing was changed.\n")
    assert rows() == before


@pytest.mark.usefixtures("filled")
def test_verify_lists_what_is_owed(say: Say) -> None:
    """Each thing that is not done is one line with its cents, and the command exits 1; what gifts owe is not among it."""
    done = say("retire", "verify", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert [(each["kind"], each["number"], each["amount"], each["state"]) for each in found["liabilities"]] == [
        ("open", "DRAFT", 1250, "draft"),
        ("open", "OPEN", 4500, "awaiting"),
        ("processing", "SETTLES", 1251, "processing"),
        ("undelivered", "UNSENT", 1200, "paid"),
        ("refund", "UNSENT-R2", 30, "approved"),
        ("refund", "SENT-R1", 31, "asked"),
        ("dispute", "du_1", 1254, "open"),
        ("monthly", "GOES", 401, "stopping"),
        ("monthly", "MONTHLY", 401, "active"),
    ]
    mugs = json.loads(say("retire", "verify", "--feature", "product.mug", "--json").stdout)
    assert [each["number"] for each in mugs["liabilities"]] == [
        "DRAFT", "SETTLES", "UNSENT", "UNSENT-R2", "du_1", "GOES"
    ]  # fmt: skip
    assert say("retire", "verify").stdout.startswith("9 open:\n")
    assert "The config retires: buy, product.mug." in say("retire", "verify", "--feature", "zine").stderr


def test_verify_is_content_when_nothing_is_owed(say: Say, url: str, tmp_path: Path) -> None:
    """With everything done it exits 0; a job that is parked alone makes it exit 1."""
    done = say("retire", "verify")
    assert (done.exit_code, done.stdout[:16]) == (0, "Nothing is owed:")
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection, connection:
        connection.execute(
            "INSERT INTO jobs (kind, payload, at, attempts, error, parked_at) VALUES ('refund', '{}', ?, 9, 'x', ?)",
            ("2026-01-01 00:00:00.000000", "2026-01-01 00:00:00.000000"),
        )
    done = say("retire", "verify", "--json")
    assert done.exit_code == 1
    assert [(each["kind"], each["state"]) for each in json.loads(done.stdout)["liabilities"]] == [("parked", "refund")]
    assert url.endswith("shop.sqlite3")


@pytest.mark.usefixtures("filled")
def test_report_states_everything_to_the_cent(say: Say) -> None:
    """Purchases, gifts, refunds, disputes, subscriptions, notices, what is open, and what was kept: each count and sum."""
    body = json.loads(say("retire", "report", "--json").stdout)
    found = [(line["section"], line["what"], line["count"], line["amount"]) for line in body["lines"]]
    assert found == [
        ("purchases", "awaiting", 1, 0),
        ("purchases", "draft", 1, 0),
        ("purchases", "expired", 1, 0),
        ("purchases", "fulfilled", 4, 400 + 1254 + 1256 + 401),
        ("purchases", "paid", 2, 1252 + 1255),
        ("purchases", "processing", 1, 0),
        ("purchases", "refunded", 1, 1253),
        ("purchases", "renewal fulfilled", 1, 401),
        ("gifts", "awaiting", 1, 0),
        ("gifts", "paid", 1, 1000),
        ("refunds", "buy approved", 1, 30),
        ("refunds", "buy asked", 1, 31),
        ("refunds", "buy done", 2, 1305),
        ("refunds", "donate asked", 1, 500),
        ("disputes", "buy lost", 1, 1255),
        ("disputes", "buy open", 1, 1254),
        ("disputes", "donate open", 1, 1000),
        ("subscriptions", "buy active", 1, 401),
        ("subscriptions", "buy ended", 1, 401),
        ("subscriptions", "buy stopping", 1, 401),
        ("subscriptions", "donate active", 1, 2500),
        ("notices", "shipped", 1, None),
        ("liabilities", "dispute", 1, 1254),
        ("liabilities", "monthly", 2, 802),
        ("liabilities", "open", 2, 5750),
        ("liabilities", "processing", 1, 1251),
        ("liabilities", "refund", 2, 61),
        ("liabilities", "undelivered", 1, 1200),
        ("kept", "purchases", 8, 3311 + 2507 + 1253 + 401 - 52 - 1253 - 1255),
        ("kept", "gifts", 1, 1000),
    ]


@pytest.mark.usefixtures("filled")
def test_report_as_files(say: Say, tmp_path: Path) -> None:
    """The CSV and the page say the same lines; both can be read by their owner alone, and are never written over."""
    table, page = tmp_path / "final.csv", tmp_path / "final.html"
    done = say("retire", "report", "--csv", str(table), "--page", str(page))
    assert (done.exit_code, done.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO(table.read_bytes().decode(), newline=""), strict=True))
    assert rows[3] == {
        "section": "purchases", "what": "fulfilled", "count": "4", "amount": "33.11", "currency": "EUR"
    }  # fmt: skip
    html = page.read_text()
    assert "Example Harbour Shop: final statement" in html
    assert (
        '<th scope="row"><bdi>purchase, waits for a second admin</bdi></th><td class="number"><bdi>1</bdi></td>' in html
    )
    assert "€33.11" in html
    assert "<script" not in html
    assert [stat.S_IMODE(file.stat().st_mode) for file in (table, page)] == [0o600, 0o600]
    assert say("retire", "report", "--csv", str(table)).exit_code == 1
    text = say("retire", "report").stdout
    assert "purchases      fulfilled              4  33.11 EUR\n" in text, text


@pytest.mark.usefixtures("filled")
def test_where_people_went_instead_is_said(say: Say, url: str) -> None:
    """Status says how often each place was clicked, and on which day; the report says it on each of its papers."""

    async def click() -> None:
        async with await Database.open(url) as database, database.store.unit() as unit:
            place = Alternative("Our stall", "https://harbour.example/stall")
            await unit.facts.add(f"clicks:2030-02-16:{name_of(place)}", 3)

    asyncio.run(click())
    assert "  clicks on Our stall: 3\n" in say("retire", "status").stdout
    status = json.loads(say("retire", "status", "--json").stdout.splitlines()[0])
    assert status["clicks"] == [{"place": "Our stall", "total": 3, "days": {"2030-02-16": 3}}]
    lines = json.loads(say("retire", "report", "--json").stdout)["lines"]
    assert ("clicks", "Our stall", 3) in [(line["section"], line["what"], line["count"]) for line in lines]


@pytest.mark.usefixtures("filled")
def test_brownouts_are_shown_and_stopped(say: Say, tmp_path: Path) -> None:
    """Plan and status name the windows; stopped, they are said to be, and there is nothing to stop a second time."""
    window = "{starts = 2030-02-01T10:00:00, ends = 2030-02-01T12:00:00}"
    config = CONFIG.replace(
        "fulfil = 2030-03-01T00:00:00\nzone", f"brownouts = [{window}]\nfulfil = 2030-03-01T00:00:00\nzone"
    )
    config = config.replace('zone = "Europe/Paris"\nreason.en = "The platform', 'reason.en = "The platform')
    config = config.replace("[retirement.buy]\n", '[retirement.buy]\nzone = "Europe/Paris"\n')
    (tmp_path / "shop.toml").write_text(config)
    shown = "2030-02-01T10:00:00+01:00 to 2030-02-01T12:00:00+01:00"
    assert f"  Brownout {shown}\n" in say("retire", "plan").stdout
    assert f"  brownout {shown}, waiting for the announcement to arrive\n" in say("retire", "status").stdout
    done = say("retire", "brownout", "stop", "--reason", "exams", "--by", "eve")
    assert (done.exit_code, done.stdout) == (
        0,
        "buy: no brownout any more; a shop that runs follows within a second.\n",
    )
    assert f"  brownout {shown}, stopped\n" in say("retire", "status").stdout
    assert f"  Brownout {shown}, stopped\n" in say("retire", "plan").stdout
    again = say("retire", "brownout", "stop")
    assert (again.exit_code, again.stderr) == (1, "No brownout is to come: nothing was changed.\n")
