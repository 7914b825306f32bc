"""A rehearsal, put together: a copy of the database that is thrown away, its own clock, and nobody outside."""

from __future__ import annotations

import logging
import secrets
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.database.backup import back_up, is_server
from adapters.database.database import Database
from adapters.database.sqlite_jobs import SqliteJobs
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from bot.app import plugins
from bot.checkouts import PAUSE
from bot.closing import Liability, gather, liabilities
from bot.deleting import overdue
from bot.house import House, build
from bot.live import LiveShop
from bot.orders import Order, State
from bot.rehearsing import (
    Account,
    Message,
    Movement,
    NotedPerks,
    NotedVoice,
    Passing,
    Play,
    Played,
    PlayedClock,
    Promise,
    promises,
)
from bot.rehearsing.play import LAST
from bot.rehearsing.promises import closing_of
from bot.reloading import Reloading, tombstones
from bot.retirement import Capability, Plan
from bot.settings import Settings
from bot.tokens import Signer
from commands.menu import ALIASES, MENU
from commands.replies import Replies
from config.changes import changes
from config.read import read
from config.words import Words

#: Of so many checkouts that are open at the closing one is paid in the last second.
ONE_IN: Final = 10
#: How long a checkout that is open at the closing would still have gone on.
STILL: Final = timedelta(minutes=30)
#: Checkouts that are held open in one unit.
_ARMFUL: Final = 200
_PLATFORMS: Final = ("web", "slack", "discord")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a rehearsal."""

    begun: datetime
    ended: datetime
    settings: Settings
    plans: Sequence[Plan]
    messages: Sequence[Message]
    moved: Sequence[Movement]
    promises: Sequence[Promise]
    #: What would still be owed at the end.
    left: Sequence[Liability]
    #: How many orders were in the copy.
    orders: int


async def rehearse(config: Path, url: str, passing: Callable[[datetime, datetime, datetime], None]) -> Rehearsed:
    """Play the calendar of every retirement in `config` on a copy of a database; `passing` is told begin, now and end.

    A server's database is read, and copied to a file. Raises BadConfig, StoreUnavailable, and ValueError for an address
    that is none.
    """
    settings = read(config)
    clock = PlayedClock(datetime.now(UTC))
    with tempfile.TemporaryDirectory(prefix="tillbot-rehearsal-") as folder, _quiet():
        copy = Path(folder) / "copy.sqlite3"
        orders = await _copy(url, copy)
        async with _stage(config, settings, copy, clock) as stage:
            return await stage.play(passing, orders)


async def _copy(url: str, copy: Path) -> int:
    """Copy the shop's database to a file, and give how many orders are in it."""
    if not is_server(url):
        return back_up(url, copy).orders
    from adapters.database.transfer import copy_down

    return next(carried.rows for carried in await copy_down(url, copy) if carried.table == "orders")


@dataclass
class _Stage:
    """The copy, opened, and all that takes part."""

    database: Database
    jobs: SqliteJobs
    house: House
    live: LiveShop
    clock: PlayedClock
    accounts: dict[str, Account]
    messages: list[Message]
    #: The orders as the copy had them, by number.
    before: dict[str, Order]

    async def play(self, passing: Callable[[datetime, datetime, datetime], None], orders: int) -> Rehearsed:
        begun = self.clock.at
        plans = [plan for plan in self.live().settings.plans.values() if plan.standing not in _HALTED]
        before = self.before
        parked = {str(job.id) for job in await self.jobs.parked()}
        paying, before = await self._remember(plans, before)
        excused = await self._excused(before)
        play = Play(
            house=self.house,
            jobs=self.jobs,
            clock=self.clock,
            accounts=self.accounts,
            plans=plans,
            refresh=self.live.refresh,
            next_job=self.jobs.next_due,
            paying=paying,
        )
        until = play.until
        if plans:
            told: Passing = lambda at: passing(begun, at, until)  # noqa: E731 - a word for what is told
            await play.run(told)
        after = await _orders(self.database)
        left = await self._left(plans)
        moved = sorted((each for account in self.accounts.values() for each in account.moved), key=lambda each: each.at)
        played = Played(
            plans=plans,
            before=before,
            after=after,
            moved=moved,
            asked=[each for account in self.accounts.values() for each in account.asked],
            messages=self.messages,
            left=left,
            excused=excused | parked,
        )
        return Rehearsed(
            begun, self.clock.at, self.live().settings, plans, self.messages, moved, promises(played), left, orders
        )

    async def _remember(
        self, plans: Sequence[Plan], before: Mapping[str, Order]
    ) -> tuple[Mapping[datetime, Sequence[tuple[str, str]]], dict[str, Order]]:
        """Hold what is open until its closing, tell the accounts what the rows say, and choose who pays at the last second."""
        held = await self._hold_open(plans, before)
        orders = {**before, **held}
        async with self.database.store.reading() as unit:
            for order in orders.values():
                if order.state in {State.DRAFT, State.EXPIRED, State.CANCELLED} and not order.late_payment:
                    continue
                entries = await unit.refunds.of(order.id) if order.refunded else ()
                fought = order.disputed or order.disputed_away is not None
                disputes = await unit.disputes.of(order.payment_intent) if fought and order.payment_intent else ()
                self.accounts[order.account].remember(order, entries, disputes)
            for kind in ("buy", "donate"):
                for pledge in await unit.pledges.running(kind):
                    self.accounts[pledge.account].remember_pledge(pledge)
        paying: dict[datetime, list[tuple[str, str]]] = defaultdict(list)
        for order in list(held.values())[::ONE_IN]:
            paying[order.expires - STILL - LAST].append((order.account, order.session))
        return paying, orders

    async def _hold_open(self, plans: Sequence[Plan], before: Mapping[str, Order]) -> dict[str, Order]:
        """Let the checkouts that are open now stand for those that are open at the closing: until a while after it."""
        held: dict[str, Order] = {}
        for order in before.values():
            if order.kind != "buy" or order.state is not State.AWAITING or order.ending or not order.session:
                continue
            ends = closing_of(plans, order, Capability.COMPLETE_OPEN)
            if ends is not None and ends - LAST > self.clock.at:
                held[order.id] = replace(order, expires=ends + STILL)
        some = list(held.values())
        for begin in range(0, len(some), _ARMFUL):
            async with self.database.store.unit() as unit:
                for order in some[begin : begin + _ARMFUL]:
                    await unit.orders.save(order)
                    await self.jobs.defer(unit, "hold", {"order": order.id}, at=order.expires + PAUSE)
        return held

    async def _excused(self, before: Mapping[str, Order]) -> set[str]:
        """Name what only people or banks can settle, and nobody does in a rehearsal: refunds that wait, and disputes."""
        async with self.database.store.reading() as unit:
            refunds, disputes = await unit.refunds.undone(), await unit.disputes.open()
        fought = {dispute.payment_intent for dispute in disputes}
        return {
            *(entry.id for entry in refunds),
            *(entry.order for entry in refunds),
            *(dispute.id for dispute in disputes),
            *(order.id for order in before.values() if order.disputed or order.payment_intent in fought),
        }

    async def _left(self, plans: Sequence[Plan]) -> Sequence[Liability]:
        found = await gather(self.database.store, self.jobs)
        listed = {(each.kind, each.number): each for plan in plans for each in liabilities(found, plan)}
        async with self.database.store.reading() as unit:
            return (*listed.values(), *await overdue(unit, plans, unit.now))


_HALTED: Final = frozenset({"rolled_back", "cancelled", "paused"})


@asynccontextmanager
async def _stage(config: Path, settings: Settings, copy: Path, clock: PlayedClock) -> AsyncIterator[_Stage]:
    """Open the copy with everybody who takes part; the file's retirements are judged as at a start."""
    words = Words.load(settings.default_locale, more=plugins.locales())
    messages: list[Message] = []
    async with await Database.open(f"sqlite:///{copy}", clock=clock, lasting=False) as database:
        jobs = database.jobs
        if not isinstance(jobs, SqliteJobs):
            raise TypeError("a copy is on SQLite")
        before = await _orders(database)
        accounts = _accounts(before.values(), settings, clock)
        platforms = {
            *_PLATFORMS,
            *settings.notify,
            *settings.admins,
            *(each.buyer.platform for each in before.values()),
        }
        voices = {name: NotedVoice(name, clock, messages) for name in platforms}
        perks = {name: NotedPerks(name) for name in platforms}
        settings = read(config, tombstones=await tombstones(database.store))
        live = LiveShop(settings, store=database.store, search=FuzzySearch, test_money=lambda: False, minimums=MINIMUMS)
        house = build(
            store=database.store,
            jobs=jobs,
            payments=accounts.__getitem__,
            shop=live,
            clock=clock,
            signer=Signer(secrets.token_urlsafe(32)),  # what it signs is good for nothing outside
            language=words,
            cards=Replies(),
            menu=plugins.menu(MENU),
            aliases=ALIASES,
            voices=lambda: voices,
            perks=lambda: perks,
            problems=tuple,
            refresh=live.refresh,
        )

        def again(graves: Mapping[str, str]) -> Settings:
            return read(config, tombstones=graves)

        await live.refresh()
        await Reloading(again, changes, live, database.store, house.telling).begin()
        await live.refresh()
        yield _Stage(database, jobs, house, live, clock, accounts, messages, before)


async def _orders(database: Database) -> dict[str, Order]:
    """Give every order by its number, the oldest first."""
    async with database.store.reading() as unit:
        return {order.id: order for order in await unit.orders.standing(frozenset(State))}


def _accounts(orders: Iterable[Order], settings: Settings, clock: PlayedClock) -> dict[str, Account]:
    """Make an account for each that the config or an order names, live where its orders are."""
    live = {order.account: order.livemode for order in orders}  # as the newest has it
    names = {*settings.account_keys, *live, ""}
    return {name: Account(name, livemode=live.get(name, False), clock=clock) for name in names}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what is only played out of the logs, lest somebody takes it for true."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
