"""The contract of PeopleBook: of a forgotten person only what the books must keep is left, and nobody else loses anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.money import Money
from bot.orders import Buyer, State
from bot.ports import Jobs, Store, Unit
from bot.refunds import RefundEntry, Stage
from bot.rounds import Round
from tests.contracts.samples import ANN, NOON, a_full_order, a_pledge, an_order

#: What may tell who it was, column by column.
GONE: dict[str, Any] = {
    "asked_by": "erased:1:A",
    "session_url": "",
    "tracking": "",
    "problem": "",
    "ship_to": "",
    "buyer": Buyer("erased", "1", "", "", ""),
}
#: As like ANN as a key can be.
ANNE = replace(ANN, id=f"{ANN.id}1", user="U11")


async def test_only_what_the_books_need_is_left_of_an_order(store: Store) -> None:
    """Amounts, dates, goods and the provider's ids are as they were; everything else is empty, and the gift has no words."""
    order = replace(a_full_order("A"), buyer=ANN)
    entry = RefundEntry("A-R1", "A", Money(5, "EUR"), "for Ann", ANN.key, f"{ANN.key}:i1", Stage.DONE, NOON, ANN.key)
    pledge = a_pledge("A", state="ended", mend_url="https://stripe.example/ann")
    assert pledge.donation is not None
    async with store.unit() as unit:
        await unit.orders.add(order, "new")
        await unit.refunds.put(entry)
        await unit.pledges.put(replace(pledge, donation=replace(pledge.donation, dedication="for Zoé")))
    async with store.unit() as unit:
        assert await unit.people.forget(ANN.key, "erased:1") == ["A"]
    async with store.reading() as unit:
        gift: Any = order.donation
        assert await unit.orders.get("A") == replace(order, **GONE, donation=replace(gift, dedication=""))
        assert await unit.refunds.of("A") == [
            replace(entry, reason="", asked_by="erased:1", asked_with="erased:1:A-R1", decided_by="erased:1")
        ]
        assert await unit.pledges.get("A") == replace(pledge, person="erased:1", mend_url="")
        assert [order.id for order in await unit.orders.of("erased:1")] == ["A"]


async def test_what_staff_wrote_goes_from_the_history(store: Store) -> None:
    """That a refund was declined stays in the order's history; why, in staff's own words, goes."""
    async with store.unit() as unit:
        await unit.orders.add(an_order("A", state=State.EXPIRED), "new")
        await unit.orders.add(an_order("B", state=State.EXPIRED, buyer=ANNE), "new")
        for number in "AB":
            await unit.orders.note(number, "refund of 4.00 EUR declined: Ann Smith wore it, declined: twice")
    async with store.unit() as unit:
        await unit.people.forget(ANN.key, "erased:1")
    async with store.reading() as unit:
        assert [move.why for move in await unit.orders.history("A")] == ["new", "refund of 4.00 EUR declined"]
        assert "Ann Smith" in (await unit.orders.history("B"))[-1].why


async def test_a_round_keeps_no_name_as_its_place(store: Store) -> None:
    """A round that had come as far as the person looks everybody up anew; one that had come as far as another goes on there."""
    closing = "buy:2030-01-01T00:00:00+00:00"
    async with store.unit() as unit:
        for who, days in ((ANN, 7), (ANNE, 1)):
            begun = Round("buy", closing, days, NOON, NOON)
            await unit.rounds.open(begun)
            await unit.rounds.save(replace(begun, person=who.key, order="A"))
    async with store.unit() as unit:
        await unit.people.forget(ANN.key, "erased:1")
    async with store.reading() as unit:
        found = [await unit.rounds.get(closing, days) for days in (7, 1)]
    assert [(each.person, each.order) for each in found if each] == [("", ""), (ANNE.key, "A")]


async def test_memory_of_one_goes_and_of_others_stays(store: Store, jobs: Jobs) -> None:
    """News, facts, leases and jobs that name the person go; those of a person with a longer key stay."""
    async with store.unit() as unit:
        await unit.orders.add(an_order("A", state=State.EXPIRED), "new")
        await unit.orders.add(an_order("B", state=State.EXPIRED, buyer=ANNE), "new")
        for who in (ANN, ANNE):
            await unit.news.add(who.key, "expired", "A")
            for name in ("grant:{}:A:role", "kept:{}:1", "granting:{}"):
                await unit.facts.put(name.format(who.key), "x")
            await jobs.defer(unit, "tell", {"person": who.key, "id": 1}, key=f"told:{who.key}:1")
            assert await unit.leases.take(f"news:{who.key}", "me", 60)
    async with store.unit() as unit:
        await unit.people.forget(ANN.key, "erased:1")
    async with store.unit() as unit:
        assert await unit.news.untold(ANN.key) == []
        assert [news.id for news in await unit.news.untold(ANNE.key)] == [1]
        assert list(await unit.facts.named("grant:")) == [f"grant:{ANNE.key}:A:role"]
        assert list(await unit.facts.named("kept:")) == [f"kept:{ANNE.key}:1"]
        assert await unit.leases.take(f"news:{ANN.key}", "other", 60)
        assert not await unit.leases.take(f"news:{ANNE.key}", "other", 60)
        assert (await unit.news.add(ANN.key, "paid", "A")).id == 1, "nobody knows that there were others"
        assert [order.buyer for order in await unit.orders.of(ANNE.key)] == [ANNE]


async def test_some_orders_are_forgotten_and_the_rest_stays_theirs(store: Store) -> None:
    """Of the orders that are named, with what is paid monthly and the news of them, nobody knows whose they were."""
    async with store.unit() as unit:
        for number, buyer in (("A", ANN), ("B", ANN), ("C", ANNE)):
            await unit.orders.add(an_order(number, state=State.EXPIRED, buyer=buyer), "new")
            await unit.news.add(buyer.key, "expired", number, "")
            await unit.pledges.put(replace(a_pledge(number, state="ended", mend_url="x"), person=buyer.key))
    async with store.unit() as unit:
        await unit.people.forget_orders(ANN.key, "erased:1", ["A", "C"])
    async with store.reading() as unit:
        gone, kept, other = [await unit.orders.get(number) for number in "ABC"]
        assert gone is not None
        assert gone.buyer == Buyer("erased", "1", "", "", "")
        assert kept is not None
        assert kept.buyer == ANN
        assert other is not None
        assert other.buyer == ANNE, "it is not ANN's"
        assert [item.subject for item in await unit.news.since(ANN.key, 0)] == ["B"]
        assert [item.subject for item in await unit.news.since(ANNE.key, 0)] == ["C"]
        pledges = [await unit.pledges.get(number) for number in "ABC"]
        assert [pledge and pledge.person for pledge in pledges] == ["erased:1", ANN.key, ANNE.key]


async def test_purchases_that_name_somebody_are_found_in_pages(store: Store) -> None:
    """Every purchase comes once, in the order of its number, a page at a time; gifts and what is nobody's do not."""
    async with store.unit() as unit:
        for number in "DBAC":
            await unit.orders.add(an_order(number, state=State.EXPIRED), "new")
        await unit.orders.add(a_full_order("E"), "new")  # a gift
        await unit.people.forget_orders((await _of(unit, "B")).key, "erased:1", ["B"])
    async with store.reading() as unit:
        assert await unit.people.purchases("erased", most=2) == ["A", "C"]
        assert await unit.people.purchases("erased", after="C", most=2) == ["D"]
        assert await unit.people.purchases("erased", after="D", most=2) == []


async def _of(unit: Unit, number: str) -> Buyer:
    order = await unit.orders.get(number)
    assert order is not None
    return order.buyer
