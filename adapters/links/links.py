"""Looks whether an address on the web answers: HEAD, then GET, redirects followed by hand, public addresses only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.public_addresses import Address, is_public, unwrapped

#: Seconds for one address, redirects and all.
PATIENCE: Final = 20.0
#: Redirects that are followed.
HOPS: Final = 5
#: What answers so is there, although it will not speak with a program.
_SHY: Final = frozenset({401, 403, 405, 407, 429, 503})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "Tillbot (looks whether links still work)"

Network = IPv4Network | IPv6Network


class HttpLinks:
    """The port `Links` over HTTP. `allowed` are networks that may be asked although they are not public, for tests."""

    def __init__(self, *, allowed: Sequence[str] = (), patience: float = PATIENCE) -> None:
        self._allowed = tuple(ip_network(network) for network in allowed)
        self._patience = patience

    async def trouble(self, url: str) -> str:
        """Tell why an address leads nowhere; "" where something answers."""
        connector = aiohttp.TCPConnector(resolver=_Public(self._allowed), force_close=True)
        try:
            async with (
                asyncio.timeout(self._patience),
                aiohttp.ClientSession(
                    connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": _AGENT}
                ) as session,
            ):
                return await self._follow(session, URL(url))
        except TimeoutError:
            return "no answer in time"
        except _NotPublicError:
            return "not a public address"
        except aiohttp.ClientConnectorDNSError as error:
            return "not a public address" if isinstance(error.os_error, _NotPublicError) else "no such host"
        except aiohttp.ClientSSLError:
            return "no valid certificate"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"no connection ({type(error).__name__})"

    async def _follow(self, session: aiohttp.ClientSession, url: URL) -> str:
        for _ in range(HOPS + 1):
            if url.scheme not in {"http", "https"} or not url.host:
                return "not an address of the web"
            self._check(url.host)
            status, onward = await _ask(session, "HEAD", url)
            if status >= 400:  # noqa: PLR2004 - from here on HTTP's statuses are errors; some servers know no HEAD
                status, onward = await _ask(session, "GET", url)
            if status not in _REDIRECTS or not onward:
                return "" if status < 400 or status in _SHY else f"HTTP {status}"  # noqa: PLR2004 - as above
            url = url.join(URL(onward))
        return "too many redirects"

    def _check(self, host: str) -> None:
        """Refuse an address that is written as a number; names are looked at when they are resolved."""
        try:
            address = ip_address(host)
        except ValueError:
            return
        if not public(address, self._allowed):
            raise _NotPublicError


class _NotPublicError(OSError):
    """A host that is not on the public network."""


class _Public(AbstractResolver):
    """Resolves names to public addresses alone, so that no name leads into the network that the shop runs in."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Give the public addresses of a host."""
        found = await self._resolver.resolve(host, port, family)
        kept = [each for each in found if public(ip_address(each["host"].partition("%")[0]), self._allowed)]
        if found and not kept:
            raise _NotPublicError
        return kept

    async def close(self) -> None:
        """Let go of the resolver."""
        await self._resolver.close()


def public(address: Address, allowed: Sequence[Network] = ()) -> bool:
    """Tell whether an address is on the public network, or in one that is allowed; one in another's clothes is that other."""
    inner = unwrapped(address)
    if any(inner.version == network.version and inner in network for network in allowed):
        return True
    return is_public(inner)


async def _ask(session: aiohttp.ClientSession, method: str, url: URL) -> tuple[int, str]:
    """Ask for an address without reading its body; give the status, and where it sends on to."""
    async with session.request(method, url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")
