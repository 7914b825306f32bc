"""The contract of RoundBook."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.money import Money
from bot.orders import Buyer, Order, State
from bot.ports import Store
from bot.retirement import Scope
from bot.rounds import Concerned, Outcome, Round, Tally, Telling
from bot.shipping import Shipping
from tests.contracts.samples import ANN, BOB, NOON, a_full_order, a_pledge, an_order

CLOSING = "buy:2026-04-10T12:00:00+00:00"
ROUND = Round("buy", CLOSING, 30, NOON, NOON + timedelta(hours=1))
DAY = timedelta(days=1)


def a_telling(person: str, **changes: object) -> Telling:
    """Make somebody who is to be told."""
    return replace(Telling(CLOSING, 30, person, "slack", "T1", "slack:0"), **changes)  # type: ignore[arg-type]


def paid(number: str, buyer: Buyer, days_ago: int, product: str = "mug") -> Order:
    """Make an order that was paid, and delivered, so many days ago."""
    order = an_order(number, buyer=buyer, state=State.FULFILLED, paid_at=NOON - days_ago * DAY)
    return replace(order, lines=tuple(replace(line, product=product) for line in order.lines))


async def test_a_step_is_opened_once_and_none_that_an_overtaken_one_would_repeat(store: Store) -> None:
    """The same step, or an earlier one, opens no second round of a closing; later ones and other closings do."""
    async with store.unit() as unit:
        assert await unit.rounds.open(ROUND)
        assert not await unit.rounds.open(replace(ROUND, opened=NOON + DAY))
    async with store.unit() as unit:
        assert not await unit.rounds.open(ROUND)
        assert await unit.rounds.open(replace(ROUND, days=-7, opened=NOON + DAY))
        assert not await unit.rounds.open(replace(ROUND, days=0))
        assert await unit.rounds.open(replace(ROUND, closing="product.mug:then", feature="product.mug"))
    async with store.reading() as unit:
        assert await unit.rounds.get(CLOSING, 30) == ROUND
        assert await unit.rounds.get(CLOSING, 0) is None


async def test_a_round_keeps_how_far_it_is(store: Store) -> None:
    """What is saved is read again; what has ended runs no more."""
    second = replace(ROUND, days=7, opened=NOON + DAY)
    async with store.unit() as unit:
        await unit.rounds.open(ROUND)
        await unit.rounds.open(second)
        done = replace(ROUND, stage="ended", person="slack:T1/U1", order="A", ended=NOON + DAY)
        await unit.rounds.save(done)
    async with store.reading() as unit:
        assert list(await unit.rounds.running()) == [second]
        assert list(await unit.rounds.newest()) == [second, done]
        assert list(await unit.rounds.newest(most=1)) == [second]


async def test_buyers_open_orders_and_monthly_purchases_are_concerned_and_gifts_are_not(store: Store) -> None:
    """Who bought lately, has an unpaid or undelivered order, or buys monthly is found; who only gave never is."""
    people = {name: replace(BOB, id=name, user=name) for name in ("cat", "dan", "eve", "fay", "gus", "hal")}
    async with store.unit() as unit:
        add = unit.orders.add
        await add(paid("A", ANN, 10), "new")
        await add(paid("B", BOB, 400), "new")  # too long ago
        await add(an_order("C", buyer=people["cat"], state=State.AWAITING, created=NOON - 500 * DAY), "new")
        await add(an_order("D", buyer=people["dan"], state=State.PAID, paid_at=NOON - 500 * DAY), "new")
        await add(paid("E", people["eve"], 500), "new")
        await unit.pledges.put(a_pledge("E", person=people["eve"].key, kind="buy", product="mug"))
        await add(paid("F", people["fay"], 500), "new")
        await unit.pledges.put(a_pledge("F", person=people["fay"].key, kind="buy", product="mug", state="ended"))
        gift = replace(a_full_order("G"), buyer=people["gus"], paid_at=NOON - DAY)
        await add(gift, "new")
        await unit.pledges.put(a_pledge("G", person=people["gus"].key))
        await add(an_order("H", buyer=people["hal"], state=State.EXPIRED), "new")
    async with store.reading() as unit:
        found, more = await unit.rounds.concerned((), NOON - 365 * DAY, after=("", ""), most=50)
    assert more is None
    assert {each.person for each in found} == {ANN.key, people["cat"].key, people["dan"].key, people["eve"].key}
    assert Concerned(ANN.key, "slack", "U1", "T1", frozenset({Scope("slack", "T1", "", "mug")})) in found


async def test_only_who_bought_the_products_is_concerned(store: Store) -> None:
    """A plan of one product concerns nobody who bought others."""
    async with store.unit() as unit:
        await unit.orders.add(paid("A", ANN, 1, "print"), "new")
        await unit.orders.add(paid("B", BOB, 1, "mug"), "new")
    async with store.reading() as unit:
        found, _ = await unit.rounds.concerned(("print", "zine"), NOON - DAY * 2, after=("", ""), most=50)
    assert [each.person for each in found] == [ANN.key]
    assert found[0].bought == {Scope("slack", "T1", "", "print")}
    assert "mug" not in {scope.product for each in found for scope in each.bought}


async def test_what_each_bought_stands_where_it_ships(store: Store) -> None:
    """Of several purchases each is given with its product and the country it goes to."""
    shipped = replace(paid("A", ANN, 1), shipping=Shipping("FR", {}, Money(450, "EUR"), ("FR",)))
    async with store.unit() as unit:
        await unit.orders.add(shipped, "new")
        await unit.orders.add(paid("B", ANN, 1, "zine"), "new")
    async with store.reading() as unit:
        found, _ = await unit.rounds.concerned((), NOON - DAY * 2, after=("", ""), most=50)
    assert [each.bought for each in found] == [{Scope("slack", "T1", "FR", "mug"), Scope("slack", "T1", "", "zine")}]


async def test_pages_pass_everybody_once(store: Store) -> None:
    """However small the pages and however many orders one has, nobody is left out."""
    crowd = [replace(BOB, id=f"p{n}", user=f"p{n}") for n in range(7)]
    async with store.unit() as unit:
        for n in range(20):
            await unit.orders.add(paid(f"O{n:02}", crowd[n % 7], 1), "new")
    found: list[str] = []
    after: tuple[str, str] | None = ("", "")
    async with store.reading() as unit:
        while after is not None:
            page, after = await unit.rounds.concerned((), NOON - DAY * 2, after=after, most=3)
            assert len(page) <= 3
            found += [each.person for each in page]
    assert set(found) == {buyer.key for buyer in crowd}


async def test_a_person_is_there_once_for_each_step(store: Store) -> None:
    """Who is written down twice is there once, as the first time; in another step they are there again."""
    async with store.unit() as unit:
        await unit.rounds.add([a_telling("ann"), a_telling("bob")])
        await unit.rounds.note(a_telling("ann", outcome=Outcome.TOLD))
        await unit.rounds.add([a_telling("ann", lane="slack:1"), a_telling("ann", days=7), a_telling("cat")])
    async with store.reading() as unit:
        waiting = await unit.rounds.waiting(CLOSING, 30, "slack:0", NOON, most=10)
        assert [each.person for each in waiting] == ["bob", "cat"]
        assert not await unit.rounds.waiting(CLOSING, 30, "slack:1", NOON, most=10)
        assert [each.person for each in await unit.rounds.waiting(CLOSING, 7, "slack:0", NOON, most=10)] == ["ann"]


async def test_many_are_written_down_at_once(store: Store) -> None:
    """A page is as large as is wanted."""
    async with store.unit() as unit:
        await unit.rounds.add([a_telling(f"p{n:04}") for n in range(1001)])
    async with store.reading() as unit:
        assert len(await unit.rounds.waiting(CLOSING, 30, "slack:0", NOON, most=2000)) == 1001


async def test_who_must_wait_is_not_there_yet(store: Store) -> None:
    """In a lane: by their keys, nobody before their time, nobody of a workspace that is let alone."""
    async with store.unit() as unit:
        people = [a_telling("ann", after=NOON + DAY), a_telling("cat", workspace="T2"), a_telling("bob")]
        await unit.rounds.add([*people, a_telling("dan", workspace="")])
    async with store.reading() as unit:
        rounds = unit.rounds
        first = [each.person for each in await rounds.waiting(CLOSING, 30, "slack:0", NOON, most=10)]
        assert first == ["bob", "cat", "dan"]
        assert [each.person for each in await rounds.waiting(CLOSING, 30, "slack:0", NOON, most=1)] == ["bob"]
        assert len(await rounds.waiting(CLOSING, 30, "slack:0", NOON + DAY, most=10)) == 4
        besides = await rounds.waiting(CLOSING, 30, "slack:0", NOON, besides=["T1", ""], most=10)
        assert [each.person for each in besides] == ["cat"]


async def test_a_lane_knows_when_it_goes_on(store: Store) -> None:
    """The next try is the earliest; now where somebody waits, and never where nobody does."""
    async with store.unit() as unit:
        await unit.rounds.add([a_telling("ann", after=NOON + DAY), a_telling("bob", after=NOON + 2 * DAY)])
        assert await unit.rounds.next_after(CLOSING, 30, "slack:0") == NOON + DAY
        assert await unit.rounds.next_after(CLOSING, 30, "slack:1") is None
        await unit.rounds.add([a_telling("cat")])
        assert await unit.rounds.next_after(CLOSING, 30, "slack:0") == unit.now
        for name in ("ann", "bob", "cat"):
            assert await unit.rounds.waits(CLOSING, 30)
            await unit.rounds.note(a_telling(name, outcome=Outcome.CLOSED))
        assert not await unit.rounds.waits(CLOSING, 30)
        assert await unit.rounds.next_after(CLOSING, 30, "slack:0") is None


async def test_a_seat_that_was_tried_keeps_nobody_waiting(store: Store) -> None:
    """Once each seat was tried, nobody waits for them, though one of them was not reached."""
    seat = a_telling("seat:slack:user:boss", seat=True, lane="slack:seats")
    async with store.unit() as unit:
        await unit.rounds.add([seat, a_telling("ann")])
        assert await unit.rounds.untried(CLOSING, 30, ["slack:seats", "discord:seats"])
        assert not await unit.rounds.untried(CLOSING, 30, ["discord:seats"])
        assert not await unit.rounds.untried(CLOSING, 30, [])
        await unit.rounds.note(replace(seat, tries=1, after=NOON + DAY))
        assert not await unit.rounds.untried(CLOSING, 30, ["slack:seats"])
        (again,) = await unit.rounds.waiting(CLOSING, 30, "slack:seats", NOON + DAY, most=9)
        assert again == replace(seat, tries=1, after=NOON + DAY)


async def test_what_is_settled_stays_so(store: Store) -> None:
    """Who was told is not counted otherwise later, and is not dropped with those who wait."""
    async with store.unit() as unit:
        await unit.rounds.open(ROUND)
        await unit.rounds.add([a_telling("ann"), a_telling("bob"), a_telling("cat", workspace="T2")])
        await unit.rounds.note(a_telling("ann", outcome=Outcome.TOLD))
        await unit.rounds.note(a_telling("ann", outcome=Outcome.CLOSED))
        assert await unit.rounds.drop(CLOSING, 30) == 2
        assert await unit.rounds.drop(CLOSING, 30) == 0
    async with store.reading() as unit:
        assert list(await unit.rounds.tallies(CLOSING, 30)) == [
            Tally(CLOSING, 30, "slack", "T1", Outcome.DROPPED, 1),
            Tally(CLOSING, 30, "slack", "T1", Outcome.TOLD, 1),
            Tally(CLOSING, 30, "slack", "T2", Outcome.DROPPED, 1),
        ]
        assert list(await unit.rounds.tallies()) == list(await unit.rounds.tallies(CLOSING))
        assert not await unit.rounds.tallies(CLOSING, 7)
        assert await unit.rounds.outcomes() == {("buy", "told"): 1, ("buy", "dropped"): 2}


async def _fail_midway(store: Store) -> None:
    async with store.unit() as unit:
        await unit.rounds.open(ROUND)
        await unit.rounds.add([a_telling("ann")])
        raise ZeroDivisionError


async def test_no_round_is_lost_in_a_unit_that_fails(store: Store) -> None:
    """A unit that raises leaves neither a round nor anybody to be told; the step can be opened again."""
    with pytest.raises(ZeroDivisionError):
        await _fail_midway(store)
    async with store.unit() as unit:
        assert not await unit.rounds.waits(CLOSING, 30)
        assert await unit.rounds.open(ROUND)
