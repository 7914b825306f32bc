"""`tillbot statement` and `reconcile`, said as an operator says them, against sandbox accounts whose own ledgers are read."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.sandbox.accounts import account_id
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint, Mischief
from bot.cli import app
from bot.orders import State
from bot.statements import CLASSES, Month
from tests.adapters.sandbox.buyer import Buyer
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.web_door import WebDoor
from tests.conformance.world import KEYS, SHOP, World, eventually

#: The variables of the accounts' keys and what they hold.
ACCOUNTS = {**KEYS, "KITCHEN_STRIPE_KEY": "sk_test_kitchen"}
KITCHEN_HOOK = "whsec_kitchen_0123456789"
#: Account to the key it is reached by.
BY_NAME = {"shop": "sk_test_shop", "water": "sk_test_water", "kitchen": "sk_test_kitchen"}
#: Stripe's reporting categories by our class, said here anew: https://docs.stripe.com/reports/reporting-categories
CATEGORIES = {
    "charge": {"charge"},
    "refund": {"refund", "refund_failure"},
    "dispute": {"dispute", "dispute_reversal"},
    "payout": {"payout"},
    "other": {"fee"},
}


class TwoCausesDoor(WebDoor):
    """The web door of a shop in which a second cause has an account of its own."""

    def environ(self) -> Mapping[str, str]:
        """Give its key and its webhook's secret besides."""
        return {
            **super().environ(),
            "KITCHEN_STRIPE_KEY": ACCOUNTS["KITCHEN_STRIPE_KEY"],
            "KITCHEN_STRIPE_KEY_WEBHOOK_SECRET": KITCHEN_HOOK,
        }


@dataclass
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Till:
    """The shop, and a terminal beside it."""

    world: World

    async def tillbot(self, *words: str) -> Done:
        """Say `tillbot WORDS` in a thread, one command at a time: its output and environment are the whole process's."""
        done = await asyncio.to_thread(CliRunner().invoke, app, self._said(*words), env=self._environ())
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def _said(self, *words: str) -> tuple[str, ...]:
        return (*words, "--test", "--config", str(self.world.config))

    def _environ(self) -> dict[str, str]:
        return {
            **ACCOUNTS,
            "STRIPE_API_BASE": self.world.sandbox.base,
            "TILLBOT_SECRET": "a secret of the tests, long enough",
            "DATABASE_URL": f"sqlite:///{self.world.folder / 'shop.sqlite3'}",
        }

    async def process(self, *words: str) -> Done:
        """Say `tillbot WORDS` in a process of its own, as an operator does."""
        environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | self._environ()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", "from bot.cli import main; main()", *self._said(*words)),
            stdout=PIPE,
            stderr=PIPE,
            env=environ,
            cwd=Path(__file__).parents[2],
        )
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def say(self, text: str, who: str = "ann") -> tuple[str, str]:
        """Say a wish; gives the order's number and its pay link."""
        card = await (await self.world.door.person(who)).say(text)
        return await order_of(self.world, card), pay_link(card)

    async def paid(self, text: str, who: str = "ann") -> str:
        """Say a wish and pay it; gives the order's number."""
        number, link = await self.say(text, who)
        await self.world.pay(link)
        await state_is(self.world, number, State.FULFILLED if text.startswith("/buy") else State.PAID)
        return number

    async def renewed(self, number: str, key: str) -> str:
        """Let a monthly gift come to its next month; gives the new order's number."""
        before = {order.id for order in await self.world.orders()}
        self.world.sandbox.renew(key, (await self.world.order(number)).subscription)

        async def there() -> bool:
            return len(await self.world.orders()) > len(before)

        await eventually(there, "the renewal did not arrive")
        return next(order.id for order in await self.world.orders() if order.id not in before)

    def ledger(self, account: str) -> list[dict[str, Any]]:
        """Read an account's balance transactions from the sandbox's own file, oldest first; not through its API."""
        with sqlite3.connect(self.world.folder / "stripe.sqlite3") as connection:
            rows = connection.execute(
                "SELECT body FROM objects WHERE account = ? AND kind = 'balance_transaction' ORDER BY seq",
                (account_id(BY_NAME[account]),),
            ).fetchall()
        connection.close()
        return [json.loads(body) for (body,) in rows]

    def months(self) -> list[str]:
        """Name the months that the ledgers' lines are of: one, unless a month ended while they were made."""
        instants = {line["created"] for account in BY_NAME for line in self.ledger(account)}
        return sorted({str(_month_of(at, self.world)) for at in instants})


def _month_of(at: int, world: World) -> Month:
    zone = world.app.live().settings.zone
    civil = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return Month(civil.year, civil.month, zone)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till]:
    door = await TwoCausesDoor.open()
    kitchen = '[cause.kitchen]\nstripe_key_env = "KITCHEN_STRIPE_KEY"\n'
    limits = "\n[limits]\nperson = 100\naddress = 100\n"
    (tmp_path / "shop.toml").write_text(
        limits + SHOP.replace("[cause.kitchen]\n", kitchen) + door.config(), encoding="utf-8"
    )
    async with (
        Sandbox(
            path=tmp_path / "stripe.sqlite3", accounts=dict.fromkeys(ACCOUNTS.values()), settle_after=3600
        ) as sandbox,
        Buyer() as buyer,
    ):
        world = World(tmp_path, door, sandbox, buyer)
        await world.start()
        hear(world)
        try:
            yield Till(world)
        finally:
            await world.stop()
            await door.close()


def hear(world: World) -> None:
    """Let the second cause's account send its webhooks, too."""
    world.sandbox.listen(
        ACCOUNTS["KITCHEN_STRIPE_KEY"], Endpoint(f"{world.app.address}/stripe/webhook/kitchen", KITCHEN_HOOK)
    )


async def test_two_causes_with_two_accounts(till: Till, tmp_path: Path) -> None:
    """Nothing mixes, and each statement equals its sandbox's own ledger to the cent.

    With gifts, renewals, refunds in part, a dispute lost and one won, fees and payouts in both accounts.
    """
    sandbox, orders = till.world.sandbox, {}
    for account, amounts in {"water": ("20", "10.37"), "kitchen": ("50", "7.01")}.items():
        key = BY_NAME[account]
        gifts = [await till.paid(f"/donate {amount} to {account}", account) for amount in (*amounts, "33.33", "12.50")]
        monthly = await till.paid(f"/donate 9.99 to {account} monthly", account)
        renewals = [await till.renewed(monthly, key) for _ in range(2)]
        orders[account] = {*gifts, monthly, *renewals}
        intents = [(await till.world.order(number)).payment_intent for number in (*gifts, *renewals)]
        sandbox.refund(key, intents[0], 501)
        sandbox.refund(key, intents[5], 333)
        for intent, outcome in ((intents[1], "lost"), (intents[2], "won")):
            sandbox.decide(key, sandbox.dispute(key, intent)["id"], outcome)
        sandbox.take_fee(key, 200, "eur")
        sandbox.pay_out(key)
        sandbox.refund(key, intents[3], 100)  # after the payout: what is held at the end
    orders["shop"] = {await till.paid("/buy zine")}
    stated: dict[str, list[str]] = {}
    for month in till.months():
        done = await till.process("statement", "--month", month, "--json", "--prove")
        assert done.code == 0, done.err
        assert done.err == ""
        for each in json.loads(done.out)["statements"]:
            account, lines = each["account"], each["lines"]
            mine = [line for line in till.ledger(account) if str(_month_of(line["created"], till.world)) == month]
            assert [line["balance_transaction"] for line in lines] == [line["id"] for line in mine]
            assert {line["order"] for line in lines if line["order"]} <= orders[account]
            for name in CLASSES:
                booked = [line for line in mine if line["reporting_category"] in CATEGORIES[name]]
                assert each["sums"][name] == {
                    "lines": len(booked),
                    "gross": sum(line["amount"] for line in booked),
                    "fee": sum(line["fee"] for line in booked),
                    "net": sum(line["net"] for line in booked),
                }, (account, name)
            assert each["total"]["net"] == sum(line["net"] for line in mine)
            assert each["closing"] - each["opening"] == each["total"]["net"]
            assert sum(payout["amount"] for payout in each["payouts"]) == -each["sums"]["payout"]["gross"]
            stated.setdefault(account, []).extend(line["balance_transaction"] for line in lines)
            if account != "shop":
                kinds = {line["kind"] for line in lines if line["class"] == "charge"}
                assert kinds <= {"gift", "renewal"}
    assert stated == {account: [line["id"] for line in till.ledger(account)] for account in BY_NAME}
    for account in ("water", "kitchen"):
        lines = till.ledger(account)
        assert {line["reporting_category"] for line in lines} == {
            "charge",
            "refund",
            "dispute",
            "dispute_reversal",
            "payout",
            "fee",
        }
    await _by_cause_and_by_csv(till, tmp_path)


async def _by_cause_and_by_csv(till: Till, folder: Path) -> None:
    """See that a cause's statement is its account's, and that the CSV holds the same lines."""
    for month in till.months():
        of_cause = json.loads((await till.tillbot("statement", "--month", month, "--json", "--cause", "water")).out)
        of_account = json.loads((await till.tillbot("statement", "--month", month, "--json", "--account", "water")).out)
        assert of_cause["statements"] == [{**each, "cause": "water"} for each in of_account["statements"]]
        file = folder / f"{month}.csv"
        done = await till.tillbot("statement", "--month", month, "--csv", str(file), "--account", "water")
        assert done.code == 0, done.err
        rows = list(csv.DictReader(file.read_bytes().decode().splitlines(keepends=True)))
        lines = [line for each in of_account["statements"] for line in each["lines"]]
        assert [row["balance_transaction"] for row in rows] == [line["balance_transaction"] for line in lines]
        assert [round(float(row["net"]) * 100) for row in rows] == [line["net"] for line in lines]
        assert file.stat().st_mode & 0o777 == 0o600
        again = await till.tillbot("statement", "--month", month, "--csv", str(file))
        assert again.code == 1
        assert "is there already" in again.err
        plain = await till.tillbot("statement", "--month", month)
        assert plain.code == 0
        for line in lines:
            assert not line["order"] or line["order"] in plain.out, "nothing is cut off a terminal"
            assert not line["payout"] or line["payout"] in plain.out


async def test_what_makes_no_statement(till: Till) -> None:
    """What is asked for wrongly is refused with what would be right, and exit 1."""
    for words, said in (
        (("--month", "november"), "write it like 2026-11"),
        (("--month", "2999-01"), "has not begun"),
        (("--month", "2026-10", "--cause", "watre"), "There are: water, kitchen"),
        (("--month", "2026-10", "--account", "watre"), "There are: shop, water, kitchen"),
        (("--month", "2026-10", "--json", "--csv", "x.csv"), "Choose one"),
    ):
        done = await till.tillbot("statement", *words)
        assert (done.code, done.out) == (1, "")
        assert said in done.err


async def test_reconcile_beside_a_running_shop(till: Till) -> None:
    """With every webhook lost, the command finds the payment, mends it, and the running shop tells the buyer."""
    buyer = await till.world.door.person("ann")

    async def asked() -> bool:
        async with till.world.app.store.reading() as unit:
            return set(await unit.facts.named("cursor:")) >= {"cursor:", "cursor:water"}

    await eventually(asked, "the shop has not listed Stripe's events for the first time")
    number, link = await till.say("/buy zine")
    till.world.sandbox.disturb(Mischief(drop=10**6))
    await till.world.pay(link)
    dry = await till.process("reconcile", "--dry-run", "--json")
    assert dry.code == 0, dry.err
    assert {json.loads(line)["outcome"] for line in dry.out.splitlines()} == {"mendable"}
    assert (await till.world.order(number)).state is State.AWAITING
    done = await till.tillbot("reconcile", "--json")
    assert done.code == 0, done.err
    found = [json.loads(line) for line in done.out.splitlines()]
    assert {"session_applied", "event_lost"} == {each["kind"] for each in found}
    assert {each["order"] for each in found} == {number}
    await buyer.hears("twelve-knots")
    again = await till.tillbot("reconcile")
    assert (again.code, again.out) == (0, "Stripe and the orders here agree.\n")


async def test_reconcile_without_a_running_shop(till: Till) -> None:
    """With no shop running, the command takes the lock and mends; what is to be told waits until the shop is back."""
    buyer = await till.world.door.person("ann")
    number, link = await till.say("/buy zine")
    till.world.sandbox.disturb(Mischief(drop=10**6))
    session = (await till.world.order(number)).session_url
    await till.world.stop()
    await till.world.pay(session)
    done = await till.tillbot("reconcile")
    assert done.code == 0, done.err
    assert f"mended   Order {number} was" in done.out
    assert (await till.tillbot("reconcile")).out == "Stripe and the orders here agree.\n"
    await till.world.start()
    await buyer.hears("twelve-knots")
    assert link


async def test_reconcile_leaves_to_a_person_what_is_not_certain(till: Till) -> None:
    """A paid session of an order that is not in the database is listed with what to do, and the exit code is 1."""
    number, _ = await till.say("/donate 20 to water")
    till.world.sandbox.disturb(Mischief(drop=10**6))
    order = await till.world.order(number)
    await till.world.stop()
    with sqlite3.connect(till.world.folder / "shop.sqlite3") as connection:
        connection.execute("DELETE FROM order_history WHERE order_id = ?", (number,))
        connection.execute("DELETE FROM orders WHERE id = ?", (number,))
    connection.close()
    await till.world.pay(order.session_url)
    for _ in range(2):
        done = await till.tillbot("reconcile", "--json", "--account", "water")
        assert done.code == 1, done.err
        [found] = [json.loads(line) for line in done.out.splitlines()]
        assert (found["kind"], found["order"], found["object"]) == ("session_unknown", number, order.session)
        assert found["values"] == {"paid": {"minor": 2000, "currency": "EUR"}}
        assert "dashboard" in found["todo"]
    assert (await till.tillbot("reconcile", "--json", "--account", "kitchen")).code == 0
    await till.world.start()
