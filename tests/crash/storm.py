"""A storm over a shop: people, weather, and kill -9 at instants that a seed decides; then calm, until nothing is left to do."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from sqlalchemy import func, select

from adapters.database import Database, tables
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint
from adapters.slack.door import PATH
from tests.conformance.world import HOOKS, KEYS
from tests.crash import shops
from tests.crash.crowd import Crowd
from tests.crash.databases import Place
from tests.crash.evidence import Evidence
from tests.crash.gate import Gate, Webhook
from tests.crash.gathering import gather, hurry, undelivered, unsettled
from tests.crash.process import Shop
from tests.crash.weather import LONGEST, Weather
from tests.platforms.slack import SlackStandIn

SECRET: Final = "a secret of the tests, long enough"
#: Seconds until a delayed payment settles.
SETTLES: Final = 2.0
#: Seconds by which the database's clock is moved ahead in the calm, one after the other: doubts are over after four
#: minutes, events are listed every five, holds end after thirty-five, and what was put off comes up.
MOVES: Final = (600.0, *(2700.0,) * 8)
#: Seconds in which everything must come to rest after each of them, and how many more for each order: Slack takes one
#: message a second in the staff's channel.
REST: Final = (60.0, 1.5)
#: Seconds until a job counts as due: one that waits for its turn to speak asks again at once.
SOON: Final = 2.0
#: How a process is killed, in turn: at any instant, before it serves, when Stripe has charged and the webhook is at the
#: door, when the webhook was answered and its message is not there yet.
WAYS: Final = ("charged", "heard", "any", "any", "start", "any")


@dataclass
class Storm:
    """A shop with all around it. Make it with `over`."""

    place: Place
    folder: Path
    rng: Random
    gate: Gate
    sandbox: Sandbox
    slack: SlackStandIn
    crowd: Crowd
    weather: Weather
    kills: list[float] = field(default_factory=list)
    ways: Counter[str] = field(default_factory=Counter)
    #: When the database's clock was moved, and how far ahead it was from then on.
    moves: list[tuple[float, float]] = field(default_factory=list)

    async def rage(self, kills: int) -> None:
        """Have people come, everything fail, and so many processes killed."""
        for shop in self.gate.shops:
            await self._start(shop)
        stop = asyncio.Event()
        weather = asyncio.create_task(self.weather.storm())
        people = asyncio.create_task(self.crowd.live(stop))
        try:
            for n in range(kills):
                shop = self.gate.shops[n % len(self.gate.shops)]
                await self._kill(shop, WAYS[n % len(WAYS)])
                if people.done():
                    break
        finally:
            stop.set()
            weather.cancel()
            await people

    async def calm(self) -> None:
        """Have everything work, the shop started once more, and wait until nothing is left to do."""
        self.weather.clear()
        for shop in self.gate.shops:
            if not shop.pid:
                await self._start(shop)
        await self.crowd.hear_all()
        async with await Database.open(self.place.url) as database:
            await self._rest(database)
            for move in MOVES:
                self._move(move)
                await self._rest(database)
                await self.crowd.hear_all()
                if not await self._left(database, due=False):
                    break

    async def evidence(self) -> Evidence:
        """Give what is left of it."""
        return await gather(
            self.place.url,
            self.sandbox,
            self.folder / "shop.toml",
            shown=self.crowd.shown,
            wishes=self.crowd.wishes,
            kills=self.kills,
            lost=self.slack.lost,
            moves=self.moves,
            late=LONGEST,
        )

    async def _kill(self, shop: Shop, way: str) -> None:
        """Let a process live for a while, kill it (or the one that took the webhook), and start it again."""
        struck = asyncio.Event()

        def strike(what: str, by: Shop | None = None) -> None:
            nonlocal shop
            if not struck.is_set():
                shop = by or shop
                shop.strike()
                self.kills.append(time.time())
                self.ways[what] += 1
                struck.set()

        def charged(webhook: Webhook) -> None:
            if webhook.stage == "before" and webhook.paid:
                strike("charged")

        def heard(webhook: Webhook) -> None:
            if webhook.stage == "after" and webhook.paid and webhook.status == 200:
                strike("heard", webhook.by)

        watches: dict[str, Callable[[Webhook], None]] = {"charged": charged, "heard": heard}
        life = self.rng.uniform(0.3, 2.0)
        if way in watches:
            await asyncio.sleep(self.rng.uniform(0.2, 1.0))
            self.gate.watch, life = watches[way], 8.0
        try:
            async with asyncio.timeout(life):
                await struck.wait()
        except TimeoutError:
            strike("any")
        self.gate.watch = lambda _: None
        shop.address = ""
        await shop.kill()
        if way == "start":
            await shop.spawn()
            await asyncio.sleep(self.rng.uniform(0.05, 0.8))
            shop.strike()
            self.kills.append(time.time())
            self.ways["start"] += 1
            await shop.kill()
        await self._start(shop)

    async def _start(self, shop: Shop) -> None:
        shop.address = ""
        await shop.start()

    def _move(self, seconds: float) -> None:
        ahead = (self.moves[-1][1] if self.moves else 0.0) + seconds
        self.moves.append((time.time(), ahead))
        self.place.ahead(ahead)

    async def _rest(self, database: Database) -> None:
        """Wait until no event is on its way, no bank has to settle, no job is due, and events were listed since."""
        deadline = time.monotonic() + REST[0] + REST[1] * len(self.crowd.asked)
        since = datetime.now(UTC) + timedelta(seconds=self.moves[-1][1] if self.moves else 0.0)
        quiet = 0
        while quiet < 3:
            hurry(self.sandbox)
            self.place.hurry()
            left = await self._left(database, due=True)
            listed = await self._listed(database, since) or not self.moves
            waiting = (undelivered(self.sandbox), unsettled(self.sandbox), left, listed)
            quiet = quiet + 1 if waiting == (0, 0, 0, True) else 0
            assert time.monotonic() < deadline, f"it never came to rest: {waiting}\n{''.join(self._log())}"
            await asyncio.sleep(0.1)

    async def _left(self, database: Database, *, due: bool) -> int:
        """Count the jobs that wait, those that are due or all."""
        jobs = tables.jobs
        query = select(func.count()).select_from(jobs).where(jobs.c.parked_at.is_(None))
        if due:
            ahead = timedelta(seconds=self.moves[-1][1] if self.moves else 0.0)
            query = query.where(jobs.c.at <= datetime.now(UTC) + ahead + timedelta(seconds=SOON))
        async with database.store.reading() as unit:
            return int((await unit.transaction.execute(query)).scalar_one())

    async def _listed(self, database: Database, since: datetime) -> bool:
        """Tell whether Stripe's events were listed since then, in every account."""
        facts = tables.facts
        query = select(facts.c.name, facts.c.changed).where(facts.c.name.like("cursor:%"))
        async with database.store.reading() as unit:
            found: dict[str, datetime] = {}
            for name, changed in (await unit.transaction.execute(query)).all():  # of everything, or of what none took
                account = name.rpartition(":")[2]
                found[account] = max(changed, found.get(account, changed))
        return len(found) == len(KEYS) and min(found.values()) >= since

    def _log(self) -> list[str]:
        return [line for shop in self.gate.shops for line in list(shop.log)[-60:]]


@asynccontextmanager
async def over(
    place: Place, folder: Path, seed: int, *, processes: int = 1, plants: tuple[str, ...] = ()
) -> AsyncIterator[Storm]:
    """Set up a shop on a database, with Stripe's sandbox, a Slack workspace and its people."""
    rng = Random(seed)  # noqa: S311 - so that a run can be had again
    async with (
        Gate() as gate,
        Sandbox(path=folder / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values()), settle_after=SETTLES) as sandbox,
        SlackStandIn() as slack,
        Crowd(slack, gate, sandbox, rng, SECRET) as crowd,
    ):
        (folder / "shop.toml").write_text(shops.config(gate.address), encoding="utf-8")
        slack.events_url = gate.address + PATH
        hooks = HOOKS.values()
        for key, path, hook in zip(KEYS.values(), ("", "/water"), hooks, strict=True):
            sandbox.listen(key, Endpoint(f"{gate.address}/stripe/webhook{path}", hook))
        environ = {
            **KEYS,
            **HOOKS,
            "STRIPE_API_BASE": sandbox.base,
            "TILLBOT_SECRET": SECRET,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_BASE": slack.api_url,
        }
        gate.shops = [
            Shop(folder / "shop.toml", place.url, environ, clock=folder / "clock", plants=plants)
            for _ in range(processes)
        ]
        storm = Storm(place, folder, rng, gate, sandbox, slack, crowd, Weather(sandbox, slack, rng))
        try:
            yield storm
        finally:
            for n, shop in enumerate(gate.shops):
                await shop.kill()
                (folder / f"log {n}").write_text("".join(shop.log), encoding="utf-8")  # for whoever looks why it failed
            await slack.settled()
            slack._broken.clear()  # an echo that a dying process took too long over is what this is about


def between(evidence: Evidence, gate: Gate, heard: bool) -> int:
    """Count the kills that came between a charge and its webhook, or, `heard`, between the webhook and its message."""
    from tests.crash.invariants.goods import deliveries

    taken: dict[str, float] = {}
    for webhook in gate.heard:
        if webhook.stage == "after" and webhook.paid and webhook.status == 200:
            taken.setdefault(webhook.order, webhook.at)
    kills = sorted(evidence.kills)
    found: set[int] = set()
    for order in evidence.orders:
        charges = evidence.charges(order)
        if order.paid_at is None or not charges:
            continue
        if heard:
            if order.buyer.platform != "slack":
                continue  # on the web it is told at their next word: until then every kill would count
            begin, shown = taken.get(order.id), deliveries(evidence, order)
            end = shown[0].at if shown else None
        else:
            begin, end = charges[0].at, min(taken.get(order.id, order.paid_at.timestamp()), order.paid_at.timestamp())
        if begin is not None and end is not None:
            found |= set(range(bisect_right(kills, begin), bisect_right(kills, end)))
    return len(found)
