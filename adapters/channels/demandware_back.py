"""Reads a site archive of Salesforce B2C Commerce, or one of its files: catalogue, price books and inventory."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element

from adapters.channels.drafts import Draft, DraftVariant, arrival, read_count, read_price
from adapters.channels.markup import local, records
from adapters.channels.sheets import MOST_BYTES
from adapters.channels.shelf import Shelf
from adapters.channels.texts import described, paragraphs
from bot.catalogue import MOST_STOCK, VARIANT, Image
from bot.channels import Arrival, Notes
from bot.errors import BadAmount, UnreadableFile
from bot.money import Money

#: The language of values that are for all.
ALL: Final = "x-default"
#: Files in an archive that are looked at.
MOST_FILES: Final = 1000
_PIECE: Final = 1 << 20
_RECORDS: Final = ("image-settings", "category", "category-assignment", "product", "currency", "price-table", "record")


@dataclass(slots=True)
class _Found:
    """What was read so far, by the ids that it has there."""

    currency: str
    notes: Notes
    products: Shelf
    server: str = ""
    #: What masters name as theirs.
    variants: set[str] = field(default_factory=set)
    categories: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)
    prices: dict[str, list[Money]] = field(default_factory=dict)
    stock: dict[str, int | None] = field(default_factory=dict)
    #: The currency of the price book that is being read.
    book: str = ""


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read an archive (zip) or a file. Raises UnreadableFile, also for an archive that unpacks to more than fits."""
    with Shelf() as shelf:
        found = _Found(currency, Notes(), shelf)
        for file in _files(stream):
            for line, record in records(file, _RECORDS):
                _keep(line, record, found)
        if not found.products:
            raise UnreadableFile(0, "there is no product in it")
        drafts = (_draft(id_, found) for id_ in found.products if id_ not in found.variants)
        return arrival(drafts, currency, found.notes)


def _files(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give the XML files: those of an archive unpacked one after the other, never more than fits."""
    if not zipfile.is_zipfile(stream):
        stream.seek(0)
        yield stream
        return
    room = MOST_BYTES
    try:
        with zipfile.ZipFile(stream) as archive:
            names = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".xml")]
            if len(names) > MOST_FILES:
                raise UnreadableFile(0, f"there are more than {MOST_FILES} XML files in it")
            for entry in names:
                with archive.open(entry) as packed, tempfile.TemporaryFile() as unpacked:
                    while piece := packed.read(_PIECE):
                        room -= len(piece)
                        if room < 0:
                            raise UnreadableFile(0, f"it unpacks to more than {MOST_BYTES >> 20} MB")
                        unpacked.write(piece)
                    yield unpacked
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise UnreadableFile(0, "it is no zip that can be unpacked") from error


def _keep(line: int, record: Element, found: _Found) -> None:
    id_ = record.get("product-id", "")
    match local(record.tag):
        case "image-settings":
            found.server = _text(record, "https-url") or _text(record, "http-url")
        case "category":
            found.categories[record.get("category-id", "")] = _text(record, "display-name")
        case "category-assignment":
            found.assigned.setdefault(id_, record.get("category-id", ""))
        case "product" if record.get("mode") != "delete":
            found.products.put(id_, line, record)
            found.variants.update(_variants(record))
        case "currency":
            found.book = (record.text or "").strip()
        case "price-table":
            _keep_price(id_, record, found)
        case "record":
            endless = _text(record, "perpetual") == "true"
            counted = _text(record, "allocation") or _text(record, "ats")
            count = read_count(counted, found.notes, id_, "stock", MOST_STOCK)
            found.stock[id_] = None if endless else count or 0
        case _:
            pass


def _keep_price(id_: str, table: Element, found: _Found) -> None:
    for amount in _all(table, "amount"):
        if _of_one(amount):
            try:
                price = read_price(f"{(amount.text or '').strip()} {found.book}".strip(), found.currency)
            except BadAmount as error:
                found.notes.add(id_, "left out", "price", str(error))
            else:
                found.prices.setdefault(id_, []).append(price)


def _of_one(amount: Element) -> bool:
    """Tell whether a price is that of one piece; what is no number is the price of no number of pieces."""
    try:
        return float(amount.get("quantity") or 1) == 1
    except ValueError:
        return False


def _draft(id_: str, found: _Found) -> Draft:
    line, product = found.products.get(id_)
    short, long = _text(product, "short-description"), _text(product, "long-description")
    text, html = (short, "" if long in ("", paragraphs(short)) else long) if short else described(long)
    named = {
        each.get("attribute-id", ""): _text(each, "display-name") or each.get("attribute-id", "")
        for each in _all(product, "variation-attribute")
    }
    variants = [each for each in _variants(product) if each in found.products]
    ours = list(named.values()) == [VARIANT]
    draft = Draft(
        line=line,
        key=id_,
        name=_text(product, "display-name"),
        description=text,
        html=html,
        tags=tuple(tag.strip() for tag in _text(product, "page-keywords").split(",") if tag.strip()),
        images=_pictures(product, {}, found),
        brand=_text(product, "brand"),
        category=found.categories.get(found.assigned.get(id_, ""), ""),
        options=() if ours or not variants else tuple(named.values()),
    )
    if _all(product, "image") and not found.server:
        found.notes.add(id_, "left out", "pictures", "its pictures are files of the archive, which have no address")
    for each in variants or [id_]:
        draft.variants.append(_variant(each, draft, named if variants else {}, product, found))
    return draft


def _variant(id_: str, draft: Draft, named: dict[str, str], master: Element, found: _Found) -> DraftVariant:
    line, product = found.products.get(id_)
    said = {
        each.get("attribute-id", ""): "".join(each.itertext()).strip() for each in _all(product, "custom-attribute")
    }
    chosen = {name: said.get(name, "") for name in named}
    prices = sorted(found.prices.get(id_, ()))
    own = _pictures(master, chosen, found) if chosen else []
    return DraftVariant(
        line=line,
        key=id_.replace(f"{draft.key}.", f"{draft.key}/", 1) if named else id_,
        name=", ".join(chosen.values()),
        price=prices[0] if prices else "",
        compare_at=prices[-1] if len(prices) > 1 else "",
        stock=found.stock.get(id_),
        gtin=_text(product, "ean") or _text(product, "upc"),
        mpn=_text(product, "manufacturer-sku"),
        values=tuple(chosen.values()) if draft.options else (),
        picture=own[0].url if own else "",
    )


def _pictures(product: Element, chosen: dict[str, str], found: _Found) -> list[Image]:
    """Give the pictures of the group that is for what is chosen; those in the archive's own folders have no address."""
    for group in _all(product, "image-group"):
        wanted = {each.get("attribute-id", ""): each.get("value", "") for each in _all(group, "variation")}
        if wanted == chosen and found.server:
            server = found.server.rstrip("/") + "/"
            return [
                Image(server + each.get("path", "").lstrip("/"), _text(each, "alt")) for each in _all(group, "image")
            ]
    return []


def _variants(product: Element) -> list[str]:
    return [each.get("product-id", "") for each in _all(product, "variant")]


def _all(element: Element, name: str) -> list[Element]:
    return [each for each in element.iter() if each is not element and local(each.tag) == name]


def _text(element: Element, name: str) -> str:
    """Give the text for all languages, else the first there is."""
    found = _all(element, name)
    named = (each for each in found if each.get("http://www.w3.org/XML/1998/namespace}lang") == ALL)
    chosen = next(named, found[0] if found else None)
    return "" if chosen is None else (chosen.text or "").strip()
