"""The contract of what books count: sums over everybody's rows, made where the rows are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.money import Money
from bot.orders import State
from bot.ports import Counted, Dispute, Store, Tally
from bot.refunds import RefundEntry, Stage
from tests.contracts.samples import ANN, BOB, NOON, a_pledge, an_order


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def entry(order: str, number: int, stage: Stage, amount: int = 100) -> RefundEntry:
    number_ = f"{order}-R{number}"
    return RefundEntry(number_, order, eur(amount), "why", "x", number_, stage, NOON)


async def test_orders_are_added_up(store: Store) -> None:
    """Each kind, origin, state and currency is one sum: what was paid, what went back and of how many, what was taken."""
    paid = {"state": State.PAID, "paid": eur(1250)}
    orders = [
        an_order("A", **paid),
        an_order("B", **paid, refunded=eur(250), disputed_away=eur(7)),
        an_order("C", **paid, origin="renewal"),
        an_order("D", state=State.PAID, total=Money(500, "JPY"), paid=Money(500, "JPY"), lines=()),
        an_order("E", kind="donate", lines=(), **paid),
        an_order("F", state=State.AWAITING),
    ]
    async with store.unit() as unit:
        for order in orders:
            await unit.orders.add(order, "new")
    async with store.reading() as unit:
        none, yen = eur(0), Money(0, "JPY")
        assert await unit.orders.tallies() == [
            Tally("buy", "chat", State.AWAITING, 1, none, none, 0, none),
            Tally("buy", "chat", State.PAID, 2, eur(2500), eur(250), 1, eur(7)),
            Tally("buy", "chat", State.PAID, 1, Money(500, "JPY"), yen, 0, yen),
            Tally("buy", "renewal", State.PAID, 1, eur(1250), none, 0, none),
            Tally("donate", "chat", State.PAID, 1, eur(1250), none, 0, none),
        ]


async def test_refunds_that_are_not_done(store: Store) -> None:
    """Asked and approved ones are not done, nor one that failed until one as large was made after it."""
    entries = [
        entry("A", 1, Stage.DONE),
        entry("A", 2, Stage.FAILED),
        entry("A", 3, Stage.DONE, 99),
        entry("A", 4, Stage.ASKED),
        entry("B", 1, Stage.FAILED),
        entry("B", 2, Stage.DONE),
        entry("B", 3, Stage.REFUSED),
        entry("B", 4, Stage.APPROVED),
    ]
    async with store.unit() as unit:
        await unit.orders.add(an_order("A", state=State.PAID), "new")
        await unit.orders.add(an_order("B", state=State.PAID, kind="donate", lines=()), "new")
        for each in entries:
            await unit.refunds.put(each)
    async with store.reading() as unit:
        assert [each.id for each in await unit.refunds.undone()] == ["A-R2", "A-R4", "B-R4"]
        assert await unit.refunds.tallies() == [
            Counted("buy", "asked", 1, eur(100)),
            Counted("buy", "done", 2, eur(199)),
            Counted("buy", "failed", 1, eur(100)),
            Counted("donate", "approved", 1, eur(100)),
            Counted("donate", "done", 1, eur(100)),
            Counted("donate", "failed", 1, eur(100)),
            Counted("donate", "refused", 1, eur(100)),
        ]


async def test_disputes_pledges_and_news_are_counted(store: Store) -> None:
    """Open disputes also of payments that are nobody's; pledges that run of one kind; news that was not told, by kind."""
    mine = Dispute("du_1", "", False, "pi_1", eur(1250), "open", "fraudulent", NOON)
    stray = replace(mine, id="du_2", payment_intent="pi_2")
    async with store.unit() as unit:
        await unit.orders.add(an_order("A", state=State.PAID, payment_intent="pi_1"), "new")
        for dispute in (mine, stray, replace(mine, id="du_3", status="lost")):
            await unit.disputes.put(dispute)
        for number, kind, state in (("P", "buy", "active"), ("Q", "buy", "stopping"), ("R", "buy", "ended")):
            await unit.pledges.put(a_pledge(number, kind=kind, state=state, amount=eur(900)))
        await unit.pledges.put(a_pledge("S"))
        told = await unit.news.add(ANN.key, "paid", "A")
        await unit.news.told(ANN.key, told.id, "sent")
        await unit.news.add(ANN.key, "shipped", "A")
        await unit.news.add("web:bob", "shipped", "A")
    async with store.reading() as unit:
        assert [each.id for each in await unit.disputes.open()] == ["du_1", "du_2"]
        assert await unit.disputes.tallies() == [
            Counted("", "open", 1, eur(1250)),
            Counted("buy", "lost", 1, eur(1250)),
            Counted("buy", "open", 1, eur(1250)),
        ]
        assert [each.id for each in await unit.pledges.running("buy")] == ["P", "Q"]
        assert await unit.pledges.tallies() == [
            Counted("buy", "active", 1, eur(900)),
            Counted("buy", "ended", 1, eur(900)),
            Counted("buy", "stopping", 1, eur(900)),
            Counted("donate", "active", 1, eur(2500)),
        ]
        assert await unit.news.waiting() == {"shipped": 2}


async def test_purchases_are_counted_by_where_they_began(store: Store) -> None:
    """Since an instant, by platform and workspace; of some products only those; neither gifts nor renewals."""
    mug, zine = an_order("A").lines[0], replace(an_order("A").lines[0], product="zine_1")
    orders = [
        an_order("A"),
        an_order("B", lines=(zine,)),
        an_order("C", buyer=BOB, lines=(zine, mug)),
        an_order("D", origin="renewal"),
        an_order("E", kind="donate", lines=()),
        an_order("F", created=NOON - timedelta(seconds=1)),
        an_order("G", lines=(replace(zine, product="zineX1"),), buyer=BOB),
    ]
    async with store.unit() as unit:
        for order in orders:
            await unit.orders.add(order, "new")
    async with store.reading() as unit:
        assert await unit.orders.placed(NOON) == {("slack", "T1"): 2, ("web", ""): 2}
        assert await unit.orders.placed(NOON, ["zine_1"]) == {("slack", "T1"): 1, ("web", ""): 1}
        assert await unit.orders.placed(NOON, ["mug"]) == {("slack", "T1"): 1, ("web", ""): 1}
