"""The kinds of values in the config: amounts, percentages, addresses, days, texts by language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema

from bot.catalogue import LONGEST_LINE, LONGEST_TEXT, is_gtin
from bot.errors import BadAmount
from bot.money import LARGEST, Money, exponent, parse
from config.known import known
from config.names import Locale
from config.wrong import did_you_mean, kind, show, wrong

#: What no text has: control characters that break no line and are no tab. PostgreSQL, and XML, take none of them.
_UNSEEN: Final = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BROKEN: Final = re.compile(r"[\t\n\r]")


def _line(value: str) -> str:
    line = text(value)
    if _BROKEN.search(value):
        raise wrong("has more than one line", "write it on one line")
    return line


def text(value: str) -> str:
    """Check that a text says something that can be shown, and take the space around it off."""
    bare = value.strip()
    if not bare:
        raise wrong("is empty", "write a text")
    if unseen := _UNSEEN.search(value):
        raise wrong(f"has a character that nobody sees (U+{ord(unseen[0]):04X})", "take it out")
    return bare


#: A text of one line that is not empty.
Line = Annotated[str, Field(max_length=LONGEST_LINE), AfterValidator(_line)]
#: A text, perhaps of several lines, that is not empty.
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(text)]


def amount(value: Any, info: ValidationInfo) -> Money:
    """Read an amount written as "12.50", in the currency of its table or of the shop."""
    currency = info.data.get("currency") or known(info).currency
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise wrong(f"is {kind(value)}, no amount", f"write {show(_example(currency))}")
    if not isinstance(value, str):
        raise wrong(f"{value} is a number", f"write it in quotes: {show(_guess(str(value), currency))}")
    decimals = exponent(currency)
    if not re.fullmatch(rf"\d+(?:\.\d{{{decimals}}})?" if decimals else r"\d+", value):
        raise wrong(_why(value, currency), f"write {show(_guess(value, currency))}")
    # With the point in its one place nothing is doubtful: "1.250" dinars are 1250 fils, whatever a person would mean by it.
    whole, _, fraction = value.partition(".")
    digits = (whole + fraction.ljust(decimals, "0")).lstrip("0") or "0"
    if len(digits) > len(str(LARGEST)) or int(digits) > LARGEST:  # Python itself reads no number of thousands of digits
        raise wrong(
            f"{show(value)} is more than can be charged at once", f"write less, such as {show(_example(currency))}"
        )
    return Money(int(digits), currency)


def _why(value: str, currency: str) -> str:
    try:
        parse(value, currency)
    except BadAmount as error:
        return str(BadAmount(show(value)[1:-1], error.why, currency))
    return f"{show(value)} is no amount"


def _guess(value: str, currency: str) -> str:
    """Give the amount that was probably meant, else an example."""
    try:
        return parse(value, currency).plain()
    except BadAmount:
        return _example(currency)


def _example(currency: str) -> str:
    return Money(1250, currency).plain() if exponent(currency) else "500"


def positive(value: Money) -> Money:
    """Refuse nothing: what is sold or given costs something."""
    if not value:
        raise wrong("is nothing", f"write more than zero, such as {show(_example(value.currency))}")
    return value


_AMOUNT_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "pattern": r"^\d+(\.\d{2,3})?$", "description": 'An amount in quotes: "12.50".'}
)
#: An amount, perhaps of nothing.
Amount = Annotated[Money, PlainValidator(amount), _AMOUNT_SCHEMA]
#: An amount of more than nothing.
Price = Annotated[Money, PlainValidator(amount), AfterValidator(positive), _AMOUNT_SCHEMA]


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(f"is {kind(value)}, no percentage", "write a number without quotes, such as 10")
    share = Decimal(value)
    if not share.is_finite() or not 0 <= share < 100:  # noqa: PLR2004 - per cent
        raise wrong(f"{value} is no percentage", "write a number from 0 to less than 100")
    return share


_PERCENT_SCHEMA: Final = WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 100})
Percent = Annotated[Decimal, PlainValidator(_percent), _PERCENT_SCHEMA]


def _address(value: str, schemes: tuple[str, ...]) -> str:
    example = f'write one such as "{schemes[0]}://shop.example/"'
    try:
        parts = urlsplit(value)
        valid = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s<>\"\\]", value):
        raise wrong(f"{show(value)} is no {' or '.join(schemes)} address", example)
    return value


def url(value: str) -> str:
    """Check an address of the web."""
    return _address(value, ("https", "http"))


def _secure(value: str) -> str:
    return _address(value, ("https",))


def _origin(value: str) -> str:
    parts = urlsplit(url(value))
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise wrong(f"{show(value)} has a path", f"write {show(f'{parts.scheme}://{parts.netloc}')}")
    return value.rstrip("/")


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise wrong(f"{show(value)} is no network", 'write one such as "127.0.0.1" or "10.0.0.0/8"') from None


#: An IP address, or a network of them.
Network = Annotated[str, AfterValidator(_network)]

Url = Annotated[str, AfterValidator(url)]
SecureUrl = Annotated[str, AfterValidator(_secure)]
Origin = Annotated[str, AfterValidator(_origin)]


def _by_language(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        return {known(info).default_locale: value}
    if not isinstance(value, dict):
        raise wrong(
            f"is {kind(value)}", f'write a text in quotes, or one for each language: {info.field_name}.en = "…"'
        )
    if not value:
        raise wrong("is empty", "write a text")
    return value


#: A text, or a table of texts by language.
Texts = Annotated[
    dict[Locale, Text],
    BeforeValidator(_by_language),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
            ]
        }
    ),
]


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        found = re.match(r"\d{4}-\d\d-\d\d", str(value))
        raise wrong(f"{show(value)} is no day", f"write it without quotes: {found[0] if found else '2030-12-31'}")
    return value


Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


def product_id(value: str, info: ValidationInfo) -> str:
    """Check that a product of this id is sold here."""
    products = known(info).products
    if value not in products:
        raise wrong(f"there is no product {show(value)}", did_you_mean(value, products), depends=True)
    return value


def _perk_id(value: str, info: ValidationInfo) -> str:
    perks = known(info).perks
    if value not in perks:
        better = did_you_mean(value, perks) or f"describe it in a table [perk.{value}]"
        raise wrong(f"there is no perk {show(value)}", better, depends=True)
    return value


#: The id of a table [perk.ID].
PerkId = Annotated[str, AfterValidator(_perk_id)]

ProductId = Annotated[str, AfterValidator(product_id)]


def _gtin(value: str) -> str:
    if not is_gtin(value):
        better = "write the 8, 12, 13 or 14 digits that stand under its barcode, or take it out"
        raise wrong(f"{show(value)} is no number of a barcode", better)
    return value


#: The number under a barcode (GTIN: EAN, UPC, ISBN-13).
Gtin = Annotated[str, AfterValidator(_gtin), WithJsonSchema({"type": "string", "pattern": r"^(\d{8}|\d{12,14})$"})]
