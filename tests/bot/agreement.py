"""A shop beside a plain model of it: what has to be the same in both, in Stripe's books too, at every moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from bot.orders import ENDED_UNPAID, HOLDING, SOLD, Order, Pledge, State
from bot.ports import Event, Unit
from bot.refunds import RefundEntry, Stage
from bot.shop import Stock
from tests.bot.model import CAUSES, EACH, OFFERED, PEOPLE, SMALLEST, TEXT, TOTALS, Months, Sum
from tests.bot.rig import Rig, World, opened

T = TypeVar("T")


class Shop(RuleBasedStateMachine):
    """A shop, the model of it, and that the two agree."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.rig: Rig = self.do(self.stack.enter_async_context(opened(World(Path(self.folder.name), text=TEXT))))
        self.orders: dict[str, Sum] = {}
        self.months: dict[str, Months] = {}
        self.events: list[Event] = []

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something to its end."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Close the shop."""
        self.do(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    def hear(self) -> None:
        """Let the shop hear of what happened at Stripe, and do what follows."""
        for payments in self.rig.world.payments.values():
            fresh = list(payments.news())
            self.events += fresh
            for event in fresh:
                self.do(self.rig.house.settling.receive(event))
        self.do(self.rig.database.jobs.drain())
        self.do(self.rig.deliver())

    def stripe(self, number: str) -> Any:
        """Give the account that an order is paid to."""
        return self.rig.world.payments["water" if self.orders[number].what == "water" else ""]

    def left(self, variant: str) -> int | None:
        """Say how many of a thing can still be bought."""
        offered = OFFERED[variant]
        taken = sum(
            each.quantity for each in self.orders.values() if each.what == variant and each.state in HOLDING | SOLD
        )
        return None if offered is None else offered - taken

    def used(self, code: str, who: str = "") -> int:
        """Count what a code was used (by a person)."""
        mine = (each for each in self.orders.values() if each.code == code and who in {"", each.who})
        return sum(each.state in HOLDING | SOLD for each in mine)

    def some(self, pick: int, *states: State, monthly: bool | None = None) -> str | None:
        """Choose an order in one of some states."""
        found = [
            number
            for number, each in self.orders.items()
            if each.state in states and monthly in {None, bool(each.price)} and "-" not in number
        ]
        return found[pick % len(found)] if found else None

    def has(self, *states: State) -> bool:
        """Tell whether there is an order in one of some states."""
        return self.some(0, *states) is not None

    def read(self, look: Callable[[Unit], Awaitable[T]]) -> T:
        """Look at the shop's books, all at one moment."""

        async def reading() -> T:
            async with self.rig.database.store.reading() as unit:
                return await look(unit)

        return self.do(reading())

    def kept(self, *numbers: str) -> dict[str, tuple[Order, Sequence[RefundEntry]]]:
        """Give orders with their refunds as the shop has them; those of the model without their renewals."""
        wanted = numbers or [number for number in self.orders if "-" not in number]

        async def look(unit: Unit) -> dict[str, tuple[Order, Sequence[RefundEntry]]]:
            found = {number: (await unit.orders.get(number), await unit.refunds.of(number)) for number in wanted}
            return {number: (order, entries) for number, (order, entries) in found.items() if order}

        return self.read(look)

    # What is true at every moment

    @invariant()
    def orders_stand_as_the_model_says(self) -> None:
        """Each order's state, and what was paid and given back."""
        for number, (ours, _) in self.kept().items():
            order = self.orders[number]
            sums = [each.minor if each else 0 for each in (ours.refunded, ours.disputed_away)]
            assert (ours.state, ours.total.minor) == (order.state, order.total + order.shipping), number
            assert (sums, ours.disputed) == ([order.back, order.away], bool(order.open)), number
        everything = self.read(lambda unit: unit.orders.newest(most=1000))
        mine = [each.paid.minor if each.paid else 0 for each in everything if each.origin == "renewal"]
        assert sorted(mine) == sorted(each.paid for number, each in self.orders.items() if "-" in number)
        assert len(everything) == len(self.orders)

    @invariant()
    def stock_is_conserved(self) -> None:
        """Reserved and sold are what orders hold, and never more than is offered."""
        stocks = self.read(lambda unit: unit.stock.all())
        for variant, offered in OFFERED.items():
            stock = stocks.get(variant, Stock())
            mine = [each for each in self.orders.values() if each.what == variant]
            assert stock.reserved == sum(each.quantity for each in mine if each.state in HOLDING)
            assert stock.sold == sum(each.quantity for each in mine if each.state in SOLD)
            assert offered is None or stock.reserved + stock.sold <= offered

    @invariant()
    def coupons_are_not_overused(self) -> None:
        """Each code is used as often as the model says, and no more than it may be."""

        async def look(unit: Unit) -> dict[tuple[str, str], int]:
            people = {"": "", **{who: f"slack:{who}" for who in PEOPLE}}
            return {
                (code, who): await unit.orders.uses(code, person=key) for code in TOTALS for who, key in people.items()
            }

        for (code, who), many in self.read(look).items():
            most = EACH[code] if who else TOTALS[code]
            assert many == self.used(code, who), code
            assert most is None or many <= most, code

    @invariant()
    def every_order_has_one_session_with_its_sums(self) -> None:
        """Never two sessions for one order; lines, discount and total are the order's."""
        for number, order in self.orders.items():
            if "-" in number:
                continue
            (session,) = self.stripe(number).of(number)
            sums = (session.subtotal.minor, session.discount.minor, session.total.minor)
            assert sums == (order.total + order.discount, order.discount, order.total + order.shipping)
            lines = self.stripe(number).checkouts[session.id].lines
            assert sum(line.amount.minor for line in lines) == order.total + order.discount, number
            assert 0 <= order.discount < order.total + order.discount, number
            assert session.total.minor >= SMALLEST, number
            assert (session.payment == "paid") == bool(order.paid), number
            assert order.state not in ENDED_UNPAID or not order.paid

    @invariant()
    def stripe_has_taken_what_the_orders_say(self) -> None:
        """Nobody was charged twice, and nothing came in that no order knows."""
        ours = Counter[str]()
        for order in self.orders.values():
            ours["water" if order.what == "water" else ""] += order.paid - order.back
        for account, payments in self.rig.world.payments.items():
            taken = sum((each.received - each.refunded).minor for each in payments.payments.values())
            assert taken == ours[account]

    @invariant()
    def refunds_are_those_of_the_model(self) -> None:
        """Entries, Stripe's refunds and the model's are the same; never more than was paid; none is stuck on its way."""
        for number, (ours, entries) in self.kept().items():
            order = self.orders[number]
            assert {each.id: each.amount.minor for each in entries if each.stage is Stage.ASKED} == order.waiting, (
                number
            )
            done = [each.amount.minor for each in entries if each.stage is Stage.DONE]
            payment = self.stripe(number).payments.get(ours.payment_intent)
            theirs = [each.amount.minor for each in payment.refunds] if payment else []
            assert sorted(done) == sorted(theirs) == sorted(order.made), number
            assert not [each for each in entries if each.stage is Stage.APPROVED], number
            assert sum(done) + order.away <= order.paid, number

    @invariant()
    def the_ledgers_say_so_too(self) -> None:
        """Let the lines of each account's balance add up to what came in, what went back, and what banks took."""
        for account, payments in self.rig.world.payments.items():
            mine = [each for each in self.orders.values() if (each.what == "water") == (account == "water")]
            lines = Counter[str]()
            for line in payments.balance.lines:
                lines[line.type] += line.amount.minor
            assert lines["charge"] == sum(each.paid for each in mine)
            assert lines["refund"] == -sum(each.back for each in mine)
            assert lines["dispute"] == -sum(each.away + each.contested for each in mine)

    @invariant()
    def what_was_raised_adds_up(self) -> None:
        """Each cause has raised what was given, less what went back and what banks took."""
        self.do(self.rig.live.refresh())
        for cause in CAUSES:
            raised = self.rig.live().raised.get(cause)
            given = sum(each.kept for each in self.orders.values() if each.what == cause)
            assert (raised.minor if raised else 0) == given

    @invariant()
    def pledges_stand_as_the_model_says(self) -> None:
        """State, amount and trouble of each subscription."""

        async def look(unit: Unit) -> dict[str, Pledge | None]:
            return {number: await unit.pledges.get(number) for number in self.months}

        for number, pledge in self.read(look).items():
            assert pledge is not None, number
            months = self.months[number]
            now = (pledge.state, pledge.amount.minor, pledge.unpaid)
            assert now == (months.state, months.amount, months.unpaid), number
