"""Which network addresses are of the open internet."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from bot.public_addresses import is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:220:1::1", True),
        *(
            (inside, False)
            for inside in ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0")  # noqa: S104
        ),
        *((inside, False) for inside in ("100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1")),
        *(
            (inside, False)
            for inside in (
                *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
                *("::7f00:1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::"),
            )
        ),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::5db8:d70e", True),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    """Loopback, private, link-local, shared and multicast addresses are not, whatever they are wrapped in."""
    assert is_public(ip_address(address)) == public
