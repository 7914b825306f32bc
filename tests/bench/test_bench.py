"""The bench runs, row by row; what it measures is told when somebody runs it, not here."""

from __future__ import annotations

import pytest

from tests.bench.__main__ import lines, names, row
from tests.bench.row import Figure, Scale, alone, pairs


@pytest.mark.parametrize("name", names())
def test_each_row_runs(name: str) -> None:
    """Each row measures something at a tiny size, and says it with its anchor and its goal."""
    found = row(name)
    figures = found.measure(Scale(rounds=1, share=0.001))
    said = list(lines(name, found, figures))
    assert len(said) == len(figures) + 1
    assert all(figure.ours > 0 or figure.bound == 0 for figure in figures)


def test_ratios_are_of_pairs() -> None:
    """A ratio is the median of the pairs' own ratios, so that a moment in which all is slow counts for nothing."""
    figure = pairs("work", "s", [(1, 1), (20, 10), (3, 1)], bound=2)
    assert (figure.ratio, figure.met) == (2, True)
    assert not pairs("work", "s", [(3, 1)], bound=2).met
    recall: Figure = alone("recall", "", 0.94, bound=0.95, at_least=True)
    assert not recall.met
