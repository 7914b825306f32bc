"""The tables of places to buy instead, as pydantic models."""

from __future__ import annotations

import re
from datetime import datetime
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from bot.channels import Taker
from config.calendar import Instant
from config.names import Country, Locale, Zone
from config.tables import Table
from config.values import Line, Price, ProductId, Texts, Url
from config.wrong import did_you_mean, show, wrong


def _earlier(ends: datetime | None, info: ValidationInfo) -> datetime | None:
    opens = info.data.get("opens")
    if ends is not None and opens is not None and ends <= opens:
        raise wrong("is not after opens", "a place opens first, then ends")
    return ends


def _template(value: str) -> str:
    """Check that a deep link has no other placeholders than there are, and is an address with them filled in."""
    known_names = ("product", "variant", "sku", "name")
    try:
        names = [name for _, name, _, _ in Formatter().parse(value) if name is not None]
    except ValueError:
        raise wrong(f"{show(value)} has a brace that is not closed", "write {product}, or {{ for a brace") from None
    for name in names:
        if name not in known_names:
            better = did_you_mean(name, known_names) or f"write one of {', '.join(known_names)} in braces"
            raise wrong(f"{{{name}}} means nothing here", better)
    if not names:
        raise wrong("leads to the same page for every product", "write {product}, {variant}, {sku} or {name} in it")
    if not re.fullmatch(r"https?://[^\s<>\"\\{}]+\S*", value):
        raise wrong(f"{show(value)} is no web address", 'write one such as "https://shop.example/p/{product}"')
    return value


class AlternativeTable(Table):
    """Where to buy instead."""

    zone: Zone | None = Field(
        default=None, description="The zone of `opens` and `ends`; the retirement's, if not said."
    )
    name: Line = Field(description="The name of the place.")
    url: Url = Field(description="Its address.")
    products: list[ProductId] = Field(default_factory=list, description="The products it has; all where left out.")
    note: Texts | None = Field(default=None, description="What to know of it, by language.")
    regions: list[Country] = Field(default_factory=list, description="Countries it delivers to; all where left out.")
    languages: list[Locale] = Field(default_factory=list, description="Languages it speaks; all where left out.")
    cheapest: Price | None = Field(default=None, description="It is named for things that cost at least this.")
    dearest: Price | None = Field(default=None, description="It is named for things that cost at most this.")
    opens: Instant | None = Field(default=None, description="From when on it is named.")
    ends: Annotated[Instant | None, AfterValidator(_earlier)] = Field(
        default=None, description="From when on it is not named any more: places retire too."
    )
    deep_link: Annotated[str | None, AfterValidator(lambda value: value and _template(value))] = Field(
        default=None, description="The address of one product there: {product}, {variant}, {sku}, {name} are filled in."
    )
    channel: Taker | None = Field(
        default=None, description="The channel that the catalogue goes there by, as in `tillbot export CHANNEL`."
    )
