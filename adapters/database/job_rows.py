"""What the jobs' tables are asked and told, a function each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
from bot.ports import Json, Parked

_jobs = tables.jobs
_keys = tables.job_keys
_TAKE: Final = insert(_keys).on_conflict_do_nothing().returning(_keys.c.key)
_ADD: Final = insert(_jobs).returning(_jobs.c.id)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that waits; `attempts` counts those that failed."""

    id: int
    kind: str
    payload: Json
    at: datetime
    attempts: int
    #: The span in which it was ordered, "" where there was none.
    trace: str = ""


#: Where a row keeps the span, beside what the job carries: no payload of ours has such a name.
_TRACE: Final = "traceparent"


async def add(
    transaction: Transaction, kind: str, payload: Json, at: datetime, key: str | None, *, trace: str = ""
) -> int | None:
    """Write a job, and give its number; None where its key was taken before."""
    if key is not None and (await transaction.execute(_TAKE, {"key": key, "taken": transaction.now})).scalar() is None:
        return None
    row = {
        "kind": kind,
        "payload": {**payload, **({_TRACE: trace} if trace else {})},
        "at": at,
        "attempts": 0,
        "error": "",
    }
    return int((await transaction.execute(_ADD, row)).scalar_one())


async def waiting(transaction: Transaction, number: int) -> Job | None:
    """Give a job that waits to be done; None where it is done or parked."""
    query = select(_jobs.c.id, _jobs.c.kind, _jobs.c.payload, _jobs.c.at, _jobs.c.attempts)
    row = (await transaction.execute(query.where(_jobs.c.id == number, _jobs.c.parked_at.is_(None)))).first()
    return None if row is None else _job(*row)


async def first(transaction: Transaction, kinds: Collection[str], without: Collection[int], most: int) -> Sequence[Job]:
    """Give the jobs of these kinds that come first, due or not."""
    query = (
        select(_jobs.c.id, _jobs.c.kind, _jobs.c.payload, _jobs.c.at, _jobs.c.attempts)
        .where(_jobs.c.parked_at.is_(None), _jobs.c.kind.in_(kinds), _jobs.c.id.not_in(without))
        .order_by(_jobs.c.at, _jobs.c.id)
        .limit(most)
    )
    return [_job(*row) for row in await transaction.execute(query)]


async def next_due(transaction: Transaction, kinds: Collection[str], after: datetime) -> datetime | None:
    """Tell when the first job of these kinds comes due that does so after an instant; None where none waits."""
    query = select(func.min(_jobs.c.at)).where(_jobs.c.parked_at.is_(None), _jobs.c.kind.in_(kinds), _jobs.c.at > after)
    return (await transaction.execute(query)).scalar()


async def overdue(transaction: Transaction) -> datetime | None:
    """Tell since when the job waits that is due the longest; None where none is due."""
    query = select(func.min(_jobs.c.at)).where(_jobs.c.parked_at.is_(None), _jobs.c.at <= transaction.now)
    return (await transaction.execute(query)).scalar()


async def strangers(transaction: Transaction, kinds: Collection[str]) -> Sequence[str]:
    """Give the kinds of due jobs that are none of these."""
    query = select(_jobs.c.kind).where(
        _jobs.c.parked_at.is_(None), _jobs.c.at <= transaction.now, _jobs.c.kind.not_in(kinds)
    )
    return list((await transaction.execute(query.distinct().order_by(_jobs.c.kind))).scalars())


async def finish(transaction: Transaction, job: Job) -> None:
    """Strike a job that is done."""
    await transaction.execute(delete(_jobs).where(_jobs.c.id == job.id))


async def postpone(transaction: Transaction, job: Job, at: datetime) -> datetime:
    """Have a job wait until `at`, without spending an attempt."""
    await transaction.execute(update(_jobs).where(_jobs.c.id == job.id).values(at=at))
    return at


async def fail(transaction: Transaction, job: Job, error: str, at: datetime) -> datetime:
    """Note a failed attempt: the job is tried again at `at`."""
    values = {"attempts": job.attempts + 1, "error": error, "at": at}
    await transaction.execute(update(_jobs).where(_jobs.c.id == job.id).values(values))
    return at


async def park(transaction: Transaction, job: Job, error: str) -> None:
    """Note the last failed attempt: the job waits for somebody to look."""
    values = {"attempts": job.attempts + 1, "error": error, "parked_at": transaction.now}
    await transaction.execute(update(_jobs).where(_jobs.c.id == job.id).values(values))


async def unpark(transaction: Transaction, number: int) -> Job | None:
    """Have a parked job wait again, due now, with all its attempts; None where it is not parked."""
    statement = update(_jobs).where(_jobs.c.id == number, _jobs.c.parked_at.is_not(None)).returning(_jobs.c.id)
    values = {"attempts": 0, "parked_at": None, "at": transaction.now}
    found = (await transaction.execute(statement.values(values))).scalar()
    return None if found is None else await waiting(transaction, number)


async def parked(transaction: Transaction) -> Sequence[Parked]:
    """Give the jobs that wait for somebody to look, the longest waiting first."""
    query = select(_jobs.c.id, _jobs.c.kind, _jobs.c.error, _jobs.c.parked_at).where(_jobs.c.parked_at.is_not(None))
    return [Parked(*row) for row in await transaction.execute(query.order_by(_jobs.c.parked_at, _jobs.c.id))]


def _job(number: int, kind: str, payload: Json, at: datetime, attempts: int) -> Job:
    rest = {name: value for name, value in payload.items() if name != _TRACE}
    return Job(number, kind, rest, at, attempts, str(payload.get(_TRACE, "")))
