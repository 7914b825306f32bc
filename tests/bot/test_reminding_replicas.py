"""Two replicas on one server remind everybody once between them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from adapters.database import Database
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from bot.chat import Card
from bot.house import House, build
from bot.live import LiveShop
from bot.orders import Buyer, State
from bot.rounds import Outcome, outcomes
from bot.tokens import Signer
from commands.menu import ALIASES, MENU
from commands.replies import Replies
from config.read import check
from config.words import Words
from tests.bot.rig import SHOP
from tests.conformance.world import eventually
from tests.contracts.samples import an_order
from tests.fakes.payments import FakePayments
from tests.fakes.perks import FakePerks
from tests.fakes.voice import FakeVoice

PEOPLE = 200
CLOSING = """
[retirement.buy]
announced = {announced}
closes = {closes}
reason.en = "The lease ends."

[retirement.buy.reminders]
days = [7]
quiet_from = 00:00:00
quiet_until = 00:00:00
"""


class Clock:
    """The calendar's clock, where it is today."""

    def now(self) -> datetime:
        """Tell the instant (UTC)."""
        return datetime.now(UTC)

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: both clocks are one."""
        return instant


class Distant(FakeVoice):
    """A platform that takes a moment, in which others have their turn."""

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person."""
        await asyncio.sleep(0.005)
        return await FakeVoice.tell(self, buyer, card, key=key)


@asynccontextmanager
async def replica(url: str, text: str, voice: FakeVoice) -> AsyncIterator[tuple[Database, House]]:
    """Run a replica of the shop: its ticks and its jobs."""
    async with await Database.open(url) as database:
        live = LiveShop(
            check(text, "shop.toml"),
            store=database.store,
            search=FuzzySearch,
            test_money=lambda: True,
            minimums=MINIMUMS,
        )
        house = build(
            store=database.store,
            jobs=database.jobs,
            payments=FakePayments,
            shop=live,
            clock=Clock(),
            signer=Signer("a secret of the test, long enough"),
            language=Words.load(),
            cards=Replies(),
            menu=MENU,
            aliases=ALIASES,
            voices=lambda: {voice.platform: voice},
            perks=lambda: {"slack": FakePerks()},
            problems=tuple,
            refresh=live.refresh,
        )
        yield database, house


async def _sell(database: Database, now: datetime) -> None:
    async with database.store.unit() as unit:
        for n in range(PEOPLE):
            buyer = Buyer("slack", f"T1/U{n}", f"U{n}", "T1", "en")
            order = an_order(f"O{n}", buyer=buyer, state=State.FULFILLED, paid_at=now - timedelta(days=7))
            await unit.orders.add(order, "new")


async def _come_again(database: Database, closing: str) -> None:
    """Have each job of the round come once more at the same time, as one does whose process is taken to be dead."""
    async with database.store.unit() as unit:
        for lane in ("slack:0", "slack:1", "slack:seats"):
            await database.jobs.defer(unit, "remind", {"closing": closing, "days": 7, "lane": lane})


async def _ended(database: Database, *houses: House) -> bool:
    """Let both replicas tick, and tell whether the round has ended."""
    await asyncio.gather(*(house.reminding.tick() for house in houses))
    async with database.store.reading() as unit:
        return bool(await unit.rounds.newest()) and not await unit.rounds.running()


async def test_two_replicas_tell_each_person_once(postgresql_url: str) -> None:
    """Both see the step come due and both do jobs, some of which come twice: each person and each seat is told once."""
    now = datetime.now(UTC)
    closes = now + timedelta(days=7) - timedelta(hours=1)
    announced = now - timedelta(days=40)
    text = SHOP + CLOSING.format(announced=announced.isoformat(), closes=closes.isoformat())
    voices = Distant(), Distant()
    async with (
        replica(postgresql_url, text, voices[0]) as (database, one),
        replica(postgresql_url, text, voices[1]) as (second, two),
    ):
        await _sell(database, now)
        # both look before either has written: one of them opens the round
        await asyncio.gather(one.reminding.tick(), two.reminding.tick())
        await _come_again(database, f"buy:{closes.isoformat()}")
        working = [asyncio.create_task(each.jobs.run()) for each in (database, second)]
        try:
            await eventually(lambda: _ended(database, one, two), "the round goes on", within=90)
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
        async with database.store.reading() as unit:
            counted, rounds = outcomes(await unit.rounds.tallies()), await unit.rounds.newest()
    assert len(rounds) == 1
    told = Counter(each.person for voice in voices for each in voice.told if each.key.startswith("remind:"))
    assert told == Counter(f"T1/U{n}" for n in range(PEOPLE))
    assert counted == {Outcome.TOLD: PEOPLE + 2}
    seats = [card.title for voice in voices for card in voice.posted.values()]
    assert seats.count("A reminder: selling here will end") == 1
