"""Where to buy instead: the places that fit who reads and what they want, as a sentence, notes and links."""

from __future__ import annotations

from collections.abc import Sequence

from bot.catalogue import Variant
from bot.chat import Link
from bot.clicks import way
from bot.money import Money
from bot.retirement import Alternative, alternatives
from bot.words import Rich
from commands.told import Told, product_of


def fitting(told: Told, variant: Variant | None = None) -> Sequence[Alternative]:
    """Give the places that fit product, price, country and language of who reads; dead links last."""
    return alternatives(
        told.plan,
        told.scene.now,
        product=told.product,
        price=_price(told, variant),
        region=told.region,
        language=told.scene.tongue.locale,
        dead=told.scene.shop.dead,
    )


def where(told: Told, places: Sequence[Alternative], key: str) -> Rich:
    """Name the places in a sentence; where none fits, say whom to ask."""
    if places:
        names = told.scene.tongue.language.names([place.name for place in places], told.scene.tongue.locale)
        return told.scene.tongue.say(key, places=names)
    return told.scene.tongue.say("notice.nowhere", contact=told.plan.contact) if told.plan.contact else ()


def notes(told: Told, places: Sequence[Alternative]) -> Sequence[Rich]:
    """Say what is to be known of each place."""
    tongue = told.scene.tongue
    return [tongue.say("notice.note", place=place.name, note=tongue.pick(place.note)) for place in places if place.note]


def links(told: Told, places: Sequence[Alternative], variant: Variant | None = None) -> tuple[Link, ...]:
    """Lead to the places, to the very product where that is known and the place can be asked for it.

    Where we have an address of our own it goes by way of that, and is counted.
    """
    product = product_of(told.scene, told.product)
    public = told.scene.shop.settings.web.public_url.rstrip("/")
    return tuple(Link(place.name, way(public, place, variant, product)) for place in places)


def _price(told: Told, variant: Variant | None) -> Money | None:
    """Give what the product costs here; None where that is not known, or differs from variant to variant."""
    if variant is not None:
        return variant.price
    product = product_of(told.scene, told.product)
    prices = {each.price for each in product.variants} if product else set()
    return prices.pop() if len(prices) == 1 else None
