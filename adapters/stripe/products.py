"""The products and prices of a Stripe account, listed page by page into a file that a catalogue can be read from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import BinaryIO, Final

from adapters.stripe.connection import Body, Connection

#: What is kept of each: no metadata, where other programs write what they like.
_PRODUCT: Final = ("id", "object", "active", "default_price", "description", "images", "name", "shippable", "url")
_PRICE: Final = (
    *("id", "object", "active", "currency", "custom_unit_amount", "nickname", "product", "recurring", "unit_amount"),
)
#: What is listed: https://docs.stripe.com/api/products/list#list_products-active, and of prices the same.
_ACTIVE: Final = {"active": True}


class StripeProducts:
    """The products of one account. `base` sends the SDK elsewhere than to api.stripe.com."""

    def __init__(self, *, key: str, base: str = "") -> None:
        self._connection: Final = Connection(key=key, base=base)

    async def save(self, into: BinaryIO, progress: Callable[[int], None]) -> None:
        """Write all that is active, an object a line; `progress` is told how many there are by now.

        Prices of archived products are written too. A key needs to read Products and Prices, and no more.
        Raises PaymentsRefused, PaymentsUnavailable, WrongAccount.
        """
        v1, count = self._connection.v1, 0
        for listing, kept in ((v1.products.list_async, _PRODUCT), (v1.prices.list_async, _PRICE)):
            async for body in self._connection.pages(listing, _ACTIVE):
                into.write(_line(body, kept))
                count += 1
                progress(count)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()


def _line(body: Body, kept: tuple[str, ...]) -> bytes:
    return json.dumps({name: body.get(name) for name in kept}, ensure_ascii=False).encode() + b"\n"
