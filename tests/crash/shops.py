"""The config of the shop that the crash tests run."""

from __future__ import annotations

from typing import Final

from tests.conformance.world import SHOP

#: What stands in the config beside the products: every door of the load, and limits that the load does not reach.
_DOORS: Final = """
[web]
public_url = "{address}"
chat = true

[slack]
enabled = true

[notify]
slack = "CSTAFF"

[admins]
slack = ["UBOSS"]

[limits]
person = 10000
address = 10000
shop = 10000

[product.poster]
name = "Tide poster"
price = "9.00"
stock = 30
fulfil = "none"
"""


def config(address: str) -> str:
    """Give the config of a shop that is reached at an address."""
    return SHOP + _DOORS.format(address=address)
