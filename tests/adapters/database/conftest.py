from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from adapters.database import Database, Patience
from tests.postgresql import Server

ROOT = Path(__file__).parents[3]

Start = Callable[[str, str], Awaitable[asyncio.subprocess.Process]]

#: So short that a test can see a dead process being noticed.
BRIEF = Patience(first=0.01, most=0.05, look=0.05, lease=1.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "till.sqlite3"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with await Database.open(url, patience=BRIEF) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, url: str) -> str:
    """Give a database of each kind in turn; SQLite's file is made when it is opened."""
    return url if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def missing(request: pytest.FixtureRequest, url: str) -> Iterator[str]:
    """Give the address of a database of each kind that is not there yet."""
    if request.param == "sqlite":
        yield url
        return
    server: Server = request.getfixturevalue("server")
    made = server.url("not_made_yet")
    yield made
    server.drop(made)


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start a part of other_process.py, and come back when it says that it is ready."""
    started: list[asyncio.subprocess.Process] = []

    async def begin(part: str, url: str) -> asyncio.subprocess.Process:
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
