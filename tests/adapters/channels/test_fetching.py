"""Fetching a catalogue: only from the open internet, with every redirect checked, and never more than fits."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv4Address

import pytest
from aiohttp import web

from adapters.channels import sheets, shopify
from adapters.channels.fetching import anywhere, fetch
from bot.errors import UnreadableFile
from bot.public_addresses import Address, is_public

HERE = IPv4Address("127.0.0.1")


def _only_here(address: Address) -> bool:
    """Stand in for what is public: this server, and nothing else."""
    return address == HERE


@pytest.fixture
async def served() -> AsyncIterator[str]:
    """Serve what the tests ask for, on loopback."""

    async def hop(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def products(request: web.Request) -> web.Response:
        page = int(request.query["page"])
        assert request.query["limit"] == "250"
        found = [{"title": f"P{page}", "handle": f"p{page}", "variants": [{"price": "1.00"}]}] if page < 3 else []
        return web.json_response({"products": found})

    async def bomb(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        for _ in range(64):
            await response.write(b"\0" * 65536)
        return response

    async def text(_: web.Request) -> web.Response:
        return web.Response(text="id,title,price\n")

    async def loop(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/loop"})

    routes: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        "/hop": hop,
        "/loop": loop,
        "/products.json": products,
        "/bomb": bomb,
        "/feed.csv": text,
    }
    app = web.Application()
    app.add_routes([web.get(path, handler) for path, handler in routes.items()])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, str(HERE), 0).start()
    yield f"http://{HERE}:{runner.addresses[0][1]}"
    await runner.cleanup()


async def _fetched(address: str, allows: Callable[[Address], bool] = _only_here) -> bytes:
    into = io.BytesIO()
    await fetch(address, into, allows=allows)
    return into.getvalue()


async def test_a_file_is_fetched_by_way_of_redirects(served: str) -> None:
    """A file is fetched, also where a few redirects lead to it."""
    assert await _fetched(f"{served}/feed.csv") == b"id,title,price\n"
    assert await _fetched(f"{served}/hop?to=/feed.csv") == b"id,title,price\n"
    with pytest.raises(UnreadableFile, match="more than 5 redirects"):
        await _fetched(f"{served}/loop")


async def test_nothing_inside_is_asked(served: str) -> None:
    """Loopback is refused as an address, as a name, in other spellings, and where a redirect leads to it."""
    port = served.rpartition(":")[2]
    for inside in (
        served,
        f"http://localhost:{port}",
        f"http://2130706433:{port}",
        f"http://[::ffff:127.0.0.1]:{port}",
    ):
        with pytest.raises(UnreadableFile, match=r"no public address|2130706433 cannot be fetched"):
            await _fetched(f"{inside}/feed.csv", is_public)
    for inside in ("http://127.0.0.2/feed.csv", "http://[::1]/", "http://169.254.169.254/latest"):
        with pytest.raises(UnreadableFile, match="no public address"):
            await _fetched(f"{served}/hop?to={inside}")
    for scheme in ("file:///etc/hostname", "ftp://shop.example/x", "http://user:pass@shop.example/"):
        with pytest.raises(UnreadableFile, match="only http and https"):
            await _fetched(scheme)
        with pytest.raises(UnreadableFile, match="only http and https"):
            await _fetched(f"{served}/hop?to={scheme}")
    assert await _fetched(f"http://localhost:{port}/feed.csv", anywhere)


async def test_a_shops_pages_are_fetched_until_one_is_empty(served: str) -> None:
    """All pages of a products.json become one catalogue."""
    found = await _fetched(f"{served}/products.json")
    assert len([json.loads(line) for line in found.splitlines()]) == 3
    assert [each.id for each in shopify.back(io.BytesIO(found), "EUR").catalogue.products] == ["p1", "p2"]


async def test_what_is_too_large_or_not_there_is_refused(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than fits is cut off while it comes; what is not there is named by its status."""
    monkeypatch.setattr(sheets, "MOST_BYTES", 1 << 20)
    with pytest.raises(UnreadableFile, match="more than 1 MB"):
        await _fetched(f"{served}/bomb")
    with pytest.raises(UnreadableFile, match="answered 404"):
        await _fetched(f"{served}/nothing")
