"""A story on the real house: what is due is done on the way, twice the same, and going back begins it anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.app.story import Opened, opened, tell
from bot.chat import Person
from bot.orders import State
from bot.story import TWITTER, Act, Seen, look
from bot.story.twitter import ZONE
from config.sample import STORIES

#: A few days around the closing, with one of everything that can be alive then.
SHORT = replace(
    TWITTER,
    first=date(2017, 1, 18),
    last=date(2017, 3, 31),
    acts=(
        Act(datetime(2017, 1, 20, 10, tzinfo=ZONE), "you", "/buy single 1"),
        Act(datetime(2017, 1, 21, 10, tzinfo=ZONE), "giver-1", "/donate 10 to relief monthly"),
        Act(
            datetime(2017, 1, 30, 10, tzinfo=ZONE),
            "buyer-1",
            "/buy shirt/m 1",
            pays="bank",
            ships=datetime(2017, 2, 7, 10, tzinfo=ZONE),
        ),
        Act(datetime(2017, 1, 31, 23, 50, tzinfo=ZONE), "buyer-2", "/buy shirt/l 1", pays=""),
        Act(datetime(2017, 2, 1, 9, tzinfo=ZONE), "buyer-3", "/buy shirt/s 1"),
    ),
)
YOU = Person("web", "reader", "reader")


def new(folder: Path) -> Path:
    """Make a folder."""
    folder.mkdir()
    return folder


@asynccontextmanager
async def short(folder: Path, you: Person | None = None) -> AsyncIterator[Opened]:
    """Open the short story."""
    async with opened(SHORT, STORIES["twitter"], folder=folder, port=0) as shop:
        shop.player.you = you
        yield shop


async def seen(shop: Opened) -> Seen:
    """Look at the day that it is."""
    (plan,) = shop.app.live().settings.plans.values()
    at, second = shop.player.clock.now(), SHORT.instant(date(2017, 3, 31))
    return await look(shop.app.store, plan, at, currency="USD", second=second)


async def orders(shop: Opened) -> list[tuple[str, str, str, str]]:
    """Give every order: when it was made, by whom, how it stands, and for how much."""
    async with shop.app.store.reading() as unit:
        found = await unit.orders.standing(frozenset(State))
    return sorted(
        (order.created.isoformat(timespec="minutes"), order.buyer.id, order.state.value, str(order.total))
        for order in found
    )


async def test_what_is_due_on_the_way_is_done(tmp_path: Path) -> None:
    """Debits settle, reminders go out, open checkouts end, the late comer gets no order, and gifts go on every month."""
    async with short(tmp_path, YOU) as shop:
        await shop.player.reach(SHORT.instant(date(2017, 1, 31)))
        flows = {flow.kind: flow.many for flow in (await seen(shop)).money}
        assert (flows["processing"], flows["undelivered"], flows["monthly"]) == (1, 0, 1)
        await shop.player.reach(SHORT.instant(date(2017, 2, 1)))
        assert [(who, state) for _, who, state, _ in await orders(shop)] == [
            ("reader", "fulfilled"),
            ("story-giver-1", "paid"),
            ("story-buyer-1", "processing"),
            ("story-buyer-2", "expired"),
        ]
        notices = (await seen(shop)).notices
        assert [(notice.kind, notice.days) for notice in notices] == [
            ("sellers_announced", 0),
            ("remind", 7),
            ("remind", 1),
            ("sellers_closed", 0),
            ("remind", 0),
        ]
        assert all(notice.people for notice in notices)
        await shop.player.reach(SHORT.instant(date(2017, 3, 25)))
        flows = {flow.kind: flow.many for flow in (await seen(shop)).money}
        assert (flows["processing"], flows["undelivered"], flows["sold"], flows["given"]) == (0, 0, 2, 3)
        async with shop.app.store.reading() as unit:
            kinds = [news.kind for news in await unit.news.since(YOU.key, 0)]
        assert len(kinds) > 3  # whoever moves the clock is told as a buyer


async def test_days_one_by_one_or_all_at_once_are_the_same(tmp_path: Path) -> None:
    """The story is the same on a fresh database, whether it was gone through day by day or in one move."""
    async with short(new(tmp_path / "a")) as shop:
        await shop.player.reach(SHORT.instant(date(2017, 2, 2)))
        once, told = await orders(shop), [(each.kind, each.days, each.people) for each in (await seen(shop)).notices]
    async with short(new(tmp_path / "b")) as shop:
        for day in (20, 30, 31):
            await shop.player.reach(SHORT.instant(date(2017, 1, day)))
        for day in (1, 2):
            await shop.player.reach(SHORT.instant(date(2017, 2, day)))
        assert await orders(shop) == once
        assert [(each.kind, each.days, each.people) for each in (await seen(shop)).notices] == told


async def test_going_back_begins_anew(tmp_path: Path) -> None:
    """A day that has passed is reached on a fresh database, in a new turn, by the same person; others are refused."""
    stop, begun = asyncio.Event(), asyncio.Queue[Opened]()
    story = asyncio.create_task(tell("twitter", folder=tmp_path, port=0, stop=stop, started=begun.put_nowait))
    try:
        first = await asyncio.wait_for(begun.get(), 30)
        address = first.app.address
        with pytest.raises(ValueError, match="not in the story"):
            first.travelling.move(date(2013, 12, 31), YOU)
        assert first.travelling.move(date(2014, 3, 1), YOU)
        assert not first.travelling.move(date(2014, 3, 2), YOU)
        await first.travelling.arrived()
        assert first.travelling.day == date(2014, 3, 1)
        assert len(await orders(first)) == 1
        assert first.travelling.move(date(2014, 2, 1), YOU)
        second = await asyncio.wait_for(begun.get(), 30)
        await second.travelling.arrived()
        assert (second.travelling.turn, second.travelling.day) == (2, date(2014, 2, 1))
        assert second.player.you == YOU
        assert second.app.address == address
        assert await orders(second) == []
    finally:
        stop.set()
        await story


async def test_there_is_no_other_story(tmp_path: Path) -> None:
    """A story that there is not is refused by name, and nothing is begun."""
    with pytest.raises(ValueError, match="twitter"):
        await tell("pinterest", folder=tmp_path / "none", port=0, stop=asyncio.Event(), started=lambda _: None)
    assert not (tmp_path / "none").exists()
