"""What a row of the bench is: a piece of work, measured in pairs with an anchor, and a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    #: How many pairs are measured of each figure.
    rounds: int = 5
    #: By how much less than the row says there is to do: 1 is all of it. A row keeps what makes sense of it.
    share: float = 1.0

    def of(self, many: int, *, least: int = 1) -> int:
        """Give how many of so many there are."""
        return max(least, round(many * self.share))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    #: What was measured, and of what; `anchor` is None where the value is held against nothing.
    ours: float
    anchor: float | None
    unit: str
    #: The median of the pairs' ratios; the value itself where there is no anchor.
    ratio: float
    bound: float
    #: Whether the bound is the least, not the most.
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of work, and what does it."""

    work: str
    anchor: str
    measure: Callable[[Scale], Sequence[Figure]]


def pairs(
    what: str, unit: str, measured: Iterable[tuple[float, float]], *, bound: float, at_least: bool = False
) -> Figure:
    """Make a figure of pairs of what was measured and its anchor."""
    both = list(measured)
    ratio = median(ours / anchor for ours, anchor in both)
    return Figure(
        what, median(ours for ours, _ in both), median(anchor for _, anchor in both), unit, ratio, bound, at_least
    )


def alone(what: str, unit: str, value: float, *, bound: float, at_least: bool = False) -> Figure:
    """Make a figure of a value that is held against nothing."""
    return Figure(what, value, None, unit, value, bound, at_least)
