"""The demo that travels in time: a story played on the real house, begun anew on a fresh database where it goes back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from adapters.database.sqlite_jobs import SqliteJobs
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint
from bot.app.demo import alone, as_demo, secret_of, webhook
from bot.app.plan import Plan
from bot.app.running import App
from bot.chat import Context
from bot.ports import Store
from bot.story import TWITTER, Ahead, Player, Story, StoryClock, Travelling, look
from commands.story_panel import panel
from commands.story_replies import DatedReplies
from config.sample import STORIES

_STORIES: Final[Mapping[str, Story]] = {"twitter": TWITTER}
#: Seconds until a bank debit of a story settles: three days.
_SETTLES: Final = 3 * 24 * 3600.0
_KEY: Final = "sk_test_demo_story"
_HOOK: Final = "whsec_demo_story"


@dataclass(frozen=True, slots=True)
class Opened:
    """One turn of a story, ready to be told: the shop, open, and who travels."""

    app: App
    travelling: Travelling
    player: Player


async def tell(
    name: str, *, folder: Path, port: int | None, stop: asyncio.Event, started: Callable[[Opened], None]
) -> None:
    """Tell a story until `stop` is set; `started` is called each time that its shop opens. What was kept before is forgotten.

    Raises ValueError for a story that there is not, OSError where the port is taken.
    """
    if name not in STORIES:
        raise ValueError(f"there is no story {name!r}; there is: {', '.join(STORIES)}")
    with alone(folder):
        ahead, turn = None, 1
        while not stop.is_set():
            _forget(folder)
            async with opened(_STORIES[name], STORIES[name], folder=folder, port=port, turn=turn, ahead=ahead) as shop:
                port = int(shop.app.address.rpartition(":")[2])
                started(shop)
                ahead = await _turn(shop, stop)
            turn += 1


async def _turn(shop: Opened, stop: asyncio.Event) -> Ahead | None:
    """Serve until the story goes back, and give whereto; None where it stops."""
    travelling, halt = shop.travelling, asyncio.Event()
    work = asyncio.create_task(shop.app.run(halt), name="shop")
    waits = [asyncio.create_task(event.wait()) for event in (stop, travelling.back)]
    try:
        await asyncio.wait([work, *waits], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await travelling.stop()
        halt.set()
        await work
    return travelling.ahead


@asynccontextmanager
async def opened(
    story: Story, config: Path, *, folder: Path, port: int | None, turn: int = 1, ahead: Ahead | None = None
) -> AsyncIterator[Opened]:
    """Open a story's shop on its first day, and where it goes `ahead`, begin to."""
    clock = StoryClock(story.instant(story.first))
    # Whoever asks before it has begun hears where it goes, and asks again.
    travelling = Travelling(story, turn, going=ahead.day if ahead else None)
    beside = _Beside(story, travelling)
    async with Sandbox(
        path=folder / "story.stripe.sqlite3",
        accounts={_KEY: None},
        settle_after=_SETTLES,
        now=clock.seconds,
        stamp=time.time,  # signatures keep real time, by which the shop judges them
    ) as sandbox:
        environ = {
            "STRIPE_API_KEY": _KEY,
            "STRIPE_WEBHOOK_SECRET": _HOOK,
            "STRIPE_API_BASE": sandbox.base,
            "TILLBOT_SECRET": secret_of(folder),
        }
        plan = Plan(
            config=config,
            database=f"sqlite:///{folder / 'story.sqlite3'}",
            environ=environ,
            host="127.0.0.1",
            port=port,
            sandbox=True,
            adjust=as_demo,
            hints=_hints,
            clock=clock,
            instants=clock,
            beside=beside,
            cards=DatedReplies(),
        )
        async with App.open(plan) as app:
            sandbox.listen(_KEY, Endpoint(webhook(app.address, ""), _HOOK))
            beside.store = app.store
            travelling.player = _player(story, app, clock, sandbox)
            clock.flow()
            if ahead is not None:
                travelling.begin(travelling.player, ahead)
            yield Opened(app, travelling, travelling.player)


def _player(story: Story, app: App, clock: StoryClock, sandbox: Sandbox) -> Player:
    jobs = app.jobs
    if not isinstance(jobs, SqliteJobs):
        raise TypeError("a story is played on SQLite")
    return Player(
        acts=story.acts,
        house=app.house,
        jobs=jobs,
        clock=clock,
        bank=sandbox,
        plans=lambda: tuple(app.live().settings.plans.values()),
        refresh=app.live.refresh,
        next_job=jobs.next_due,
    )


def _hints(ctx: Context) -> Sequence[str]:
    word = ctx.tongue.word
    return [word("story.try_move"), word("story.try_say"), word("story.try_after")]


@dataclass
class _Beside:
    """The panel beside the chat."""

    story: Story
    travelling: Travelling
    store: Store | None = None
    tale: str = field(default_factory=lambda: secrets.token_hex(8))

    async def shown(self, ctx: Context) -> Mapping[str, object]:
        """Give what the panel shows."""
        travelling, settings = self.travelling, ctx.shop.settings
        base: dict[str, object] = {
            "tale": self.tale,
            "day": travelling.day.isoformat(),
            "going": travelling.going.isoformat() if travelling.going else "",
            "failed": travelling.failed,
            "first": self.story.first.isoformat(),
            "last": self.story.last.isoformat(),
            "jumps": {name: day.isoformat() for name, day in self.story.jumps.items()},
        }
        if self.store is None or "buy" not in settings.plans:
            return base
        seen = await look(
            self.store,
            settings.plans["buy"],
            ctx.now,
            currency=settings.currency,
            second=self._instant("second"),
        )
        return base | dict(panel(ctx.tongue, self.story, seen))

    async def move(self, ctx: Context, day: date) -> bool:
        """Go to a day, as whoever asks."""
        return self.travelling.move(day, ctx.person)

    def _instant(self, jump: str) -> datetime:
        return self.story.instant(self.story.jumps[jump])


def _forget(folder: Path) -> None:
    for old in folder.glob("story.*sqlite3*"):
        old.unlink()
