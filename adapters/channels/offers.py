"""Offers for feeds that list each variant by itself, with what all such feeds ask: a picture, a link, lengths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.channels.texts import fit, text_of
from bot.catalogue import Catalogue, Image, Product, Variant
from bot.channels import Notes, Storefront

#: Options that feeds have a column for, by the words that sellers use for them.
COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("color", "colour", "couleur", "farbe"), "color"),
    **dict.fromkeys(("size", "taille", "größe", "pointure"), "size"),
    **dict.fromkeys(("material", "matière", "matériau"), "material"),
    **dict.fromkeys(("pattern", "motif", "muster"), "pattern"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a feed takes: how many characters of each text, and how many pictures beside the first."""

    title: str
    name: int
    description: int
    link: int
    pictures: int
    brand: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as feeds list it."""

    variant: Variant
    product: Product
    name: str
    description: str
    link: str
    picture: str
    more: tuple[str, ...]
    brand: str
    #: The product that it is a variant of; "" where it is no variant.
    group: str

    @property
    def price(self) -> str:
        """The price, without what is taken off: "12.34 EUR"."""
        return str(self.variant.compare_at or self.variant.price)

    @property
    def sale_price(self) -> str:
        """What is asked now, where something is taken off."""
        return str(self.variant.price) if self.variant.compare_at else ""

    @property
    def available(self) -> bool:
        """Whether any are left."""
        return self.variant.stock != 0

    @property
    def columns(self) -> dict[str, str]:
        """Colour, size, material and pattern, by the names that feeds have for them."""
        return {
            COLUMNS[name.casefold()]: value
            for name, value in self.product.chosen(self.variant)
            if name.casefold() in COLUMNS
        }

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """What else variants differ in."""
        chosen = self.product.chosen(self.variant)
        return tuple((name, value) for name, value in chosen if name.casefold() not in COLUMNS)


def offers(catalogue: Catalogue, shop: Storefront, notes: Notes, rules: Rules) -> Iterator[Offer]:
    """Give what can be offered in a feed, in the catalogue's order; notes say what cannot, and what was made to fit."""
    for product in sold_once(catalogue, notes, rules.title):
        link = product.url or shop.homepage
        if not link or len(link) > rules.link:
            notes.add(product, "left out", "url", f"{rules.title} needs a link of at most {rules.link} characters")
            continue
        if not product.url:
            notes.add(
                product, "changed", "url", "it has no page of its own (url): its link leads to the shop's homepage"
            )
        description = text_of(product)
        if not description:
            notes.add(product, "changed", "description", "it has no description: its name stands there")
        text = fit(
            description or product.name, rules.description, notes, of=product, field="description", where=rules.title
        )
        brand = fit(product.brand, rules.brand, notes, of=product, field="brand", where=rules.title)
        for variant in product.variants:
            pictures = _pictures(product, variant, notes, rules)
            if pictures:
                name = fit(variant.label, rules.name, notes, of=variant, field="name", where=rules.title)
                group = product.id if variant.name else ""
                first, *more = pictures
                yield Offer(variant, product, name, text, link, first.url, tuple(i.url for i in more), brand, group)


def sold_once(catalogue: Catalogue, notes: Notes, title: str) -> Iterator[Product]:
    """Give the products that a channel can sell: what is paid monthly it cannot."""
    for product in catalogue.products:
        if product.every:
            notes.add(product, "left out", "every", f"it is paid monthly, and {title} sells things once")
        else:
            yield product


def _pictures(product: Product, variant: Variant, notes: Notes, rules: Rules) -> list[Image]:
    own = [Image(variant.picture)] if variant.picture else []
    found = [*own, *(image for image in product.images if image.url != variant.picture)]
    if not found:
        notes.add(variant, "left out", "picture", f"it has no picture, and {rules.title} shows nothing without one")
    if len(found) > rules.pictures + 1:
        says = f"{rules.title} takes {rules.pictures + 1} pictures, and it has {len(found)}"
        notes.add(variant, "cut", "pictures", says)
    return found[: rules.pictures + 1]
