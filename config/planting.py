"""Puts products into the text of a shop.toml: new ones at its end, changed values in their places, comments kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, InlineTable, Item, Table

from bot.catalogue import Catalogue, Product, Variant
from bot.channels import Notes

#: Keys of products that are here already which are never changed: what was offered in all is not what is left elsewhere,
#: and how a thing reaches its buyers is decided here.
_KEPT: Final = frozenset({"stock", "fulfil"})
NOTHING: Final[Mapping[str, Product]] = MappingProxyType({})


def planted(
    text: str, catalogue: Catalogue, notes: Notes, *, listed: Mapping[str, Product] = NOTHING, file: str = ""
) -> str:
    """Give the text with the products of a catalogue in it, and with one more catalogue file where one is named.

    What does not fit is left as it is, with a remark; so is what is `listed` in a catalogue file.
    """
    document = tomlkit.parse(text)
    if file:
        _name(document, file)
    here: Any = document.get("product", {})
    ships = bool(document.get("shipping"))
    new = tomlkit.table(is_super_table=True)
    for product in catalogue.products:
        if product.id in listed:
            if _differ(product, listed[product.id]):
                notes.add(
                    product, "left out", "", "a catalogue file lists it, and says something else: change it there"
                )
        elif product.id in here:
            _change(here[product.id], product, notes)
        else:
            new[product.id] = _table(product, notes, ships=ships)
    whole = tomlkit.dumps(document)
    if not new:
        return whole
    added = tomlkit.document()
    added["product"] = new
    return whole.rstrip("\n") + "\n\n" + tomlkit.dumps(added).strip("\n") + "\n"


def _differ(product: Product, here: Product) -> bool:
    """Tell whether two of one product say something else, but for their stock: here that is what was offered in all."""
    wholes, variants = [], []
    for each in (product, here):
        wholes.append({key: value for key, value in said(each, ships=True).items() if key not in _KEPT})
        variants.append(
            [{key: value for key, value in said_of(one, each).items() if key not in _KEPT} for one in each.variants]
        )
    return wholes[0] != wholes[1] or variants[0] != variants[1]


def _name(document: tomlkit.TOMLDocument, file: str) -> None:
    """Name a catalogue file, behind those that are named."""
    if "catalogue" not in document:
        document["catalogue"] = tomlkit.table()
    table: Any = document["catalogue"]
    if "files" in table:
        table["files"].append(file)
    else:
        table["files"] = [file]


def _table(product: Product, notes: Notes, *, ships: bool) -> Table:
    table = tomlkit.table()
    if product.fulfil == "ship" and not ships:
        says = 'it is shipped, and the shop has no [[shipping]] to ship by: it came as fulfil = "none"'
        notes.add(product, "changed", "fulfil", says)
    for key, value in said(product, ships=ships).items():
        table[key] = value
    if varied(product):
        variants = tomlkit.table(is_super_table=True)
        for variant in product.variants:
            mine = tomlkit.table()
            for key, value in said_of(variant, product).items():
                mine[key] = value
            variants[own_id(variant)] = mine
        table["variant"] = variants
    return table


def _change(table: MutableMapping[str, Any], product: Product, notes: Notes) -> None:
    """Change what differs of a product that is here; what the other place does not say stays."""
    variants = table.get("variant", {})
    if bool(variants) != varied(product):
        notes.add(
            product, "left out", "variants", "it has variants in one place and none in the other: left as it is here"
        )
        return
    if "every" in table:
        notes.add(product, "left out", "every", "it is paid monthly here: left as it is")
        return
    whole = said(product, ships=True)
    if variants and list(table.get("options", [])) != list(product.options):
        notes.add(product, "left out", "options", "its variants differ in something else here: left as it is")
        return
    _set(table, {key: value for key, value in whole.items() if key not in {"price", "compare_at"} or not variants})
    for variant in product.variants if variants else ():
        values = said_of(variant, product)
        own = variants.get(own_id(variant))
        if own is None:
            fresh = tomlkit.table()
            for key, value in values.items():
                fresh[key] = value
            variants[own_id(variant)] = fresh
            continue
        inherited = {key: table[key] for key in ("price", "compare_at", "weight") if key in table and key not in own}
        _set(own, {key: value for key, value in values.items() if inherited.get(key) != value})
    if any(variant.stock is not None for variant in product.variants):
        notes.add(product, "note", "stock", "its stock stays what it is here: there it is what is left")


def _set(table: MutableMapping[str, Any], values: Mapping[str, Item | Any]) -> None:
    for key, value in values.items():
        if key in _KEPT:
            continue
        if key not in table:
            _add(table, key, value)
        elif _bare(table[key]) != _bare(value):
            table[key] = value


def _add(table: MutableMapping[str, Any], key: str, value: Item | Any) -> None:
    """Add a key below the last one of its table. By itself tomlkit adds it below the notes on the next table."""
    last = None
    if isinstance(table, Table):
        plain = [name for name, item in table.value.body if name is not None and not isinstance(item, Table | AoT)]
        last = plain[-1] if plain else None
    if last is None or not isinstance(table, Table):
        table[key] = value
    else:
        table.value._insert_after(last, key, tomlkit.item(value))  # noqa: SLF001 - in public it only has "at the end"


def _bare(value: Any) -> Any:
    return value.unwrap() if isinstance(value, Item) else value


def varied(product: Product) -> bool:
    """Tell whether a product has variants of its own, with names."""
    return any(variant.name for variant in product.variants)


def own_id(variant: Variant) -> str:
    """Give the id of a variant within its product."""
    return variant.id.removeprefix(f"{variant.product.id}/")


def said(product: Product, *, ships: bool) -> dict[str, Any]:
    """Give the keys of a product's table that say something."""
    first = product.images[0] if product.images else None
    whole: dict[str, Any] = {
        "name": product.name,
        "description": _text(product.description),
        "html": _text(product.html),
        "picture": first.url if first else "",
        "picture_alt": first.alt if first else "",
        "pictures": _pictures(product),
        "brand": product.brand,
        "category": product.category,
        "condition": "" if product.condition == "new" else product.condition,
        "url": product.url,
        "fulfil": "ship" if product.fulfil == "ship" and ships else "",
        "tags": list(product.tags),
        "options": list(product.options),
    }
    if not varied(product):
        (variant,) = product.variants
        whole |= _common(variant)
    return {key: value for key, value in whole.items() if value not in ("", [], None)}


def said_of(variant: Variant, product: Product) -> dict[str, Any]:
    """Give the keys of a variant's table that say something."""
    mine = {
        "name": variant.name,
        "values": list(variant.values) if product.options else [],
        **_common(variant),
        "picture": variant.picture,
    }
    return {key: value for key, value in mine.items() if value not in ("", [], None)}


def _common(variant: Variant) -> dict[str, Any]:
    return {
        "price": variant.price.plain(),
        "compare_at": variant.compare_at.plain() if variant.compare_at else "",
        "stock": variant.stock,
        "weight": variant.weight,
        "sku": variant.sku,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
    }


def _pictures(product: Product) -> list[InlineTable]:
    return list(_inline(product))


def _inline(product: Product) -> Iterator[InlineTable]:
    for image in product.images[1:]:
        table = tomlkit.inline_table()
        table["url"] = image.url
        if image.alt:
            table["alt"] = image.alt
        yield table


def _text(text: str) -> Any:
    return tomlkit.string(text, multiline=True) if "\n" in text else text
