"""The live feeds: the shop of this moment in the form that each channel takes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from adapters.web.feeds import Feed
from bot.channels import TAKERS, Channel, File, Out, left
from bot.shop import Shop


def fetchable() -> Sequence[str]:
    """Name the channels that can fetch a feed."""
    return TAKERS


def feeds(shop: Callable[[], Shop]) -> Callable[[str], Feed | None]:
    """Give what finds a feed by its name: "google", or "google.tsv" for another of its forms."""
    last: tuple[Shop, str] | None = None

    def version(now: Shop) -> str:
        """Name a snapshot, worked out once for each: anybody may ask, and the stock of a big shop takes a while to read."""
        nonlocal last
        if last is None or last[0] is not now:
            last = (now, _version(now))
        return last[1]

    def find(name: str) -> Feed | None:
        channel_name, dot, ending = name.partition(".")
        if channel_name not in TAKERS:
            return None
        from adapters.channels import CHANNELS  # many a shop's feeds are fetched by nobody

        channel = CHANNELS[channel_name]
        out = channel.forms.get(f".{ending}") if dot else next(iter(channel.forms.values()))
        if out is None:
            return None
        now = shop()
        return Feed(version(now), lambda: _made(now, channel, out))

    return find


def _version(shop: Shop) -> str:
    stock = sorted((name, each.reserved, each.sold) for name, each in shop.stock.items())
    return hashlib.sha256(f"{shop.settings.digest} {stock}".encode()).hexdigest()


def _made(shop: Shop, channel: Channel, out: Out) -> File:
    from adapters.channels.packing import packed
    from bot.app.channels import storefront

    return packed(out(left(shop.catalogue, shop.stock), storefront(shop.settings)), channel.name)
