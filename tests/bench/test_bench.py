"""The bench runs: every row, at a size that shows that it measures something, and no more."""

from __future__ import annotations

import pytest

from tests.bench.__main__ import measured, names
from tests.bench.measure import Goal, Pair, Work, table


@pytest.mark.parametrize("name", names())
def test_every_row_measures_something(name: str) -> None:
    """A row gives works with a name, a unit and rounds in which both sides took or gave something."""
    works = measured(name, rounds=1, size=0.005)
    assert works
    for work in works:
        assert work.name
        assert work.unit
        assert all(pair.ours > 0 and pair.anchor > 0 for pair in work.pairs)


def test_the_table_says_what_missed_its_goal() -> None:
    """The median of the rounds counts, and a goal that is missed is said to be."""
    slow = Work("slow", Goal(2), "s", [Pair(9, 3), Pair(9, 1), Pair(9, 9)])
    brisk = Work("brisk", Goal(0.5, "least"), "orders a second", [Pair(3, 4)])
    assert table([slow, brisk]).splitlines()[2:] == [
        "| slow | 3.00x | at most 2x, **missed** | 9 | 3 | s |",
        "| brisk | 0.75x | at least 0.5x | 3 | 4 | orders a second |",
    ]
