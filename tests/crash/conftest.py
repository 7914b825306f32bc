from __future__ import annotations

import secrets

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how many kills there are to be, and the seed that decides when."""
    group = parser.getgroup("crash")
    group.addoption("--kills", type=int, default=20, help="how many times each setting is killed (tests/crash)")
    group.addoption("--seed", type=int, default=0, help="what decides when, and what people do; 0 takes a new one")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--kills", 20))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--seed", 0)) or 1 + secrets.randbelow(1_000_000)
