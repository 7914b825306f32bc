"""Travelling through a story: ahead it is played, back it begins anew and is played up to there."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bot.chat import Person
from bot.story.days import Story
from bot.story.playing import Player

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the next turn of a story is played up to, for whom."""

    day: date
    you: Person | None


@dataclass
class Travelling:
    """Where a story is, and where it goes. A turn is one playing of it from its beginning, numbered from 1."""

    story: Story
    turn: int = 1
    player: Player | None = None
    #: The day that is being played up to; None where it has been reached.
    going: date | None = None
    #: Whether the last move ended in an error, which the log has.
    failed: bool = False
    #: Set where the story is to begin anew, with `ahead`.
    back: asyncio.Event = field(default_factory=asyncio.Event)
    ahead: Ahead | None = None
    _move: asyncio.Task[None] | None = None

    @property
    def day(self) -> date:
        """The day that the story is on."""
        return self.story.first if self.player is None else self.story.day(self.player.clock())

    def move(self, day: date, you: Person | None) -> bool:
        """Go to a day, and return at once; False while it goes somewhere. ValueError for a day that is not in the story."""
        self.story.instant(day)
        if self.player is None or self.going is not None or self.back.is_set():
            return False
        if day < self.day:
            self.ahead = Ahead(day, you or self.player.you)
            self.going = day
            self.back.set()
        elif day > self.day:
            self.begin(self.player, Ahead(day, you or self.player.you))
        return True

    def begin(self, player: Player, ahead: Ahead) -> None:
        """Play up to a day, and return at once."""
        player.you = ahead.you
        self.going, self.failed = ahead.day, False
        self._move = asyncio.create_task(self._play(player, ahead.day), name="story")

    async def arrived(self) -> None:
        """Wait until the story is where it goes."""
        if self._move is not None:
            await asyncio.wait([self._move])

    async def stop(self) -> None:
        """Go no further."""
        if self._move is not None:
            self._move.cancel()
            with suppress(asyncio.CancelledError):
                await self._move

    async def _play(self, player: Player, day: date) -> None:
        try:
            await player.reach(self.story.instant(day))
        except Exception:  # noqa: BLE001 - whatever broke, the panel says that it did
            _log.exception("the story cannot go on", extra={"day": day.isoformat()})
            self.failed = True
        finally:
            self.going = None
