"""Reads what Gumroad's API answers to GET /v2/products: https://app.gumroad.com/api#products. It takes no files."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from adapters.channels.documents import documents, items, number, table, word
from adapters.channels.drafts import Draft, DraftVariant, arrival
from adapters.channels.texts import described
from bot.catalogue import MOST_STOCK, Image
from bot.channels import Arrival, Channel, Notes
from bot.errors import UnreadableFile
from bot.money import Money

TITLE: Final = "Gumroad"
#: Variants of a product, at most: kinds of options multiply.
MOST_VARIANTS: Final = 500


def back(stream: BinaryIO, currency: str) -> Arrival:
    """Read the answer. Prices are in minor units of the currency that each product names. Raises UnreadableFile."""
    notes = Notes()
    drafts = []
    for page in documents(stream):
        products = table(page).get("products")
        if not isinstance(products, list):
            raise UnreadableFile(0, 'there is no list "products" in it')
        for each in map(table, products):
            key = word(each.get("name")) or word(each.get("id"))
            why = _unwanted(each)
            if why:
                notes.add(key, "left out", "product", why)
            else:
                drafts.append(_draft(each, key, currency, notes))
    return arrival(drafts, currency, notes)


def _unwanted(product: Mapping[str, Any]) -> str:
    if product.get("deleted") is True:
        return "it was deleted there"
    if product.get("is_tiered_membership") is True or items(product.get("recurrences")):
        return 'it is a membership, which is paid again and again: write it here with every = "month"'
    return ""


def _draft(product: Mapping[str, Any], key: str, currency: str, notes: Notes) -> Draft:
    text, html = described(word(product.get("description")))
    pictures = dict.fromkeys(filter(None, (word(product.get(name)) for name in ("preview_url", "thumbnail_url"))))
    kinds = [table(each) for each in items(product.get("variants")) if items(table(each).get("options"))]
    draft = Draft(
        line=0,
        key=key,
        name=word(product.get("name")),
        description=text or word(product.get("custom_summary")),
        html=html,
        tags=tuple(map(word, items(product.get("tags")))),
        fulfil="ship" if product.get("require_shipping") is True else "none",
        images=[Image(url) for url in pictures],
        options=tuple(word(kind.get("title")) or f"Option {at}" for at, kind in enumerate(kinds, 1)),
    )
    _remark(product, draft, notes)
    choices = itertools.product(*([table(each) for each in items(kind.get("options"))] for kind in kinds))
    for at, chosen in enumerate(choices):
        if at == MOST_VARIANTS:
            notes.add(key, "left out", "variants", f"it has more than {MOST_VARIANTS} variants: the rest")
            break
        draft.variants.append(_variant(product, chosen, currency))
    return draft


def _remark(product: Mapping[str, Any], draft: Draft, notes: Notes) -> None:
    if product.get("customizable_price") is True:
        notes.add(draft.key, "changed", "price", "buyers may pay more for it there: here it has one price")
    if product.get("published") is False:
        notes.add(draft.key, "note", "status", "it is not for sale there")
    if product.get("file_info"):
        says = 'what buyers download is not in the answer: write fulfil = "message" with a link to it'
        notes.add(draft.key, "note", "fulfil", says)


def _variant(product: Mapping[str, Any], chosen: tuple[Mapping[str, Any], ...], currency: str) -> DraftVariant:
    code = word(product.get("currency")).upper() or currency
    base = number(product.get("price"))
    more = [each.get("price_difference") for each in chosen]
    known = base is not None and re.fullmatch(r"[A-Z]{3}", code)
    added = sum(int(each) for each in more if isinstance(each, int) and not isinstance(each, bool))
    most = number(product.get("max_purchase_count"))
    sold = number(product.get("sales_count")) or 0
    return DraftVariant(
        line=0,
        price=Money(max(0, (base or 0) + added), code) if known else "",
        stock=None if most is None or chosen else min(max(0, most - sold), MOST_STOCK),
        values=tuple(word(each.get("name")) for each in chosen),
    )


CHANNEL: Final = Channel("gumroad", TITLE, {}, back)
