"""The book of reminders: rounds, whom each concerns, and what became of everybody who was to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.rounds import Concerned, Round, Tally, Telling


class RoundBook(Protocol):
    """Rounds, by the closing's key and the step's days; tellings, by the person's key besides: each there once, ever."""

    async def open(self, opened: Round) -> bool:
        """Write a new round; False where it, or a later step of the same closing, was opened before."""
        ...

    async def get(self, closing: str, days: int) -> Round | None:
        """Find a round; in a writing unit it is locked until the unit ends."""
        ...

    async def save(self, changed: Round) -> None:
        """Write what changed of a round."""
        ...

    async def running(self) -> Sequence[Round]:
        """Give the rounds that have not ended, oldest first."""
        ...

    async def newest(self, *, most: int = 20) -> Sequence[Round]:
        """Give the rounds, newest first."""
        ...

    async def concerned(
        self, products: Collection[str], since: datetime, *, after: tuple[str, str], most: int
    ) -> tuple[Sequence[Concerned], tuple[str, str] | None]:
        """Give who bought any of the products since then, holds an open order of one, or buys one monthly; () is all.

        Up to so many orders behind the person and order `after` are looked at, and where the next look begins is given
        too, None at the end. Whoever has several orders may come twice. Gifts concern nobody.
        """
        ...

    async def add(self, tellings: Collection[Telling]) -> None:
        """Write who is to be told; whoever is written down for that step already stays as they are."""
        ...

    async def waiting(
        self, closing: str, days: int, lane: str, now: datetime, *, besides: Collection[str] = (), most: int
    ) -> Sequence[Telling]:
        """Give who of a lane is to be told now, in no workspace of `besides`, by their keys."""
        ...

    async def next_after(self, closing: str, days: int, lane: str) -> datetime | None:
        """Say when the next of a lane is tried again; None where nobody waits. In the past where somebody waits now."""
        ...

    async def untried(self, closing: str, days: int, lanes: Collection[str]) -> bool:
        """Tell whether anybody of these lanes waits who was not tried yet."""
        ...

    async def waits(self, closing: str, days: int) -> bool:
        """Tell whether anybody of a round is still to be told."""
        ...

    async def note(self, telling: Telling) -> None:
        """Write what became of telling one person; what has been settled stays so."""
        ...

    async def drop(self, closing: str, days: int) -> int:
        """Let nobody be told any more who still waits in a round, and say how many those were."""
        ...

    async def tallies(self, closing: str = "", days: int | None = None) -> Sequence[Tally]:
        """Count the people of a round, or of every one, by platform, workspace and outcome."""
        ...

    async def outcomes(self) -> Mapping[tuple[str, str], int]:
        """Count everybody, by feature and outcome; for metrics."""
        ...
