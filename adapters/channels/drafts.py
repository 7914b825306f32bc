"""Products as they come from elsewhere, made fit for this shop: ids, lengths, prices, and a remark on whatever was changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from adapters.channels.texts import fit, slug
from bot.catalogue import (
    HEAVIEST,
    LONGEST_HTML,
    LONGEST_ID,
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_STOCK,
    Catalogue,
    Condition,
    Fulfil,
    Image,
    Product,
    Variant,
    is_gtin,
    tie,
)
from bot.channels import Arrival, Notes
from bot.errors import BadAmount
from bot.money import LARGEST, Money, exponent, parse

_HERE: Final = "this shop"
#: Characters of a price: what is longer is none.
_LONGEST_PRICE: Final = 40
#: Characters that show nothing, and have no place in HTML either: https://www.w3.org/TR/xml/#charsets
_CONTROL: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
#: What breaks a line, or turns the direction of what follows. What joins letters, or the parts of an emoji, stays.
_UNSEEN: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\ufeff]")
_PRICE: Final = re.compile(r"(?:([A-Za-z]{3})\s*)?(\d+(?:\.\d+)?)(?:\s*([A-Za-z]{3}))?", re.ASCII)


@dataclass(slots=True)
class DraftVariant:
    """A variant as it was read. `key` is what it is called there; prices are as they were written."""

    line: int
    key: str = ""
    name: str = ""
    price: str | Money = ""
    compare_at: str | Money = ""
    stock: int | None = None
    sku: str = ""
    gtin: str = ""
    mpn: str = ""
    weight: int | None = None
    values: tuple[str, ...] = ()
    picture: str = ""


@dataclass(slots=True)
class Draft:
    """A product as it was read."""

    line: int
    key: str
    name: str = ""
    description: str = ""
    html: str = ""
    tags: tuple[str, ...] = ()
    fulfil: Fulfil = "none"
    images: list[Image] = field(default_factory=list)
    brand: str = ""
    category: str = ""
    condition: Condition = "new"
    url: str = ""
    options: tuple[str, ...] = ()
    variants: list[DraftVariant] = field(default_factory=list)


def arrival(drafts: Iterable[Draft], currency: str, notes: Notes) -> Arrival:
    """Make the catalogue of what was read."""
    taken: set[str] = set()
    products = []
    for draft in drafts:
        product = _product(draft, currency, taken, notes)
        if product is not None:
            taken.add(product.id)
            products.append(product)
    return Arrival(Catalogue.of(products), tuple(notes.remarks))


def read_price(written: str, currency: str) -> Money:
    """Read "12.50", "12.50 EUR" or "EUR 12,50". Raises BadAmount where it is none, is doubtful, or of another currency."""
    found = _PRICE.fullmatch(written.strip()) if len(written) <= _LONGEST_PRICE else None
    if not found:
        return parse(written, currency)
    named = (found[1] or found[3] or currency).upper()
    whole, _, fraction = found[2].partition(".")
    decimals = exponent(currency)
    if named != currency:
        raise BadAmount(written, "currency", currency)
    if fraction[decimals:].strip("0"):
        raise BadAmount(written, "decimals", currency)
    minor = int(whole + fraction[:decimals].ljust(decimals, "0"))
    if minor > LARGEST:
        raise BadAmount(written, "size", currency)
    return Money(minor, currency)


def read_count(written: str, notes: Notes, of: str, field_: str, most: int) -> int | None:
    """Read a whole number; None, with a remark, where it is none."""
    if not written.strip():
        return None
    try:
        number = float(written)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        notes.add(of, "left out", field_, f'its {field_} "{written[:40]}" is no number from 0 to {most}')
        return None
    return int(number)


def _product(draft: Draft, currency: str, taken: set[str], notes: Notes) -> Product | None:
    name = _line(draft.name)
    key = draft.key or name
    id_ = _free(key if _is_id(key) else slug(key) or slug(name) or "product", taken)
    if not name:
        notes.add(f"line {draft.line}", "left out", "name", "it has no name")
        return None
    if id_ != draft.key:
        notes.add(id_, "changed", "id", f'"{key[:60]}" is called {id_} in {_HERE}')
    fitted = Product(
        id=id_,
        name=fit(name, LONGEST_LINE, notes, of=id_, field="name", where=_HERE),
        description=fit(_clean(draft.description), LONGEST_TEXT, notes, of=id_, field="description", where=_HERE),
        html=_html(draft.html, notes, id_),
        tags=tuple(
            fit(tag, LONGEST_LINE, notes, of=id_, field="tags", where=_HERE) for tag in map(_line, draft.tags) if tag
        ),
        fulfil=draft.fulfil,
        brand=fit(_line(draft.brand), LONGEST_LINE, notes, of=id_, field="brand", where=_HERE),
        category=fit(_line(draft.category), LONGEST_LINE, notes, of=id_, field="category", where=_HERE),
        condition=draft.condition,
        url=_address(draft.url, ("https", "http"), notes, id_, "url"),
        options=tuple(_line(option) for option in draft.options),
        images=tuple(_images(draft, notes, id_)),
    )
    if fitted.images:
        fitted = replace(fitted, picture=fitted.images[0].url)
    product = tie(fitted, lambda tied: _variants(tied, draft, currency, notes))
    if not product.variants:
        notes.add(id_, "left out", "price", "nothing of it is left that could be sold")
        return None
    return product


def _variants(product: Product, draft: Draft, currency: str, notes: Notes) -> Iterator[Variant]:
    single = not product.options and len(draft.variants) == 1
    taken: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for each in draft.variants:
        values = tuple(_line(value) for value in each.values)
        name = "" if single else ", ".join(values) or _line(each.name) or _line(each.key)
        price = _price(each.price, currency, notes, product.id, name)
        if price is None:
            continue
        if product.options and (values in seen or len(values) != len(product.options) or not all(values)):
            notes.add(
                product.id, "left out", "variants", f'line {each.line}: "{name}" is there already, or says too little'
            )
            continue
        seen.add(values)
        id_ = product.id if single else f"{product.id}/{_variant_id(product.id, each, name, taken)}"
        weight = each.weight if each.weight is None or each.weight <= HEAVIEST else None
        if weight != each.weight:
            notes.add(id_, "left out", "weight", f"it weighs {each.weight} g, and {_HERE} takes {HEAVIEST} g")
        stock = None if each.stock is None else max(0, min(each.stock, MOST_STOCK))
        if stock != each.stock:
            notes.add(id_, "cut", "stock", f"of it there are {each.stock}, and {_HERE} counts from 0 to {MOST_STOCK}")
        yield Variant(
            id=id_,
            product=product,
            name=fit(name, LONGEST_LINE, notes, of=id_, field="name", where=_HERE),
            price=price,
            stock=stock,
            sku=fit(_line(each.sku), LONGEST_LINE, notes, of=id_, field="sku", where=_HERE),
            gtin=_gtin(each.gtin, notes, id_),
            mpn=fit(_line(each.mpn), LONGEST_LINE, notes, of=id_, field="mpn", where=_HERE),
            weight=weight,
            compare_at=_compare_at(each.compare_at, price, notes, id_),
            values=values if product.options else (),
            picture=_address(each.picture, ("https",), notes, id_, "picture"),
        )


def _variant_id(product: str, draft: DraftVariant, name: str, taken: set[str]) -> str:
    own = draft.key.removeprefix(f"{product}/")
    found = _free(own if own != draft.key and _is_id(own) else slug(name) or slug(draft.key) or "variant", taken)
    taken.add(found)
    return found


def _price(written: str | Money, currency: str, notes: Notes, product: str, name: str) -> Money | None:
    what = f'"{name}": ' if name else ""
    try:
        price = written if isinstance(written, Money) else read_price(written, currency)
    except BadAmount as error:
        notes.add(product, "left out", "price", f"{what}{error}" if written else f"{what}it has no price")
        return None
    if price.currency != currency:
        notes.add(
            product, "left out", "price", f"{what}it is priced in {price.currency}, and the shop sells in {currency}"
        )
        return None
    if not 0 < price.minor <= LARGEST:
        notes.add(product, "left out", "price", f"{what}it costs {price}, which {_HERE} cannot charge")
        return None
    return price


def _compare_at(written: str | Money, price: Money, notes: Notes, of: str) -> Money | None:
    if not written:
        return None
    try:
        was = written if isinstance(written, Money) else read_price(written, price.currency)
    except BadAmount as error:
        notes.add(of, "left out", "compare_at", str(error))
        return None
    if was.currency != price.currency or was < price:
        notes.add(of, "left out", "compare_at", f"it is said to have cost {was} before, and costs {price}")
        return None
    return was if was > price else None


def _gtin(written: str, notes: Notes, of: str) -> str:
    digits = re.sub(r"[\s-]", "", written)
    if digits and not is_gtin(digits):
        notes.add(of, "left out", "gtin", f'"{written[:40]}" is no number of a barcode')
        return ""
    return digits


def _html(html: str, notes: Notes, of: str) -> str:
    html = _CONTROL.sub("", html).strip()
    if len(html) > LONGEST_HTML:
        notes.add(of, "left out", "html", f"its HTML is longer than {LONGEST_HTML} characters; its text is kept")
        return ""
    return html


def _images(draft: Draft, notes: Notes, of: str) -> Iterator[Image]:
    for image in dict.fromkeys(draft.images):
        url = _address(image.url, ("https",), notes, of, "picture")
        if url:
            yield Image(url, fit(_line(image.alt), LONGEST_LINE, notes, of=of, field="alt text", where=_HERE))


def _address(url: str, schemes: tuple[str, ...], notes: Notes, of: str, field_: str) -> str:
    url = url.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme in schemes and bool(parts.hostname) and not re.search(r"[\s<>\"\\]", url)
        good = good and parts.port != 0
    except ValueError:
        good = False
    if url and not good:
        notes.add(of, "left out", field_, f'"{url[:80]}" is no {" or ".join(schemes)} address')
    return url if good else ""


def _line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def _clean(text: str) -> str:
    lines = (_line(line) for line in text.splitlines())
    return "\n".join(lines).strip()


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text) is not None and len(text) <= LONGEST_ID


def _free(wanted: str, taken: set[str]) -> str:
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted[: LONGEST_ID - len(str(number)) - 1]}-{number}"
    return found
