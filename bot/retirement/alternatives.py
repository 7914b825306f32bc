"""Where to buy instead: ranked as the operator ranked them, narrowed to who asks, dead ones last or left out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from string import Formatter
from typing import Final
from urllib.parse import quote

from bot.catalogue import Product, Variant
from bot.money import Money
from bot.retirement.calendar import left
from bot.retirement.plan import Alternative, Plan

#: The longest address that a button takes everywhere: Discord's
#: (https://docs.discord.com/developers/components/reference#button).
LONGEST: Final = 512


def alternatives(
    plan: Plan,
    now: datetime,
    *,
    product: str = "",
    price: Money | None = None,
    region: str = "",
    language: str = "",
    dead: Collection[str] = (),
) -> tuple[Alternative, ...]:
    """Give the places that fit who asks, in the operator's order; those whose links are `dead` come last.

    What is not known of who asks narrows nothing. A place that has not opened or has ended is left out.
    """
    found = [
        place
        for place in plan.alternatives
        if _open(place, now)
        and (not product or not place.products or product in place.products)
        and (not region or not place.regions or region in place.regions)
        and (not language or not place.languages or language.partition("_")[0] in place.languages)
        and (price is None or _affordable(place, price))
    ]
    return tuple(sorted(found, key=lambda place: place.url in dead))


def address(place: Alternative, variant: Variant | None = None, product: Product | None = None) -> str:
    """Give the address of a place, and of the same product there where its deep link can say it.

    What is not known of the product, or an address that no button could carry, leads to the place itself.
    """
    values = _known(variant, product)
    parts = [(literal, name) for literal, name, _, _ in Formatter().parse(place.deep_link)]
    if not parts or not all(values.get(name) for _, name in parts if name):
        return place.url
    found = "".join(literal + (quote(values[name], safe="") if name else "") for literal, name in parts)
    return found if len(found) <= LONGEST else place.url


def _known(variant: Variant | None, product: Product | None) -> dict[str, str]:
    """Give what a deep link can be filled with: of a variant all, of a product what all of its variants share."""
    if variant is not None:
        short = variant.id.partition("/")[2] or variant.id
        return {"product": variant.product.id, "variant": short, "sku": variant.sku, "name": variant.label}
    return {"product": product.id, "name": product.name} if product else {}


def _open(place: Alternative, now: datetime) -> bool:
    nothing = left(now, now)
    begun = place.opens is None or left(place.opens, now) <= nothing
    return begun and (place.ends is None or left(place.ends, now) > nothing)


def _affordable(place: Alternative, price: Money) -> bool:
    bounds = (place.cheapest, place.dearest)
    if any(bound is not None and bound.currency != price.currency for bound in bounds):
        return True
    return (place.cheapest is None or price >= place.cheapest) and (place.dearest is None or price <= place.dearest)
