"""Where to buy instead: ranked as the operator ranked them, narrowed to who asks, dead ones last or left out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from urllib.parse import quote

from bot.catalogue import Variant
from bot.money import Money
from bot.retirement.calendar import left
from bot.retirement.plan import Alternative, Plan


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


def address(place: Alternative, variant: Variant | None = None) -> str:
    """Give the address of a place, and of the same product there where its deep link can say it."""
    if variant is None or not place.deep_link or ("{sku}" in place.deep_link and not variant.sku):
        return place.url
    values = {
        "product": variant.product.id,
        "variant": variant.id.partition("/")[2] or variant.id,
        "sku": variant.sku,
        "name": variant.label,
    }
    found = place.deep_link
    for name, value in values.items():
        found = found.replace(f"{{{name}}}", quote(value, safe=""))
    return found


def _open(place: Alternative, now: datetime) -> bool:
    nothing = left(now, now)
    begun = place.opens is None or left(place.opens, now) <= nothing
    return begun and (place.ends is None or left(place.ends, now) > nothing)


def _affordable(place: Alternative, price: Money) -> bool:
    bounds = (place.cheapest, place.dearest)
    if any(bound is not None and bound.currency != price.currency for bound in bounds):
        return True
    return (place.cheapest is None or price >= place.cheapest) and (place.dearest is None or price <= place.dearest)
