"""What is sold: products and their variants, as the config lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.money import Money

Fulfil = Literal["ship", "message", "none"]
#: How often it is paid: once, or each month until it is stopped.
Every = Literal["", "month"]


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

    @property
    def label(self) -> str:
        """What people read: "Mug, blue"."""
        return f"{self.product.name}, {self.name}" if self.name else self.product.name


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products of the shop, in the config's order."""

    products: tuple[Product, ...]
    variants: Mapping[str, Variant] = field(default_factory=dict)

    @classmethod
    def of(cls, products: Sequence[Product]) -> Catalogue:
        """Make a catalogue, with its variants by id."""
        return cls(tuple(products), {variant.id: variant for product in products for variant in product.variants})


class Search(Protocol):
    """The port behind which variants are found by what people type; typos and accents are forgiven."""

    def find(self, typed: str, most: int = 25) -> Sequence[Variant]:
        """Give the best matches, best first; for "" the first of the catalogue. Never raises."""
        ...

    def exact(self, typed: str) -> Sequence[Variant]:
        """Give the variants that `typed` names for certain (id, label, product name, any order of the words), perhaps many."""
        ...
