"""Pairs of measures, ours beside the anchor's in turns, and the median of their ratios."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Pair:
    """One round: what ours took or gave, and what the anchor did, in the same unit."""

    ours: float
    anchor: float

    @property
    def ratio(self) -> float:
        """Ours as a multiple of the anchor."""
        return self.ours / self.anchor


@dataclass(frozen=True)
class Goal:
    """At most, or at least, so many times the anchor."""

    bound: float
    side: Literal["most", "least"] = "most"

    def met(self, ratio: float) -> bool:
        """Tell whether a ratio meets it."""
        return ratio <= self.bound if self.side == "most" else ratio >= self.bound

    def __str__(self) -> str:
        return f"at {self.side} {self.bound:g}x"


@dataclass(frozen=True)
class Work:
    """What one measure is of: its name, its goal, its unit, and the rounds."""

    name: str
    goal: Goal
    unit: str
    pairs: Sequence[Pair]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(pair.ratio for pair in self.pairs)

    @property
    def ours(self) -> float:
        """The median of ours."""
        return statistics.median(pair.ours for pair in self.pairs)

    @property
    def anchor(self) -> float:
        """The median of the anchor's."""
        return statistics.median(pair.anchor for pair in self.pairs)


Size = float  # 1.0 as the goals are meant; less for a trial


def cpu(work: Callable[[], object], times: int) -> float:
    """Give the microseconds of this process's CPU that one call takes, of so many."""
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6


async def cpu_of(work: Callable[[], Awaitable[object]], times: int) -> float:
    """Give the microseconds of this process's CPU that one awaited call takes, of so many."""
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        await work()
    return (time.process_time() - begun) / times * 1e6


def table(works: Iterable[Work]) -> str:
    """Write what was measured as a table of Markdown."""
    rows = ["| work | ratio | goal | ours | anchor | unit |", "|---|---|---|---|---|---|"]
    for work in works:
        met = "" if work.goal.met(work.ratio) else ", **missed**"
        rows.append(
            f"| {work.name} | {work.ratio:.2f}x | {work.goal}{met} | {work.ours:.4g} | {work.anchor:.4g} | {work.unit} |"
        )
    return "\n".join(rows)
