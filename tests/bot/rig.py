"""The house on a real database, with a payment provider, a voice and clocks that a test plays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from adapters.database import Database
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from bot.chat import Answers, Card, Context, Form, Opening, Person, Place, Then
from bot.granting import Granting
from bot.house import House, build
from bot.live import LiveShop
from bot.orders import Move, Order, Pledge
from bot.ports import News
from bot.posting import Posting
from bot.reloading import Reloading
from bot.selling import wish
from bot.settings import Settings
from bot.shop import Stock
from bot.tokens import Signer
from commands.menu import ALIASES, MENU
from commands.replies import Replies
from config.changes import changes
from config.read import check
from config.words import Words
from tests.databases import ready
from tests.fakes.links import FakeLinks
from tests.fakes.payments import FakePayments
from tests.fakes.perks import FakePerks
from tests.fakes.voice import FakeVoice

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

SHOP: Final = """\
[shop]
name = "Test Harbour"
homepage = "https://harbour.example/"
currency = "EUR"
zone = "Europe/Paris"

[seller]
name = "Test Association"
address = "1 Test Quay"
support = "help@harbour.example"
refunds.en = "Return it within 14 days."
refunds.fr = "Retour sous 14 jours."

[product.mug]
name = "Mug"
price = "12.50"
fulfil = "ship"
limit = 6

[product.mug.variant.blue]
name = "blue"
stock = 8

[product.mug.variant.white]
name = "white"
stock = 25

[product.print]
name = "Lighthouse print"
price = "45.00"
stock = 1

[product.zine]
name = "Knots zine"
price = "4.00"
fulfil = "message"
message = "Here it is: https://harbour.example/zine"

[product.badge]
name = "Badge"
price = "0.20"

[cause.water]
name = "Clean water"
recipient = "Test Water Trust"
registration = "W1"
presets = ["10.00", "25.00"]
goal = "500.00"
fee_fixed = "0.25"
stripe_key_env = "WATER_STRIPE_KEY"

[cause.kitchen]
name = "Community kitchen"
recipient = "Test Association"
registration = "W2"

[coupon.WELCOME10]
percent = 10
minimum = "10.00"

[coupon.MUGS]
amount = "2.00"
products = ["mug"]
until = 2026-03-02

[[shipping]]
name.en = "Post"
name.fr = "La Poste"
countries = ["FR"]
price = "4.50"

[[shipping]]
name.en = "Post, neighbours"
name.fr = "La Poste, pays voisins"
countries = ["AT", "DE", "NL"]
price = "7.90"

[notify]
slack = "C-STAFF"

[admins]
slack = ["boss"]
"""

CLOSING: Final = """
[retirement.buy]
announced = 2026-03-03T12:00:00+00:00
closes = 2026-04-10T12:00:00+00:00
reason.en = "The lease ends."
reason.fr = "Le bail prend fin."
contact = "help@harbour.example"

[[retirement.buy.alternative]]
name = "The market"
url = "https://market.example/"
"""


@dataclass
class Time:
    """A clock that stands still until it is moved; each look at it takes a microsecond."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        """Tell the time."""
        self.at += timedelta(microseconds=1)
        return self.at

    def now(self) -> datetime:
        """Tell the time, as the calendar's clock does."""
        return self()

    def shows(self, instant: datetime) -> datetime:
        """Give the instant as it is: both clocks are one."""
        return instant

    def pass_(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)

    def reach(self, at: datetime) -> None:
        """Let time pass until then."""
        self.at = at


@dataclass
class World:
    """What outlives a restart of the shop: its file, its clocks, the provider, the people."""

    folder: Path
    text: str = SHOP
    time: Time = field(default_factory=Time)
    voice: FakeVoice = field(default_factory=FakeVoice)
    perks: FakePerks = field(default_factory=FakePerks)
    links: FakeLinks = field(default_factory=FakeLinks)
    payments: dict[str, FakePayments] = field(default_factory=dict)
    livemode: bool = True
    #: Whether what is written waits for the disk, as in a shop; a test needs no more than that it is written.
    lasting: bool = False
    #: The database, which has a clock of its own; where it says nothing, a file in the folder, with the clock of this world.
    url: str = ""

    def __post_init__(self) -> None:
        for account in ("", "water"):
            fake = FakePayments(account, livemode=self.livemode, clock=self.time)
            self.payments.setdefault(account, fake)


@dataclass
class Rig:
    """A running shop."""

    world: World
    house: House
    database: Database
    live: LiveShop
    _keys: count[int] = field(default_factory=count)

    @property
    def time(self) -> Time:
        """Both clocks, the database's and the calendar's."""
        return self.world.time

    @property
    def stripe(self) -> FakePayments:
        """The shop's own account."""
        return self.world.payments[""]

    @property
    def water(self) -> FakePayments:
        """The account of the cause that has its own."""
        return self.world.payments["water"]

    @property
    def voice(self) -> FakeVoice:
        """What people were told."""
        return self.world.voice

    @property
    def posting(self) -> Posting:
        """The public cards."""
        return self.house.telling.till.posting

    @property
    def granting(self) -> Granting:
        """The perks."""
        return self.house.telling.till.granting

    @property
    def perks(self) -> FakePerks:
        """What people hold on the platform."""
        return self.world.perks

    def edit(self, text: str) -> None:
        """Put another config in force."""
        self.live.swap(check(text, "shop.toml"))

    @property
    def reloading(self) -> Reloading:
        """What keeps the shop in step with its file, which is the world's text."""

        def read(graves: Mapping[str, str]) -> Settings:
            return check(self.world.text, "shop.toml", tombstones=graves)

        return Reloading(read, changes, self.live, self.database.store, self.house.telling)

    async def file(self, text: str) -> Reloading:
        """Save another config, and let it be read, judged, and followed."""
        self.world.text = text
        reloading = self.reloading
        await reloading.reload()
        await self.tick()
        return reloading

    async def context(
        self, who: str = "ann", *, locale: str = "en", key: str = "", address: str = "", channel: str = "C-HERE"
    ) -> Context:
        """Begin an interaction, on a fresh snapshot."""
        await self.live.refresh()
        await self.house.telling.till.banners.refresh()
        await self.house.telling.till.brownouts.refresh()
        await self.house.telling.till.clicks.refresh()
        person = Person("slack", who, who, locale=locale, address=address)
        place = Place("slack", channel=channel, private=not channel.startswith("C"))
        return self.house.conversation.context(person, place, key=key or f"i{next(self._keys)}")

    async def say(
        self, text: str, who: str = "ann", *, locale: str = "en", key: str = "", channel: str = "C-HERE"
    ) -> Card:
        """Say something that is answered with a card."""
        ctx = await self.context(who, locale=locale, key=key, channel=channel)
        return await self._card(ctx, self.house.conversation.hear(ctx, text))

    async def form(self, text: str, who: str = "ann", *, locale: str = "en") -> Form:
        """Say something that is answered with a form."""
        opened = self.house.conversation.hear(await self.context(who, locale=locale), text)
        assert isinstance(opened, Form)
        return opened

    async def press(
        self, action: str, value: str = "", who: str = "ann", *, locale: str = "en", key: str = "", **more: str
    ) -> Card:
        """Press a button, or submit a form."""
        ctx = await self.context(who, locale=locale, key=key)
        return await self._card(ctx, self.house.conversation.press(ctx, action, Answers.of(value=value, **more)))

    async def _card(self, ctx: Context, opened: Opening) -> Card:
        if isinstance(opened, Then):
            return await self.house.conversation.run(ctx, opened)
        assert isinstance(opened, Card), opened
        return opened

    async def place(self, variant: str = "mug/blue", quantity: int = 1, who: str = "ann", *, key: str = "") -> Order:
        """Order something through the use case."""
        ctx = await self.context(who, key=key)
        wanted = wish(ctx, ctx.shop.catalogue.variants[variant], quantity, "")
        return await ctx.till.selling.place(ctx, wanted)

    async def deliver(self) -> None:
        """Bring every event that the provider has, and do all that is due."""
        while True:
            events = [event for payments in self.world.payments.values() for event in payments.news()]
            for event in events:
                await self.house.settling.receive(event)
            await self.database.jobs.drain()
            if not events:
                return

    async def post(self, subject: str = "mug", channel: str = "C-SHOP", *, key: str = "") -> None:
        """Let the admin post a public card."""
        await self.say(f"/shop post {subject} #{channel}", "boss", key=key)
        await self.deliver()

    async def keep_step(self) -> None:
        """Let the tick of posted cards pass, on a fresh snapshot, and do what follows."""
        await self.live.refresh()
        await self.posting.tick()
        await self.deliver()

    async def tick(self) -> None:
        """Let the calendar's second pass, and do what follows."""
        await self.house.retiring.tick()
        await self.deliver()

    async def paid(self, order: Order, **how: int | str) -> Order:
        """Pay an order, and let the shop hear of it."""
        payments = self.world.payments[order.account]
        payments.pay(order.session, **how)  # type: ignore[arg-type]  # passed on as it is
        await self.deliver()
        return await self.order(order.id)

    async def order(self, number: str) -> Order:
        """Give an order as it is."""
        async with self.database.store.reading() as unit:
            order = await unit.orders.get(number)
        assert order is not None
        return order

    async def history(self, number: str) -> Sequence[Move]:
        """Give an order's history."""
        async with self.database.store.reading() as unit:
            return await unit.orders.history(number)

    async def mine(self, who: str = "ann") -> Sequence[Order]:
        """Give a person's orders, newest first."""
        async with self.database.store.reading() as unit:
            return await unit.orders.of(f"slack:{who}")

    async def pledge(self, number: str) -> Pledge:
        """Give a monthly gift."""
        async with self.database.store.reading() as unit:
            pledge = await unit.pledges.get(number)
        assert pledge is not None
        return pledge

    async def stock(self, variant: str = "mug/blue") -> Stock:
        """Give a variant's counts."""
        async with self.database.store.reading() as unit:
            return await unit.stock.of(variant)

    async def news(self, who: str = "ann") -> Sequence[News]:
        """Give a person's news, told or not."""
        async with self.database.store.reading() as unit:
            return await unit.news.since(f"slack:{who}", 0)

    async def kinds(self, who: str = "ann") -> list[str]:
        """Name the kinds of a person's news, oldest first."""
        return [news.kind for news in await self.news(who)]


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[Rig]:
    """Open the shop on its file; again on the same world is a restart."""
    url = world.url or ready(world.folder / "till.sqlite3")
    async with await Database.open(url, clock=None if world.url else world.time, lasting=world.lasting) as database:
        live = LiveShop(
            check(world.text, "shop.toml"),
            store=database.store,
            search=FuzzySearch,
            test_money=lambda: not world.livemode,
            minimums=MINIMUMS,
        )
        await live.refresh()
        house = build(
            store=database.store,
            jobs=database.jobs,
            payments=world.payments.__getitem__,
            shop=live,
            clock=world.time,
            signer=Signer("a secret of the test, long enough"),
            language=Words.load(),
            cards=Replies(),
            menu=MENU,
            aliases=ALIASES,
            voices=lambda: {world.voice.platform: world.voice},
            perks=lambda: {world.perks.platform: world.perks},
            problems=tuple,
            refresh=live.refresh,
            links=world.links,
            feeds=("google", "meta"),
        )
        yield Rig(world, house, database, live)
