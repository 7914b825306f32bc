"""What an operator's command works with, opened without serving: the config, the database and the Stripe accounts."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.database.database import Database
from adapters.papers import pack, statement_page
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from bot.app import plugins
from bot.app.accounts import Accounts
from bot.app.plan import WallClock
from bot.app.running import signer_of
from bot.bookkeeping import Bookkeeping
from bot.closing import FinalStatement
from bot.dossier import dossier_of
from bot.erasing import Outcome
from bot.errors import StoreUnavailable
from bot.evidence import Sayings, evidence
from bot.house import House, build
from bot.live import LiveShop
from bot.money import Money
from bot.orders import Order
from bot.ports import Handler, Jobs, Json, Parked, Tick, Told, Unit
from bot.reconciling import Difference, Progress
from bot.refunding import Refunding
from bot.refunds import OPEN, RefundEntry, Stage
from bot.settings import Settings
from bot.words import Tongue, plain
from commands.menu import ALIASES, MENU
from commands.reasons import reason
from commands.replies import Replies
from config.bases import Bases
from config.read import read
from config.secrets import Secrets
from config.words import Words

#: Seconds for which a command waits for what the running shop makes of its job, and between two looks.
WAIT: Final = 20.0
LOOK: Final = 0.2
#: What the command line speaks.
_LOCALE: Final = "en"
#: The jobs that speak with Stripe alone: these may be done by a command where no shop runs.
_STRIPES: Final = ("event", "payment", "expire", "stray", "give_back", "refund")


@dataclass(frozen=True)
class Office:
    """`async with Office.open(...) as office:`."""

    settings: Settings
    database: Database
    accounts: Accounts
    words: Words
    vault: Secrets

    @classmethod
    @asynccontextmanager
    async def open(
        cls, config: Path, database: str, environ: Mapping[str, str], *, sandbox: bool, keys: bool = True
    ) -> AsyncIterator[Office]:
        """Open what is there. Without `keys` Stripe is not asked, and its keys are not needed.

        Raises BadConfig, and StoreUnavailable.
        """
        async with AsyncExitStack() as stack:
            vault = Secrets(environ)
            settings = read(config)
            accounts = Accounts(vault, Bases.of(environ), sandbox=sandbox)
            stack.push_async_callback(accounts.aclose)
            if keys:
                accounts.prepare(settings, webhooks=False)
            opened = await stack.enter_async_context(await Database.open(database))
            words = Words.load(settings.default_locale, more=plugins.locales())
            yield cls(settings, opened, accounts, words, vault)

    async def live(self) -> LiveShop:
        """Give the shop as it stands: what the config says, and what is in force of it."""
        live = LiveShop(
            self.settings,
            store=self.database.store,
            search=FuzzySearch,
            test_money=lambda: False,  # asked for banners on cards that are shown to people
            minimums=MINIMUMS,
        )
        await live.refresh()
        return live

    async def house(self, *doing: str) -> House:
        """Put the use cases together; of their jobs only those `doing` are done here, when `jobs` are drained.

        Those that speak with people are not: nobody's door is open, and they wait for the shop.
        """
        live = await self.live()
        return build(
            store=self.database.store,
            jobs=Some(self.database.jobs, doing),
            payments=self.accounts,
            shop=live,
            clock=WallClock(),
            signer=signer_of(self.vault),
            language=self.words,
            cards=Replies(),
            menu=plugins.menu(MENU),
            aliases=ALIASES,
            voices=dict,
            perks=dict,
            problems=tuple,
            refresh=live.refresh,
        )

    async def refund(self, number: str, amount: Money | None, reason: str, *, by: str) -> RefundEntry | None:
        """Give back an amount of an order, or all that is left of it, and wait for what comes of it.

        It is written with its job in one short unit. Where a shop runs on the database, that does the job; else this
        process is the one that works on it meanwhile. The entry comes back as it is by then: approved where Stripe has
        not answered yet, asked where it waits for a second admin. Raises what `Refunding.ask` raises, and BadConfig where
        this process has to ask Stripe and has no key.
        """
        key = f"command line:{uuid.uuid4().hex}"
        return await self._made(lambda unit, refunding: refunding.ask(unit, number, amount, reason, by=by, key=key))

    async def approve(self, refund_id: str, *, by: str) -> RefundEntry | None:
        """Agree to a refund that waits for a second admin, and wait for what comes of it, as `refund` does.

        Raises what `Refunding.agree` raises, and BadConfig as `refund` does.
        """
        return await self._made(lambda unit, refunding: refunding.agree(unit, refund_id, by=by))

    async def decline(self, refund_id: str, reason: str, *, by: str) -> RefundEntry:
        """Decline a refund that waits for a second admin. Raises what `Refunding.turn_down` raises."""
        refunding = (await self.house()).telling.till.refunding
        async with self.database.store.unit() as unit:
            return await refunding.turn_down(unit, refund_id, reason, by=by)

    async def _made(self, write: Callable[[Unit, Refunding], Awaitable[RefundEntry | None]]) -> RefundEntry | None:
        """Have a refund written by what is given, and made where it may be."""
        refunding = (await self.house("refund", "payment")).telling.till.refunding
        with ExitStack() as stack:
            alone = self._alone(stack)
            if alone:
                self.accounts.prepare(self.settings, webhooks=False)
            async with self.database.store.unit() as unit:
                entry = await write(unit, refunding)
            if entry is None or entry.stage not in OPEN:
                return entry
            if alone:
                await self.database.jobs.drain()
            return await self._decided(entry, wait=not alone)

    async def _decided(self, entry: RefundEntry, *, wait: bool) -> RefundEntry:
        """Give a refund as it is now, or, with `wait`, as it is when it has been made or time is up."""
        clock = asyncio.get_running_loop().time
        until = clock() + (WAIT if wait else 0.0)
        while True:
            async with self.database.store.reading() as unit:
                entry = await unit.refunds.get(entry.id) or entry
            if entry.stage is not Stage.APPROVED or clock() >= until:
                return entry
            await asyncio.sleep(LOOK)

    async def erase(self, person: str, *, by: str) -> Outcome:
        """Forget a person, and keep in the log of operators that somebody was forgotten, but not who."""
        return await (await self.house()).telling.till.erasing.ask(person, by=f"cli:{by}")

    @property
    def tongue(self) -> Tongue:
        """How the operator is spoken to on the command line."""
        return Tongue(self.words, self.words.resolve(_LOCALE), self.settings.zone)

    def bookkeeping(self) -> Bookkeeping:
        """Give what makes statements."""
        return Bookkeeping(self.database.store, self.accounts, self.settings, lambda: datetime.now(UTC))

    async def reconcile(
        self, *, days: int, accounts: Sequence[str] | None, dry: bool, progress: Progress
    ) -> Sequence[Difference]:
        """Compare the last so many days with Stripe, and (unless `dry`) mend what is certain.

        Where no shop runs on the database, this process is the one that works on it meanwhile, and does the jobs that
        speak with Stripe; those that speak with people wait for the shop. Raises BadConfig, StoreUnavailable.
        """
        reconciling = (await self.house(*_STRIPES)).reconciling
        async with self.database.store.reading() as unit:
            since = unit.now - timedelta(days=days)
        with ExitStack() as stack:
            alone = not dry and self._alone(stack)
            found = await reconciling.run(since=since, accounts=accounts, dry=dry, progress=progress)
            if alone:
                await self.database.jobs.drain()
        return found

    async def evidence(self, number: str) -> bytes:
        """Pack the evidence of an order, as of now, in the shop's own language. Raises UnknownOrder, ValueError (unpaid)."""
        house = await self.house()
        async with self.database.store.reading() as unit:
            dossier, now = await dossier_of(unit, number), unit.now
        cards, telling = Replies(), house.telling
        tongue = telling.scene().tongue

        def news(told: Told, order: Order) -> tuple[str, Sequence[str]]:
            """Draw a card as its reader saw it, in their language."""
            card = cards.news(telling.scene(order.buyer.locale), told.news, order)
            facts = (f"{name}: {plain(value)}" for name, value in card.facts)
            return card.title, (*map(plain, card.text), *facts)

        sayings = Sayings(lambda why: plain(reason(telling.scene(), why)), news)
        found = evidence(dossier, self.settings.seller, tongue, sayings, now=now)
        return pack(found, tongue, now=now)

    def statement_page(self, statement: FinalStatement) -> str:
        """Write the final statement as a page, in the shop's own language."""
        tongue = Tongue(self.words, self.words.resolve(self.settings.default_locale), self.settings.zone)
        return statement_page(statement, tongue, shop=self.settings.name)

    def _alone(self, stack: ExitStack) -> bool:
        """Tell whether no shop runs on the database; then it is claimed until the stack is unwound.

        On a server nobody can tell; there any replica does the jobs, now or when it starts.
        """
        if self.database.shared:
            return False
        try:
            stack.enter_context(self.database.claimed())
        except StoreUnavailable:
            return False
        return True


class Some:
    """Jobs of which only some kinds are done here, and no tick is kept; the others wait for whoever does them."""

    def __init__(self, jobs: Jobs, kinds: Collection[str]) -> None:
        self._jobs: Final = jobs
        self._kinds: Final = kinds

    async def defer(
        self, unit: Unit, kind: str, payload: Json, *, at: datetime | None = None, key: str | None = None
    ) -> None:
        """Have a job done, by whom it may be."""
        await self._jobs.defer(unit, kind, payload, at=at, key=key)

    def handle(self, kind: str, handler: Handler) -> None:
        """Register what does a kind of job, if that is done here."""
        if kind in self._kinds:
            self._jobs.handle(kind, handler)

    def every(self, name: str, seconds: float, tick: Tick) -> None:
        """Keep no tick."""

    async def run(self) -> None:
        """Work until cancelled."""
        await self._jobs.run()

    async def drain(self) -> None:
        """Work off what is due of the kinds that are done here."""
        await self._jobs.drain()

    async def parked(self) -> Sequence[Parked]:
        """Give the jobs that wait for somebody to look."""
        return await self._jobs.parked()

    async def retry(self, number: int) -> bool:
        """Have a parked job begun again."""
        return await self._jobs.retry(number)

    async def late(self) -> timedelta:
        """Tell for how long the job waits that is due the longest."""
        return await self._jobs.late()
