"""Live feeds: fetched by channels, told by ETag, gzipped, and made anew when the shop changed but not more often."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession

from adapters.web.feeds import Feed, Feeds
from adapters.web.server import Server
from bot.channels import File


@dataclass
class Window:
    """A shop window with one feed in it, and a count of how often it was made."""

    text: str = "é" * 100_000
    made: int = 0
    media_type: str = "text/csv"
    address: str = ""
    versions: list[str] = field(default_factory=lambda: ["1"])
    fetched: list[tuple[str, str]] = field(default_factory=list)

    def find(self, name: str) -> Feed | None:
        """Know the one feed."""
        return Feed(self.versions[-1], self.make) if name == "google" else None

    async def note(self, channel: str, agent: str) -> None:
        """Keep who fetched it."""
        self.fetched.append((channel, agent))

    def make(self) -> File:
        """Make it, and count that."""
        self.made += 1
        return File("google.csv", self.media_type, self.pieces)

    def pieces(self) -> Iterator[bytes]:
        """Give its bytes."""
        yield b"id\n"
        yield self.text.encode()


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
async def http(window: Window) -> AsyncIterator[ClientSession]:
    async def ready() -> tuple[bool, Mapping[str, object]]:
        return True, {}

    server = Server([Feeds(window.find, window.note, fresh=0).routes()], ready=ready, port=0)
    await server.start()
    window.address = f"{server.address}/feeds/google"
    async with ClientSession(auto_decompress=False) as session:
        yield session
    await server.stop()


async def test_a_feed_is_given_plain_and_gzipped(window: Window, http: ClientSession) -> None:
    """Who takes gzip gets it, who does not gets the same bytes plain; each has an ETag of its own."""
    whole = b"id\n" + window.text.encode()
    async with http.get(window.address, headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.5"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert gzip.decompress(await packed.read()) == whole
    for refused in ("identity", "gzip;q=0", "gzip; q=0.0"):
        async with http.get(window.address, headers={"Accept-Encoding": refused}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert await plain.read() == whole
            assert plain.headers["ETag"] != packed.headers["ETag"]
            assert plain.headers["Vary"] == "Accept-Encoding"
    async with http.head(window.address, headers={"Accept-Encoding": "identity"}) as head:
        assert head.headers["Content-Length"] == str(len(whole))
    assert window.made == 1


async def test_what_did_not_change_is_not_sent_again(window: Window, http: ClientSession) -> None:
    """With its ETag a client gets 304, also where a new version came to the same; once it differs, the new feed."""
    async with http.get(window.address) as first:
        tag = first.headers["ETag"]
    window.versions.append("2")
    async with http.get(window.address, headers={"If-None-Match": f'"other", W/{tag}'}) as again:
        assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
    window.versions.append("3")
    window.text = "sold out"
    async with http.get(window.address, headers={"If-None-Match": tag, "Accept-Encoding": "identity"}) as changed:
        assert (changed.status, await changed.read()) == (200, b"id\nsold out")
    assert window.made == 3


async def test_asking_often_makes_no_work(window: Window) -> None:
    """However often the stock changes, a feed is made once in half a minute."""

    async def ready() -> tuple[bool, Mapping[str, object]]:
        return True, {}

    server = Server([Feeds(window.find, window.note).routes()], ready=ready, port=0)
    await server.start()
    async with ClientSession() as http:
        for number in range(5):
            window.versions.append(str(number))
            async with http.get(f"{server.address}/feeds/google") as response:
                assert response.status == 200
    await server.stop()
    assert window.made == 1


async def test_a_zip_is_not_packed_twice_and_others_are_not_found(window: Window, http: ClientSession) -> None:
    """What is a zip already goes as it is; a channel that is none is 404."""
    window.media_type = "application/zip"
    async with http.get(window.address, headers={"Accept-Encoding": "gzip"}) as zipped:
        assert "Content-Encoding" not in zipped.headers
        assert zipped.headers["Content-Type"] == "application/zip"
    async with http.get(window.address + "x") as missing:
        assert missing.status == 404


async def test_a_fetch_is_noted(window: Window, http: ClientSession) -> None:
    """Each fetch is noted with what the program calls itself, one that finds nothing new too; a look at headers is not."""
    headers = {"User-Agent": "Googlebot/2.1"}
    async with http.get(window.address, headers=headers) as first:
        tag = first.headers["ETag"]
    async with http.get(window.address, headers={**headers, "If-None-Match": tag}) as again:
        assert again.status == 304
    async with http.head(window.address, headers=headers) as looked:
        assert looked.status == 200
    async with http.get(window.address + "x", headers=headers) as missing:
        assert missing.status == 404
    assert window.fetched == [("google", "Googlebot/2.1")] * 2
