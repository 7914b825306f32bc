"""The whole till against a plain model: whatever people, banks and Stripe do next, the books agree.

Selling, giving, what is paid monthly, coupons, paying now or later, cancelling, expiring, refunds in full, lost answers
and doubled events, in orders that hypothesis makes up. The model is a handful of sums that anybody can check by eye.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.chat import Card
from bot.orders import ENDED_UNPAID, HOLDING, SOLD, State
from bot.ports import Event
from tests.bot.rig import SHOP, Rig, World, opened

T = TypeVar("T")

#: What is offered of each thing, and what one of it costs, in cents.
OFFERED: Final = {"print": 2, "mug/blue": 8, "zine": None, "club": None}
PRICES: Final = {"print": 4500, "mug/blue": 1250, "zine": 400, "club": 600}
#: How many orders a code is good for in all, and of one person.
TOTALS: Final = {"FEW": 2, "ONCE": None}
EACH: Final = {"FEW": None, "ONCE": 1}
TEXT: Final = (
    SHOP.replace("stock = 1\n", "stock = 2\n", 1)
    + """
[product.club]
name = "Harbour club"
price = "6.00"
every = "month"

[coupon.FEW]
amount = "1.00"
total = 2

[coupon.ONCE]
percent = 50
per_person = 1

[limits]
person = 100000
shop = 100000
"""
)
PEOPLE: Final = ("ann", "ben")
CAUSES: Final = ("water", "kitchen")


@dataclass
class Sum:
    """One order as the model has it; amounts in cents."""

    who: str
    what: str  # a variant, or a cause
    quantity: int
    total: int
    state: State
    code: str = ""
    discount: int = 0
    price: int = 0  # of each further month; 0 where it is paid once
    paid: int = 0
    back: int = 0
    how: str = ""

    @property
    def shipping(self) -> int:
        """What is paid on top, in cents."""
        return 450 if self.what == "mug/blue" else 0

    @property
    def gift(self) -> bool:
        """Whether it is a gift."""
        return self.what in CAUSES


@dataclass
class Months:
    """A subscription as the model has it."""

    state: str
    amount: int
    unpaid: str = ""


class Till(RuleBasedStateMachine):
    """A shop, and the model of it."""

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

    # What people do

    @initialize()
    def open_the_door(self) -> None:
        """Begin with a purchase and a gift that go on from month to month: it is a long way there by chance."""
        self.buy("ann", "club", 1, "ONCE", again=False, lost="")
        self.give("ben", "kitchen", 10, monthly=True)
        for pick in (1, 0):
            self.pay(pick, "card")

    @rule(
        who=st.sampled_from(PEOPLE),
        what=st.sampled_from(tuple(OFFERED)),
        quantity=st.sampled_from((1, 1, 1, 2, 3)),
        code=st.sampled_from(("", "", *TOTALS)),
        again=st.booleans(),
        lost=st.sampled_from(("", "", "", "before", "after")),
    )
    def buy(self, who: str, what: str, quantity: int, code: str, *, again: bool, lost: str) -> None:
        """Ask for something; now and then Stripe's answer is lost."""
        sells = self.sells(who, what, quantity, code, again=again)
        if lost and sells:
            self.rig.stripe.fail(lost, "open")  # type: ignore[arg-type]  # one of the two
        action = "buy.another" if again else "buy.choose"
        card = self.do(self.rig.press(action, f"{what} {quantity} {code}".strip(), who))
        goods = PRICES[what] * quantity
        discount = {"": 0, "FEW": 100, "ONCE": goods // 2}[code]
        if not sells:
            assert card.order == "", card
            return
        monthly = PRICES[what] if what == "club" else 0
        self.begun(card, Sum(who, what, quantity, goods - discount, State.AWAITING, code, discount, monthly))

    def sells(self, who: str, what: str, quantity: int, code: str, *, again: bool) -> bool:
        """Say whether the shop ought to sell it."""
        left, each, total = self.left(what), EACH.get(code), TOTALS.get(code)
        on_its_way = any(
            (each.who, each.what, each.state) == (who, what, State.PROCESSING) for each in self.orders.values()
        )
        return (
            (left is None or quantity <= left)
            and quantity <= (1 if what == "club" else 6)
            and (again or not on_its_way)
            and (each is None or self.used(code, who) < each)
            and (total is None or self.used(code) < total)
        )

    @rule(who=st.sampled_from(PEOPLE), what=st.sampled_from(CAUSES), euros=st.integers(1, 50), monthly=st.booleans())
    def give(self, who: str, what: str, euros: int, *, monthly: bool) -> None:
        """Ask to give something, once or each month."""
        card = self.do(self.rig.say(f"/donate {euros} to {what}{' monthly' if monthly else ''}", who))
        cents = euros * 100
        self.begun(card, Sum(who, what, 0, cents, State.AWAITING, price=cents if monthly else 0))

    def begun(self, card: Card, wanted: Sum) -> None:
        """Take a new order into the model; one without an answer gets its session by itself."""
        assert card.order, card
        self.orders[card.order] = wanted
        self.rig.time.pass_(seconds=30)
        self.hear()

    @precondition(lambda self: self.has(State.AWAITING))
    @rule(pick=st.integers(0, 9), how=st.sampled_from(("card", "declined", "later", "later", "later_fails")))
    def pay(self, pick: int, how: str) -> None:
        """Pay on Stripe's page, at once, later, or not at all."""
        number = self.some(pick, State.AWAITING)
        if number is None:
            return
        self.stripe(number).pay(self.do(self.rig.order(number)).session, how)
        self.hear()
        order = self.orders[number]
        order.how = how
        if how == "card":
            self.paid(number)
        elif how != "declined":
            order.state = State.PROCESSING

    @precondition(lambda self: self.has(State.PROCESSING))
    @rule(pick=st.integers(0, 9))
    def settle(self, pick: int) -> None:
        """Let a bank confirm, or refuse."""
        number = self.some(pick, State.PROCESSING)
        if number is None:
            return
        self.stripe(number).settle(self.do(self.rig.order(number)).session)
        self.hear()
        if self.orders[number].how == "later":
            self.paid(number)
        else:
            self.orders[number].state = State.FAILED

    def paid(self, number: str) -> None:
        """Take a payment into the model."""
        order = self.orders[number]
        order.paid = order.total + order.shipping
        order.state = State.PAID if order.gift or order.what == "mug/blue" else State.FULFILLED
        if order.price:
            self.months[number] = Months("active", order.price)

    @precondition(lambda self: self.has(State.AWAITING))
    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        """Press Cancel."""
        number = self.some(pick, State.AWAITING)
        if number is None:
            return
        self.do(self.rig.press("orders.cancel", number, self.orders[number].who))
        self.hear()
        self.orders[number].state = State.CANCELLED

    @precondition(lambda self: self.has(State.AWAITING))
    @rule()
    def wait(self) -> None:
        """Let the time to pay pass."""
        self.rig.time.pass_(hours=1)
        self.hear()
        for order in self.orders.values():
            if order.state is State.AWAITING:
                order.state = State.EXPIRED

    @precondition(lambda self: self.has(State.PAID, State.FULFILLED))
    @rule(pick=st.integers(0, 9))
    def refund(self, pick: int) -> None:
        """Give all of a payment back in Stripe's dashboard."""
        number = self.some(pick, State.PAID, State.FULFILLED)
        if number is None:
            return
        self.stripe(number).give_back(self.do(self.rig.order(number)).payment_intent)
        self.hear()
        self.orders[number].state, self.orders[number].back = State.REFUNDED, self.orders[number].paid

    @precondition(lambda self: self.months)
    @rule(
        pick=st.integers(0, 9),
        choice=st.integers(0, 59),
        euros=st.integers(1, 50),
    )
    def month(self, pick: int, choice: int, euros: int) -> None:
        """Let a month pass over a subscription, or its person or its bank do something about it."""
        number = list(self.months)[pick % len(self.months)]
        months, order, stripe = self.months[number], self.orders[number], self.stripe(number)
        subscription = self.do(self.rig.order(number)).subscription
        able = self.able(months, gift=order.gift)
        deed = able[choice % len(able)]
        match deed:
            case "renew" | "fail":
                invoice = stripe.renew(subscription, paid=deed == "renew")
                if deed == "renew":
                    self.renewed(number, invoice)
                else:
                    months.unpaid = invoice
            case "end":
                stripe.renew(subscription)
                months.state = "ended"
            case "mend":
                stripe.mend(months.unpaid)
                self.renewed(number, months.unpaid)
                months.unpaid = ""
            case "give_up":
                stripe.give_up(subscription)
                months.state, months.unpaid = "ended", ""
            case "stop":
                self.do(self.rig.press("orders.stop", number, order.who))
                months.state = "stopping"
            case "leave":
                stripe.leave(subscription)
                months.state = "stopping"
            case "resume":
                stripe.resume(subscription)
                months.state = "active"
            case "change":
                self.do(self.rig.press("orders.change", f"{number} EUR", order.who, amount=str(euros)))
                months.amount = euros * 100
        self.hear()

    def able(self, months: Months, *, gift: bool) -> list[str]:
        """Name what can happen to a subscription now."""
        match months.state:
            case "active" if months.unpaid:
                return ["mend", "mend", "give_up"]
            case "active":
                return ["renew", "fail", "stop", "leave", *(["change"] if gift else ["renew"])]
            case "stopping":
                return ["resume", "resume", "end", "give_up"]
            case _:
                return ["nothing"]

    def renewed(self, number: str, invoice: str) -> None:
        """Take another month into the model, as an order of its own."""
        begun = self.orders[number]
        cents = self.stripe(number).invoices[invoice].total.minor
        state = State.PAID if begun.gift else State.FULFILLED
        self.orders[f"{number}-{invoice}"] = Sum(begun.who, begun.what, begun.quantity, cents, state, paid=cents)

    @rule()
    def repeat(self) -> None:
        """Bring every event there ever was once more."""
        for event in self.events:
            self.do(self.rig.house.settling.handle(event))
        self.hear()

    # What is true at every moment

    @invariant()
    def orders_stand_as_the_model_says(self) -> None:
        """Each order's state, and what was paid and given back."""
        for number, order in self.orders.items():
            if "-" not in number:
                ours = self.do(self.rig.order(number))
                back = ours.refunded.minor if ours.refunded else 0
                asked = order.total + order.shipping
                assert (ours.state, ours.total.minor, back) == (order.state, asked, order.back), number
        for who in PEOPLE:
            mine = [each for each in self.all_of(who) if each.origin == "renewal"]
            model = [each for number, each in self.orders.items() if "-" in number and each.who == who]
            assert sorted((each.paid.minor if each.paid else 0) for each in mine) == sorted(each.paid for each in model)

    def all_of(self, who: str) -> list[Any]:
        """Give all of a person's orders."""

        async def read() -> list[Any]:
            async with self.rig.database.store.reading() as unit:
                return list(await unit.orders.of(f"slack:{who}", most=1000))

        return self.do(read())

    @invariant()
    def stock_is_conserved(self) -> None:
        """Reserved and sold are what orders hold, and never more than is offered."""
        for variant, offered in OFFERED.items():
            stock = self.do(self.rig.stock(variant))
            mine = [each for each in self.orders.values() if each.what == variant]
            assert stock.reserved == sum(each.quantity for each in mine if each.state in HOLDING)
            assert stock.sold == sum(each.quantity for each in mine if each.state in SOLD)
            assert offered is None or stock.reserved + stock.sold <= offered

    @invariant()
    def coupons_are_not_overused(self) -> None:
        """Each code is used as often as the model says, and no more than it may be."""

        async def read(code: str, person: str = "") -> int:
            async with self.rig.database.store.reading() as unit:
                return await unit.orders.uses(code, person=person)

        for code, total in TOTALS.items():
            assert self.do(read(code)) == self.used(code)
            assert total is None or self.used(code) <= total
            for who in PEOPLE:
                assert self.do(read(code, f"slack:{who}")) == self.used(code, who)
                assert EACH[code] is None or self.used(code, who) <= (EACH[code] or 0)

    @invariant()
    def every_order_has_one_session_with_its_sums(self) -> None:
        """Never two sessions for one order; lines, discount and total are the order's."""
        for number, order in self.orders.items():
            if "-" in number:
                continue
            (session,) = self.stripe(number).of(number)
            sums = (session.subtotal.minor, session.discount.minor, session.total.minor)
            assert sums == (order.total + order.discount, order.discount, order.total + order.shipping)
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
    def what_was_raised_adds_up(self) -> None:
        """Each cause has raised what was given and not given back."""
        self.do(self.rig.live.refresh())
        for cause in CAUSES:
            raised = self.rig.live().raised.get(cause)
            given = sum(each.paid - each.back for each in self.orders.values() if each.what == cause)
            assert (raised.minor if raised else 0) == given

    @invariant()
    def pledges_stand_as_the_model_says(self) -> None:
        """State, amount and trouble of each subscription."""
        for number, months in self.months.items():
            pledge = self.do(self.rig.pledge(number))
            now = (pledge.state, pledge.amount.minor, pledge.unpaid)
            assert now == (months.state, months.amount, months.unpaid), number


Till.TestCase.settings = settings(
    max_examples=16,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # what fails is shown as it was found: making it shorter takes minutes
    suppress_health_check=list(HealthCheck),
)
TestTill = Till.TestCase
