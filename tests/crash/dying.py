"""The steps of a closing, in a shop's own process: it is killed with -9 at the end of the one that is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final

from adapters.database.store import SqlStore, SqlUnit
from adapters.slack.voice import SlackVoice
from adapters.stripe.payments import StripePayments
from tests.crash.instants import Instants

#: What a closing does to the world outside; whatever it does to the database is a unit of work.
OUTSIDE: Final[tuple[tuple[type, str], ...]] = (
    (StripePayments, "expire"),
    (SlackVoice, "tell"),
    (SlackVoice, "post"),
    (SlackVoice, "amend"),
)

Work = Callable[..., Coroutine[Any, Any, Any]]


def die_closing(file: Path) -> None:
    """Have this process die at the end of the step whose number a file holds; without the file it lives.

    A step is a unit of work that has been written, or a call of the outside that was answered: what follows from it in the
    process, such as the next unit that would note the answer, does not happen any more.
    """
    if not file.exists():
        return
    instants = Instants(int(file.read_text()))
    honest = SqlStore.unit

    @asynccontextmanager
    async def unit(store: SqlStore) -> AsyncIterator[SqlUnit]:
        async with honest(store) as begun:
            yield begun
        instants.pass_one()

    setattr(SqlStore, "unit", unit)  # noqa: B010 - as below, and the type checker knows no method that is assigned
    for kind, name in OUTSIDE:
        setattr(kind, name, _counted(getattr(kind, name), instants))


def _counted(honest: Work, instants: Instants) -> Work:
    @wraps(honest)
    async def counted(*given: Any, **named: Any) -> Any:
        answer = await honest(*given, **named)
        instants.pass_one()
        return answer

    return counted
