"""Edits of announced retirements: what keeps its promise holds at once, what breaks it blocks itself alone and says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.audit import AuditLine, verify
from bot.errors import Closed
from bot.orders import State
from bot.ports import Store, Unit
from bot.retirement import Stage
from bot.selling import wish
from tests.bot.rig import CLOSING, SHOP, Rig

ANNOUNCED = datetime(2026, 3, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
DEARER = SHOP.replace('price = "4.00"', 'price = "5.00"')
LATER = CLOSING.replace("2026-04-10", "2026-06-10")
SOONER = CLOSING.replace("2026-04-10", "2026-04-05")
WHY = 'announced = 2026-03-03T12:00:00+00:00\nshort_notice_reason.en = "The roof fell in."'
SOONER_WITH_WHY = SOONER.replace("announced = 2026-03-03T12:00:00+00:00", WHY)
CANCELLED = CLOSING.replace('contact = "', 'cancelled.en = "The lease goes on."\ncontact = "')
REOPENED = CANCELLED.replace("cancelled.en", "reopened.en")


@pytest.fixture
async def announced(rig: Rig) -> Rig:
    """Give a shop whose closing has been announced."""
    rig.time.reach(ANNOUNCED)
    await rig.file(SHOP + CLOSING)
    return rig


async def lines(rig: Rig) -> list[AuditLine]:
    """Give the audit log."""
    async with rig.database.store.reading() as unit:
        return [line async for line in unit.audit.lines()]


async def deeds(rig: Rig) -> list[str]:
    """Name what the audit log says was done."""
    return [line.entry.what for line in await lines(rig)]


def stage(rig: Rig) -> Stage:
    """Tell what people see of Buy."""
    return rig.live().stage("buy", rig.time.at)


async def test_a_removed_table_blocks_only_itself(announced: Rig) -> None:
    """The price of the same edit holds, the closing stays, and admins read what to write, once."""
    for text in (DEARER, DEARER + "\n"):
        reloading = await announced.file(text)
        assert announced.live().catalogue.variants["zine"].price.minor == 500
        assert announced.live().settings.plans["buy"].closes == CLOSES
        (problem,) = reloading.problems
        assert problem.startswith("shop.toml: retirement.buy: was announced and is gone from the file")
        assert 'cancelled = "why"' in problem
    told = [card for card in announced.voice.to("boss") if "gone from the file" in str(card.text)]
    assert len(told) == 1
    assert (await deeds(announced))[-1] == "retire.edit_refused"
    announced.time.reach(CLOSES)
    with pytest.raises(Closed):
        await announced.place()


async def test_the_day_after_it_must_be_taken_back_in_its_own_words(announced: Rig) -> None:
    """Removed or called off after it closed, it stays closed; `reopened` opens it, orders in flight stay as they came to be."""
    announced.time.reach(CLOSES - timedelta(minutes=10))
    unpaid, paid = await announced.place(), await announced.paid(await announced.place(who="bob"))
    announced.time.reach(CLOSES + timedelta(days=1))
    await announced.tick()
    assert 'reopened = "why"' in (await announced.file(SHOP)).problems[0]
    assert "has closed already" in (await announced.file(SHOP + CANCELLED)).problems[0]
    assert stage(announced) is Stage.DRAINING
    assert (await announced.file(SHOP + REOPENED)).problems == ()
    assert (await announced.place(who="cid")).state is State.AWAITING
    assert (await announced.order(unpaid.id)).state is State.EXPIRED
    assert (await announced.order(paid.id)).state is State.PAID
    assert [card.title for card in announced.voice.to("boss")][-1] == "Selling here goes on again"
    assert (await announced.file(SHOP)).problems == (), "what is taken back promises nothing any more"


async def test_called_off_before_it_closes(announced: Rig) -> None:
    """`cancelled` opens for good, and sellers are told with the reason; the table may go then."""
    await announced.file(SHOP + CANCELLED)
    told = announced.voice.to("boss")[-1]
    assert told.title == "The end of selling here was called off"
    assert "The lease goes on." in str(told.text)
    announced.time.reach(CLOSES)
    assert (await announced.place()).state is State.AWAITING
    assert (await announced.file(SHOP)).problems == ()


async def test_a_part_that_ends_sooner_blocks_only_itself(announced: Rig) -> None:
    """Where one platform would close sooner, the edit is refused with what to write; with its reason it holds."""
    part = '\n[[retirement.buy.override]]\nplatform = "slack"\ncloses = 2026-03-20T12:00:00+00:00\n'
    reloading = await announced.file(SHOP + CLOSING + part)
    (problem,) = reloading.problems
    assert "retirement.buy: ends something sooner than was announced" in problem
    announced.time.reach(datetime(2026, 3, 21, 12, tzinfo=UTC))
    assert (await announced.place()).state is State.AWAITING
    assert (
        await announced.file(SHOP + CLOSING.replace("announced = 2026-03-03T12:00:00+00:00", WHY) + part)
    ).problems == ()
    assert (await deeds(announced))[-1] == "retire.edit_part"
    with pytest.raises(Closed):
        await announced.place(who="bob")


async def test_a_later_date_is_told_with_the_old_one(announced: Rig) -> None:
    """Postponed by an edit, with an order in flight: it is paid past the old instant, and sellers read both dates once."""
    announced.time.reach(CLOSES - timedelta(minutes=5))
    order = await announced.place("zine")
    await announced.file(SHOP + LATER)
    announced.time.reach(CLOSES + timedelta(minutes=5))
    await announced.tick()
    assert (await announced.paid(order)).state is State.FULFILLED
    told = announced.voice.to("boss")[-1]
    assert told.title == "The date on which selling here ends has changed"
    assert "10 June 2026" in str(told.text[0])
    assert "10 April 2026" in str(told.text[1])
    assert [card.title for card in announced.voice.to("boss")].count(told.title) == 1


async def test_a_sooner_date_says_why(announced: Rig) -> None:
    """Without a reason the old date stays, and the line of `closes` is named; with one it holds."""
    (problem,) = (await announced.file(SHOP + SOONER)).problems
    line = (SHOP + SOONER).partition("closes =")[0].count("\n") + 1
    assert problem.startswith(f"shop.toml:{line}: retirement.buy.closes: is sooner than 2026-04-10T14:00:00+02:00")
    assert announced.live().settings.plans["buy"].closes == CLOSES
    assert (await announced.file(SHOP + SOONER_WITH_WHY)).problems == ()
    assert announced.live().settings.plans["buy"].closes == CLOSES - timedelta(days=5)


async def test_a_sooner_date_waits_for_an_admin_where_two_are_asked_for(rig: Rig) -> None:
    """With approvals = 2 the edit waits, is shown, and holds once an admin agrees; another edit needs its own word."""
    two = SHOP.replace("[admins]\n", "[admins]\napprovals = 2\n")
    rig.time.reach(ANNOUNCED)
    await rig.file(two + CLOSING)
    reloading = await rig.file(two + SOONER_WITH_WHY)
    assert "/shop retire approve buy" in reloading.problems[0]
    assert "would close sooner" in str(await rig.say("/shop retire", "boss"))
    assert rig.live().settings.plans["buy"].closes == CLOSES
    assert "what you can say" in str(await rig.say("/shop retire approve buy")).casefold()
    assert "Approved" in str(await rig.say("/shop retire approve buy", "boss"))
    await rig.live.refresh()
    await reloading.keep_up()
    assert rig.live().settings.plans["buy"].closes == CLOSES - timedelta(days=5)
    assert reloading.problems == ()
    assert (await rig.file(two + SOONER_WITH_WHY.replace("04-05", "04-04"))).problems != ()
    found = [(line.entry.who, line.entry.what) for line in await lines(rig)]
    assert found == [
        ("config", "retire.edit_begun"),
        ("config", "retire.edit_refused"),
        ("slack:boss", "retire.approve"),
        ("config", "retire.edit_sooner"),
        ("config", "retire.edit_refused"),
    ]


async def test_a_start_remembers_what_was_promised(announced: Rig) -> None:
    """A shop that starts on a file without the table is closed on time all the same, and says what to write."""
    announced.live.swap(announced.live.file)
    announced.world.text = SHOP
    reloading = announced.reloading
    fresh = reloading.read({})
    announced.live.swap(fresh)
    await reloading.begin()
    assert announced.live().settings.plans["buy"].closes == CLOSES
    assert len(reloading.problems) == 1


async def test_a_replica_with_another_file_does_not_judge(announced: Rig) -> None:
    """Whose config is not the active one changes nothing of what was promised, and has the same plans in force."""
    async with announced.database.store.unit() as unit:
        await unit.facts.put("config:active", announced.live.file.digest)
    before = await deeds(announced)
    announced.world.text = SHOP + CANCELLED
    reloading = announced.reloading
    announced.live.swap(reloading.read({}))
    await reloading.keep_up()
    await announced.live.refresh()
    assert await deeds(announced) == before
    assert stage(announced) is Stage.ANNOUNCED


async def test_the_transaction_decides_and_not_the_snapshot(announced: Rig) -> None:
    """Closed or postponed elsewhere a moment ago: what this replica's snapshot says admits nothing and refuses nothing."""
    ctx = await announced.context("boss")
    wanted = wish(ctx, ctx.shop.catalogue.variants["mug/blue"], 1, "")
    await announced.say("/shop retire now buy yes The roof fell in.", "boss")
    assert stage(announced) is Stage.ANNOUNCED, "the snapshot is older"
    with pytest.raises(Closed):
        await ctx.till.selling.place(ctx, wanted)


async def test_the_log_holds(announced: Rig) -> None:
    """Each accepted edit is one chained line with the version of the config, and what was announced before."""
    await announced.file(SHOP + LATER)
    async with announced.database.store.reading() as unit:
        count, _, wrong = await verify(unit.audit.lines())
    assert (count, wrong) == (2, "")
    entry = (await lines(announced))[-1].entry
    assert (entry.who, entry.what, entry.config) == ("config", "retire.edit_later", announced.live.file.digest)
    assert '"before": "2026-04-10T12:00:00+00:00"' in entry.details


class HeardLate:
    """A store whose writers hear only later that what they wrote is committed, as those of a server do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.committed = asyncio.Event()
        self.heard = asyncio.Event()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """Begin a writing unit."""
        async with self._store.unit() as unit:
            yield unit
        self.committed.set()
        await self.heard.wait()

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a unit that only reads."""
        return self._store.reading()

    def surveying(self) -> AbstractAsyncContextManager[Unit]:
        """Begin one that goes through much."""
        return self._store.surveying()

    async def keeps(self, person: str) -> bool:
        """Tell whether news is kept for somebody."""
        return await self._store.keeps(person)


async def test_a_look_that_meets_an_edit_does_not_take_it_back(announced: Rig) -> None:
    """Who looks each second whether something changed, just as an edit is committed, never judges the file before it anew."""
    store = HeardLate(announced.database.store)
    reloading = replace(announced.reloading, store=store)
    announced.world.text = DEARER + LATER
    editing = asyncio.create_task(reloading.reload())
    await store.committed.wait()
    await announced.live.refresh()
    looking = asyncio.create_task(reloading.keep_up())
    store.heard.set()
    await asyncio.gather(editing, looking)
    assert announced.live().catalogue.variants["zine"].price.minor == 500
    assert announced.live().settings.plans["buy"].closes == CLOSES + timedelta(days=61)
    assert (await deeds(announced)).count("retire.edit_later") == 1
    assert reloading.problems == ()
