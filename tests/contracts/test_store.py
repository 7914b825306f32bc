"""The contract of Store: units of work, and the smaller books."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.database import Database
from bot.errors import BeyondStock
from bot.money import Money
from bot.ports import Store
from bot.shop import Stock
from tests.contracts.samples import ANN, NOON, a_pledge, an_event, an_order


async def test_a_unit_that_raises_leaves_nothing(store: Store) -> None:
    """A unit rolls back whole when its block raises, and the error arrives as it is."""

    async def write_and_fail() -> None:
        async with store.unit() as unit:
            await unit.orders.add(an_order("A"), "new")
            await unit.stock.shift("mug", 1, 0)
            await unit.facts.put("name", "value")
            await unit.news.add(ANN.key, "paid", "A")
            await unit.inbox.take(an_event("evt_1"))
            await unit.pledges.put(a_pledge("P"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    async with store.unit() as unit:
        assert await unit.orders.get("A") is None
        assert await unit.orders.history("A") == []
        assert await unit.stock.of("mug") == Stock()
        assert await unit.facts.get("name") is None
        assert await unit.news.untold(ANN.key) == []
        assert await unit.pledges.get("P") is None
        assert await unit.inbox.take(an_event("evt_1"))


async def test_cancelled_units_leave_nothing_halved(store: Store) -> None:
    """Units cancelled at any point are whole or not there, and the store works on at once."""

    async def place(number: str) -> None:
        async with store.unit() as unit:
            await unit.stock.shift("mug", 1, 0)
            await unit.orders.add(an_order(number), "new")
            await unit.news.add(ANN.key, "placed", number)

    for tenths in range(100):
        task = asyncio.create_task(place(f"A{tenths}"))
        await asyncio.wait({task}, timeout=tenths / 10_000)
        task.cancel()
        async with asyncio.timeout(3):
            await asyncio.wait({task})
            if tenths % 10 == 0:
                await place(f"B{tenths}")
    await place("last")
    async with store.reading() as unit:
        orders = await unit.orders.of(ANN.key, most=1000)
        assert await unit.stock.of("mug") == Stock(reserved=len(orders))
        assert [news.subject for news in await unit.news.untold(ANN.key)][-1] == "last"
        assert len(await unit.news.untold(ANN.key)) == len(orders)


async def test_a_reading_unit_sees_one_state(store: Store) -> None:
    """What is committed while a unit reads is not seen by it, and does not wait for it."""
    async with store.unit() as unit:
        await unit.facts.put("name", "old")
    async with store.reading() as reading:
        assert await reading.facts.get("name") == "old"
        async with store.unit() as unit:
            await unit.facts.put("name", "new")
            assert await unit.facts.get("name") == "new"
        assert await reading.facts.get("name") == "old"
    async with store.reading() as reading:
        assert await reading.facts.get("name") == "new"


async def test_units_do_not_overwrite_each_other(address: str, store: Store) -> None:
    """What one unit read and wrote back is not lost to another, of this process or of another replica."""
    async with store.unit() as unit:
        await unit.facts.put("count", "0")

    async def count(replica: Store) -> None:
        async with replica.unit() as unit:
            found = await unit.facts.get("count")
            await asyncio.sleep(0)
            await unit.facts.put("count", str(int(found or "") + 1))

    async with await Database.open(address) as other:
        await asyncio.gather(*(count(replica) for replica in [store, other.store] * 10))
    async with store.reading() as unit:
        assert await unit.facts.get("count") == "20"


async def test_the_clock(store: Store) -> None:
    """A unit's instant is aware, in UTC, the same all through, and later in a later unit."""
    before = datetime.now(UTC) - timedelta(seconds=5)
    async with store.unit() as unit:
        first = unit.now
        assert first.utcoffset() == timedelta(0)
        assert before < first < before + timedelta(seconds=10)
        await unit.facts.put("name", "value")
        assert unit.now == first
    async with store.reading() as unit:
        assert unit.now > first


async def test_stock_counts(store: Store) -> None:
    """Counts begin at nothing and are added to, a variant each."""
    async with store.unit() as unit:
        assert await unit.stock.of("mug") == Stock()
        await unit.stock.shift("mug", 3, 0)
        await unit.stock.shift("mug", -2, 2)
        await unit.stock.shift("zine", 1, 0)
        assert await unit.stock.of("mug") == Stock(1, 2)
    async with store.reading() as unit:
        assert await unit.stock.of("mug") == Stock(1, 2)
        assert await unit.stock.of("never seen") == Stock()
        assert await unit.stock.all() == {"mug": Stock(1, 2), "zine": Stock(1, 0)}


@pytest.mark.parametrize(("reserved", "sold"), [(-2, 0), (0, -1), (5, -1), (-2, 2)])
async def test_stock_never_below_zero(store: Store, reserved: int, sold: int) -> None:
    """A count that would fall below zero is a ValueError, and leaves both as they were."""
    async with store.unit() as unit:
        await unit.stock.shift("mug", 1, 0)
        for variant in ("mug", "never seen"):
            before = await unit.stock.of(variant)
            with pytest.raises(ValueError, match=variant):
                await unit.stock.shift(variant, reserved, sold)
            assert await unit.stock.of(variant) == before


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offered=st.integers(0, 8), wishes=st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=8))
async def test_concurrent_reservations_conserve_stock(
    store: Store, offered: int, wishes: list[tuple[int, bool]]
) -> None:
    """However many reserve at once, no more is promised than there is, and what was refused was not to be had."""
    async with store.unit() as unit:
        variant = f"variant {await unit.facts.add('examples', 1)}"

    async def reserve(quantity: int) -> None:
        async with store.unit() as unit:
            stock = await unit.stock.of(variant)
            left = offered - stock.reserved - stock.sold
            if quantity > left:
                raise BeyondStock(variant, quantity, left)
            await unit.stock.shift(variant, quantity, 0)

    async def settle(quantity: int, paid: bool) -> None:
        async with store.unit() as unit:
            await unit.stock.shift(variant, -quantity, quantity if paid else 0)

    answers = await asyncio.gather(*(reserve(quantity) for quantity, _ in wishes), return_exceptions=True)
    granted = [wish for wish, answer in zip(wishes, answers, strict=True) if answer is None]
    refused = [wish for wish, answer in zip(wishes, answers, strict=True) if isinstance(answer, BeyondStock)]
    assert len(granted) + len(refused) == len(wishes)
    promised = sum(quantity for quantity, _ in granted)
    async with store.reading() as unit:
        assert await unit.stock.of(variant) == Stock(reserved=promised)
    assert promised <= offered
    assert all(quantity > offered - promised for quantity, _ in refused)
    await asyncio.gather(*(settle(quantity, paid) for quantity, paid in granted))
    async with store.reading() as unit:
        assert await unit.stock.of(variant) == Stock(sold=sum(quantity for quantity, paid in granted if paid))


async def test_pledges(store: Store) -> None:
    """A pledge is read back as it was written, changed by writing it again, and left out once it has ended."""
    bare = a_pledge("B", until=None, donation=None, amount=Money(500, "JPY"), state="stopping")
    async with store.unit() as unit:
        for pledge in (a_pledge("A"), bare, a_pledge("C", state="ended"), a_pledge("D", person="web:bob")):
            await unit.pledges.put(pledge)
        await unit.pledges.put(a_pledge("A", account="", subscription="sub_2"))
    async with store.reading() as unit:
        assert await unit.pledges.get("A") == a_pledge("A", account="", subscription="sub_2")
        assert await unit.pledges.get("C") == a_pledge("C", state="ended")
        assert await unit.pledges.get("E") is None
        assert {pledge.id: pledge for pledge in await unit.pledges.of(ANN.key)} == {
            "A": a_pledge("A", account="", subscription="sub_2"),
            "B": bare,
        }
        assert list(await unit.pledges.going_on("water")) == [bare, a_pledge("D", person="web:bob")]
        assert [pledge.id for pledge in await unit.pledges.going_on("")] == ["A"]


async def test_pledges_of_purchases(store: Store) -> None:
    """What a purchase's pledge knows comes back too, and those of a kind that go on are found, whoever's they are."""
    bought = a_pledge(
        "A",
        kind="buy",
        cause="",
        donation=None,
        product="club",
        label="Harbour club",
        unpaid="in_1",
        mend_by=NOON,
        mend_url="https://pay.example/in_1",
        ending="closed",
    )
    async with store.unit() as unit:
        for pledge in (
            bought,
            a_pledge("B"),
            replace(bought, id="C", state="stopping"),
            replace(bought, id="D", person="x:y"),
        ):
            await unit.pledges.put(pledge)
    async with store.reading() as unit:
        assert await unit.pledges.get("A") == bought
        assert [pledge.id for pledge in await unit.pledges.active("buy")] == ["A", "D"]
        assert [pledge.id for pledge in await unit.pledges.active("donate")] == ["B"]


async def test_news_counts_up_for_each_person(store: Store) -> None:
    """News has numbers from 1 on for each person, without gaps, however many units write it at once."""

    async def add(person: str) -> int:
        async with store.unit() as unit:
            return (await unit.news.add(person, "paid", "A")).id

    ids = await asyncio.gather(*(add(person) for person in ["web:ann", "web:bob"] * 10))
    assert sorted(ids) == sorted([*range(1, 11)] * 2)


async def test_news_is_told_once(store: Store) -> None:
    """News stays untold until it was told, is kept after, and the first telling counts."""
    async with store.unit() as unit:
        first = await unit.news.add(ANN.key, "paid", "A")
        second = await unit.news.add(ANN.key, "shipped", "A")
        assert (first.id, first.kind, first.subject, first.at, first.told) == (1, "paid", "A", unit.now, False)
        assert await unit.news.untold(ANN.key) == [first, second]
    async with store.unit() as unit:
        await unit.news.told(ANN.key, 1, "edited")
    async with store.unit() as unit:
        await unit.news.told(ANN.key, 1, "next word")
        await unit.news.told(ANN.key, 99, "sent")
        told = await unit.news.get(ANN.key, 1)
        assert told is not None
        assert told.told
        assert told.at == first.at
        assert await unit.news.untold(ANN.key) == [second]
        assert await unit.news.since(ANN.key, 0) == [told, second]
        assert await unit.news.since(ANN.key, 1) == [second]
        assert await unit.news.since(ANN.key, 2) == []
        assert await unit.news.newest([ANN.key, "web:bob"]) == {ANN.key: 2}
        assert await unit.news.newest([f"web:{n}" for n in range(1200)] + [ANN.key]) == {ANN.key: 2}
        assert await unit.news.get(ANN.key, 3) is None
        assert await unit.news.get("web:bob", 1) is None
        assert await unit.news.untold("web:bob") == []


async def test_news_that_is_kept(store: Store) -> None:
    """Only news that could not be told is kept for the next word, oldest first, until it was told."""
    assert not await store.keeps(ANN.key)
    async with store.unit() as unit:
        for subject in ("A", "B", "C", "D"):
            await unit.news.add(ANN.key, "paid", subject)
        assert await unit.news.kept(ANN.key) == []
        await unit.news.told(ANN.key, 3, "sent")
        for number in (4, 3, 1):
            await unit.news.keep(ANN.key, number)
        assert [news.id for news in await unit.news.kept(ANN.key)] == [1, 4]
        assert [news.id for news in await unit.news.untold(ANN.key)] == [1, 2, 4]
        assert await unit.news.kept("web:bob") == []
    assert await store.keeps(ANN.key)
    assert not await store.keeps("web:bob")
    async with store.unit() as unit:
        await unit.news.told(ANN.key, 1, "next word")
        assert [news.id for news in await unit.news.kept(ANN.key)] == [4]
    assert await store.keeps(ANN.key)
    async with store.unit() as unit:
        await unit.news.told(ANN.key, 4, "next word")
    assert not await store.keeps(ANN.key)


async def test_an_event_is_taken_once(store: Store) -> None:
    """An event is taken once by its id, of each account; one taken in a unit that failed can be taken again."""
    async with store.unit() as unit:
        assert await unit.inbox.take(an_event("evt_1"))
        assert not await unit.inbox.take(an_event("evt_1"))
        assert await unit.inbox.take(an_event("evt_1", account="water"))
        assert await unit.inbox.take(an_event("evt_2"))
    async with store.unit() as unit:
        assert not await unit.inbox.take(an_event("evt_2"))
    async with store.reading() as unit:
        assert await unit.inbox.missing("", ["evt_1", "evt_2", "evt_3"]) == {"evt_3"}
        assert await unit.inbox.missing("water", ["evt_1", "evt_2"]) == {"evt_2"}
        many = [f"evt_{number}" for number in range(1200)]
        assert await unit.inbox.missing("", many) == set(many) - {"evt_1", "evt_2"}


async def test_facts(store: Store) -> None:
    """A fact is remembered until it is changed; facts are found by exactly how their names begin."""
    names = ["staff:a", "staff:b", "Staff:c", "staff", "staff%", "stafg:d", "staff:é"]
    async with store.unit() as unit:
        for name in names:
            await unit.facts.put(name, name.upper())
        await unit.facts.put("staff:a", "changed")
    async with store.reading() as unit:
        assert await unit.facts.get("staff:a") == "changed"
        assert await unit.facts.get("nothing") is None
        assert await unit.facts.named("staff:") == {"staff:a": "changed", "staff:b": "STAFF:B", "staff:é": "STAFF:É"}
        assert await unit.facts.named("staff%") == {"staff%": "STAFF%"}
        assert set(await unit.facts.named("")) == set(names)


async def test_what_is_noted_is_so(store: Store) -> None:
    """What is noted is remembered as what is put is, by many at once too."""

    async def note(value: str) -> None:
        async with store.unit() as unit:
            await unit.facts.note("sold:mug", value)

    for value in ("Mug", "Mug", "Cup"):
        await note(value)
        async with store.reading() as unit:
            assert await unit.facts.get("sold:mug") == value
    await asyncio.gather(*(note("Mug") for _ in range(8)))
    async with store.reading() as unit:
        assert await unit.facts.named("sold:") == {"sold:mug": "Mug"}


async def test_sums(store: Store) -> None:
    """A fact that is a number is added to from nothing on, by many at once, and never loses one."""

    async def add(amount: int) -> int:
        async with store.unit() as unit:
            return await unit.facts.add("raised", amount)

    sums = await asyncio.gather(*(add(10) for _ in range(10)))
    assert sorted(sums) == [*range(10, 101, 10)]
    assert await add(-250) == -150
    async with store.unit() as unit:
        assert await unit.facts.get("raised") == "-150"
        await unit.facts.put("raised", "7")
        assert await unit.facts.add("raised", 10**12) == 10**12 + 7


async def test_leases(store: Store) -> None:
    """A lease has one holder at a time, who may renew it, and is free when that lets go or its time is up."""
    async with store.unit() as unit:
        assert await unit.leases.take("gateway", "one", 30)
        assert await unit.leases.take("gateway", "one", 30)
        assert not await unit.leases.take("gateway", "other", 30)
        assert await unit.leases.take("another gateway", "other", 30)
    async with store.unit() as unit:
        await unit.leases.release("gateway", "other")
        assert not await unit.leases.take("gateway", "other", 30)
        await unit.leases.release("gateway", "one")
        assert await unit.leases.take("gateway", "other", 0.001)
    async with store.unit() as unit:
        assert await unit.leases.take("gateway", "one", 30)
        await unit.leases.release("gateway", "one", after=30)
    async with store.unit() as unit:
        assert not await unit.leases.take("gateway", "one", 30)
        assert not await unit.leases.take("gateway", "other", 30)


async def test_one_gets_a_lease(address: str, store: Store) -> None:
    """Of many that want the same lease at the same time, on several replicas, one gets it."""

    async def take(replica: Store, holder: str) -> bool:
        async with replica.unit() as unit:
            return await unit.leases.take("gateway", holder, 30)

    async with await Database.open(address) as other:
        replicas = [store, other.store] * 5
        taken = await asyncio.gather(*(take(replica, str(number)) for number, replica in enumerate(replicas)))
    assert sum(taken) == 1


async def test_news_about_a_subject_says_how_it_was_told(store: Store) -> None:
    """All news of one person about one order is given, oldest first, with when and how each was told."""
    async with store.unit() as unit:
        first = await unit.news.add("slack:ann", "paid", "A")
        await unit.news.add("slack:ann", "paid", "B")
        await unit.news.add("slack:bob", "paid", "A")
        second = await unit.news.add("slack:ann", "shipped", "A", "detail")
        await unit.news.told("slack:ann", first.id, "sent")
        at = unit.now
    async with store.reading() as unit:
        told, waiting = await unit.news.about("slack:ann", "A")
        assert (told.news.kind, told.at, told.how, told.news.told) == ("paid", at, "sent", True)
        assert (waiting.news, waiting.at, waiting.how) == (second, None, "")
