"""The contract of the audit book: an unbroken chain, whoever writes, and every alteration found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest

from bot.audit import BEGINNING, AuditLine, Entry, verify
from bot.ports import Store

PAUSE = Entry("slack:T1/U1", "retire.pause", "buy", "a strike", "abc123", '{"to":"later"}')


async def written(store: Store, many: int) -> Sequence[AuditLine]:
    """Write lines from as many tasks at once, and read them back."""

    async def write(number: int) -> None:
        async with store.unit() as unit:
            await unit.audit.add(replace(PAUSE, subject=f"order {number}"))

    await asyncio.gather(*(write(number) for number in range(many)))
    async with store.reading() as unit:
        return [line async for line in unit.audit.lines()]


async def each(lines: Sequence[AuditLine]) -> AsyncIterator[AuditLine]:
    for line in lines:
        yield line


async def test_a_line_is_kept_as_it_was_written(store: Store) -> None:
    """Who, what, on what, why, under which config and with which details; the instant is the database's."""
    async with store.unit() as unit:
        line = await unit.audit.add(PAUSE)
        assert line.at == unit.now
    async with store.reading() as unit:
        assert [kept async for kept in unit.audit.lines()] == [line]
        assert [kept async for kept in unit.audit.lines(after=1)] == []
    assert (line.number, line.entry, line.before) == (1, PAUSE, BEGINNING)


async def test_many_writers_make_one_chain(store: Store) -> None:
    """Written at the same time, lines are numbered without gaps, and each is chained to the one before."""
    lines = await written(store, 30)
    assert [line.number for line in lines] == list(range(1, 31))
    assert await verify(each(lines)) == (30, lines[-1].hash, "")


async def test_a_unit_that_raises_leaves_no_line(store: Store) -> None:
    """A line of a unit that rolled back never was, and its number is taken by the next."""

    async def fail() -> None:
        async with store.unit() as unit:
            await unit.audit.add(PAUSE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    (line,) = await written(store, 1)
    assert line.number == 1


def _altered(lines: Sequence[AuditLine]) -> Sequence[AuditLine]:
    return [*lines[:2], replace(lines[2], entry=replace(lines[2].entry, why="another")), *lines[3:]]


def _rehashed(lines: Sequence[AuditLine]) -> Sequence[AuditLine]:
    """Alter a line and give it the hash of its own text, as somebody would who knows how it is made."""
    from bot.audit import chained

    forged = replace(lines[2].entry, who="nobody")
    return [*lines[:2], chained(3, lines[2].at, forged, lines[2].before), *lines[3:]]


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (_altered, "line 3 was altered"),
        (_rehashed, "line 4 is not chained to the one before"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3 is missing: line 4 follows"),
        (lambda lines: [lines[0], replace(lines[2], number=2), *lines[3:]], "line 2 is not chained to the one before"),
        (lambda lines: lines[1:], "line 1 is missing: line 2 follows"),
    ],
)
async def test_every_alteration_is_found(
    store: Store, forge: Callable[[Sequence[AuditLine]], Sequence[AuditLine]], said: str
) -> None:
    """A line that was altered, forged with its hash, dropped, moved or cut off the beginning breaks the chain there."""
    lines = await written(store, 5)
    assert (await verify(each(forge(lines))))[2] == said


async def test_what_is_cut_off_the_end_shows_in_the_last_hash(store: Store) -> None:
    """Fewer lines still hold, with another last hash than the one that somebody kept."""
    lines = await written(store, 5)
    count, last, wrong = await verify(each(lines[:4]))
    assert (count, wrong) == (4, "")
    assert last != lines[-1].hash
