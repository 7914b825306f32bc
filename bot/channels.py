"""The port of a channel: a place elsewhere that takes the shop's catalogue, or gives one, with a report of what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final, Literal, Protocol, get_args

from bot.catalogue import Catalogue, Product, Variant, tie
from bot.settings import AmazonSeller
from bot.shop import Stock, available

#: What became of a thing: it is not in the file (or the shop), was cut, said otherwise, has no place there; or a hint.
Kind = Literal["left out", "cut", "changed", "not carried", "note"]

#: The channels that take the catalogue, by the names that the config and the command line have for them.
Taker = Literal["google", "meta", "pinterest", "shopify", "bigcommerce", "demandware", "schemaorg", "acp", "amazon"]
TAKERS: Final[tuple[Taker, ...]] = get_args(Taker)

#: What a product may say, by the name that reports use, and whether this one says it.
FIELDS: Final[Mapping[str, Callable[[Product], bool]]] = {
    "description": lambda product: bool(product.description),
    "html": lambda product: bool(product.html),
    "tags": lambda product: bool(product.tags),
    "brand": lambda product: bool(product.brand),
    "category": lambda product: bool(product.category),
    "condition": lambda product: product.condition != "new",
    "url": lambda product: bool(product.url),
    "fulfil": lambda product: product.fulfil != "none",
    "pictures": lambda product: len(product.images) > 1,
    "alt texts": lambda product: any(image.alt for image in product.images),
    "variant pictures": lambda product: any(variant.picture for variant in product.variants),
    "stock": lambda product: any(variant.stock is not None for variant in product.variants),
    "sku": lambda product: any(variant.sku for variant in product.variants),
    "gtin": lambda product: any(variant.gtin for variant in product.variants),
    "mpn": lambda product: any(variant.mpn for variant in product.variants),
    "weight": lambda product: any(variant.weight is not None for variant in product.variants),
    "compare_at": lambda product: any(variant.compare_at for variant in product.variants),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What a seller should know of one thing: `subject` is a product, a variant, or a line of a file."""

    product: str
    subject: str
    kind: Kind
    field: str
    says: str


@dataclass(slots=True)
class Notes:
    """Remarks as they are made; the same one once."""

    remarks: dict[Remark, None] = field(default_factory=dict)

    def add(self, of: Product | Variant | str, kind: Kind, field_: str, says: str) -> None:
        """Note a remark on a product, a variant, or what was read under a name."""
        match of:
            case Product():
                product, subject = of.id, of.id
            case Variant():
                product, subject = of.product.id, of.id
            case _:
                product, subject = of, of
        self.remarks[Remark(product, subject, kind, field_, says)] = None


class Unheard(Notes):
    """Remarks that nobody keeps: what was said when the report was made is not said again when the file is."""

    def add(self, of: Product | Variant | str, kind: Kind, field_: str, says: str) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Storefront:
    """What a channel is told of the shop as a whole."""

    name: str
    #: Where a product leads that has no page of its own.
    homepage: str
    #: ISO 4217.
    currency: str
    #: The language of the catalogue's texts, BCP 47.
    locale: str
    #: What Amazon alone asks; None where the shop does not sell there.
    amazon: AmazonSeller | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file for a channel. `write` makes its bytes piece by piece, anew on each call."""

    path: str
    media_type: str
    write: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """The catalogue in the form a channel takes, and what is to be said of it before it is sent."""

    files: Sequence[File]
    remarks: tuple[Remark, ...]
    products: int

    @property
    def ready(self) -> int:
        """How many products are in it, with all their variants."""
        return self.products - len({remark.product for remark in self.remarks if remark.kind == "left out"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A catalogue that came from elsewhere, and what was lost or changed on the way."""

    catalogue: Catalogue
    remarks: tuple[Remark, ...]


class Out(Protocol):
    """Puts a catalogue into the form that a channel takes. Pure; what cannot be said is reported, never cut in silence."""

    def __call__(self, catalogue: Catalogue, shop: Storefront, /) -> Parcel:
        """Make the files, and the report."""
        ...


class Back(Protocol):
    """Reads a catalogue from a channel's form. `stream` can be sought in; `currency` is for forms that name none."""

    def __call__(self, stream: BinaryIO, currency: str, /) -> Arrival:
        """Read all of it. Raises UnreadableFile, with the line where there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """A place elsewhere. `forms` are the files it takes, by the ending of their names, the usual one first."""

    name: str
    title: str
    forms: Mapping[str, Out] = field(default_factory=dict)
    back: Back | None = None
    #: What it has no place for, by the names of FIELDS.
    loses: frozenset[str] = frozenset()


def remarks_of(catalogue: Catalogue, title: str, loses: frozenset[str]) -> Iterator[Remark]:
    """Say of each product what a channel has no place for."""
    asked = [(name, says) for name, says in FIELDS.items() if name in loses]
    for product in catalogue.products:
        lost = ", ".join([name for name, says in asked if says(product)])
        if lost:
            yield Remark(product.id, product.id, "not carried", lost, f"{title} has no place for: {lost}")


def left(catalogue: Catalogue, stock: Mapping[str, Stock]) -> Catalogue:
    """Give the catalogue with what can still be bought of each variant in the place of what was ever offered."""

    def remaining(product: Product) -> Product:
        variants: Sequence[Variant] = product.variants
        return tie(
            product,
            lambda now: [
                replace(each, product=now, stock=available(each, stock.get(each.id, Stock()))) for each in variants
            ],
        )

    return Catalogue.of([remaining(product) for product in catalogue.products])
