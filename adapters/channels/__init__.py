"""Places elsewhere that take the shop's catalogue, or give one: a file each, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.channels import (
    acp,
    amazon,
    bigcommerce,
    demandware,
    google,
    gumroad,
    meta,
    pinterest,
    schemaorg,
    shopify,
    stripe_products,
)
from bot.channels import Channel

#: By the names that people say.
CHANNELS: Final[Mapping[str, Channel]] = {
    each.name: each
    for each in (
        google.CHANNEL,
        meta.CHANNEL,
        pinterest.CHANNEL,
        shopify.CHANNEL,
        bigcommerce.CHANNEL,
        demandware.CHANNEL,
        schemaorg.CHANNEL,
        acp.CHANNEL,
        amazon.CHANNEL,
        gumroad.CHANNEL,
        stripe_products.CHANNEL,
    )
}
