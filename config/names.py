"""Names and codes in the config: currencies, countries, zones, languages, ids, environment variables."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import tzdata  # type: ignore[import-untyped]  # it is data
from pydantic import AfterValidator, PlainValidator, ValidationInfo, WithJsonSchema

from bot.catalogue import LONGEST_ID
from config.known import known
from config.regions import COUNTRIES, CURRENCIES, ELSEWHERE
from config.wrong import did_you_mean, kind, nearest, show, wrong


def currency_code(value: str) -> str:
    """Check an ISO 4217 code that Stripe charges in."""
    if value not in CURRENCIES:
        meant = value.upper() if value.upper() in CURRENCIES else ""
        example = "did you mean " + show(meant) + "?" if meant else 'write a code of ISO 4217, such as "EUR"'
        raise wrong(f"{show(value)} is no currency that Stripe takes", example)
    return value


Currency = Annotated[str, AfterValidator(currency_code)]


def _country(value: str) -> str:
    if value != ELSEWHERE and value not in COUNTRIES:
        meant = value.upper()
        better = (
            f"did you mean {show(meant)}?" if meant in COUNTRIES else 'write a code such as "FR", or "*" for elsewhere'
        )
        raise wrong(f"{show(value)} is no country code", better)
    return value


Country = Annotated[str, AfterValidator(_country)]


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@cache
def _usual_zones() -> frozenset[str]:
    """Give the zones that the package tzdata lists: one file to read, where the system's zones are a thousand."""
    return frozenset(Path(tzdata.__file__).with_name("zones").read_text(encoding="utf-8").split())


def _zone(value: str) -> zoneinfo.ZoneInfo:
    if value not in _usual_zones() and value not in _zones():
        names = _zones()
        meant = nearest(value, sorted(name for name in names if "/" in name))
        better = f"did you mean {show(meant)}?" if meant else 'write a name such as "Europe/Paris"'
        raise wrong(f"{show(value)} is no time zone", better)
    return zoneinfo.ZoneInfo(value)


def _zone_text(value: Any) -> zoneinfo.ZoneInfo:
    if not isinstance(value, str):
        raise wrong(f"is {kind(value)}", 'write the name of a zone, such as "Europe/Paris"')
    return _zone(value)


Zone = Annotated[zoneinfo.ZoneInfo, PlainValidator(_zone_text), WithJsonSchema({"type": "string"})]


#: What `[stripe] key_env` must not name: these hold other secrets, which would be sent to Stripe as keys.
TAKEN: Final = frozenset(
    {
        "DATABASE_URL",
        "DISCORD_PUBLIC_KEY",
        "DISCORD_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
        "SLACK_CLIENT_ID",
        "SLACK_CLIENT_SECRET",
        "SLACK_SIGNING_SECRET",
        "TILLBOT_SECRET",
    }
)


def _env(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise wrong(f"{show(value)} is no name of an environment variable", 'write one such as "WATER_STRIPE_KEY"')
    if value in TAKEN or not value.strip("_"):
        raise wrong(f"{show(value)} holds another secret", 'write one of its own, such as "WATER_STRIPE_KEY"')
    return value


EnvName = Annotated[str, AfterValidator(_env)]


#: The longest coupon code: product, variant, quantity and code have to fit a button together (bot.chat.LONGEST_VALUE).
LONGEST_CODE: Final = 20


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", value) or len(value) > LONGEST_ID:
        better = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")[:LONGEST_ID] or "mug"
        rule = f"write one of a-z, 0-9, - and _, {LONGEST_ID} characters at most, such as {show(better)}"
        raise wrong(f"{show(value)} is no id", rule)
    return value


#: The name of a product, a variant or a cause in the file: part of what people type and of old messages.
Slug = Annotated[str, AfterValidator(_slug)]


def _code(value: str) -> str:
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9_-]*", value) or len(value) > LONGEST_CODE:
        better = re.sub(r"[^A-Z0-9_-]+", "-", value.upper()).strip("-_")[:LONGEST_CODE] or "WELCOME10"
        rule = f"write one of A-Z, 0-9, - and _, {LONGEST_CODE} characters at most, such as {show(better)}"
        raise wrong(f"{show(value)} is no coupon code", rule)
    return value


CouponCode = Annotated[str, AfterValidator(_code)]


def _locale(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Z]{2})?", value):
        raise wrong(f"{show(value)} is no language", 'write a tag such as "en" or "fr"')
    return value


def _spoken(value: str, info: ValidationInfo) -> str:
    if value not in known(info).locales:
        raise wrong(f"{show(value)} is no language that Tillbot speaks", did_you_mean(value, known(info).locales))
    return value


Locale = Annotated[str, AfterValidator(_locale)]
SpokenLocale = Annotated[str, AfterValidator(_spoken)]
