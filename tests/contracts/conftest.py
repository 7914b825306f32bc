"""The databases that the contracts of Store and Jobs are run on. A further one is one more line in DATABASES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.database import Database, Patience
from bot.ports import Jobs, Payments, Store
from tests.contracts.providers import PROVIDERS, Provider
from tests.databases import ready

DATABASES: dict[str, Callable[[pytest.FixtureRequest, Path], str]] = {
    "sqlite": lambda _, folder: ready(folder / "till.sqlite3"),
    "postgresql": lambda request, _: str(request.getfixturevalue("postgresql_url")),
}

#: So short that a test can see a job being parked.
QUICK = Patience(first=0.01, most=0.05, attempts=3, look=0.05)


@pytest.fixture(params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return DATABASES[request.param](request, tmp_path)


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    async with await Database.open(address, patience=QUICK) as opened:
        yield opened


@pytest.fixture
def store(database: Database) -> Store:
    return database.store


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return database.jobs


@pytest.fixture(params=PROVIDERS)
async def provider(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Provider]:
    async with PROVIDERS[request.param](tmp_path) as running:
        yield running


@pytest.fixture
def payments(provider: Provider) -> Payments:
    return provider.payments
