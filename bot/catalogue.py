"""What is sold: products and their variants, as the config lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol

from bot.money import Money

Fulfil = Literal["ship", "message", "none"]
#: How often it is paid: once, or each month until it is stopped.
Every = Literal["", "month"]
Condition = Literal["new", "refurbished", "used"]
#: What variants differ in where the seller gave that no name.
VARIANT: Final = "Variant"
#: The longest id of a product, of a variant: product, variant, quantity and code have to fit a button together
#: (bot.chat.LONGEST_VALUE).
LONGEST_ID: Final = 24
#: Characters of a name, a number, an option; of a description; and of one in HTML.
LONGEST_LINE: Final = 250
LONGEST_TEXT: Final = 2000
LONGEST_HTML: Final = 50_000
#: How many of a thing are offered, at most, and the grams it weighs.
MOST_STOCK: Final = 1_000_000
HEAVIEST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Image:
    """A picture at an https address; `alt` says what it shows, to who cannot see it."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A thing one can buy: one size and colour of a product. `id` is "mug" or "mug/blue"."""

    id: str
    product: Product
    name: str
    price: Money
    #: The total ever offered; None where it does not run out. available = stock - reserved - sold.
    stock: int | None = None
    sku: str = ""
    #: The number under its barcode (GS1), digits alone.
    gtin: str = ""
    #: The maker's own number for it.
    mpn: str = ""
    #: In grams; None where it is not known.
    weight: int | None = None
    #: What it cost before, or costs elsewhere: shown struck out beside its price.
    compare_at: Money | None = None
    #: What it is of each of the product's options: ("blue", "M").
    values: tuple[str, ...] = ()
    #: The address of its own picture.
    picture: str = ""

    @property
    def label(self) -> str:
        """What people read: "Mug, blue"."""
        return f"{self.product.name}, {self.name}" if self.name else self.product.name


@dataclass(frozen=True, eq=False, slots=True)
class Product:
    """A product with its variants (one, unnamed, where it has none)."""

    id: str
    name: str
    description: str = ""
    picture: str = ""
    fulfil: Fulfil = "none"
    #: With fulfil = "message": what is sent privately after payment.
    message: str = ""
    #: The most of it that one order may hold.
    limit: int = 10
    #: Other words it is found by.
    tags: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    every: Every = ""
    #: Its pictures, the one that is shown first first.
    images: tuple[Image, ...] = ()
    #: The long description, in HTML, for the channels that show it. Chats never do.
    html: str = ""
    brand: str = ""
    #: Where it belongs, from the wide to the narrow: "Kitchen > Mugs".
    category: str = ""
    condition: Condition = "new"
    #: Its own page, where it is sold.
    url: str = ""
    #: What its variants differ in: ("Colour", "Size").
    options: tuple[str, ...] = ()

    def chosen(self, variant: Variant) -> tuple[tuple[str, str], ...]:
        """Tell what a variant is of each option: (("Colour", "blue"),); of the only, unnamed one nothing."""
        if self.options:
            return tuple(zip(self.options, variant.values, strict=True))
        return ((VARIANT, variant.name),) if variant.name else ()


def tie(product: Product, variants: Callable[[Product], Iterable[Variant]]) -> Product:
    """Give the product with variants made for it. They know each other, and both are frozen: only this ties the knot."""
    tied = replace(product, variants=())
    object.__setattr__(tied, "variants", tuple(variants(tied)))
    return tied


def is_gtin(value: str) -> bool:
    """Tell whether it is a number under a barcode: 8, 12, 13 or 14 digits, the last of which checks the others.

    The check digit is that of GS1's General Specifications, 7.9: weights of 3 and 1 from the right, modulo 10.
    """
    if not re.fullmatch(r"\d{8}|\d{12,14}", value, re.ASCII):
        return False
    weighed = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(value)))
    return sum(weighed) % 10 == 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products of the shop, in the config's order."""

    products: tuple[Product, ...]
    variants: Mapping[str, Variant] = field(default_factory=dict)
    #: Products by id, and those that are paid monthly: a big catalogue is not gone through for each question.
    named: Mapping[str, Product] = field(default_factory=dict)
    monthly: tuple[Product, ...] = ()

    @classmethod
    def of(cls, products: Sequence[Product]) -> Catalogue:
        """Make a catalogue, with its products and variants by id."""
        return cls(
            tuple(products),
            {variant.id: variant for product in products for variant in product.variants},
            {product.id: product for product in products},
            tuple(product for product in products if product.every),
        )


class Search(Protocol):
    """The port behind which variants are found by what people type; typos and accents are forgiven."""

    def find(self, typed: str, most: int = 25) -> Sequence[Variant]:
        """Give the best matches, best first; for "" the first of the catalogue. Never raises."""
        ...

    def exact(self, typed: str) -> Sequence[Variant]:
        """Give the variants that `typed` names for certain (id, label, product name, any order of the words), perhaps many."""
        ...
