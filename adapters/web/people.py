"""Who asks: a signed cookie names the person, a staff link makes them staff, and the peer's address is for limits only."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from adapters.web.locales import best
from bot.chat import Person
from bot.tokens import Signer

COOKIE: Final = "tillbot"
STAFF: Final = "staff"

_YEAR: Final = 365 * 24 * 3600
#: Seconds for which a browser stays staff after it opened a staff link.
_SHIFT: Final = 12 * 3600
_ID_BYTES: Final = 16

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a cookie says: the browser's own id, and until when (Unix seconds) it is staff."""

    own: str
    staff_until: int = 0
    new: bool = False

    def is_staff(self, now: float) -> bool:
        """Tell whether the shift still lasts."""
        return now < self.staff_until


class People:
    """Reads and writes the cookie. It keeps nothing: whoever holds a signed id is that person."""

    def __init__(
        self,
        signer: Signer,
        *,
        locales: Callable[[], Sequence[str]],
        secure: bool = False,
        trusted_proxies: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`trusted_proxies` are networks ("10.0.0.0/8") whose X-Forwarded-For is believed. `clock` is real time."""
        self._signer = signer
        self._locales = locales
        self._secure = secure
        self._proxies: tuple[Network, ...] = tuple(ipaddress.ip_network(text) for text in trusted_proxies)
        self._clock = clock

    def visitor(self, request: web.Request) -> Visitor:
        """Read the cookie; without a true one, somebody new."""
        text = self._signer.read("cookie", request.cookies.get(COOKIE, ""))
        if not text:
            return Visitor(secrets.token_hex(_ID_BYTES), new=True)
        own, _, until = text.partition(":")
        return Visitor(own, int(until or 0))

    def person(self, request: web.Request, visitor: Visitor) -> Person:
        """Make the person of a request."""
        name = self.name(visitor)
        return Person(
            "web",
            id=name,
            user=name,
            locale=self.locale(request),
            admin=name == STAFF,
            address=self.address(request),
        )

    def name(self, visitor: Visitor) -> str:
        """Say who a visitor is now: the staff, for as long as a shift lasts, else themselves."""
        return STAFF if visitor.is_staff(self._clock()) else visitor.own

    def locale(self, request: web.Request) -> str:
        """Give the locale that `?lang=` or Accept-Language asks for, "" where none is known."""
        known = self._locales()
        return best(request.query.get("lang", ""), known) or best(request.headers.get("Accept-Language", ""), known)

    def address(self, request: web.Request) -> str:
        """Give the client's address; of IPv6 its /64, since that is what one household or host is given."""
        said = ",".join(request.headers.getall("X-Forwarded-For", ()))  # a proxy may add a line of its own
        hops = [hop.strip() for hop in said.split(",") if hop.strip()]
        client = (request.remote or "").partition("%")[0]
        while hops and self._trusts(client):
            client = hops.pop()
        return _shorten(client)

    def open_staff(self, token: str, visitor: Visitor) -> Visitor | None:
        """Make a visitor staff by the token of a staff link; None where it is not ours or has run out."""
        text = self._signer.read(STAFF, token) or ""
        name, _, until = text.partition(":")
        now = self._clock()
        if name != STAFF or not until.isdecimal() or now >= int(until):
            return None
        return Visitor(visitor.own, int(now) + _SHIFT)

    def remember(self, response: web.StreamResponse, visitor: Visitor, request: web.Request) -> None:
        """Set the cookie, for a year."""
        text = f"{visitor.own}:{visitor.staff_until}" if visitor.staff_until else visitor.own
        response.set_cookie(
            COOKIE,
            self._signer.sign("cookie", text),
            max_age=_YEAR,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=self._secure or request.secure,
        )

    def tag(self, person: Person) -> str:
        """Give a name for a person that says nothing of who they are."""
        return self._signer.digest("page", person.key)

    def _trusts(self, address: str) -> bool:
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self._proxies)


def _shorten(address: str) -> str:
    try:
        peer = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(peer, ipaddress.IPv4Address):
        return str(peer)
    if peer.ipv4_mapped:
        return str(peer.ipv4_mapped)
    return str(ipaddress.ip_network((peer, 64), strict=False))
