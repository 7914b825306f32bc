"""The whole till against a plain model: whatever people, banks and Stripe do next, the books agree.

Selling, giving, what is paid monthly, coupons, paying now or later, cancelling, expiring, refunds in part and in full (with a
second admin, and in Stripe's dashboard), disputes, lost answers and doubled events, in orders that hypothesis makes up.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from bot.chat import Card
from bot.orders import State
from tests.bot.agreement import Shop
from tests.bot.model import ALONE, CAUSES, EACH, OFFERED, PEOPLE, PRICES, SMALLEST, TOTALS, Months, Sum, discount_of


class Till(Shop):
    """What people, banks, time and Stripe do, in the shop and in the model."""

    # What people do

    @initialize()
    def open_the_door(self) -> None:
        """Begin with a purchase and a gift that go on from month to month, most of it asked back: a long way by chance."""
        self.buy("ann", "club", 1, "ONCE", again=False, lost="")
        self.give("ben", "kitchen", 30, monthly=True)
        for pick in (1, 0):
            self.pay(pick, "card")
        self.refund(1, 90, "chat", "")

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
        discount = discount_of(code, goods)
        if not sells:
            assert card.order == "", card
            return
        monthly = PRICES[what] if what == "club" else 0
        self.begun(card, Sum(who, what, quantity, goods - discount, State.AWAITING, code, discount, monthly))

    def sells(self, who: str, what: str, quantity: int, code: str, *, again: bool) -> bool:
        """Say whether the shop ought to sell it."""
        left, each, total = self.left(what), EACH.get(code), TOTALS.get(code)
        goods = PRICES[what] * quantity
        on_its_way = any(
            (each.who, each.what, each.state) == (who, what, State.PROCESSING) for each in self.orders.values()
        )
        return (
            (left is None or quantity <= left)
            and quantity <= (1 if what == "club" else 6)
            and (again or not on_its_way)
            and (each is None or self.used(code, who) < each)
            and (total is None or self.used(code) < total)
            and goods - discount_of(code, goods) >= SMALLEST
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
    @rule(
        pick=st.integers(0, 9),
        share=st.sampled_from((10, 30, 50, 100, 100, 110)),
        where=st.sampled_from(("chat", "chat", "dashboard")),
        lost=st.sampled_from(("", "", "before", "after")),
    )
    def refund(self, pick: int, share: int, where: str, lost: str) -> None:
        """Give back so many per cent of what is left: in the chat, or in Stripe's dashboard, which asks nobody here."""
        number = self.some(pick, State.PAID, State.FULFILLED)
        if number is None:
            return
        if where == "chat":
            self.ask_back(number, share, lost)
        elif not self.orders[number].held:
            order, share = self.orders[number], min(share, 100)
            cents = max(1, (order.paid - order.back) * share // 100)
            self.stripe(number).give_back(self.do(self.rig.order(number)).payment_intent, cents)
            order.give_back(cents)
        self.hear()

    def ask_back(self, number: str, share: int, lost: str) -> None:
        """Ask for a refund in the chat; now and then Stripe's answer is lost."""
        order = self.orders[number]
        cents = max(1, order.left * share // 100)
        alone = order.back + sum(order.waiting.values()) + cents <= ALONE
        allowed = not order.open and cents <= order.left
        if lost and allowed and alone:
            self.stripe(number).fail(lost, "refund")
        self.do(self.rig.say(f"/shop refund {number} {cents // 100}.{cents % 100:02} worn", "boss"))
        if allowed and alone:
            order.give_back(cents)
        elif allowed:
            order.waiting[self.kept(number)[number][1][-1].id] = cents
        self.rig.time.pass_(seconds=30)

    @precondition(lambda self: any(each.waiting for each in self.orders.values()))
    @rule(pick=st.integers(0, 9), deed=st.sampled_from(("approve", "approve", "decline")), own=st.booleans())
    def decide(self, pick: int, deed: str, *, own: bool) -> None:
        """Let an admin approve or decline what waits for a second one; the first may only decline."""
        waiting = [(order, refund) for order in self.orders.values() for refund in order.waiting]
        order, refund = waiting[pick % len(waiting)]
        self.do(self.rig.press(f"shop.{deed}", refund, "boss" if own else "deputy"))
        self.hear()
        if deed == "decline":
            del order.waiting[refund]
        elif not own and not order.open:
            order.give_back(order.waiting.pop(refund))

    @precondition(lambda self: self.has(State.PAID, State.FULFILLED))
    @rule(pick=st.integers(0, 9), share=st.sampled_from((40, 100)), fate=st.sampled_from(("won", "lost", "lost")))
    def bank(self, pick: int, share: int, fate: str) -> None:
        """Let a bank take back a part or all of what is left of a payment; or decide, where it has.

        What is paid monthly stops with a dispute that is lost; here none is, while a month is still to be mended.
        """
        disputed = [number for number, each in self.orders.items() if each.open]
        number = disputed[0] if disputed and pick % 2 else self.some(pick, State.PAID, State.FULFILLED)
        if number is None or self.orders[number].away:
            return
        order, months = self.orders[number], self.months.get(number)
        if not order.open:
            order.contested = max(1, (order.paid - order.back) * share // 100)
            order.open = self.stripe(number).dispute(self.do(self.rig.order(number)).payment_intent, order.contested)
        elif fate == "won" or (months and months.unpaid):
            self.stripe(number).decide(order.open, "won")
            order.open, order.contested = "", 0
        else:
            self.stripe(number).decide(order.open, "lost")
            order.open, order.contested, order.away = "", 0, order.contested
            if months and months.state == "active":
                months.state = "stopping"
        self.hear()

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


Till.TestCase.settings = settings(
    max_examples=16,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),  # what fails is shown as it was found: making it shorter takes minutes
    suppress_health_check=list(HealthCheck),
)
TestTill = Till.TestCase
