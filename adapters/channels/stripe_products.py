"""Reads Stripe's products and prices as its API lists them: https://docs.stripe.com/api/products/list.

`GET /v1/products?expand[]=data.default_price` tells what has one price; `GET /v1/prices`, appended to the same file,
tells the others too, which become variants. What `tillbot export stripe` made there, a product for each variant, becomes
products with variants again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, Final

from adapters.channels.documents import documents, items, number, table, word
from adapters.channels.drafts import Draft, DraftVariant, arrival
from adapters.channels.texts import slug
from bot.catalogue import Image
from bot.channels import Arrival, Channel, Notes
from bot.errors import UnreadableFile
from bot.money import Money

TITLE: Final = "Stripe"
#: Currencies whose minor units Stripe counts otherwise than ISO 4217: https://docs.stripe.com/currencies#special-cases
COUNTED_OTHERWISE: Final = frozenset({"ISK", "MGA", "UGX"})

#: What the ids of products begin with that this shop made there for its Payment Links: "tillbot.mug.blue" is mug/blue.
OURS: Final = "tillbot."

Body = Mapping[str, Any]


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read the lists. Prices are in minor units of the currency that each names. Raises UnreadableFile."""
    products: dict[str, Body] = {}
    prices: dict[str, Body] = {}
    for each in _listed(stream):
        (products if each.get("object") == "product" else prices)[word(each.get("id"))] = each
    for product in products.values():
        default = table(product.get("default_price"))
        if default:
            prices.setdefault(word(default.get("id")), default)
    if not products:
        raise UnreadableFile(0, "there is no product in it: save what GET /v1/products answers")
    notes = Notes()
    by_product: dict[str, list[Body]] = {}
    for price in prices.values():
        by_product.setdefault(_product_of(price), []).append(price)
    drafts: dict[str, Draft] = {}
    links: dict[str, list[tuple[str, Draft]]] = {}
    for name, product in products.items():
        draft = _draft(product, prices, by_product.get(name, ()), currency, notes)
        if draft is None:
            continue
        if not name.startswith(OURS):
            drafts[name] = draft
            continue
        of, _, variant = name.removeprefix(OURS).partition(".")
        drafts.setdefault(OURS + of, draft)
        links.setdefault(of, []).append((variant, draft))
    for of, made in links.items():
        drafts[OURS + of] = _joined(of, made[::-1], notes)  # Stripe lists what is newest first
    return arrival(drafts.values(), currency, notes)


def _listed(stream: BinaryIO) -> Iterator[Body]:
    """Give the products and prices of each list, and those that stand alone."""
    for document in documents(stream):
        found = table(document)
        for each in map(table, items(found.get("data")) if found.get("object") == "list" else (found,)):
            if each.get("object") in {"product", "price"}:
                yield each


def _joined(of: str, made: Sequence[tuple[str, Draft]], notes: Notes) -> Draft:
    """Make one product again of what was one product a variant there, for a link each: "Mug, blue" is a blue Mug."""
    (variant, whole), *others = made
    if not variant and not others:
        return replace(whole, key=of)
    labels = [draft.name for _, draft in made]
    name = _shared(variant, labels)
    if name is None:
        notes.add(of, "changed", "name", f'what its variants are called there shares no beginning: it is called "{of}"')
    shared = [image for image in whole.images if all(image in draft.images for _, draft in made)]
    for each, draft in made:
        only = draft.variants[0]
        only.key = f"{of}/{each}"
        only.name = draft.name.removeprefix(f"{name}, ") if name is not None else draft.name
        only.picture = next((image.url for image in draft.images if image not in shared), "")
    if len(made) == 1:
        notes.add(of, "changed", "variants", f'"{whole.variants[0].name}" is its only variant, and stands for it')
    return replace(whole, key=of, name=name or of, images=shared, variants=[draft.variants[0] for _, draft in made])


def _shared(variant: str, labels: Sequence[str]) -> str | None:
    """Give what the names of all variants begin with, before a comma; of several such beginnings what leaves the id."""
    first = labels[0]
    ends = [found.start() for found in re.finditer(", ", first)]
    shared = [end for end in ends if all(label.startswith(first[: end + 2]) for label in labels)]
    named = [end for end in shared if slug(first[end + 2 :]) == variant]
    return next((first[:end] for end in (*named, *reversed(shared))), None)


def _draft(product: Body, prices: Mapping[str, Body], its: Sequence[Body], currency: str, notes: Notes) -> Draft | None:
    title = word(product.get("name"))
    if product.get("active") is False:
        notes.add(title, "left out", "product", "it is archived there")
        return None
    default = product.get("default_price")
    usual = word(table(default).get("id")) or word(default)
    own = [price for price in its if price.get("active") is not False]
    own += [prices[usual]] if usual in prices and prices[usual] not in own else []
    own.sort(key=lambda price: price.get("id") != usual)
    if usual and usual not in prices:
        says = "its price is not in the file: ask for it with expand[]=data.default_price, or append GET /v1/prices"
        notes.add(title, "note", "price", says)
    taken = [price for price in own if _takes(price, title, currency, notes)]
    if not taken:
        notes.add(title, "left out", "price", "nothing of it is left that could be sold")
        return None
    return Draft(
        line=0,
        key=title,
        name=title,
        description=word(product.get("description")),
        fulfil="ship" if product.get("shippable") is True else "none",
        images=[Image(word(url)) for url in items(product.get("images"))],
        url=word(product.get("url")),
        variants=[_variant(price) for price in taken],
    )


def _product_of(price: Body) -> str:
    named = price.get("product")
    return word(table(named).get("id")) or word(named)


def _takes(price: Body, title: str, currency: str, notes: Notes) -> bool:
    """Tell whether something can be sold at a price here, and say why where it cannot."""
    code = word(price.get("currency")).upper()
    why = ""
    if price.get("recurring"):
        why = 'it is paid again and again: write it here with every = "month"'
    elif price.get("custom_unit_amount"):
        why = "who buys it names the price: here that is a gift, to a cause"
    elif number(price.get("unit_amount")) is None:
        why = "it has tiers, or parts of a cent"
    elif code in COUNTED_OTHERWISE:
        why = f"amounts in {code} are counted in Stripe's own way: write it here yourself"
    elif code != currency:
        why = f"it is in {code or 'no currency'}, and the shop sells in {currency}"
    if why:
        notes.add(title, "left out", "price", f"{word(price.get('nickname')) or word(price.get('id'))}: {why}")
    return not why


def _variant(price: Body) -> DraftVariant:
    money = Money(number(price.get("unit_amount")) or 0, word(price.get("currency")).upper())
    return DraftVariant(line=0, name=word(price.get("nickname")) or str(money), price=money)


CHANNEL: Final = Channel("stripe", TITLE, {}, back)
