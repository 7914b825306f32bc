"""Random histories: with webhooks lost, reconciling leads to the same end; statements equal the provider's ledger."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bookkeeping import Bookkeeping
from bot.errors import PaymentsRefused, StatementDiffers
from bot.money import Money
from bot.orders import State
from bot.statements import CLASSES, Month
from tests.bot.rig import NOON, Rig, World, opened
from tests.fakes.payments import FakePayments

WISHES = (
    "/buy zine",
    "/buy mug white 2",
    "/donate 12.50 to water",
    "/donate 7 to kitchen",
    "/donate 9 to water monthly",
)
#: What happens, and how often among the rest.
OFTEN = {
    "wish": 2,
    "buy": 8,
    "pay": 2,
    "later": 3,
    "settle": 2,
    "refund": 3,
    "dispute": 1,
    "decide": 1,
    "renew": 3,
    "end": 1,
    "payout": 2,
}
#: Things that happen in a history whose webhooks are lost.
STEPS = 40


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - seeded, so that what it found can be found again


@dataclass
class History:
    """What one seed makes happen: to people and to Stripe, the same however much of it the shop hears."""

    rig: Rig
    dice: random.Random
    #: How often half a day passes, and the wishes that nobody paid so far are too old to be paid.
    pauses: float = 0.2
    at: datetime = NOON
    orders: list[str] = field(default_factory=list)

    async def play(self, steps: int) -> None:
        """Do so many things; between them minutes pass, or half a day."""
        for step in range(steps):
            [name] = self.dice.choices(tuple(OFTEN), tuple(OFTEN.values()))
            await getattr(self, f"_{name}")(step)
            self.at += timedelta(hours=13) if self.dice.random() < self.pauses else timedelta(minutes=3)
            self.rig.time.reach(self.at)

    @property
    def _accounts(self) -> list[FakePayments]:
        return [self.rig.stripe, self.rig.water]

    async def _wish(self, step: int) -> None:
        card = await self.rig.say(self.dice.choice(WISHES), who=f"p{step}", key=f"wish {step}")
        await self.rig.database.jobs.drain()
        if card.order:  # what is sold out, or more than anybody may open in an hour, makes none
            self.orders.append(card.order)

    async def _pay(self, _: int, how: str = "card") -> None:
        if self.orders:
            order = await self.rig.order(self.orders[-1])
            self.rig.world.payments[order.account].pay(order.session, how)  # type: ignore[arg-type]  # one of its words

    async def _buy(self, step: int) -> None:
        await self._wish(step)
        await self._pay(step)

    async def _later(self, step: int) -> None:
        await self._pay(step, self.dice.choice(("later", "later_fails", "declined")))

    async def _settle(self, _: int) -> None:
        for payments in self._accounts:
            for session in list(payments._settling):
                payments.settle(session)

    def _payment(self) -> tuple[FakePayments, str] | None:
        held = [
            (payments, name)
            for payments in self._accounts
            for name, each in payments.payments.items()
            if each.refunded < each.received and not any(du.payment_intent == name for du in payments.disputes.values())
        ]
        return self.dice.choice(held) if held else None

    async def _refund(self, _: int) -> None:
        if found := self._payment():
            payments, name = found
            left = payments.payments[name].received - payments.payments[name].refunded
            payments.give_back(name, self.dice.choice((None, self.dice.randint(1, left.minor))))

    async def _dispute(self, _: int) -> None:
        if found := self._payment():
            found[0].dispute(found[1])

    async def _decide(self, _: int) -> None:
        for payments in self._accounts:
            for name, each in list(payments.disputes.items()):
                if each.status == "open":
                    payments.decide(name, self.dice.choice(("won", "lost")))

    async def _renew(self, _: int) -> None:
        for name, each in list(self.rig.water.subscriptions.items()):
            if each.status == "active":
                self.rig.water.renew(name)

    async def _end(self, _: int) -> None:
        going_on = [name for name, each in self.rig.water.subscriptions.items() if each.status == "active"]
        if going_on:
            getattr(self.rig.water, self.dice.choice(("leave", "give_up")))(self.dice.choice(going_on))

    async def _payout(self, _: int) -> None:
        for payments in self._accounts:
            for amount in payments.balance.held():
                if amount.minor > 0:
                    payments.balance.pay_out(amount.currency)


async def reconciled(rig: Rig) -> Sequence[object]:
    """Reconcile until the jobs that follow are done; webhooks that were lost stay lost."""
    found = await rig.house.reconciling.run(since=NOON - timedelta(days=1))
    await rig.database.jobs.drain()
    return found


async def end_of(rig: Rig) -> Mapping[str, Any]:
    """Tell how everything stands, by who wished it: numbers and instants are another in each run."""
    async with rig.database.store.reading() as unit:
        orders = await unit.orders.standing(tuple(State))
        pledges = [await unit.pledges.get(order.id) for order in orders if order.origin == "chat"]
        raised = await unit.facts.named("raised:")
        stock = await unit.stock.all()
    rows = sorted(
        (
            order.buyer.id,
            order.origin,
            order.kind,
            str(order.state),
            str(order.total),
            str(order.paid),
            str(order.refunded),
            order.problem,
            len(order.late_payment.split()),
        )
        for order in orders
    )
    states = sorted((pledge.person, pledge.state) for pledge in pledges if pledge)
    return {"orders": rows, "pledges": states, "raised": dict(raised), "stock": dict(stock)}


async def told(rig: Rig, orders: int) -> dict[str, list[str]]:
    return {f"p{at}": sorted(await rig.kinds(f"p{at}")) for at in range(orders)}


@pytest.mark.parametrize("seed", range(5))
async def test_lost_webhooks_lead_to_the_same_end(seed: int, tmp_path: Path) -> None:
    """With webhooks lost at random, one comparison brings all to where they would have; a second one changes nothing."""
    ends: list[Mapping[str, Any]] = []
    people: list[dict[str, list[str]]] = []
    for name, lost in (("heard", 0.0), ("half", 0.5), ("deaf", 1.0)):
        folder = tmp_path / name
        folder.mkdir()
        async with opened(World(folder)) as rig:
            history, net = History(rig, dice(seed)), dice(seed)
            await history.play(STEPS)
            for payments in rig.world.payments.values():
                for event in payments.news():
                    if net.random() >= lost:
                        await rig.house.settling.receive(event)
            await rig.database.jobs.drain()
            await reconciled(rig)
            ends.append(await end_of(rig))
            people.append(await told(rig, STEPS))
            again = await reconciled(rig)
            assert [each for each in again if each.outcome == "mended"] == []  # type: ignore[attr-defined]
            assert await end_of(rig) == ends[-1]
            assert await told(rig, STEPS) == people[-1]
    assert ends[0] == ends[1] == ends[2]


@pytest.mark.parametrize("seed", range(5))
async def test_statements_equal_the_ledger(seed: int, world: World) -> None:
    """Whatever happened, each month of each account sums to its own ledger, month joins month, and nothing mixes."""
    async with opened(world) as rig:
        await History(rig, dice(seed), pauses=0.6).play(120)  # 39 days, more or less: two months, or three
        await rig.deliver()
        await reconciled(rig)
        zone = rig.live().settings.zone
        books = Bookkeeping(rig.database.store, world.payments.__getitem__, rig.live().settings, rig.time)
        months = [Month(2026, number, zone) for number in (2, 3, 4, 5)]
        for account, payments in world.payments.items():
            ledger = payments.balance.lines
            seen: list[str] = []
            opening = Money(0, "EUR")
            for month in months:
                for statement in await books.statements(account, month, prove=True):
                    mine = [line for line in ledger if month.holds(line.created)]
                    assert [entry.transaction for entry in statement.entries] == [line.id for line in mine]
                    for name in CLASSES:
                        lines = [line for line in mine if line.type == name]
                        stated = statement.sums[name]
                        assert stated.gross.minor == sum(line.amount.minor for line in lines)
                        assert stated.fee.minor == sum(line.fee.minor for line in lines)
                        assert stated.net.minor == sum(line.net.minor for line in lines)
                    assert statement.opening == opening
                    assert statement.closing is not None
                    opening = statement.closing
                    seen += [entry.transaction for entry in statement.entries]
                    own = {entry.order for entry in statement.entries if entry.kind}
                    assert all([(await rig.order(number)).account == account for number in own])
                    paid = [entry for entry in statement.entries if entry.type in {"charge", "refund", "dispute"}]
                    assert all(entry.kind for entry in paid), "every payment has its order, renewals too"
            assert seen == [line.id for line in ledger]
            assert [opening] == (payments.balance.held() or [Money(0, "EUR")])


async def test_a_cause_in_the_shops_account(rig: Rig) -> None:
    """A cause without an account of its own is stated from the shop's: its gifts, their refunds and disputes alone."""
    kitchen = await rig.paid(await rig.order((await rig.say("/donate 20 to kitchen")).order))
    await rig.paid(await rig.place("zine"))
    rig.stripe.give_back(kitchen.payment_intent, 500)
    await rig.deliver()
    books = Bookkeeping(rig.database.store, rig.world.payments.__getitem__, rig.live().settings, rig.time)
    [statement] = await books.statements("", Month(2026, 3, rig.live().settings.zone), cause="kitchen")
    assert [(entry.type, entry.order) for entry in statement.entries] == [
        ("charge", kitchen.id),
        ("refund", kitchen.id),
    ]
    assert statement.total.gross == Money(1500, "EUR")


async def test_a_balance_that_is_not_the_sum_of_its_lines(rig: Rig) -> None:
    """Where all lines do not come to what the account holds, a proved statement is refused."""
    await rig.paid(await rig.place("zine"))
    line = rig.stripe.balance.lines[0]

    class Hiding:
        """The account, as it would be if Stripe did not list a line."""

        def __getattr__(self, name: str) -> object:
            return getattr(rig.stripe, name)

        async def transactions(self, *, since: datetime, until: datetime) -> Sequence[object]:
            return [each for each in await rig.stripe.transactions(since=since, until=until) if each.id != line.id]

    settings = rig.live().settings
    books = Bookkeeping(rig.database.store, lambda _: Hiding(), settings, rig.time)  # type: ignore[arg-type,return-value]
    with pytest.raises(StatementDiffers, match=r"come to 0\.00 EUR, while the account holds 3\.69 EUR"):
        await books.statements("", Month(2026, 3, settings.zone), prove=True)


async def test_a_balance_that_moves_while_it_is_read(rig: Rig) -> None:
    """What is listed and what is held are of one moment: if a payment comes between, both are read again."""
    await rig.paid(await rig.place("zine"))
    [order] = [await rig.place("print")]
    settings, real = rig.live().settings, rig.stripe

    class Busy:
        """The account, with a payment that comes while its lines are listed."""

        paid = False

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        async def transactions(self, *, since: datetime, until: datetime) -> Sequence[object]:
            lines = await real.transactions(since=since, until=until)
            if not self.paid:
                self.paid = True
                real.pay(order.session)
            return lines

    busy = Busy()
    books = Bookkeeping(rig.database.store, lambda _: busy, settings, rig.time)  # type: ignore[arg-type,return-value]
    [statement] = await books.statements("", Month(2026, 3, settings.zone))
    assert statement.sums["charge"].lines == 2
    assert statement.opening == Money(0, "EUR")


async def test_a_provider_that_refuses(rig: Rig) -> None:
    """A key that may not read the balance makes no statement: Stripe's no is passed on."""
    rig.stripe.refuse("transactions")
    settings = rig.live().settings
    books = Bookkeeping(rig.database.store, rig.world.payments.__getitem__, settings, lambda: datetime.now(UTC))
    with pytest.raises(PaymentsRefused):
        await books.statements("", Month(2026, 3, settings.zone))
