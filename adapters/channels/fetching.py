"""Fetches a catalogue from an address: public ones only, each redirect checked, of bounded size, in bounded time."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import BinaryIO, Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.channels import documents, sheets
from bot.errors import UnreadableFile
from bot.public_addresses import Address, is_public

#: Redirects that are followed, pages of a products.json that are asked for, and seconds that all of it may take.
MOST_REDIRECTS: Final = 5
MOST_PAGES: Final = 400
PATIENCE: Final = 600.0
#: Products that a page holds: https://shopify.dev/docs/api/ajax/reference/product, as many as a shop gives.
PAGE: Final = 250
_PIECE: Final = 1 << 16


def anywhere(address: Address) -> bool:  # noqa: ARG001 - it is a rule like `is_public`
    """Allow every address: for who says so."""
    return True


async def fetch(address: str, into: BinaryIO, *, allows: Callable[[Address], bool] = is_public) -> None:
    """Fetch a file, or all pages of a shop's products.json. Raises UnreadableFile with what is wrong."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE, sock_connect=15, sock_read=60)
    connector = aiohttp.TCPConnector(resolver=_Checked(allows), use_dns_cache=False)
    jar = aiohttp.DummyCookieJar()
    try:
        url = URL(address)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=jar, trust_env=False
        ) as session:
            if url.path.endswith("/products.json") and "page" not in url.query:
                await _pages(session, url, into, allows)
            else:
                await _get(session, url, into, allows, sheets.MOST_BYTES)
    except TimeoutError as error:
        raise UnreadableFile(0, f"{_named(address)} did not answer in time") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise UnreadableFile(0, f"{_named(address)} cannot be fetched: {type(error).__name__}") from error


async def _pages(session: aiohttp.ClientSession, url: URL, into: BinaryIO, allows: Callable[[Address], bool]) -> None:
    """Fetch page after page, a line each, until one is empty."""
    from io import BytesIO

    room = documents.MOST_BYTES
    for page in range(1, MOST_PAGES + 1):
        held = BytesIO()
        await _get(session, url.update_query(limit=PAGE, page=page), held, allows, room)
        room -= held.tell()
        try:
            found = json.loads(held.getvalue())
        except (ValueError, RecursionError) as error:
            raise UnreadableFile(
                0, f"page {page} of {_named(str(url))} is no JSON: the shop may not show its products"
            ) from error
        into.write(json.dumps(found).encode() + b"\n")
        if not documents.items(documents.table(found).get("products")):
            return
    raise UnreadableFile(0, f"{_named(str(url))} has more than {MOST_PAGES} pages")


async def _get(
    session: aiohttp.ClientSession, url: URL, into: BinaryIO, allows: Callable[[Address], bool], most: int
) -> None:
    for _ in range(MOST_REDIRECTS + 1):
        _check(url, allows)
        async with session.get(url, allow_redirects=False) as response:
            location = response.headers.get("Location")
            if response.status in {301, 302, 303, 307, 308} and location:
                url = url.join(URL(location))
                continue
            if response.status != 200:  # noqa: PLR2004 - HTTP
                raise UnreadableFile(0, f"{_named(str(url))} answered {response.status}")
            size = 0
            async for piece in response.content.iter_chunked(_PIECE):
                size += len(piece)
                if size > most:
                    raise UnreadableFile(0, f"{_named(str(url))} gives more than {most >> 20} MB")
                into.write(piece)
            return
    raise UnreadableFile(0, f"{_named(str(url))} was reached by more than {MOST_REDIRECTS} redirects")


def _check(url: URL, allows: Callable[[Address], bool]) -> None:
    if url.scheme not in {"http", "https"} or not url.host or url.user or url.password:
        raise UnreadableFile(0, "only http and https addresses without a user are fetched")
    try:
        literal = ip_address(url.host)
    except ValueError:
        return  # a name, which is resolved and checked when the connection is made
    if not allows(literal):
        raise UnreadableFile(0, f"{url.host} is no public address")


def _named(address: str) -> str:
    """Name an address without what may be a key in it."""
    try:
        return URL(address).host or "the address"
    except ValueError:
        return "the address"


class _Checked(AbstractResolver):
    """Resolves names, and refuses those that lead inside. The connection goes to what was checked: nothing is asked twice."""

    def __init__(self, allows: Callable[[Address], bool]) -> None:
        self._inner = aiohttp.ThreadedResolver()
        self._allows = allows

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the addresses of a name. Raises UnreadableFile where one of them is not public."""
        found = await self._inner.resolve(host, port, family)
        if not all(self._allows(ip_address(each["host"].partition("%")[0])) for each in found):
            raise UnreadableFile(0, f"{host} is no public address")
        return found

    async def close(self) -> None:
        """Close what it holds."""
        await self._inner.close()
