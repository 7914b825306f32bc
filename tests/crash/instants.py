"""The instants of a piece of work: each await of it, when that is over; or whenever any task falls asleep or wakes up."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, Final

from adapters.database.in_place import InPlace

#: What a task is made for inside a single await: a statement to the database, which is done to its end.
_INSIDE: Final = ("site-packages", "transaction.py")


class Instants:
    """Counts instants, and kills this process with -9 at the one that is asked for; 0 lets it live.

    An instant is the end of each await of the work, in every task that it makes, and of each statement that is done in
    place: what was awaited is done, and nothing that follows is. With `every` it is also each beginning, when it is not known
    how much is done, and each await within those.
    """

    def __init__(self, last: int, *, every: bool = False) -> None:
        self.passed = 0
        self.every = every
        self._last = last

    def pass_one(self) -> None:
        """Let an instant pass, or nothing ever again."""
        self.passed += 1
        if self.passed == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    async def count(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do a piece of work, and count its instants."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(self._task)
        honest = InPlace.execute

        async def execute(connection: InPlace, *statement: Any) -> Any:
            done = await honest(connection, *statement)
            self.pass_one()
            return done

        InPlace.execute = execute  # type: ignore[method-assign]
        try:
            await asyncio.create_task(work)
        finally:
            InPlace.execute = honest  # type: ignore[method-assign]
            loop.set_task_factory(None)

    def _task(self, loop: asyncio.AbstractEventLoop, work: Any, **more: Any) -> asyncio.Task[Any]:
        place = getattr(getattr(work, "cr_code", None), "co_filename", _INSIDE[0])
        inside = any(part in place for part in _INSIDE)
        return asyncio.Task(work if inside and not self.every else Stepped(work, self), loop=loop, **more)


class Stepped(Coroutine[Any, Any, Any]):
    """A coroutine that is driven step by step."""

    def __init__(self, work: Coroutine[Any, Any, Any], instants: Instants) -> None:
        self._work = work
        self._instants = instants
        self._begun = False

    def send(self, value: Any, /) -> Any:
        """Wake it, and put it to sleep again."""
        if self._begun:
            self._instants.pass_one()
        self._begun = True
        waits_for = self._work.send(value)
        if self._instants.every:
            self._instants.pass_one()
        return waits_for

    def throw(self, *error: Any) -> Any:
        """Wake it with an error."""
        return self._work.throw(*error)

    def close(self) -> None:
        """End it."""
        self._work.close()

    def __await__(self) -> Any:
        return self._work.__await__()
