"""How ready the catalogue is for the places that a retirement names: by each one's channel, product by product."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.catalogue import Catalogue
from bot.channels import Parcel
from bot.feeds import Fetched
from bot.retirement import Alternative, Plan

#: What is left out for the want of it, as sellers say it.
_WANTING: Final = {
    "picture": "without a picture",
    "url": "without a link",
    "every": "paid monthly",
    "price": "with a price it does not take",
}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How much of what retires a place can take by its channel."""

    place: str
    channel: str
    #: What the place is to have, in products, and how many of those go there with all their variants.
    products: int
    ready: int
    #: Of the others, how many lack what, by the field; one may lack several.
    missing: Mapping[str, int]
    #: Where the channel fetches it; "" where the config gives no address that the server is reached at.
    feed: str
    #: When that was last done, and by what program; None where nobody did.
    fetched: Fetched | None = None

    def __str__(self) -> str:
        """Say it: "312 of 320 products ready, 8 without a picture"."""
        wanting = [f"{many} {_WANTING.get(field, f'for their {field}')}" for field, many in self.missing.items()]
        return ", ".join([f"{self.ready} of {self.products} products ready", *wanting])


def readiness(
    plan: Plan,
    catalogue: Catalogue,
    pack: Callable[[str, Catalogue], Parcel],
    *,
    public_url: str,
    fetched: Mapping[str, Fetched],
) -> tuple[Readiness, ...]:
    """Tell of each place with a channel what of it is ready, in the operator's order; `pack` makes a channel's parcel.

    `fetched` has the last fetch of each channel's feed that there was.
    """
    return tuple(
        replace(_ready(place, plan, catalogue, pack, public_url), fetched=fetched.get(place.channel))
        for place in plan.alternatives
        if place.channel
    )


def _ready(
    place: Alternative, plan: Plan, catalogue: Catalogue, pack: Callable[[str, Catalogue], Parcel], public_url: str
) -> Readiness:
    meant = Catalogue.of(
        [
            product
            for product in catalogue.products
            if (not plan.products or product.id in plan.products)
            and (not place.products or product.id in place.products)
        ]
    )
    parcel = pack(place.channel, meant)
    lacking: dict[str, set[str]] = {}
    for remark in parcel.remarks:
        if remark.kind == "left out":
            lacking.setdefault(remark.field, set()).add(remark.product)
    return Readiness(
        place=place.name,
        channel=place.channel,
        products=parcel.products,
        ready=parcel.ready,
        missing={field: len(products) for field, products in lacking.items()},
        feed=f"{public_url.rstrip('/')}/feeds/{place.channel}" if public_url else "",
    )
