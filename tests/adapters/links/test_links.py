"""Looking at addresses on the web: HEAD, then GET, redirects, time, and nothing but public addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.links import HttpLinks
from adapters.links.links import public

HERE = "127.0.0.1/32"


class Site:
    """A server that notes what it was asked, and answers as the path says."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.free = asyncio.Event()
        app = web.Application()
        app.add_routes([web.route("*", "/{path:.*}", self._answer)])
        self.server = TestServer(app)

    def at(self, path: str) -> str:
        """Give the address of a path."""
        return str(self.server.make_url(path))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.asked.append(f"{request.method} {path}")
        if path == "no-head" and request.method == "HEAD":
            return web.Response(status=405)
        if path == "round":
            return web.Response(status=302, headers={"Location": "/round"})
        if path == "onward":
            return web.Response(status=301, headers={"Location": "/404"})
        if path == "inside":
            return web.Response(status=302, headers={"Location": f"http://127.0.0.2:{self.server.port}/secret"})
        if path == "script":
            return web.Response(status=302, headers={"Location": "file:///etc/passwd"})
        if path == "slow":
            await self.free.wait()
        if path == "endless" and request.method == "GET":
            answer = web.StreamResponse()
            await answer.prepare(request)
            await answer.write(b"x" * 1000)
            await self.free.wait()
            return answer
        if path == "endless":
            return web.Response(status=500)
        return web.Response(status=int(path) if path.isdigit() else 200)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    running = Site()
    async with running.server:
        yield running
        running.free.set()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", ""),
        ("no-head", ""),
        ("endless", ""),
        *((str(status), "") for status in (401, 403, 429, 503)),
        *((str(status), f"HTTP {status}") for status in (404, 410, 500, 502)),
        ("onward", "HTTP 404"),
        ("round", "too many redirects"),
        ("script", "not an address of the web"),
    ],
)
async def test_what_an_answer_means(site: Site, path: str, why: str) -> None:
    """What is there is well, also where it will not speak with a program; what is gone says its status; no body is read."""
    assert await HttpLinks(allowed=[HERE], patience=5).trouble(site.at(path)) == why


async def test_a_server_that_never_answers_is_given_up(site: Site) -> None:
    """After its patience the look ends, and says so."""
    assert await HttpLinks(allowed=[HERE], patience=0.2).trouble(site.at("slow")) == "no answer in time"


async def test_only_public_addresses_are_asked(site: Site) -> None:
    """A number, a name and a redirect that lead into our own network are not followed: no request arrives."""
    port = site.server.port
    for address in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://[::ffff:127.0.0.1]:{port}/"):
        assert await HttpLinks().trouble(address) == "not a public address"
    assert site.asked == []
    assert await HttpLinks(allowed=[HERE]).trouble(site.at("inside")) == "not a public address"
    assert not [asked for asked in site.asked if "secret" in asked]


async def test_nothing_listens() -> None:
    """A refused connection and an address that is none are trouble, not errors."""
    links = HttpLinks(allowed=[HERE])
    async with TestServer(web.Application()) as server:
        gone = str(server.make_url("/"))
    assert (await links.trouble(gone)).startswith("no connection")
    assert await links.trouble("not an address") == "not an address of the web"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "10.0.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "192.168.1.1",
            "172.16.0.1",
            "0.0.0.0",  # noqa: S104 - not bound to
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:a00:1::", "ff02::1"),
    ],
)
def test_what_is_not_public(text: str) -> None:
    """Loopback, link-local, private, shared and multicast networks are not, in whatever clothes."""
    assert not public(ip_address(text))
    assert public(ip_address("93.184.215.14"))
    assert public(ip_address("2606:2800:21f:cb07:6820:80da:af6b:8b2c"))
