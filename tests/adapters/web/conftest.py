"""A running web door for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.web.site import Site, running_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site
