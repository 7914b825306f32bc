"""A terminal beside a shop that runs: `tillbot` as an operator says it, in a process of its own or (sooner) in a thread."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from bot.orders import State
from tests.conformance.test_story import order_of, pay_link, state_is
from tests.conformance.world import KEYS, World


@dataclass
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Terminal:
    """The shop, and a terminal beside it."""

    world: World
    #: A thread's output and environment are the whole process's.
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def tillbot(self, *words: str, keys: bool = True) -> Done:
        """Say `tillbot WORDS`, one command at a time; without `keys` nothing in the environment speaks of Stripe."""
        async with self.alone:
            done = await asyncio.to_thread(CliRunner().invoke, app, words, env=self._environ(keys=keys))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    def _environ(self, *, keys: bool) -> dict[str, str | None]:
        stripe = {**KEYS, "STRIPE_API_BASE": self.world.sandbox.base}
        return {
            **(stripe if keys else dict.fromkeys(stripe)),
            "TILLBOT_SECRET": "a secret of the tests, long enough",
            "TILLBOT_CONFIG": str(self.world.config),
            "DATABASE_URL": f"sqlite:///{self.world.folder / 'shop.sqlite3'}",
        }

    async def process(self, *words: str) -> Done:
        """Say `tillbot WORDS` in a process of its own."""
        environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environ |= {name: value for name, value in self._environ(keys=True).items() if value is not None}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", "from bot.cli import main; main()", *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environ,
            cwd=Path(__file__).parents[2],
        )
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def wish(self, text: str, who: str = "ann") -> tuple[str, str]:
        """Say a wish; gives the order's number and its pay link."""
        card = await (await self.world.door.person(who)).say(text)
        return await order_of(self.world, card), pay_link(card)

    async def paid(self, text: str, who: str = "ann", **fields: str) -> str:
        """Say a wish and pay it; gives the order's number."""
        number, link = await self.wish(text, who)
        await self.world.pay(link, **fields)
        done = State.FULFILLED if "zine" in text else State.PAID
        await state_is(self.world, number, done)
        return number
