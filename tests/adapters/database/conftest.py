from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.database import Database, Patience

ROOT = Path(__file__).parents[3]

Start = Callable[[str], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till.sqlite3"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with await Database.open(url, patience=Patience(first=0.01, most=0.05)) as opened:
        yield opened


@pytest.fixture
async def start(url: str) -> AsyncIterator[Start]:
    """Start a part of other_process.py, and come back when it says that it is ready."""
    started: list[asyncio.subprocess.Process] = []

    async def begin(part: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.adapters.database.other_process", part, url),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        return process

    yield begin
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()
