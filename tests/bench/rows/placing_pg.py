"""Orders placed and settled on PostgreSQL, by one replica and by two, beside the same statements on raw psycopg."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.types.json import Json, Jsonb

from adapters.database.postgresql import POOL
from tests.bench.replica import TEXT, sell
from tests.bench.row import Figure, Row, Scale, pairs
from tests.bot.rig import Time, World, opened
from tests.crash.process import ROOT
from tests.postgresql import Server, postgresql

#: What is said to the server: a statement with its values, or the end of a transaction, with "".
Said = list[tuple[str, Any]]
#: Who buys while it is written down what is said; their name is in every key, and another's takes its place.
FIRST: Final = "firstbuyer"


def _measure(scale: Scale) -> Sequence[Figure]:
    many = scale.of(600, least=4)
    with postgresql() as server:
        rates = [asyncio.run(_round(server, many)) for _ in range(scale.rounds)]
    return [
        pairs("one replica", "orders a second", [(one, bare) for one, _, bare in rates], bound=0.4, at_least=True),
        pairs(
            "two replicas, to one", "orders a second", [(two, one) for one, two, _ in rates], bound=1.5, at_least=True
        ),
    ]


async def _round(server: Server, many: int) -> tuple[float, float, float]:
    one, two = [await _replicas(server.database(), replicas, many) for replicas in (1, 2)]
    url = server.database()
    return one, two, await _bare(url, await _written_down(url), many)


async def _replicas(url: str, replicas: int, many: int) -> float:
    running = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.replica", url, str(number), str(many)),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for number in range(replicas)
    ]
    for each in running:
        assert each.stdout is not None
        await each.stdout.readline()
    for each in running:
        assert each.stdin is not None
        each.stdin.write(b"go\n")
    took = [float((await each.communicate())[0]) for each in running]
    return many * replicas / max(took)


async def _written_down(url: str) -> tuple[Said, Sequence[str]]:
    """Sell once, and give what was said to the server for it, and what of that is another for each order."""
    with tempfile.TemporaryDirectory() as folder, _listening() as said:
        async with opened(World(Path(folder), text=TEXT, url=url, time=Time(datetime.now(UTC)))) as rig:
            await sell(rig, "before")
            said.clear()
            await sell(rig, FIRST)
            heard = list(said)
            (order,) = await rig.mine(FIRST)
    return heard, [FIRST, order.id, order.session, order.payment_intent]


@contextmanager
def _listening() -> Iterator[Said]:
    said: Said = []
    execute, commit = psycopg.AsyncCursor.execute, psycopg.AsyncConnection.commit

    async def executed(cursor: Any, statement: Any, values: Any = None, **more: Any) -> Any:
        said.append((statement, values))
        return await execute(cursor, statement, values, **more)

    async def committed(connection: Any) -> None:
        said.append(("", None))
        await commit(connection)

    setattr(psycopg.AsyncCursor, "execute", executed)  # noqa: B010 - for as long as we listen
    setattr(psycopg.AsyncConnection, "commit", committed)  # noqa: B010 - likewise
    try:
        yield said
    finally:
        setattr(psycopg.AsyncCursor, "execute", execute)  # noqa: B010 - as it was
        setattr(psycopg.AsyncConnection, "commit", commit)  # noqa: B010 - as it was


async def _bare(url: str, heard: tuple[Said, Sequence[str]], many: int) -> float:
    said, names = heard
    waiting = iter(range(many))

    async def one() -> None:
        async with await psycopg.AsyncConnection.connect(url, prepare_threshold=1) as connection:
            for number in waiting:
                own = {name: f"{name}x{number}"[-32:] for name in names if name}
                for statement, values in said:
                    if statement:
                        await connection.execute(statement, _own(values, own))
                    else:
                        await connection.commit()
                await connection.commit()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(POOL)))
    return many / (time.perf_counter() - begun)


def _own(values: Any, own: dict[str, str]) -> Any:
    """Give the values with another order's names in them."""
    match values:
        case str():
            for name, mine in own.items():
                values = values.replace(name, mine)
            return values
        case dict():
            return {key: _own(value, own) for key, value in values.items()}
        case list() | tuple():
            return type(values)(_own(value, own) for value in values)
        case Json() | Jsonb():
            return type(values)(_own(values.obj, own))
        case _:
            return values


ROW: Final = Row("orders placed and settled, PostgreSQL, 64 at once", "the same statements on raw psycopg", _measure)
