"""Orders: no path skips the table, and stock is conserved along every path there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import IllegalMove
from bot.money import Money
from bot.orders import ENDED_UNPAID, HOLDING, MOVES, SOLD, Line, Order, State, move, stock_change
from tests.contracts.samples import NOON, an_order

STATES = st.sampled_from(list(State))


@given(st.lists(STATES, max_size=12))
def test_no_walk_leaves_the_table(wishes: list[State]) -> None:
    """Whatever is asked in whatever order, an order only goes where the table leads, and else stays as it was."""
    order = an_order("X")
    for wish in wishes:
        if wish in MOVES[order.state]:
            moved, row = move(order, wish, at=NOON, why="asked")
            assert (row.order, row.source, row.target, row.at, row.why) == ("X", order.state, wish, NOON, "asked")
            assert moved == replace(order, state=wish)
            order = moved
        else:
            with pytest.raises(IllegalMove) as refused:
                move(order, wish, at=NOON, why="asked")
            assert (refused.value.source, refused.value.target) == (order.state, wish)


def test_the_table_is_the_designs() -> None:
    """The moves are those that were agreed on, each one written out."""
    table = {str(source): sorted(targets) for source, targets in MOVES.items()}
    assert table == {
        "draft": ["awaiting", "cancelled", "expired"],
        "awaiting": ["cancelled", "expired", "paid", "processing"],
        "processing": ["failed", "paid"],
        "paid": ["fulfilled", "refunded"],
        "fulfilled": ["refunded"],
        "refunded": [],
        "failed": [],
        "cancelled": [],
        "expired": [],
    }


def test_nothing_is_delivered_or_refunded_that_was_not_paid() -> None:
    """Every way to fulfilled and to refunded leads through paid."""
    for goal in (State.FULFILLED, State.REFUNDED):
        reachable, todo = {State.DRAFT}, [State.DRAFT]
        while todo:
            for target in MOVES[todo.pop()] - {State.PAID} - reachable:
                reachable.add(target)
                todo.append(target)
        assert goal not in reachable


def test_every_state_holds_or_sold_or_neither() -> None:
    """No state both reserves and counts as sold, and who ended unpaid does neither."""
    assert not HOLDING & SOLD
    assert not ENDED_UNPAID & (HOLDING | SOLD)
    assert HOLDING | SOLD | ENDED_UNPAID | {State.REFUNDED} == set(State)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.lists(STATES, max_size=8)),
        max_size=6,
    )
)
def test_available_reserved_and_sold_always_add_up(orders: list[tuple[int, list[State]]]) -> None:
    """Over any legal paths of any orders the sum is the stock, and no count falls below zero."""
    stock, reserved, sold = 30, 0, 0
    for quantity, walk in orders:
        line = Line("mug", "mug", "Mug", quantity, Money(100, "EUR"))
        state: State | None = None
        for wish in [State.DRAFT, *walk]:
            if state is None or wish in MOVES[state]:
                more = stock_change(line, state, wish)
                reserved, sold, state = reserved + more[0], sold + more[1], wish
            available = stock - reserved - sold
            assert min(available, reserved, sold) >= 0
            assert available + reserved + sold == stock
        assert state is not None
        held = stock_change(line, None, state)
        assert held == (quantity * (state in HOLDING), quantity * (state in SOLD))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10_000)), min_size=1, max_size=5))
def test_the_goods_are_the_sum_of_the_lines(lines: list[tuple[int, int]]) -> None:
    """Quantity times price, summed."""
    order: Order = an_order("X", lines=tuple(Line("v", "p", "l", many, Money(price, "EUR")) for many, price in lines))
    assert order.goods == Money(sum(many * price for many, price in lines), "EUR")
