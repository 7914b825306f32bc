"""What all tests may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgresql import Server, postgresql


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
