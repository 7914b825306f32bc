from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Sequence

import pytest

from tests.crash.repeating import Nursery


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how many kills there are to be, and the seed that decides when."""
    group = parser.getgroup("crash")
    group.addoption("--kills", type=int, default=20, help="how many times each setting is killed (tests/crash)")
    group.addoption("--seed", type=int, default=0, help="what decides when, and what people do; 0 takes a new one")
    group.addoption(
        "--every-instant",
        action="store_true",
        help="stop at the beginning of each await too, and within it (tests/crash)",
    )


@pytest.fixture
async def nurseries() -> AsyncIterator[Sequence[Nursery]]:
    """Start a nursery for each processor, two at the most."""
    opened = [await Nursery.open() for _ in range(min(2, os.cpu_count() or 1))]
    yield opened
    for nursery in opened:
        await nursery.close()


@pytest.fixture
def every(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--every-instant", False))


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills", 20))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed", 0)) or 1 + secrets.randbelow(1_000_000)
