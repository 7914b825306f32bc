"""The scenes that are stopped at each instant: what happens before, what is stopped, and how a new process goes on.

Each runs in a process of its own, on a database file and a sandbox that outlive it, with the real store, jobs and Stripe
adapter; what people are told, and what they hold, is written to a file.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.database import Database, Patience
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from adapters.stripe.payments import StripePayments
from bot.chat import Answers, Card, Context, Person, Place, Then
from bot.house import House, build
from bot.live import LiveShop
from bot.moving import go
from bot.orders import Buyer, Order, State
from bot.perks import Perk
from bot.ports import Event
from bot.tokens import Signer
from commands.menu import ALIASES, MENU
from commands.replies import Replies
from config.read import check
from config.words import Words
from tests.commands.flat import flat
from tests.conformance.world import KEYS, SHOP
from tests.databases import ready

CONFIG: Final = (
    SHOP.replace('fulfil = "message"', 'fulfil = "message"\nperks = ["club"]')
    + """
[web]
public_url = "https://till.example"

[perk.club]
platform = "slack"
kind = "channel"
target = "CCLUB"
name = "the club"

[notify]
slack = "CSTAFF"

[admins]
slack = ["boss"]
"""
)
#: How far the database's clock is moved on, step by step, in which what is in doubt is found out, and no hold ends.
STEPS: Final = (timedelta(), *(timedelta(minutes=2),) * 6)


class Diary:
    """The port Voice, and Perks, that write down what they did: each has an instant before it, and one after."""

    platform = "slack"

    def __init__(self, file: Path) -> None:
        self._file = file

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person."""
        await self._write(person=buyer.key, key=key, text=flat(card))
        return "sent"

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card."""
        await self._write(person="", key=key, text=flat(card))
        return f"{channel} {key}"

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a card."""
        await self._write(person="", key=f"{channel} {reference}", text=flat(card))

    async def grant(self, buyer: Buyer, perk: Perk) -> None:
        """Give a perk."""
        await self._write(holder=buyer.user, perk=perk.target, held=True)

    async def revoke(self, buyer: Buyer, perk: Perk) -> None:
        """Take a perk."""
        await self._write(holder=buyer.user, perk=perk.target, held=False)

    async def _write(self, **what: object) -> None:
        await asyncio.sleep(0)
        line = json.dumps({"at": time.time(), **what}) + "\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
        await asyncio.sleep(0)


@dataclass
class Stage:
    """A shop without its doors, as one process has it."""

    folder: Path
    house: House
    database: Database
    payments: Mapping[str, StripePayments]
    clock: Clock

    async def say(self, text: str, who: str, key: str) -> Card:
        """Say something that is answered with a card."""
        ctx = self._context(who, key)
        opened = self.house.conversation.hear(ctx, text)
        assert isinstance(opened, Then), opened
        return await self.house.conversation.run(ctx, opened)

    async def press(self, action: str, value: str, who: str, key: str) -> Card:
        """Press a button."""
        ctx = self._context(who, key)
        opened = self.house.conversation.press(ctx, action, Answers.of(value=value))
        assert isinstance(opened, Then), opened
        return await self.house.conversation.run(ctx, opened)

    async def order(self) -> Order:
        """Give the one order."""
        async with self.database.store.reading() as unit:
            return next(iter(await unit.orders.newest()))

    async def events(self) -> list[Event]:
        """Give what Stripe would send of it: that a session is complete."""
        since = datetime.now(UTC) - timedelta(hours=1)
        found = [event for payments in self.payments.values() for event in await payments.events(since=since)]
        return [event for event in found if event.type == "checkout.session.completed"]

    async def hear(self, events: list[Event]) -> None:
        """Take webhooks, and note that they were answered with 200; then do what follows."""
        for event in events:
            await self.house.settling.receive(event)
            (self.folder / "answered").touch()
        await self.database.jobs.drain()

    async def go_on(self) -> None:
        """Do all that is due, as time passes."""
        for step in STEPS:
            self.clock.ahead += step
            with (self.folder / "moves").open("a") as file:
                file.write(json.dumps([time.time(), self.clock.ahead.total_seconds()]) + "\n")
            await self.database.jobs.drain()

    def _context(self, who: str, key: str) -> Context:
        person = Person("slack", f"T1/{who}", who, "T1", locale="en")
        return self.house.conversation.context(person, Place("slack", "T1", "C1"), key=key)


@dataclass
class Clock:
    """The database's clock and the calendar's."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Tell the instant."""
        return datetime.now(UTC) + self.ahead

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: both clocks are ahead."""
        return instant


@asynccontextmanager
async def stage(folder: Path, stripe: str) -> AsyncIterator[Stage]:
    """Set the stage on what is there."""
    clock, diary = Clock(), Diary(folder / "diary")
    payments = {
        account: StripePayments(account=account, key=key, base=stripe)
        for account, key in zip(("", "water"), KEYS.values(), strict=True)
    }
    url = ready(folder / "shop.sqlite3")
    patience = Patience(first=0.01, most=0.05)
    async with await Database.open(url, clock=clock.now, patience=patience) as database:
        live = LiveShop(_SETTINGS, store=database.store, search=FuzzySearch, test_money=lambda: True, minimums=MINIMUMS)
        await live.refresh()
        house = build(
            store=database.store,
            jobs=database.jobs,
            payments=payments.__getitem__,
            shop=live,
            clock=clock,
            signer=Signer("a secret of the tests, long enough"),
            language=_WORDS,
            cards=Replies(),
            menu=MENU,
            aliases=ALIASES,
            voices=lambda: {"slack": diary},
            perks=lambda: {"slack": diary},
            problems=tuple,
            refresh=live.refresh,
        )
        try:
            yield Stage(folder, house, database, payments, clock)
        finally:
            for each in payments.values():
                await each.aclose()


Part = Callable[[Stage], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Scene:
    """`before` is played first, and then the order paid at Stripe if it `pays`; after `meanwhile`, `work` is stopped."""

    before: Part
    work: Callable[[Stage], Coroutine[Any, Any, Coroutine[Any, Any, None]]]
    #: What comes again in the process that goes on: an interaction that a platform delivers again, a webhook.
    again: Part
    pays: bool = False
    meanwhile: Part | None = None


def _asks(text: str) -> Part:
    async def ask(on: Stage) -> None:
        card = await on.say(text, "ann", "the wish")
        assert card.order, flat(card)

    return ask


async def _nothing(_: Stage) -> None:
    return


async def _hears(on: Stage) -> Coroutine[Any, Any, None]:
    return on.hear(await on.events())


async def _hears_again(on: Stage) -> None:
    """Take webhooks that were never answered, as Stripe sends them again; those that were are not."""
    if not (on.folder / "answered").exists():
        await on.hear(await on.events())


async def _settles(on: Stage) -> None:
    await on.hear(await on.events())
    (on.folder / "answered").unlink()


async def _ends(on: Stage) -> None:
    """End the order on our side although its session is paid: its answer had been lost for good."""
    async with on.database.store.unit() as unit:
        order = await go(unit, next(iter(await unit.orders.newest())), State.EXPIRED, "session expired")
        await on.house.settling.tell(unit, order, "expired")
    await on.database.jobs.drain()


def _does(part: Part) -> Callable[[Stage], Coroutine[Any, Any, Coroutine[Any, Any, None]]]:
    async def does(on: Stage) -> Coroutine[Any, Any, None]:
        return part(on)

    return does


async def _refund(on: Stage) -> None:
    await on.say(f"/shop refund {(await on.order()).id}", "boss", "the refund")
    await on.database.jobs.drain()


async def _cancel(on: Stage) -> None:
    await on.press("orders.cancel", (await on.order()).id, "ann", "the cancelling")
    await on.database.jobs.drain()


_WORDS: Final = Words.load()
_SETTINGS: Final = check(CONFIG, "shop.toml")
_MUGS: Final = _asks("/buy mug blue 2 code WELCOME10")

SCENES: Final[Mapping[str, Scene]] = {
    "placed": Scene(_nothing, _does(_MUGS), _MUGS),
    "paid": Scene(_asks("/buy zine"), _hears, _hears_again, pays=True),
    "given monthly": Scene(_asks("/donate 10 to kitchen monthly"), _hears, _hears_again, pays=True),
    "cancelled": Scene(_asks("/buy print"), _does(_cancel), _cancel),
    "refunded": Scene(_asks("/buy zine"), _does(_refund), _refund, pays=True, meanwhile=_settles),
    "paid late": Scene(_asks("/buy zine"), _hears, _hears_again, pays=True, meanwhile=_ends),
}
