"""A shop in a process of its own, started as an operator starts it, and killed as nobody would."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_SERVES: Final = re.compile(r"serves at (http://\S+?)\.?\s")
#: Seconds that a start may take on a busy machine.
_START: Final = 20.0


@dataclass
class Shop:
    """`tillbot run --test` on a config and a database that outlive the process."""

    config: Path
    database: Path
    environ: Mapping[str, str]
    address: str = ""
    log: list[str] = field(default_factory=list)
    _process: Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process, and wait until it serves. Raises AssertionError with its log where it does not."""
        environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **self.environ,
            "DATABASE_URL": f"sqlite:///{self.database}",
            "COLUMNS": "200",
        }
        run = "from bot.cli import main; main()"
        arguments = ("run", "--test", "--config", str(self.config), "--host", "127.0.0.1", "--port", "0")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", run, *arguments, env=environ, stderr=PIPE, cwd=Path(__file__).parents[2]
        )
        serving: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(serving))
        async with asyncio.timeout(_START):
            self.address = await serving

    async def kill(self) -> None:
        """Kill it at once, with -9."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, serving: asyncio.Future[str]) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.log.append(line.decode(errors="replace"))
            found = _SERVES.search(self.log[-1])
            if found and not serving.done():
                serving.set_result(found[1])
        if not serving.done():
            serving.set_exception(AssertionError("it ended before it served:\n" + "".join(self.log)))
