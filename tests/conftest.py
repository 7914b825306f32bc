"""What all tests may ask for."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import settings

from tests.postgresql import Server, postgresql

#: Examples take as long as the machine has other things to do.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Let Ctrl-C be ours, not each test's own loop's.

    asyncio puts a handler in place for every run, whose repr holds that of what the run gave: a whole shop, each time.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_xdist_auto_num_workers() -> int:
    """Have a worker more than there are processors: many tests wait for others of their processes, and for time to pass."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what is loaded by now: it stays for as long as the tests run."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/crash/"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run a PostgreSQL server of the tests' own."""
    with postgresql() as running:
        yield running


@pytest.fixture
def postgresql_url(server: Server) -> Iterator[str]:
    """Give a database with all tables, this test's alone."""
    url = server.database()
    yield url
    server.drop(url)
