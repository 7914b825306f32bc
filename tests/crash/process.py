"""A shop in a process of its own, started as an operator starts it, and killed as nobody would."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_SERVES: Final = re.compile(r"serves at (http://\S+?)\.?\s")
#: Seconds that a start may take on a busy machine.
_START: Final = 60.0


@dataclass
class Shop:
    """`tillbot run --test` on a config and a database that outlive the process.

    With a file `clock` the database's clock is ahead by the seconds that it holds; `plants` names bugs of `plants.py`.
    """

    config: Path
    database: str
    environ: Mapping[str, str]
    clock: Path | None = None
    plants: tuple[str, ...] = ()
    address: str = ""
    log: deque[str] = field(default_factory=lambda: deque(maxlen=20_000))
    #: Logged lines that speak of an error, however long ago.
    errors: list[str] = field(default_factory=list)
    _process: Process | None = None
    _reading: asyncio.Task[None] | None = None
    _serving: asyncio.Future[str] | None = None

    async def start(self) -> None:
        """Start the process, and wait until it serves. Raises AssertionError with its log where it does not."""
        await self.spawn()
        await self.serving()

    async def spawn(self) -> None:
        """Start the process, and no more."""
        environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **self.environ,
            "DATABASE_URL": self.database,
            "COLUMNS": "200",
        }
        run: tuple[str, ...] = ("-c", "from bot.cli import main; main()")
        if self.clock is not None:
            run = ("-m", "tests.crash.child", str(self.clock), ",".join(self.plants), "--")
        arguments = ("run", "--test", "--config", str(self.config), "--host", "127.0.0.1", "--port", "0")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *run, *arguments, env=environ, stderr=PIPE, cwd=ROOT
        )
        self._serving = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(self._serving))

    async def serving(self) -> None:
        """Wait until it serves. Raises AssertionError with its log where it does not."""
        assert self._serving is not None
        async with asyncio.timeout(_START):
            self.address = await self._serving

    @property
    def pid(self) -> int:
        """The process's id; 0 where none runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    def strike(self) -> None:
        """Kill it with -9, at this very instant: nothing else happens in this process before."""
        if self.pid:
            with suppress(ProcessLookupError):  # it has just been struck, and is being mourned
                os.kill(self.pid, signal.SIGKILL)

    async def died(self, within: float) -> bool:
        """Wait until it has ended by itself, by -9; False where it has not within so many seconds."""
        assert self._process is not None
        try:
            async with asyncio.timeout(within):
                return await self._process.wait() == -signal.SIGKILL
        except TimeoutError:
            return False

    async def kill(self) -> None:
        """Kill it at once, with -9."""
        self.strike()
        if self._process is not None:
            await self._process.wait()
        if self._reading is not None:
            await self._reading
        if self._serving is not None and self._serving.done() and not self._serving.cancelled():
            self._serving.exception()  # who struck it before it served knows

    async def _read(self, serving: asyncio.Future[str]) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log.append(line.decode(errors="replace"))
            if '"level": "error"' in self.log[-1]:
                self.errors.append(self.log[-1])
            found = _SERVES.search(self.log[-1])
            if found and not serving.done():
                serving.set_result(found[1])
        if not serving.done():
            serving.set_exception(AssertionError("it ended before it served:\n" + "".join(self.log)))
