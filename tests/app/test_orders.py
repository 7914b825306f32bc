"""`tillbot orders`, said as an operator says it, while the shop runs and while it does not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from adapters.sandbox.faults import Fault
from bot.app.office import Office
from bot.cli.account import account
from bot.money import Money
from bot.orders import State
from bot.refunds import Stage, at_a_terminal
from tests.app.terminal import Done, Terminal
from tests.conformance.test_story import ADDRESS, state_is
from tests.conformance.web_door import WebDoor
from tests.conformance.world import World, eventually


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with World.at(await WebDoor.open(), tmp_path) as world:
        yield Terminal(world)


def lines(done: Done) -> list[dict[str, Any]]:
    """Read one JSON object a line."""
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


async def refunded(terminal: Terminal, number: str) -> int:
    """Tell how much of an order Stripe has given back, in minor units."""
    order = await terminal.world.order(number)
    return order.refunded.minor if order.refunded else 0


async def test_lists_while_the_shop_runs(terminal: Terminal) -> None:
    """The newest is first; filters leave out what does not fit; none of it asks for a Stripe key or for the lock."""
    zine = await terminal.paid("/buy zine 1")
    gift = await terminal.paid("/donate 12 to kitchen", "bob")
    waiting, _ = await terminal.wish("/buy mug blue 2")

    async def numbers(*words: str) -> list[str]:
        found = lines(await terminal.tillbot("orders", *words, "--json", keys=False))
        return [each["number"] for each in found]

    assert await numbers() == [waiting, gift, zine]
    assert await numbers("--limit", "2") == [waiting, gift]
    assert await numbers("--state", "paid", "--state", "fulfilled") == [gift, zine]
    assert await numbers("--kind", "donate") == [gift]
    person = (await terminal.world.order(zine)).buyer.key
    assert await numbers("--person", person) == [waiting, zine]
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    assert await numbers("--since", tomorrow) == []
    made = (await terminal.world.order(gift)).created
    assert await numbers("--since", made.isoformat()) == [waiting, gift]


async def test_amounts_are_minor_units_and_instants_have_zones(terminal: Terminal) -> None:
    """A program reads amounts in minor units with their currency, and instants of ISO 8601 with a zone."""
    number = await terminal.paid("/buy zine 1")
    (found,) = lines(await terminal.tillbot("orders", "--json", keys=False))
    order = await terminal.world.order(number)
    assert (found["amount"], found["currency"], found["refunded"], found["disputed"]) == (400, "EUR", 0, False)
    assert datetime.fromisoformat(found["created"]) == order.created
    assert (found["state"], found["person"]) == ("fulfilled", order.buyer.key)


async def test_plain_text_is_never_cut(terminal: Terminal) -> None:
    """Off a terminal each order is one whole line, however long, without codes for colours."""
    number = await terminal.paid("/buy zine 1")
    done = await terminal.tillbot("orders", keys=False)
    heading, line = done.out.splitlines()
    person = (await terminal.world.order(number)).buyer.key
    assert heading.split() == ["Number", "When", "Kind", "State", "Amount", "Refunded", "Disputed", "Person"]
    assert line.split() == [number, line.split()[1], "buy", "fulfilled", "4.00", "EUR", person]
    assert datetime.fromisoformat(line.split()[1]).utcoffset() is not None
    assert "\x1b" not in done.out


async def test_since_wants_a_day_or_an_instant(terminal: Terminal) -> None:
    """What is no day, and an instant without its zone, are refused with what would be right."""
    assert "write a day like 2026-11-24" in (await terminal.tillbot("orders", "--since", "yesterday")).err
    bare = await terminal.tillbot("orders", "--since", "2026-11-24T12:00:00")
    assert bare.code == 1
    assert "needs its zone" in bare.err


async def test_shows_one(terminal: Terminal) -> None:
    """An order is shown with its history and what its person was told; its address only when that is asked for."""
    number = await terminal.paid("/buy mug blue 2", **ADDRESS)

    async def told() -> bool:
        async with terminal.world.app.store.reading() as unit:
            order = await unit.orders.get(number)
            assert order is not None
            return all(each.at for each in await unit.news.about(order.buyer.key, number))

    await eventually(told, "the buyer was not told of the payment")
    shown = await terminal.tillbot("orders", "show", number.lower(), keys=False)
    assert f"{number}: buy, paid, 29.50 EUR" in shown.out
    assert "paid  terms accepted by paying" in shown.out
    assert "paid  20" in shown.out.partition("Told")[2]
    assert "Example Street" not in shown.out
    assert "1 Example Street" in (await terminal.tillbot("orders", "show", number, "--address", keys=False)).out
    (body,) = lines(await terminal.tillbot("orders", "show", number, "--json", keys=False))
    assert body["lines"][0]["quantity"] == 2
    assert body["history"][0]["from"] is None
    assert "ship_to" not in body
    assert (await terminal.tillbot("orders", "show", "NOPE", keys=False)).code == 1


async def test_gives_back_while_the_shop_runs(terminal: Terminal) -> None:
    """The command writes, the shop does it: no key and no lock is needed, and Stripe is asked once."""
    number = await terminal.paid("/buy mug blue 2", **ADDRESS)
    done = await terminal.tillbot(
        "orders", "refund", number, "5.00", "--reason", "chipped", "--by", "eve", "--yes", keys=False
    )
    assert done.out == f"{number}-R1: 5.00 EUR went back.\n", done.err
    assert await refunded(terminal, number) == 500
    async with terminal.world.app.store.reading() as unit:
        (entry,) = await unit.refunds.of(number)
    assert (entry.reason, entry.asked_by, entry.stage) == ("chipped", at_a_terminal(account(), "eve"), Stage.DONE)
    (rest,) = lines(await terminal.tillbot("orders", "refund", number, "--reason", "lost", "--yes", "--json"))
    assert (rest["amount"], rest["currency"], rest["stage"]) == (2450, "EUR", "done")
    await state_is(terminal.world, number, State.REFUNDED)
    again = await terminal.tillbot("orders", "refund", number, "--reason", "lost", "--yes")
    assert again.out == "Nothing is left to give back.\n"


def telling(file: Path) -> list[tuple[str, int]]:
    """Give the jobs that have somebody told, with how often each was tried."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT kind, attempts FROM jobs WHERE kind = 'tell'").fetchall()


async def test_gives_back_without_a_shop(terminal: Terminal) -> None:
    """With no shop running the command asks Stripe itself; who is to be told is told when the shop runs again."""
    number = await terminal.paid("/buy zine 1")
    file = terminal.world.folder / "shop.sqlite3"
    await eventually(lambda: not telling(file), "the buyer's news of the payment still waits")
    await terminal.world.stop()
    keyless = await terminal.tillbot("orders", "refund", number, "--reason", "torn", "--yes", keys=False)
    assert "STRIPE_API_KEY: is not set" in keyless.err
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM refunds").fetchone() == (0,), "nothing was written"
    done = await terminal.tillbot("orders", "refund", number, "--reason", "torn", "--yes", "--test")
    assert done.out == f"{number}-R1: 4.00 EUR went back.\n", done.err
    assert telling(file) == [("tell", 0)], "nobody here has tried to tell: there is no door"
    (body,) = lines(await terminal.tillbot("orders", "show", number, "--json", keys=False))
    assert (body["state"], body["refunded"]) == ("refunded", 400)
    assert body["told"][-1] == {**body["told"][-1], "kind": "refunded", "told_at": None}
    await terminal.world.start()

    async def told() -> bool:
        (now,) = lines(await terminal.tillbot("orders", "show", number, "--json", keys=False))
        return now["told"][-1]["told_at"] is not None

    await eventually(told, "the buyer was not told of the refund")


async def test_stripe_does_not_answer(terminal: Terminal) -> None:
    """Where Stripe does not answer, the refund stays written down, and the shop makes it when it runs."""
    number = await terminal.paid("/buy zine 1")
    await terminal.world.stop()
    terminal.world.sandbox.fail(Fault("500", count=99, path="/v1/refunds", method="POST"))
    done = await terminal.tillbot("orders", "refund", number, "--reason", "torn", "--yes", "--test")
    assert done.code == 0
    assert "Stripe has not answered yet" in done.out
    terminal.world.sandbox.forgive()
    await terminal.world.start()
    await state_is(terminal.world, number, State.REFUNDED)
    assert await refunded(terminal, number) == 400


async def test_what_cannot_go_back_is_said(terminal: Terminal) -> None:
    """Too much, no amount, no reason, nobody to ask, unpaid, unknown: each exits 1 with a sentence, and nothing moves."""
    number = await terminal.paid("/buy zine 1")
    unpaid, _ = await terminal.wish("/buy print")
    for words, says in (
        ([number, "4.01", "--reason", "x", "--yes"], "4.01 EUR is more than the 4.00 EUR that are left"),
        (
            [number, "four", "--reason", "x", "--yes"],
            '"four" is no amount. Nothing was given back. An amount is written like 12.50.',
        ),
        ([number, "1,234", "--reason", "x", "--yes"], '"1,234" can be read in two ways. Nothing was given back.'),
        ([number, "0", "--reason", "x", "--yes"], "0.00 EUR is nothing to give back."),
        ([number, "-3", "--reason", "x", "--yes"], '"-3" is less than zero. Nothing was given back.'),
        ([number, "--reason", " ", "--yes"], "Say why"),
        ([number, "--reason", "x"], f"This gives back 4.00 EUR of {number}. Say --yes"),
        ([unpaid, "--reason", "x", "--yes"], f"{unpaid} is awaiting"),
        (["NOPE", "--reason", "x", "--yes"], "There is no order NOPE"),
    ):
        done = await terminal.tillbot("orders", "refund", *words)
        assert (done.code, says in done.err, done.out) == (1, True, ""), (words, done)
    assert await refunded(terminal, number) == 0


@pytest.fixture
async def two(terminal: Terminal) -> str:
    """Let refunds take two admins, and give the number of an order that is paid."""
    number = await terminal.paid("/buy zine 1")
    await terminal.world.edit(lambda text: text + "\n[admins]\napprovals = 2\n")
    return number


async def asked(terminal: Terminal, number: str, by: str, amount: Money | None = None) -> str:
    """Have a refund asked for at the terminal of another account; gives its number."""
    environ = {"TILLBOT_SECRET": "a secret of the tests, long enough"}
    database = f"sqlite:///{terminal.world.folder / 'shop.sqlite3'}"
    async with Office.open(terminal.world.config, database, environ, sandbox=True, keys=False) as office:
        entry = await office.refund(number, amount, "torn", by=by)
    assert entry is not None
    assert entry.stage is Stage.ASKED
    return entry.id


async def test_whoever_asks_does_not_approve(terminal: Terminal, two: str) -> None:
    """A refund that takes two waits; whoever asked cannot approve it from the same account, whatever name is typed."""
    done = await terminal.tillbot("orders", "refund", two, "--reason", "torn", "--by", "eve", "--yes")
    assert "wait for a second admin" in done.out, done
    for words in ((two,), (f"{two}-R1", "--by", "bob"), (two.lower(), "--by", "eve")):
        done = await terminal.tillbot("orders", "approve", *words, "--yes")
        assert (done.code, done.out) == (1, ""), words
        assert f"This account ({account()}) asked for it" in done.err
    async with terminal.world.app.store.reading() as unit:
        (entry,) = await unit.refunds.of(two)
    assert (entry.stage, entry.decided_by) == (Stage.ASKED, "")
    assert await refunded(terminal, two) == 0


async def test_another_account_approves(terminal: Terminal, two: str) -> None:
    """Another account than the one that asked approves, without a Stripe key while the shop runs: the money goes, once."""
    refund = await asked(terminal, two, at_a_terminal("somebody else", account()))
    unsure = await terminal.tillbot("orders", "approve", two)
    assert (unsure.code, f"This gives back 4.00 EUR of {two}. Say --yes" in unsure.err) == (1, True)
    assert await refunded(terminal, two) == 0
    done = await terminal.tillbot("orders", "approve", two, "--by", "eve", "--yes", keys=False)
    assert done.out == f"{refund}: 4.00 EUR went back.\n", done.err
    await state_is(terminal.world, two, State.REFUNDED)
    async with terminal.world.app.store.reading() as unit:
        (entry,) = await unit.refunds.of(two)
    assert (entry.decided_by, entry.stage) == (at_a_terminal(account(), "eve"), Stage.DONE)
    again = await terminal.tillbot("orders", "approve", two, "--yes")
    assert (again.code, f"Nothing of {two} waits" in again.err) == (1, True)
    assert len([row for row in terminal.world.sandbox.ledger() if row["kind"] == "refund"]) == 1


async def test_approves_without_a_shop(terminal: Terminal, two: str) -> None:
    """With no shop running the command that approves asks Stripe itself, and without a key it approves nothing."""
    refund = await asked(terminal, two, at_a_terminal("somebody else"))
    await terminal.world.stop()
    keyless = await terminal.tillbot("orders", "approve", refund, "--yes", keys=False)
    assert "STRIPE_API_KEY: is not set" in keyless.err
    (body,) = lines(await terminal.tillbot("orders", "approve", refund, "--yes", "--json", "--test"))
    assert (body["id"], body["amount"], body["stage"]) == (refund, 400, "done")


async def test_declines_with_a_reason(terminal: Terminal, two: str) -> None:
    """Any account declines what waits, its own too, with a reason that stands in the history; no money moves."""
    await asked(terminal, two, at_a_terminal(account()), Money(100, "EUR"))
    second = await asked(terminal, two, at_a_terminal("somebody else"), Money(200, "EUR"))
    unclear = await terminal.tillbot("orders", "decline", two, "--reason", "too late")
    assert (unclear.code, unclear.err) == (1, f"Say which: {two}-R1 (1.00 EUR), {second} (2.00 EUR).\n")
    assert "Say why" in (await terminal.tillbot("orders", "decline", second, "--reason", " ")).err
    done = await terminal.tillbot("orders", "decline", second, "--reason", "worn\n already", keys=False)
    assert done.out == f"{second}: 2.00 EUR do not go back.\n", done.err
    own = await terminal.tillbot("orders", "decline", two, "--reason", "a mistake", "--json", keys=False)
    assert [(each["id"], each["stage"]) for each in lines(own)] == [(f"{two}-R1", "refused")]
    shown = await terminal.tillbot("orders", "show", two, keys=False)
    assert "refund of 2.00 EUR declined: worn already" in shown.out
    assert await refunded(terminal, two) == 0


async def test_nothing_is_approved_while_a_bank_asks(terminal: Terminal, two: str) -> None:
    """Approving a refund of an order that is disputed by now is refused in words."""
    refund = await asked(terminal, two, at_a_terminal("somebody else"))
    async with terminal.world.app.store.unit() as unit:
        order = await unit.orders.get(two)
        assert order is not None
        await unit.orders.save(replace(order, disputed=True))
    done = await terminal.tillbot("orders", "approve", refund, "--yes")
    assert (done.code, done.err) == (1, f"{two} is disputed: nothing can be given back now.\n")


async def test_two_commands_at_once(terminal: Terminal) -> None:
    """Two operators who give the same order back at the same moment give it back once."""
    number = await terminal.paid("/buy zine 1")
    words = ("orders", "refund", number, "--reason", "torn", "--yes")
    both = await asyncio.gather(terminal.process(*words), terminal.process(*words))
    assert [done.code for done in both] == [0, 0]
    assert await refunded(terminal, number) == 400
    async with terminal.world.app.store.reading() as unit:
        assert len(await unit.refunds.of(number)) == 1


async def test_packs_evidence(terminal: Terminal) -> None:
    """While the shop runs, without a Stripe key: one ZIP that only its owner can read, and that is never written over."""
    number = await terminal.paid("/buy mug blue 2", **ADDRESS)
    folder = terminal.world.folder / "papers"
    folder.mkdir()
    done = await terminal.tillbot("orders", "evidence", number.lower(), "--out", str(folder), keys=False)
    file = folder / f"evidence-{number}.zip"
    assert done.code == 0, done.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as packed:
        page = packed.read(f"evidence-{number}/evidence.html").decode()
        text = packed.read(f"evidence-{number}/stripe-fields.txt").decode()
    assert "Example Harbour Association" in page
    assert "accepted the terms by paying" in page
    assert "You can return anything within 14 days." in page
    assert "[customer_name]\nTest Buyer\n" in text
    assert "Example Street" not in done.out + done.err
    before = file.read_bytes()
    again = await terminal.tillbot("orders", "evidence", number, "--out", str(file), keys=False)
    assert (again.code, "is there already; nothing was written" in again.err) == (1, True)
    assert file.read_bytes() == before


async def test_no_evidence_of_what_was_never_paid(terminal: Terminal) -> None:
    """An unpaid order has none, a folder that is not there takes none, and neither leaves a file."""
    unpaid, _ = await terminal.wish("/buy print")
    done = await terminal.tillbot("orders", "evidence", unpaid, "--out", str(terminal.world.folder), keys=False)
    assert (done.code, "no money came in" in done.err) == (1, True)
    number = await terminal.paid("/buy zine 1")
    nowhere = terminal.world.folder / "nowhere" / "pack.zip"
    done = await terminal.tillbot("orders", "evidence", number, "--out", str(nowhere), keys=False)
    assert (done.code, "cannot be written" in done.err) == (1, True)
    assert list(terminal.world.folder.glob("**/*.zip")) == []
