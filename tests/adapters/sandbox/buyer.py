"""A buyer with a browser that can do little: opens the hosted page, types, presses Pay."""

from dataclasses import dataclass
from typing import Self

import aiohttp

CARD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
CHALLENGED = "4000 0025 0000 3155"
SEPA = "AT61 1904 3002 3457 3201"
SEPA_FAILS = "AT86 1904 3002 3547 3202"


@dataclass(frozen=True)
class Seen:
    """What the browser showed: the status, where it was sent, and the page's text."""

    status: int
    location: str
    text: str


class Buyer:
    """Pays sessions as people do, through the page."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def look(self, url: str) -> Seen:
        """Open a page."""
        async with self._session.get(url, allow_redirects=False) as response:
            return await _seen(response)

    async def pay(self, url: str, number: str = CARD, **fields: str) -> Seen:
        """Type a number (and whatever else is given) and press Pay."""
        return await self.post(url, {"number": number, **fields})

    async def authenticate(self, url: str, outcome: str = "complete") -> Seen:
        """Answer 3-D Secure: `complete` or `fail`."""
        return await self.post(f"{url}/authenticate", {"outcome": outcome})

    async def post(self, url: str, fields: dict[str, str]) -> Seen:
        """Submit a form."""
        async with self._session.post(url, data=fields, allow_redirects=False) as response:
            return await _seen(response)


async def _seen(response: aiohttp.ClientResponse) -> Seen:
    return Seen(response.status, response.headers.get("Location", ""), await response.text())
