"""The contract of Links, over HTTP against a server of the test, and on the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.links import HttpLinks
from bot.ports import Links
from tests.fakes.links import FakeLinks


@dataclass(frozen=True)
class Web:
    """Links with an address that answers and one that leads nowhere."""

    links: Links
    alive: str
    broken: str


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="here")


@pytest.fixture(params=["http", "fake"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Web]:
    if request.param == "fake":
        broken = "https://gone.example/"
        yield Web(FakeLinks({broken: "HTTP 404"}), "https://here.example/", broken)
        return
    app = web.Application()
    app.add_routes([web.get("/", _ok)])
    async with TestServer(app) as server:
        yield Web(HttpLinks(allowed=["127.0.0.1/32"]), str(server.make_url("/")), str(server.make_url("/gone")))


async def test_what_answers_is_no_trouble(site: Web) -> None:
    """An address behind which something is has no trouble, each time."""
    assert await site.links.trouble(site.alive) == ""
    assert await site.links.trouble(site.alive) == ""


async def test_what_leads_nowhere_says_why(site: Web) -> None:
    """An address behind which nothing is says so in a few words, without raising."""
    assert await site.links.trouble(site.broken) == "HTTP 404"
