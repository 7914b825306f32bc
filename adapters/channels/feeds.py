"""Reads feeds that list each variant by itself: Google's and Meta's, in XML or as a sheet; most shops can give one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element

from adapters.channels import sheets
from adapters.channels.drafts import Draft, DraftVariant, arrival, read_count
from adapters.channels.gathering import gathered
from adapters.channels.markup import local, records
from bot.catalogue import HEAVIEST, MOST_STOCK, VARIANT, Condition, Image
from bot.channels import Arrival, Notes
from bot.errors import UnreadableFile

#: The section of g:product_detail that holds a variant's options.
SECTION: Final = "Options"
#: Options that feeds have a column for, in the order of their columns.
NAMES: Final = {"color": "Color", "size": "Size", "material": "Material", "pattern": "Pattern"}
#: What is read of an item, or says nothing that could be lost.
_READS: Final = frozenset(
    {
        *("id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price"),
        *("sale_price", "brand", "gtin", "mpn", "condition", "item_group_id", "product_type", "shipping_weight"),
        *("google_product_category", "quantity_to_sell_on_facebook", "additional_variant_attribute", "more"),
        *("identifier_exists", *NAMES),
    }
)
_CONDITIONS: Final[Mapping[str, Condition]] = {"used": "used", "refurbished": "refurbished", "cpo": "refurbished"}
#: https://support.google.com/merchants/answer/6324503: kg, g, lb and oz, in grams.
_GRAMS: Final = {"g": 1.0, "kg": 1000.0, "lb": 453.59237, "oz": 28.349523125}
_WEIGHT: Final = re.compile(r"([\d.]+)\s*(kg|g|lb|oz)s?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item: its values by attribute, and its options."""

    line: int
    values: Mapping[str, Sequence[str]]
    options: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        """Give the first value of an attribute, or ""."""
        return next(iter(self.values.get(name, ())), "").strip()

    @property
    def pictures(self) -> tuple[str, ...]:
        """Its pictures, the main one first; each once."""
        return tuple(dict.fromkeys(url.strip() for url in (self["image_link"], *self.values["more"]) if url.strip()))


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read a feed. Raises UnreadableFile."""
    notes = Notes()
    xml = _is_xml(stream)

    def entries() -> Iterator[Entry]:
        return _xml(stream, notes) if xml else _sheet(stream, notes)

    if next(entries(), None) is None:
        raise UnreadableFile(0, "there is no product in it")
    return arrival((_draft(group, notes) for group in gathered(entries, _group)), currency, notes)


def _group(entry: Entry) -> str:
    return entry["item_group_id"] or f"\0{entry['id']}"


def _is_xml(stream: BinaryIO) -> bool:
    sheets.check_size(stream)
    start = stream.read(200)
    stream.seek(0)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") or start.startswith((b"\xff\xfe", b"\xfe\xff"))


def _xml(stream: BinaryIO, notes: Notes) -> Iterator[Entry]:
    unread: dict[str, int] = {}
    for line, item in records(stream, ("item", "entry")):
        values: dict[str, list[str]] = {"more": []}
        options = []
        for child in item:
            name = local(child.tag)
            if name == "product_detail":
                section, key, value = (_inner(child, part) for part in ("section", "attribute", "value"))
                if section == SECTION and key:
                    options.append((key, value))
            else:
                values.setdefault(name, []).append(child.text or child.get("href") or "")
        for name in values.keys() - _READS - unread.keys():
            unread[name] = line
        values["more"] = values.pop("additional_image_link", [])
        yield Entry(line, values, tuple(options) or tuple(_options(values)))

    for name, line in sorted(unread.items(), key=lambda pair: (pair[1], pair[0])):
        says = f"is not read: on line {line} it first says something"
        notes.add(f'attribute "{name[:80]}"', "not carried", "column", says)


def _inner(detail: Element, part: str) -> str:
    names = {"section": "section_name", "attribute": "attribute_name", "value": "attribute_value"}
    return next((child.text or "" for child in detail if local(child.tag) == names[part]), "")


def _sheet(stream: BinaryIO, notes: Notes) -> Iterator[Entry]:
    sheet = sheets.noting(sheets.read(stream, needs=("id", "title", "price")), _READS, notes)
    if sheet.latin:
        notes.add(f"line {sheet.latin}", "note", "encoding", "is no UTF-8: the file was read as Windows-1252")
    for row in sheet.rows:
        values: dict[str, list[str]] = {name: [cell] for name, cell in row.cells.items() if cell}
        values["more"] = [url.replace("%2C", ",") for url in row["additional_image_link"].split(",") if url]
        yield Entry(row.line, values, tuple(_options(values)))


def _options(values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for column, name in NAMES.items():
        if values.get(column):
            yield name, values[column][0]
    for pair in ",".join(values.get("additional_variant_attribute", ())).split(","):
        name, colon, value = pair.partition(":")
        if colon and name.strip() and value.strip():
            yield name.strip(), value.strip()


def _draft(entries: Sequence[Entry], notes: Notes) -> Draft:
    """Make a product of the items of a group; an item without one is a product by itself."""
    first = entries[0]
    grouped = bool(first["item_group_id"])
    key = first["item_group_id"] or first["id"]
    options = tuple(name for name, _ in first.options) if grouped else ()
    named = options == (VARIANT,)
    base, own = _pictures([entry.pictures for entry in entries])
    draft = Draft(
        line=first.line,
        key=key,
        name=_shared_name(entries) if grouped else first["title"],
        description=first["description"],
        images=[Image(url) for url in base],
        brand=first["brand"],
        category=first["product_type"] or first["google_product_category"],
        condition=_condition(first["condition"], key, notes),
        url=first["link"],
        options=() if named else options,
    )
    if not grouped and first.options:
        said = ", ".join(f"{name} {value}" for name, value in first.options)
        notes.add(key, "note", "options", f"it is no variant of anything, so what it is was left out: {said}")
    for entry, picture in zip(entries, own, strict=True):
        draft.variants.append(_variant(entry, draft, picture, notes, named=named))
    return draft


def _variant(entry: Entry, draft: Draft, picture: str, notes: Notes, *, named: bool) -> DraftVariant:
    chosen = dict(entry.options)
    sale = entry["sale_price"]
    count = read_count(entry["quantity_to_sell_on_facebook"], notes, draft.key, "stock", MOST_STOCK)
    availability = re.sub(r"[\s_]", "", entry["availability"]).casefold()
    gone = availability in {"outofstock", "discontinued"}
    if availability not in {"", "instock", "availablefororder"} and not gone:
        says = f'it is "{entry["availability"][:40]}" there, and what is sold here is taken to be there'
        notes.add(draft.key, "changed", "availability", says)
    return DraftVariant(
        line=entry.line,
        key=entry["id"],
        name=chosen.get(VARIANT, "") if named else entry["title"],
        price=sale or entry["price"],
        compare_at=entry["price"] if sale else "",
        stock=0 if gone else count,
        gtin=entry["gtin"],
        mpn=entry["mpn"],
        weight=_weight(entry["shipping_weight"], draft.key, notes),
        values=tuple(chosen.get(option, "") for option in draft.options),
        picture=picture,
    )


def _condition(written: str, key: str, notes: Notes) -> Condition:
    word = written.casefold()
    if word not in {"", "new", *_CONDITIONS}:
        notes.add(key, "changed", "condition", f'its condition "{written[:40]}" has no word here: it is called new')
    return _CONDITIONS.get(word, "new")


def _weight(written: str, key: str, notes: Notes) -> int | None:
    if not written:
        return None
    found = _WEIGHT.fullmatch(written)
    try:
        grams = round(float(found[1]) * _GRAMS[found[2].lower()]) if found else HEAVIEST + 1
    except ValueError:
        grams = HEAVIEST + 1
    if grams > HEAVIEST:
        says = f'its weight "{written[:40]}" is none in g, kg, lb or oz, up to {HEAVIEST} g'
        notes.add(key, "left out", "weight", says)
        return None
    return grams


def _shared_name(entries: Sequence[Entry]) -> str:
    """Give what the titles of a group share, when what each variant is was taken off their ends."""
    names = set()
    for entry in entries:
        ending = ", " + ", ".join(value for _, value in entry.options)
        names.add(entry["title"].removesuffix(ending) if entry.options else entry["title"])
    return min(names, key=lambda name: (len(name), name))


def _pictures(lists: Sequence[tuple[str, ...]]) -> tuple[Sequence[str], Sequence[str]]:
    """Tell a product's pictures from those of its variants, which come first in their lists."""
    if len(set(lists)) == 1:
        return lists[0], [""] * len(lists)
    for base in sorted(set(lists), key=len):
        own = [
            "" if urls == base else urls[0] if urls and urls[1:] == _without(base, urls[0]) else None for urls in lists
        ]
        if None not in own:
            return base, [url or "" for url in own]
    tails = {urls[1:] for urls in lists}
    heads = [urls[0] if urls else "" for urls in lists]
    if len(tails) == 1:
        return next(iter(tails)), heads
    return tuple(dict.fromkeys(url for urls in lists for url in urls)), heads


def _without(urls: tuple[str, ...], url: str) -> tuple[str, ...]:
    return tuple(each for each in urls if each != url)
