"""What is meant by what was typed after /buy: which product, how many, a code, and where to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.catalogue import Variant
from bot.chat import Context
from bot.errors import BadQuantity, UnknownProduct
from commands.countries import known

#: A quantity among the words: "2", "x2", "2×".
_MANY: Final = re.compile(r"[x×]?(-?\d+)[x×]?", re.IGNORECASE)
#: How many near names are offered for an unknown one.
_NEAREST: Final = 3
#: After a product's name, it asks for the form instead of going straight to the order: `/buy mug ?`.
ASK: Final = "?"


def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
    """Read `"blue mug" 2 code WELCOME10 to Germany`: a number at either end is how many, the rest follows its word."""
    left, typed = list(words), {}
    code_words = {"code", ctx.tongue.word("buy.code_word").casefold()}
    for at, word in enumerate(left):
        if word.casefold() in code_words and at + 1 < len(left):
            typed["code"] = left[at + 1]
            del left[at : at + 2]
            break
    _take_quantity(left, typed)
    _take_country(ctx, left, typed)
    _take_quantity(left, typed)
    if left and left[-1] == ASK:
        left.pop()
        typed["ask"] = ASK
    if left:
        typed["product"] = " ".join(left)
    return typed


def _take_quantity(left: list[str], typed: dict[str, str]) -> None:
    """Take the number at either end, if none was taken before."""
    for at in (-1, 0):
        many = _MANY.fullmatch(left[at]) if len(left) > 1 and "quantity" not in typed else None
        if many:
            typed["quantity"] = many[1]
            del left[at]


def _take_country(ctx: Context, left: list[str], typed: dict[str, str]) -> None:
    """Take what follows "to" at the end; a product that has such words in its name keeps them ("Back to school")."""
    clear, *more = ctx.tongue.word("buy.to_words").casefold().split()
    for at in range(len(left) - 2, 0, -1):
        word, place = left[at].casefold(), " ".join(left[at + 1 :])
        if word not in {"to", clear, *more} or ctx.shop.search.exact(" ".join(left)):
            continue
        before = [*left[:at]]
        _take_quantity(before, {})
        names_goods = word in {"to", clear} and ctx.shop.search.exact(" ".join(before))
        if known(ctx, place) or names_goods:
            typed["country"] = place
            del left[at:]
            return


def find(ctx: Context, typed: str) -> Sequence[Variant]:
    """Give the variants that a text names for certain; more than one where it is not certain. Raises UnknownProduct."""
    known = ctx.shop.catalogue.variants.get(typed)
    if known is not None:
        return (known,)
    found = ctx.shop.search.exact(typed)
    if not found:
        raise UnknownProduct(typed, tuple(ctx.shop.search.find(typed, _NEAREST)))
    return found


def meant(ctx: Context, typed: str) -> Sequence[Variant]:
    """Give the variants that are named for certain, () where none is."""
    one = ctx.shop.catalogue.variants.get(typed)
    return (one,) if one else ctx.shop.search.exact(typed) if typed else ()


def quantity(typed: str) -> int:
    """Read how many are meant: one where nothing is said. Raises BadQuantity."""
    text = typed or "1"
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise BadQuantity(typed)
    return int(text[:9])
