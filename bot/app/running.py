"""A running shop: everything opened in order, served until it is told to stop, and closed the other way round."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Final

from aiohttp import web

from adapters.database.database import Database
from adapters.links import HttpLinks
from adapters.search.search import FuzzySearch
from adapters.stripe.limits import MINIMUMS
from adapters.stripe.webhooks import Webhooks
from adapters.telemetry import tracing
from adapters.web.access import explain
from adapters.web.feeds import Feeds
from adapters.web.metrics import Metrics
from adapters.web.server import Server
from bot.app import plugins
from bot.app.accounts import Accounts
from bot.app.doors import Hall, Turns, doors
from bot.app.feeds import feeds, fetchable
from bot.app.measuring import measure_sales, measure_work
from bot.app.measuring_endings import measure_endings
from bot.app.plan import Plan
from bot.app.readiness import Readiness
from bot.app.web import chat, pages
from bot.errors import BadConfig, Problem, StoreUnavailable
from bot.feeds import Fetches
from bot.hearing import Hearing
from bot.holding import first, held
from bot.house import House, build
from bot.live import LiveShop
from bot.memory import StoredMemory
from bot.ports import Clock, Jobs, Perks, Store, Voice
from bot.reloading import Reloading, bury, tombstones
from bot.replicas import BEAT, Replicas
from bot.settings import Settings
from bot.tokens import Signer
from commands.menu import ALIASES, MENU
from config.bases import Bases
from config.catalogue_files import Kept
from config.changes import changes
from config.read import read
from config.secrets import Secrets
from config.watch import edits
from config.words import Words

_log: Final = logging.getLogger(__name__)

#: Seconds between two looks at stock and gifts: the snapshot is never older than a second.
FRESH: Final = 0.5


class App:
    """`async with App.open(plan) as app: await app.run(stop)`."""

    def __init__(
        self,
        plan: Plan,
        *,
        house: House,
        live: LiveShop,
        server: Server,
        reloading: Reloading,
        database: Database,
        replicas: Replicas | None,
    ) -> None:
        self._replicas = replicas
        self.house = house
        self.live = live
        self._plan = plan
        self._server = server
        self._reloading = reloading
        self._database = database

    @property
    def address(self) -> str:
        """Where the server listens: "http://127.0.0.1:8080"."""
        return self._server.address

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with the config on disk; empty while it is the one in force."""
        return self._reloading.problems

    @property
    def store(self) -> Store:
        """The open database."""
        return self._database.store

    @property
    def jobs(self) -> Jobs:
        """What is to be done, and does it."""
        return self._database.jobs

    @classmethod
    @asynccontextmanager
    async def open(cls, plan: Plan) -> AsyncIterator[App]:
        """Open everything, and serve. Raises BadConfig, StoreUnavailable, or OSError where the port is taken."""
        async with AsyncExitStack() as stack:
            vault, bases = Secrets(plan.environ), Bases.of(plan.environ)
            traced = stack.enter_context(tracing(plan.environ))
            accounts = Accounts(vault, bases, sandbox=plan.sandbox, tracing=traced)
            stack.push_async_callback(accounts.aclose)
            served: list[Server] = []

            kept = Kept()

            def file(graves: Mapping[str, str]) -> Settings:
                address = served[0].address if served else ""
                return plan.adjust(read(plan.config, tombstones=graves, kept=kept), address)

            def load(graves: Mapping[str, str]) -> Settings:
                settings = file(graves)
                accounts.prepare(settings)
                return settings

            load({})  # say what is wrong with the config before a database is made
            signer = signer_of(vault)
            database = await stack.enter_async_context(
                await Database.open(plan.database, clock=plan.instants, lasting=plan.instants is None, tracing=traced)
            )
            stack.enter_context(database.claimed())
            settings = load(await tombstones(database.store))
            live = LiveShop(
                settings,
                store=database.store,
                search=FuzzySearch,
                test_money=lambda: not accounts("").livemode,
                minimums=MINIMUMS,
            )
            voices: dict[str, Voice] = {}
            perks: dict[str, Perks] = {}
            house = build(
                store=database.store,
                jobs=database.jobs,
                payments=accounts,
                shop=live,
                clock=plan.clock,
                signer=signer,
                language=Words.load(settings.default_locale, more=plugins.locales()),
                cards=plan.cards,
                menu=plugins.menu(MENU),
                aliases=ALIASES,
                voices=lambda: voices,
                perks=lambda: perks,
                problems=lambda: reloading.problems,
                refresh=live.refresh,
                links=None if plan.sandbox else HttpLinks(),  # with test money nothing outside is asked
                feeds=fetchable(),
            )
            routes: list[Sequence[web.RouteDef]] = [
                Feeds(feeds(live), Fetches(database.store).note).routes(),
                Webhooks(
                    house.settling.receive, accounts.webhook_secrets, Hearing(database.store).note, explain
                ).routes(),
                pages(house, signer, settings).routes(),
            ]
            hall = Hall(house.conversation, live, vault, bases, StoredMemory(database.store), _turns(database))
            opening = plugins.Opening(house.conversation, live, hall.memory, plan.environ)
            opened = [
                *chat(house, signer, plan, settings),
                *doors(hall),
                *plugins.doors(opening),
            ]
            for door in opened:
                voices[door.voice.platform] = door.voice
                if door.perks is not None:
                    perks[door.voice.platform] = door.perks
                routes.append(door.routes)
            replicas = Replicas(database.store) if database.shared else None
            reloading = Reloading(file, changes, live, database.store, house.telling, accounts.prepare)
            if replicas is not None:
                reloading.edited = replicas.edited
            readiness = Readiness(live, database, reloading, replicas)
            server = Server(
                routes,
                ready=readiness,
                host=plan.host or settings.web.host,
                port=settings.web.port if plan.port is None else plan.port,
                tracing=traced,
            )
            _measure(server.metrics, database, readiness, live, plan.clock)
            await reloading.begin()
            await live.refresh()
            await bury(database.store, settings)
            await server.start()
            stack.push_async_callback(server.stop)
            served.append(server)
            live.swap(_as_searched(load(await tombstones(database.store)), live.file))
            if replicas is not None:
                await replicas.join(live().settings.digest)
                stack.push_async_callback(_leave, replicas)
            for door in opened:
                await door.start()
                stack.push_async_callback(door.close)
            yield cls(
                plan,
                house=house,
                live=live,
                server=server,
                reloading=reloading,
                database=database,
                replicas=replicas,
            )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or until what it cannot live without fails. Raises StoreUnavailable."""
        edited = edits(self._plan.config, self.live().settings.digest)
        work = [
            asyncio.create_task(self._database.jobs.run(), name="jobs"),
            asyncio.create_task(self._reloading.follow(edited), name="config"),
            asyncio.create_task(self._stay_fresh(), name="snapshot"),
        ]
        if self._replicas is not None:
            work.append(asyncio.create_task(_beat(self._replicas), name="replicas"))
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([*work, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*work, stopping):
                task.cancel()
            ended = await asyncio.gather(*work, return_exceptions=True)
            with suppress(StoreUnavailable):  # then a banner or two is shown once more
                await self._write_counts()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _stay_fresh(self) -> None:
        while True:
            await asyncio.sleep(FRESH)
            try:
                await self.live.refresh()
                await self._reloading.keep_up()
                await self._write_counts()
            except StoreUnavailable as error:
                _log.warning("stock not read", extra={"why": str(error)})

    async def _write_counts(self) -> None:
        """Have what was counted in memory be in the database, and what other replicas counted here."""
        till = self.house.telling.till
        for counted in (till.banners, till.brownouts, till.clicks):
            await counted.refresh()


def _as_searched(settings: Settings, before: Settings) -> Settings:
    """Give settings the catalogue of the same version before: making its search takes a while where it is big."""
    return replace(settings, catalogue=before.catalogue) if settings.digest == before.digest else settings


async def _beat(replicas: Replicas) -> None:
    while True:
        await asyncio.sleep(BEAT)
        try:
            await replicas.beat()
        except StoreUnavailable as error:
            _log.warning("replicas not heard of", extra={"why": str(error)})


async def _leave(replicas: Replicas) -> None:
    with suppress(StoreUnavailable):  # then the others wait a minute before they take it to be gone
        await replicas.leave()


def signer_of(vault: Secrets) -> Signer:
    """Give what signs cookies and pay links. Raises BadConfig where TILLBOT_SECRET is missing or too short."""
    try:
        return Signer(vault.need("TILLBOT_SECRET"))
    except ValueError as error:
        better = "write a longer one, for example with: openssl rand -hex 32"
        raise BadConfig([Problem("environment", 0, "TILLBOT_SECRET", "is too short", better)]) from error


def _measure(metrics: Metrics, database: Database, readiness: Readiness, live: LiveShop, clock: Clock) -> None:
    """Add what Prometheus is shown."""
    measure_work(metrics, database, readiness.taking_orders)
    measure_sales(metrics, database)
    measure_endings(metrics, database, live, clock.now)


def _turns(database: Database) -> Turns | None:
    """Give what replicas take turns by; None where one process is alone."""
    if not database.shared:
        return None
    store = database.store
    return Turns(
        paced=lambda name, seconds: first(store, f"pace:{name}", seconds),
        holding=lambda name, lost: held(store, name, lost=lost),
    )
