"""The instants of a closing, in a shop's own process: it is killed with -9 at the one that is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import wraps
from pathlib import Path
from typing import Any, Final

from bot.checkouts import Checkouts
from bot.posting import Posting
from bot.retiring import Retiring
from bot.settling import Settling
from bot.telling import Telling
from tests.crash.instants import Instants, Stepped

#: All that a closing does: its tick, the end of each checkout, what people and staff are told, and the posted cards.
PATH: Final[tuple[tuple[type, str], ...]] = (
    (Retiring, "tick"),
    (Checkouts, "expire"),
    (Settling, "handle"),
    (Telling, "tell"),
    (Telling, "staff"),
    (Telling, "sellers"),
    (Posting, "tick"),
    (Posting, "repost"),
)

Work = Callable[..., Coroutine[Any, Any, Any]]


class Counted(Awaitable[Any]):
    """A piece of work within a task of somebody else's, whose awaits are counted."""

    def __init__(self, work: Coroutine[Any, Any, Any], instants: Instants) -> None:
        self._steps = Stepped(work, instants)

    def __await__(self) -> Generator[Any, Any, Any]:
        try:
            waits_for = self._steps.send(None)
            while True:
                try:
                    value = yield waits_for
                except BaseException as error:  # noqa: BLE001 - whatever it is, it is the work's to hear
                    waits_for = self._steps.throw(error)
                else:
                    waits_for = self._steps.send(value)
        except StopIteration as done:
            return done.value


def die_closing(file: Path) -> None:
    """Have this process die at the instant of a closing whose number a file holds; without the file it lives."""
    if not file.exists():
        return
    instants = Instants(int(file.read_text()))
    for kind, name in PATH:
        setattr(kind, name, _counted(getattr(kind, name), instants))


def _counted(honest: Work, instants: Instants) -> Work:
    @wraps(honest)
    async def counted(*given: Any, **named: Any) -> Any:
        return await Counted(honest(*given, **named), instants)

    return counted
