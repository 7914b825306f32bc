"""The contract of OrderBook."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import IllegalMove, MixedCurrencies
from bot.money import Money
from bot.orders import Move, Order, State, move
from bot.ports import Store
from bot.shipping import Shipping
from tests.contracts.samples import ANN, BOB, NOON, a_full_order, an_order


async def put(store: Store, *orders: Order) -> None:
    async with store.unit() as unit:
        for order in orders:
            await unit.orders.add(order, "new")


async def test_every_column_comes_back(store: Store) -> None:
    """An order is read back exactly as it was written, every column of it."""
    full = a_full_order("FULL")
    left_out = [field.name for field in fields(Order) if getattr(full, field.name) == field.default]
    assert left_out == [], "the sample must give every column a value of its own"
    await put(store, full, an_order("BARE"))
    async with store.reading() as unit:
        assert await unit.orders.get("FULL") == full
        assert await unit.orders.get("BARE") == an_order("BARE")


async def test_saved_columns_come_back(store: Store) -> None:
    """What is saved replaces every column, also back to nothing."""
    await put(store, an_order("A", state=State.PAID))
    full = replace(a_full_order("A"), asked_by="interaction A")
    async with store.unit() as unit:
        await unit.orders.save(full)
        assert await unit.orders.get("A") == full
        await unit.orders.save(an_order("A", state=State.PAID))
        assert await unit.orders.get("A") == an_order("A", state=State.PAID)


async def test_found_by_what_points_at_it(store: Store) -> None:
    """An order is found by its number, its interaction, its session and its payment intent."""
    await put(store, a_full_order("FULL"), an_order("B"))
    async with store.reading() as unit:
        for found in (
            await unit.orders.get("FULL"),
            await unit.orders.asked_by("interaction of the full one"),
            await unit.orders.by_session("cs_1"),
            await unit.orders.by_payment("pi_1"),
        ):
            assert found is not None
            assert found.id == "FULL"


async def test_nothing_is_found_by_nothing(store: Store) -> None:
    """Orders without a session or a payment are not found by an empty one."""
    await put(store, an_order("A"), an_order("B"))
    async with store.reading() as unit:
        assert await unit.orders.get("") is None
        assert await unit.orders.asked_by("") is None
        assert await unit.orders.by_session("") is None
        assert await unit.orders.by_payment("") is None


async def test_an_interaction_makes_one_order(store: Store) -> None:
    """A second order of the same interaction is a ValueError, and its unit leaves nothing."""
    await put(store, an_order("A", asked_by="same"))
    with pytest.raises(ValueError, match="B"):
        await put(store, an_order("C"), an_order("B", asked_by="same"))
    async with store.reading() as unit:
        assert await unit.orders.get("C") is None
        assert (found := await unit.orders.asked_by("same")) is not None
        assert found.id == "A"


async def test_a_move_is_history(store: Store) -> None:
    """Adding, moving and noting each leave a row, oldest first; a note has its state on both sides."""
    await put(store, an_order("A"))
    async with store.unit() as unit:
        order = await unit.orders.get("A")
        assert order is not None
        awaiting, row = move(order, State.AWAITING, at=unit.now, why="session opened")
        await unit.orders.save(awaiting, row)
        await unit.orders.save(replace(awaiting, session_url="https://checkout.example/"))
        await unit.orders.note("A", "terms accepted")
        rows = await unit.orders.history("A")
        assert [(row.source, row.target, row.why) for row in rows] == [
            (None, State.DRAFT, "new"),
            (State.DRAFT, State.AWAITING, "session opened"),
            (State.AWAITING, State.AWAITING, "terms accepted"),
        ]
        assert rows[1].at == rows[2].at == unit.now
        assert rows[0].at < unit.now


async def test_a_state_changes_by_a_move_only(store: Store) -> None:
    """A state that no move explains, or a move from a state it has left, is refused and writes nothing."""
    await put(store, an_order("A"), an_order("B"))
    async with store.unit() as unit:
        with pytest.raises(IllegalMove):
            await unit.orders.save(an_order("A", state=State.PAID))
        with pytest.raises(IllegalMove):
            await unit.orders.save(
                an_order("A", state=State.PAID), Move("A", State.AWAITING, State.PAID, NOON, "a stale order")
            )
        with pytest.raises(ValueError, match="does not explain"):
            await unit.orders.save(an_order("A"), Move("B", State.DRAFT, State.DRAFT, NOON, "of another"))
        assert await unit.orders.get("A") == an_order("A")
        assert len(await unit.orders.history("A")) == 1


async def test_an_unknown_order(store: Store) -> None:
    """Saving or noting an order that was never added is a LookupError."""
    async with store.unit() as unit:
        with pytest.raises(LookupError):
            await unit.orders.save(an_order("A"))
        with pytest.raises(LookupError):
            await unit.orders.note("A", "lost")
        assert await unit.orders.history("A") == []


async def test_one_currency(store: Store) -> None:
    """Amounts of another currency than the order's are refused."""
    async with store.unit() as unit:
        with pytest.raises(MixedCurrencies):
            await unit.orders.add(an_order("A", paid=Money(1250, "USD")), "new")


async def test_orders_of_a_person(store: Store) -> None:
    """Orders come newest first, at most so many: a person's, and nobody else's, or everybody's."""
    await put(
        store,
        *(an_order(f"A{day}", created=NOON + timedelta(days=day)) for day in (2, 1, 3)),
        an_order("B", buyer=BOB),
    )
    async with store.reading() as unit:
        assert [order.id for order in await unit.orders.of(ANN.key)] == ["A3", "A2", "A1"]
        assert [order.id for order in await unit.orders.of(ANN.key, most=2)] == ["A3", "A2"]
        assert await unit.orders.of("slack:nobody") == []
        assert [order.id for order in await unit.orders.newest()] == ["A3", "A2", "A1", "B"]
        assert [order.id for order in await unit.orders.newest(most=3)] == ["A3", "A2", "A1"]


async def test_the_last_one_that_ships(store: Store) -> None:
    """A person's newest paid order that ships is found; unpaid ones, gifts and other people's are not."""
    at = Shipping("DE", {"en": "Post"}, Money(450, "EUR"), ("FR", "DE"))
    days = [NOON + timedelta(days=day) for day in range(6)]
    await put(
        store,
        an_order("old", created=days[0], shipping=replace(at, region="FR"), paid_at=NOON),
        an_order("new", created=days[1], shipping=at, paid_at=NOON, state=State.REFUNDED),
        an_order("unpaid", created=days[2], shipping=at),
        an_order("sent", created=days[3], paid_at=NOON),
        an_order("other", created=days[4], shipping=at, paid_at=NOON, buyer=BOB),
    )
    async with store.reading() as unit:
        found = await unit.orders.last_shipped(ANN.key)
        assert found is not None
        assert (found.id, found.shipping) == ("new", at)
        assert await unit.orders.last_shipped("slack:nobody") is None


async def test_unsettled_orders(store: Store) -> None:
    """Orders in draft or awaiting come oldest first, of one kind if asked."""
    states = dict(zip(State, range(len(State)), strict=True))
    await put(
        store,
        *(an_order(state, state=state, created=NOON - timedelta(days=days)) for state, days in states.items()),
        an_order("gift", kind="donate", created=NOON - timedelta(days=99)),
    )
    async with store.unit() as unit:
        assert [order.id for order in await unit.orders.unsettled()] == ["gift", "awaiting", "draft"]
        assert [order.id for order in await unit.orders.unsettled("buy")] == ["awaiting", "draft"]
        assert [order.id for order in await unit.orders.unsettled("donate")] == ["gift"]


async def test_opened_since(store: Store) -> None:
    """Orders are counted from an instant on, by person, by address or in the whole shop, without renewals."""
    later = NOON + timedelta(microseconds=1)
    await put(
        store,
        an_order("old"),
        an_order("A", created=later),
        an_order("B", created=later, buyer=BOB),
        an_order("C", created=later, buyer=replace(BOB, address=ANN.address)),
        an_order("D", created=later, origin="renewal"),
    )
    async with store.reading() as unit:
        assert await unit.orders.opened_since(NOON) == 4
        assert await unit.orders.opened_since(later) == 3
        assert await unit.orders.opened_since(later, person=ANN.key) == 1
        assert await unit.orders.opened_since(later, person=BOB.key) == 2
        assert await unit.orders.opened_since(later, address=ANN.address) == 2
        assert await unit.orders.opened_since(later + timedelta(microseconds=1)) == 0


async def test_receipts_have_no_gaps(store: Store) -> None:
    """Receipts count up by account and year; a number taken in a unit that failed is given again."""

    async def take(fail: bool) -> str:
        async with store.unit() as unit:
            number = await unit.orders.next_receipt("water", 2026)
            if fail:
                raise ZeroDivisionError
            return number

    taken = await asyncio.gather(*(take(fail=n % 3 == 0) for n in range(30)), return_exceptions=True)
    assert sorted(number for number in taken if isinstance(number, str)) == [f"2026-{n:06}" for n in range(1, 21)]
    async with store.unit() as unit:
        assert await unit.orders.next_receipt("water", 2027) == "2027-000001"
        assert await unit.orders.next_receipt("", 2026) == "2026-000001"
        assert await unit.orders.next_receipt("water", 2026) == "2026-000021"


async def test_uses_of_a_coupon_are_those_of_orders_that_hold_or_had_it(store: Store) -> None:
    """Unpaid that may still be paid, and sold; not what ended unpaid or was refunded, nor another code's or person's."""
    async with store.unit() as unit:
        for state in State:
            await unit.orders.add(an_order(f"A-{state}", state=state, code="TEN"), "new")
        await unit.orders.add(an_order("B", code="TEN", buyer=BOB), "new")
        await unit.orders.add(an_order("C", code="OTHER"), "new")
    async with store.reading() as unit:
        counted = [await unit.orders.uses("TEN"), await unit.orders.uses("TEN", person=BOB.key)]
        assert [*counted, await unit.orders.uses("NONE")] == [6, 1, 0]


async def test_uses_that_were_counted_stay_true_until_the_unit_ends(store: Store) -> None:
    """Twenty at once, each taking a use only where one is left: as many as there are, never one more."""

    async def take(number: int) -> bool:
        async with store.unit() as unit:
            if await unit.orders.uses("FEW") >= 3:
                return False
            await unit.orders.add(an_order(f"A{number}", code="FEW"), "new")
            return True

    taken = await asyncio.gather(*map(take, range(20)))
    assert sum(taken) == 3


async def test_what_a_person_has_on_its_way(store: Store) -> None:
    """The newest order of that very variant and person that is paid and not settled."""
    async with store.unit() as unit:
        await unit.orders.add(an_order("OLD", state=State.PROCESSING), "new")
        await unit.orders.add(an_order("NEW", state=State.PROCESSING, created=NOON + timedelta(hours=1)), "new")
        await unit.orders.add(an_order("AWAITING", state=State.AWAITING, created=NOON + timedelta(hours=2)), "new")
        await unit.orders.add(an_order("BOBS", state=State.PROCESSING, buyer=BOB), "new")
    async with store.reading() as unit:
        found = await unit.orders.processing(ANN.key, "mug/blue")
        assert found is not None
        assert found.id == "NEW"
        assert await unit.orders.processing(ANN.key, "mug/white") is None


async def test_orders_are_listed_by_what_they_are(store: Store) -> None:
    """Newest first, of the states, the kind, the person and the time that are asked for; together they narrow further."""
    hour = timedelta(hours=1)
    await put(
        store,
        an_order("A", state=State.PAID),
        an_order("B", buyer=BOB, kind="donate", created=NOON + hour),
        an_order("C", state=State.REFUNDED, created=NOON + 2 * hour),
    )

    async def numbers(**asked: Any) -> list[str]:
        async with store.reading() as unit:
            return [order.id for order in await unit.orders.listed(**asked)]

    assert await numbers() == ["C", "B", "A"]
    assert await numbers(most=1) == ["C"]
    assert await numbers(states={State.PAID, State.DRAFT}) == ["B", "A"]
    assert await numbers(kind="donate") == ["B"]
    assert await numbers(person=ANN.key) == ["C", "A"]
    assert await numbers(since=NOON + hour) == ["C", "B"]
    assert await numbers(person=ANN.key, since=NOON + hour, states=[State.PAID]) == []


async def test_standing(store: Store) -> None:
    """Orders are given by state, oldest first, and by when they were made where that is said."""
    hour = timedelta(hours=1)
    await put(
        store,
        an_order("C", state=State.PAID, created=NOON + 2 * hour),
        an_order("A", state=State.PAID, created=NOON),
        an_order("B", state=State.AWAITING, created=NOON + hour),
        an_order("D", state=State.REFUNDED, created=NOON + 3 * hour),
    )
    async with store.reading() as unit:
        standing = unit.orders.standing
        assert [order.id for order in await standing({State.PAID})] == ["A", "C"]
        assert [order.id for order in await standing({State.PAID, State.AWAITING}, since=NOON + hour)] == ["B", "C"]
        assert await standing(()) == []


async def test_paid_with(store: Store) -> None:
    """Many payments' orders are found at once, those that came too late among them, and no others."""
    many = [an_order(f"O{at}", payment_intent=f"pi_{at}") for at in range(700)]
    await put(store, *many, an_order("L", late_payment="pi_late pi_later"), an_order("N"))
    async with store.reading() as unit:
        found = await unit.orders.paid_with({*(f"pi_{at}" for at in range(0, 700, 2)), "pi_later", "pi_of_nobody"})
        assert {name: order.id for name, order in found.items()} == {
            **{f"pi_{at}": f"O{at}" for at in range(0, 700, 2)},
            "pi_later": "L",
        }
        assert await unit.orders.paid_with(()) == {}


async def test_begun(store: Store) -> None:
    """An account begins with its oldest order; another account's do not count."""
    await put(
        store,
        an_order("B", account="water", created=NOON + timedelta(hours=1)),
        an_order("A"),
        an_order("C", account="w"),
    )
    async with store.reading() as unit:
        assert await unit.orders.begun("water") == NOON + timedelta(hours=1)
        assert await unit.orders.begun("kitchen") is None


async def test_pages_of_orders_leave_nothing_out(store: Store) -> None:
    """With the last order of a page comes the next page, also among orders of one instant, until none is left."""
    await put(store, *(an_order(name, created=NOON + timedelta(hours=n // 2)) for n, name in enumerate("ABCDE")))
    pages, last = [], None
    async with store.reading() as unit:
        while page := await unit.orders.listed(beyond=last, most=2):
            pages.append([order.id for order in page])
            last = page[-1]
    assert pages == [["E", "C"], ["D", "A"], ["B"]]
