"""Who asks: locales, addresses and cookies, without a server."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from adapters.web.locales import best
from adapters.web.people import People
from tests.adapters.web.site import SIGNER


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("fr", "fr"),
        ("fr-CA, en;q=0.8", "fr"),
        ("en;q=0.3, fr;q=0.9", "fr"),
        ("de, fr;q=0.1", "fr"),
        ("fr;q=0, en", "en"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("EN-gb", "en"),
        ("de", ""),
        ("*", ""),
        ("", ""),
        ("fr;q=lots, en", "en"),
        (";;;,,=", ""),
        ("fr" + "-x" * 17 + ", en", "en"),
    ],
)
def test_the_best_locale_is_found(header: str, locale: str) -> None:
    """Accept-Language is matched by weight, from the narrow to the wide; nonsense asks for nothing."""
    assert best(header, ("en", "fr", "pt-BR")) == locale


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("203.0.113.9", "", (), "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", (), "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "198.51.100.7, 198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),
        ("10.0.0.1", "nonsense", ("10.0.0.0/8",), ""),
        ("2001:db8:1:2:3:4:5:6", "", (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", (), "203.0.113.9"),
        ("", "", (), ""),
    ],
)
def test_the_address_is_the_peer_s_or_what_a_trusted_proxy_says(
    peer: str, forwarded: str, proxies: tuple[str, ...], address: str
) -> None:
    """X-Forwarded-For is read from its end, and only as far as the proxies are trusted; IPv6 counts by its /64."""
    people = People(SIGNER, locales=lambda: ("en",), trusted_proxies=proxies)
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded}).clone(remote=peer)
    assert people.address(request) == address


def test_a_proxy_s_own_line_is_read_after_the_client_s() -> None:
    """Where a proxy adds a header line instead of a word, what the client wrote in its own line is not believed."""
    people = People(SIGNER, locales=lambda: ("en",), trusted_proxies=("10.0.0.0/8",))
    lines = CIMultiDict([("X-Forwarded-For", "198.51.100.66"), ("X-Forwarded-For", "203.0.113.9")])
    assert people.address(make_mocked_request("GET", "/", headers=lines).clone(remote="10.0.0.1")) == "203.0.113.9"


def test_a_shift_ends() -> None:
    """Staff are staff for half a day; then the same cookie is the person who opened the link."""
    now = 1000.0
    people = People(SIGNER, locales=lambda: ("en",), clock=lambda: now)
    request = make_mocked_request("GET", "/")
    visitor = people.visitor(request)
    staff = people.open_staff(SIGNER.sign("staff", "staff:2000"), visitor)
    assert staff is not None
    assert people.person(request, staff).key == "web:staff"
    assert people.person(request, staff).admin
    now += 12 * 3600
    assert people.person(request, staff).id == visitor.own
    assert not people.person(request, staff).admin
    assert people.open_staff(SIGNER.sign("staff", "staff:2000"), visitor) is None
