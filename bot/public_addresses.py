"""Which network addresses are of the open internet, whatever they are wrapped in: where a shop may be sent to look."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address

#: IPv6 addresses that stand for an IPv4 one behind a translator: https://www.rfc-editor.org/rfc/rfc6052
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
#: What IANA gives out of IPv6; all else is of one site or host, or wraps an address that leads there:
#: https://www.iana.org/assignments/ipv6-address-space
_UNICAST: Final = IPv6Network("2000::/3")


def unwrapped(address: Address) -> Address:
    """Give the address that another one stands for: mapped, by 6to4, by Teredo, or behind a translator."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet."""
    inner = unwrapped(address)
    if isinstance(inner, IPv6Address) and inner not in _UNICAST:
        return False
    return inner.is_global and not inner.is_multicast
