"""The contract of Jobs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.database import Database
from bot.errors import Later, PaymentsUnavailable
from bot.ports import Handler, Jobs, Json, Store
from tests.contracts.conftest import QUICK

#: Seconds that anything here may take; never waited for in full where all is well.
DEADLINE = 30


class Work:
    """A handler that notes what it was called with, and raises what it is told to, in turn."""

    def __init__(self, *errors: Exception) -> None:
        self.done: list[Json] = []
        self.calls = 0
        self._errors = list(errors)
        self._changed = asyncio.Event()

    async def __call__(self, payload: Json) -> None:
        """Do the job."""
        self.calls += 1
        self._changed.set()
        if self._errors:
            raise self._errors.pop(0)
        self.done.append(payload)

    async def times(self, number: int) -> None:
        """Wait until it was called so often."""
        async with asyncio.timeout(DEADLINE):
            while self.calls < number:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def at_work(jobs: Jobs) -> AsyncIterator[asyncio.Task[None]]:
    """Run the jobs beside the block."""
    task = asyncio.create_task(jobs.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def defer(
    store: Store, jobs: Jobs, *payloads: Json, kind: str = "greet", at: datetime | None = None, key: str | None = None
) -> None:
    async with store.unit() as unit:
        for payload in payloads:
            await jobs.defer(unit, kind, payload, at=at, key=key)


async def drain_until(jobs: Jobs, done: Callable[[], Awaitable[bool]]) -> None:
    """Drain again and again, as pauses end, until it is so."""
    async with asyncio.timeout(DEADLINE):
        while not await done():
            await jobs.drain()


async def test_a_job_is_done_with_what_it_was_given(store: Store, jobs: Jobs) -> None:
    """A handler is called once, with the payload as it was deferred."""
    work = Work()
    jobs.handle("greet", work)
    payload: Json = {"name": "Zoé 🫖", "number": -(2**53), "yes": True, "nothing": None}
    await defer(store, jobs, payload)
    await jobs.drain()
    await jobs.drain()
    assert work.done == [payload]


async def test_a_job_is_part_of_its_unit(store: Store, jobs: Jobs) -> None:
    """A job is not begun before its unit commits, and is never done if that does not."""
    work = Work()
    jobs.handle("greet", work)

    async def defer_and_fail() -> None:
        async with store.unit() as unit:
            await jobs.defer(unit, "greet", {"unit": "failed"}, key="key of the failed")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await defer_and_fail()
    async with store.unit() as unit:
        await jobs.defer(unit, "greet", {"unit": "whole"}, key="key of the failed")
        await jobs.drain()
        assert work.done == []
    await jobs.drain()
    assert work.done == [{"unit": "whole"}]


async def test_a_key_is_accepted_once_ever(store: Store, jobs: Jobs) -> None:
    """A second job with the same key is ignored, while the first waits and after it is done, whatever its kind."""
    work = Work()
    jobs.handle("greet", work)
    jobs.handle("other", work)
    await defer(store, jobs, {"n": 1}, {"n": 2}, key="once")
    await defer(store, jobs, {"n": 3}, key="once")
    await jobs.drain()
    await defer(store, jobs, {"n": 4}, kind="other", key="once")
    await defer(store, jobs, {"n": 5}, key="another")
    await jobs.drain()
    assert work.done == [{"n": 1}, {"n": 5}]


async def test_never_before_its_time(store: Store, jobs: Jobs) -> None:
    """A job is not begun before `at`, and is soon after, in any zone it is written."""
    work = Work()
    begun: list[datetime] = []

    async def greet(payload: Json) -> None:
        async with store.reading() as unit:
            begun.append(unit.now)
        await work(payload)

    jobs.handle("greet", greet)
    async with store.unit() as unit:
        due = unit.now + timedelta(seconds=0.4)
        await jobs.defer(unit, "greet", {}, at=due.astimezone(timezone(timedelta(hours=5, minutes=30))))
        await jobs.defer(unit, "greet", {}, at=unit.now + timedelta(days=1))
    await jobs.drain()
    async with at_work(jobs):
        await work.times(1)
    (at,) = begun
    assert due <= at < due + timedelta(seconds=5)


async def test_what_fails_is_tried_again(store: Store, jobs: Jobs) -> None:
    """A handler that raises is called again with the same payload until it does not."""
    work = Work(ValueError("no"), PaymentsUnavailable("open"))
    jobs.handle("greet", work)
    await defer(store, jobs, {"n": 1})
    async with at_work(jobs):
        await work.times(3)
    assert work.done == [{"n": 1}]
    assert await jobs.parked() == []


async def test_what_fails_too_often_is_parked(store: Store, jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    """After the last attempt a job is parked with its error's name, and nothing of what the error repeats is kept."""
    work = Work(*(ValueError("12 Example Street") for _ in range(QUICK.attempts + 1)))
    jobs.handle("greet", work)
    async with store.unit() as unit:
        begun = unit.now
    await defer(store, jobs, {"address": "12 Example Street"})

    async def parked() -> bool:
        return bool(await jobs.parked())

    await drain_until(jobs, parked)
    await asyncio.sleep(QUICK.most)
    await jobs.drain()
    assert work.calls == QUICK.attempts
    (job,) = await jobs.parked()
    assert job.kind == "greet"
    assert job.error.startswith("ValueError")
    assert job.since > begun
    assert "Street" not in job.error + caplog.text


async def test_a_parked_job_is_begun_again(store: Store, jobs: Jobs) -> None:
    """Once its cause is gone it is done, with all its attempts before it; what is not parked is left alone."""
    work = Work(*(ValueError("full") for _ in range(QUICK.attempts)))
    jobs.handle("greet", work)
    await defer(store, jobs, {"n": 1})

    async def parked() -> bool:
        return bool(await jobs.parked())

    await drain_until(jobs, parked)
    (job,) = await jobs.parked()
    assert await jobs.retry(job.id)
    assert not await jobs.retry(job.id)
    assert not await jobs.retry(job.id + 1)
    assert await jobs.parked() == []
    await jobs.drain()
    assert work.done == [{"n": 1}]


async def test_how_late_the_work_is(store: Store, jobs: Jobs) -> None:
    """The job that is due the longest says how late; what is not due yet, done or parked says nothing."""
    work = Work()
    jobs.handle("greet", work)
    assert await jobs.late() == timedelta()
    async with store.unit() as unit:
        await jobs.defer(unit, "greet", {"n": 1}, at=unit.now + timedelta(hours=1))
        assert await jobs.late() == timedelta()
        await jobs.defer(unit, "greet", {"n": 2}, at=unit.now - timedelta(minutes=10))
    assert timedelta(minutes=10) <= await jobs.late() < timedelta(minutes=11)
    await jobs.drain()
    assert await jobs.late() == timedelta()


async def test_the_error_that_is_safe_to_show(store: Store, jobs: Jobs) -> None:
    """What an error of ours says is safe to log is kept with the parked job."""
    jobs.handle("greet", Work(*(PaymentsUnavailable("open a session") for _ in range(QUICK.attempts))))
    await defer(store, jobs, {})

    async def parked() -> bool:
        return bool(await jobs.parked())

    await drain_until(jobs, parked)
    (job,) = await jobs.parked()
    assert "PaymentsUnavailable (open a session)" in job.error


async def test_later_spends_no_attempt(store: Store, jobs: Jobs) -> None:
    """A handler that raises Later is called again then, as often as it likes."""
    async with store.reading() as unit:
        past, then = unit.now, unit.now + timedelta(seconds=0.5)
    work = Work(*(Later(past) for _ in range(QUICK.attempts * 2)), Later(then))
    jobs.handle("greet", work)
    await defer(store, jobs, {"n": 1})
    async with at_work(jobs):
        await work.times(QUICK.attempts * 2 + 2)
    async with store.reading() as unit:
        assert unit.now >= then
    assert work.done == [{"n": 1}]
    assert await jobs.parked() == []


async def test_an_unknown_kind_is_kept(
    address: str, store: Store, jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    """A job that nothing here can do is named in the log, hinders no other, and is done by whoever can."""
    known, work = Work(), Work()
    jobs.handle("greet", known)
    await defer(store, jobs, *({"n": n} for n in range(30)), kind="of tomorrow")
    async with at_work(jobs):
        for attempt in range(QUICK.attempts + 1):
            await defer(store, jobs, {}, at=datetime.now(UTC) + timedelta(seconds=QUICK.most))
            await known.times(attempt + 1)
    assert await jobs.parked() == []
    assert "of tomorrow" in caplog.text
    async with await Database.open(address, patience=QUICK) as upgraded:
        upgraded.jobs.handle("of tomorrow", work)
        await upgraded.jobs.drain()
    assert len(work.done) == 30


async def test_drain_does_what_its_handlers_defer(store: Store, jobs: Jobs) -> None:
    """Drain ends when nothing is due, counting what was deferred meanwhile."""
    work = Work()

    async def chain(payload: Json) -> None:
        left = payload["left"]
        assert isinstance(left, int)
        await defer(store, jobs, {"left": left - 1}, kind="chain" if left > 1 else "greet")

    jobs.handle("chain", chain)
    jobs.handle("greet", work)
    await defer(store, jobs, *({"left": 5} for _ in range(20)), kind="chain")
    await jobs.drain()
    assert work.done == [{"left": 0}] * 20


async def test_handlers_run_side_by_side(store: Store, jobs: Jobs) -> None:
    """Several handlers run at the same time, so that a slow one does not hold up the others."""
    meeting = asyncio.Barrier(4)

    async def meet(_: Json) -> None:
        await meeting.wait()

    jobs.handle("meet", meet)
    await defer(store, jobs, *({} for _ in range(4)), kind="meet")
    async with asyncio.timeout(DEADLINE):
        await jobs.drain()


async def test_a_drain_beside_a_run(store: Store, jobs: Jobs) -> None:
    """Draining while the jobs run does nothing twice."""
    work = Work()
    jobs.handle("greet", work)
    async with at_work(jobs):
        for n in range(20):
            await defer(store, jobs, {"n": n})
            await jobs.drain()
    assert sorted(str(payload["n"]) for payload in work.done) == sorted(str(n) for n in range(20))


async def test_what_another_defers_is_seen(address: str, jobs: Jobs) -> None:
    """What somebody else defers on the same database, who runs no jobs, is begun soon."""
    work = Work()
    jobs.handle("greet", work)
    async with at_work(jobs), await Database.open(address) as other:
        await defer(other.store, other.jobs, {"from": "the command line"})
        async with other.store.reading() as unit:
            committed = unit.now
        await work.times(1)
        async with other.store.reading() as unit:
            assert unit.now - committed < timedelta(seconds=5)


async def test_running_handlers_end(store: Store, jobs: Jobs) -> None:
    """A run that is cancelled lets its handlers end, and their jobs are done for good."""
    begun, may_end, calls = asyncio.Event(), asyncio.Event(), []

    async def slow(payload: Json) -> None:
        calls.append(payload)
        begun.set()
        await may_end.wait()

    jobs.handle("slow", slow)
    await defer(store, jobs, {"n": 1}, kind="slow")
    async with asyncio.timeout(DEADLINE), at_work(jobs) as run:
        await begun.wait()
        run.cancel()
        await asyncio.sleep(0)
        assert not run.done()
        may_end.set()
        await asyncio.wait({run})
    await jobs.drain()
    assert calls == [{"n": 1}]


async def test_a_handler_that_does_not_end(address: str, store: Store, jobs: Jobs) -> None:
    """A handler that does not end in time is cancelled, and its job is done by whoever comes next, at once."""
    begun, work = asyncio.Event(), Work()

    async def hang(_: Json) -> None:
        begun.set()
        await asyncio.Event().wait()

    await defer(store, jobs, {"n": 1}, kind="slow")
    async with asyncio.timeout(DEADLINE):
        async with await Database.open(address, patience=replace(QUICK, grace=0.1)) as hasty:
            hasty.jobs.handle("slow", hang)
            async with at_work(hasty.jobs):
                await begun.wait()
        jobs.handle("slow", work)
        await jobs.drain()
    assert work.done == [{"n": 1}]


async def test_ticks(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    """A tick comes when the jobs begin and then again and again, also after it raised, and not after they ended."""
    ticks, enough = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 4:
            enough.set()
        if ticks == 2:
            raise ValueError("12 Example Street")

    jobs.every("look", 0.02, tick)
    await jobs.drain()
    assert ticks == 0
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(DEADLINE), at_work(jobs):
            await enough.wait()
    seen = ticks
    await asyncio.sleep(0.1)
    assert ticks == seen
    assert "tick look failed: ValueError" in caplog.text
    assert "Street" not in caplog.text


async def test_one_handler_a_kind(jobs: Jobs) -> None:
    """A second handler for a kind is a ValueError."""
    handler: Handler = Work()
    jobs.handle("greet", handler)
    with pytest.raises(ValueError, match="greet"):
        jobs.handle("greet", handler)


async def test_a_date_without_a_zone(store: Store, jobs: Jobs) -> None:
    """A job at a date without a zone is a ValueError."""
    with pytest.raises(ValueError, match="zone"):
        await defer(store, jobs, {}, at=datetime.now(UTC).replace(tzinfo=None))
