"""What Stripe's Payment Links are to sell: an offer a variant, and what of the catalogue a link cannot sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.catalogue import Catalogue, Product, Variant
from bot.channels import Notes, Remark
from bot.money import Money
from bot.shipping import ShippingRate

#: What became of the link of an offer. One that was not made before is new; one that is not offered any more is ended.
Outcome = Literal["new", "changed", "kept", "ended"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as a link sells it: one piece, at its price."""

    variant: str
    name: str
    description: str
    images: tuple[str, ...]
    url: str
    price: Money
    #: The countries (ISO 3166-1 alpha-2) that it may be shipped to; () where nothing is shipped.
    ship_to: tuple[str, ...] = ()
    #: How many the link may sell in all; None where it does not run out.
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A link as it stands now."""

    variant: str
    url: str
    outcome: Outcome


def offers(
    catalogue: Catalogue, shipping: Sequence[ShippingRate], minimums: Mapping[str, Money]
) -> tuple[tuple[Offer, ...], tuple[Remark, ...]]:
    """Give what links can sell of a catalogue whose stock is what is left, and what they cannot, with the reason.

    `minimums` are the smallest charges of currencies.
    """
    notes = Notes()
    found = []
    for product in catalogue.products:
        why = _unsellable(product, shipping)
        if why:
            notes.add(product, "left out", *why)
            continue
        for variant in product.variants:
            least = minimums.get(variant.price.currency)
            if variant.stock == 0:
                notes.add(variant, "left out", "stock", "it is sold out: a link that it had is ended")
            elif least is not None and variant.price < least:
                notes.add(variant, "left out", "price", f"one piece costs less than Stripe charges at least, {least}")
            else:
                found.append(_offer(product, variant, shipping, notes))
    return tuple(found), tuple(notes.remarks)


def _unsellable(product: Product, shipping: Sequence[ShippingRate]) -> tuple[str, str] | None:
    if product.every:
        return "every", "it is paid monthly, and a link sells one piece once"
    if product.fulfil == "message":
        return "fulfil", "its message is sent by the shop, which sends nothing for what a link sold"
    if product.fulfil == "ship" and any(rate.price.minor for rate in shipping):
        return "shipping", "shipping costs what the country says, and a link cannot ask for that"
    return None


def _offer(product: Product, variant: Variant, shipping: Sequence[ShippingRate], notes: Notes) -> Offer:
    if variant.stock is not None:
        says = f"its link sells {variant.stock} at most, and counts by itself: the shop does not count them down"
        notes.add(variant, "note", "stock", says)
    pictures = (variant.picture, *(image.url for image in product.images))
    ships = product.fulfil == "ship"
    return Offer(
        variant=variant.id,
        name=variant.label,
        description=product.description,
        images=tuple(dict.fromkeys(filter(None, pictures))),
        url=product.url,
        price=variant.price,
        ship_to=tuple(sorted({country for rate in shipping for country in rate.countries})) if ships else (),
        most=variant.stock,
    )
