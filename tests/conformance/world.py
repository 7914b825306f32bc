"""A shop that runs for a test: the real composition root, a sandbox Stripe, one door, and a config that can be edited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint
from bot.app import App, Plan
from bot.orders import Order
from bot.settings import Settings
from tests.adapters.sandbox.buyer import CARD, Buyer, Seen
from tests.conformance.doors import ChannelDoor, Door
from tests.databases import ready

KEYS = {"STRIPE_API_KEY": "sk_test_shop", "WATER_STRIPE_KEY": "sk_test_water"}
HOOKS = {"STRIPE_WEBHOOK_SECRET": "whsec_shop_0123456789", "WATER_STRIPE_KEY_WEBHOOK_SECRET": "whsec_water_0123456789"}

SHOP = """
[shop]
name = "Example Harbour Shop"
homepage = "https://harbour.example/"
currency = "EUR"
default_locale = "en"
zone = "Europe/Paris"

[seller]
name = "Example Harbour Association"
address = "1 Example Quay"
support = "shop@harbour.example"
terms = "https://harbour.example/terms"
refunds.en = "You can return anything within 14 days."
refunds.fr = "Vous pouvez tout retourner dans les 14 jours."

[product.mug]
name = "Mug"
price = "12.50"
fulfil = "ship"
limit = 6

[product.mug.variant.blue]
name = "blue"
stock = 40

[product.mug.variant.white]
name = "white"
stock = 25

[product.print]
name = "Lighthouse print"
price = "45.00"
stock = 1
fulfil = "none"

[product.zine]
name = "Knots zine"
price = "4.00"
fulfil = "message"
message = "Here is your zine: https://harbour.example/zines/twelve-knots.pdf"

[product.sticker]
name = "Sticker"
price = "0.20"

[cause.water]
name = "Clean water"
description = "Wells and pumps."
recipient = "Example Clean Water Trust"
registration = "W000000001"
presets = ["10", "25"]
goal = "500.00"
stripe_key_env = "WATER_STRIPE_KEY"

[cause.kitchen]
name = "Community kitchen"
description = "A warm meal."
recipient = "Example Harbour Association"
registration = "W000000002"
presets = ["5", "12"]

[coupon.WELCOME10]
percent = 10

[[shipping]]
name.en = "Post"
name.fr = "La Poste"
countries = ["FR", "DE"]
price = "4.50"

[[shipping]]
name.en = "Post, neighbours"
name.fr = "La Poste, pays voisins"
countries = ["AT", "NL"]
price = "7.90"
"""

#: A retirement that tells people at any hour: a test is the same by day and by night. More lines are of its reminders.
RETIREMENT = """
[retirement.buy]
announced = {announced}
closes = {closes}
zone = "Europe/Paris"
short_notice_reason = "The platform gave short notice."
reason.en = "The platform no longer offers buying."
reason.fr = "La plateforme ne propose plus l’achat."
contact = "shop@harbour.example"

[[retirement.buy.alternative]]
name = "Facebook Shop"
url = "https://www.facebook.com/business/shops"

[[retirement.buy.alternative]]
name = "Pinterest"
url = "https://www.pinterest.com/"

[[retirement.buy.alternative]]
name = "Messenger"
url = "https://www.messenger.com/"

[[retirement.buy.alternative]]
name = "Amazon"
url = "https://www.amazon.com/"

[retirement.buy.reminders]
quiet_from = 00:00:00
quiet_until = 00:00:00
"""


@dataclass
class MovingClock:
    """The calendar's clock, moved by the test."""

    shift: timedelta = timedelta()

    def now(self) -> datetime:
        """Tell the instant."""
        return datetime.now(UTC) + self.shift

    def shows(self, instant: datetime) -> datetime:
        """Tell what it shows at an instant of the database's clock."""
        return instant + self.shift


@dataclass
class World:
    """A running shop with its sandbox and one door."""

    folder: Path
    door: Door
    sandbox: Sandbox
    buyer: Buyer
    clock: MovingClock = field(default_factory=MovingClock)
    public_url: bool = True
    #: The address of its database; a file of its own where left out.
    database: str = ""
    _app: App | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    @property
    def app(self) -> App:
        """The running shop."""
        if self._app is None:
            raise RuntimeError("the shop is not running")
        return self._app

    @property
    def config(self) -> Path:
        """The config file, to be edited."""
        return self.folder / "shop.toml"

    async def start(self) -> None:
        """Open the shop, and wait until it serves."""
        if not self.config.exists():
            self.config.write_text(SHOP + self.door.config(), encoding="utf-8")
        environ = {
            **KEYS,
            **HOOKS,
            "STRIPE_API_BASE": self.sandbox.base,
            "TILLBOT_SECRET": "a secret of the tests, long enough",
            **self.door.environ(),
        }
        plan = Plan(
            config=self.config,
            database=self.database or ready(self.folder / "shop.sqlite3"),
            environ=environ,
            host="127.0.0.1",
            port=0,
            sandbox=True,
            adjust=self._adjust,
            clock=self.clock,
        )
        self._stop = asyncio.Event()
        opened: asyncio.Future[App] = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._serve(plan, opened))
        self._running.add_done_callback(lambda ended: _pass_on(ended, opened))
        self._app = await opened
        for account, key, hook in (
            ("", KEYS["STRIPE_API_KEY"], HOOKS["STRIPE_WEBHOOK_SECRET"]),
            ("water", KEYS["WATER_STRIPE_KEY"], HOOKS["WATER_STRIPE_KEY_WEBHOOK_SECRET"]),
        ):
            path = f"/stripe/webhook/{account}".rstrip("/")
            self.sandbox.listen(key, Endpoint(self.app.address + path, hook) if self.public_url else None)
        if isinstance(self.door, ChannelDoor):
            await self.door.set_up(self.app.live().settings)
        await self.door.connect(self.app.address)

    async def stop(self) -> None:
        """Stop the shop; the sandbox and the platform go on."""
        self._stop.set()
        if self._running is not None:
            await self._running
        self._app = self._running = None

    async def restart(self) -> None:
        """Stop the shop and start it again on the same database."""
        await self.stop()
        await self.start()

    async def pay(self, url: str, number: str = CARD, **fields: str) -> Seen:
        """Follow a pay link to Stripe's page, and pay there."""
        seen = await self.buyer.look(url)
        if seen.location:
            url = seen.location
        return await self.buyer.pay(url, number, **fields)

    async def order(self, number: str) -> Order:
        """Read an order's row."""
        async with self.app.store.reading() as unit:
            order = await unit.orders.get(number)
        assert order is not None, f"no order {number}"
        return order

    async def orders(self) -> list[Order]:
        """Read every order's row, oldest first."""
        async with self.app.store.reading() as unit:
            return sorted(await unit.orders.newest(), key=lambda order: order.created)

    async def retire(self, *, announced: timedelta, closes: timedelta) -> None:
        """Write the retirement into the config, so long from the calendar's now, and wait until it is in force."""
        now = self.clock.now()
        text = RETIREMENT.format(
            announced=(now + announced).isoformat(timespec="seconds"),
            closes=(now + closes).isoformat(timespec="seconds"),
        )
        await self.edit(lambda old: old + text)

    async def edit(self, change: Callable[[str], str]) -> None:
        """Edit the config on disk, and wait until the running shop has it."""
        before = self.app.live().settings.digest
        self.config.write_text(change(self.config.read_text(encoding="utf-8")), encoding="utf-8")
        await eventually(lambda: self.app.live().settings.digest != before, "the edit is not in force")

    async def _serve(self, plan: Plan, opened: asyncio.Future[App]) -> None:
        async with App.open(plan) as app:
            opened.set_result(app)
            await app.run(self._stop)

    def _adjust(self, settings: Settings, address: str) -> Settings:
        return replace(settings, web=replace(settings.web, public_url=address if self.public_url else ""))

    @classmethod
    @asynccontextmanager
    async def at(cls, door: Door, folder: Path, *, public_url: bool = True) -> AsyncIterator[Self]:
        """Open a shop at a door, with its sandbox, and close everything after."""
        async with (
            Sandbox(
                path=folder / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values()), settle_after=3600
            ) as sandbox,
            Buyer() as buyer,
        ):
            world = cls(folder, door, sandbox, buyer, public_url=public_url)
            await world.start()
            try:
                yield world
            finally:
                await world.stop()
                await door.close()


async def eventually(true: Callable[[], bool | Awaitable[bool]], otherwise: str, *, within: float = 30) -> None:
    """Wait until something is true; fail with `otherwise` after `within` seconds."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        found = true()
        if found if isinstance(found, bool) else await found:
            return
        assert asyncio.get_running_loop().time() < deadline, otherwise
        await asyncio.sleep(0.02)


def _pass_on(ended: asyncio.Task[None], opened: asyncio.Future[App]) -> None:
    """Let whoever waits for the shop to open know why it did not."""
    if not opened.done():
        opened.set_exception(ended.exception() or RuntimeError("the shop closed before it opened"))
