"""The words: gettext catalogues read at start, and Babel's rules for money, numbers, dates and lists."""

from __future__ import annotations

import copy
import gettext
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_decimal, format_percent

from bot.money import Money, exponent
from bot.words import Direction, isolated
from config.find import HERE

#: Whose rules dates and lists follow, where they are another country's than those of numbers: "1 February 2017".
_CIVIL: Final = {"en": "en_GB"}
#: What CLDR names by two letters though it is no country: unions, and codes for tests and for "unknown".
_NO_COUNTRY: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
#: Amounts, and days, that are not written anew: those of a shop's prices and dates are asked for again and again.
_ASKED: Final = 4096
#: How an instant is put together; what stands between day and hour is no rule of CLDR's "long" form in every version.
_INSTANT: Final = {
    "ar": "{day} الساعة {hour} ({zone})",
    "de": "{day} um {hour} Uhr ({zone})",
    "en": "{day} at {hour} ({zone})",
    "es": "{day} a las {hour} ({zone})",
    "fr": "{day} à {hour} ({zone})",
}


@dataclass(frozen=True, slots=True)
class Tome:
    """One locale's sentences by key, in their plural forms, and the rule that chooses one."""

    sentences: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]

    def sentence(self, key: str, count: int | None) -> str:
        """Give the sentence in the form for `count`. KeyError if unknown."""
        forms = self.sentences[key]
        return forms[self.form(count)] if count is not None and len(forms) > 1 else forms[0]


def tome(file: Path) -> Tome:
    """Read a .po file: each msgid is a key, and a plural's msgid_plural is the same key.

    One that has not changed is not read again.
    """
    about = file.stat()
    return _tome(file, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=32)
def _tome(file: Path, changed: int, size: int) -> Tome:  # noqa: ARG001 - a file that has changed is another one
    with file.open("rb") as stream:
        catalog = read_po(stream, abort_invalid=True)
    sentences = {_all(message.id)[0]: _all(message.string) for message in catalog if message.id}
    return Tome(MappingProxyType(sentences), gettext.c2py(catalog.plural_expr))


@lru_cache(maxsize=1024)
def _nearest(tags: tuple[str, ...], locale: str) -> str:
    """Give the tag nearest to a locale, "" where none is near: asked for each sentence that is said."""
    wanted = locale.replace("_", "-").casefold()
    while wanted:
        if found := next((tag for tag in tags if tag.casefold() == wanted), None):
            return found
        wanted = wanted.rpartition("-")[0]
    return ""


def _all(forms: str | Sequence[str] | None) -> tuple[str, ...]:
    return (forms,) if isinstance(forms, str) else tuple(forms or ())


@dataclass(frozen=True, slots=True)
class Words:
    """The port `bot.words.Language`, over the catalogues in a folder."""

    tomes: Mapping[str, Tome]
    default: str = "en"

    @classmethod
    def load(cls, default: str = "en", folder: Path = HERE / "locales", more: Sequence[Path] = ()) -> Words:
        """Read every .po file in the folder, and the sentences that plugins add from `more` folders.

        What a plugin does not say in a language is said in the default one's words, else in English.
        """
        tomes = {file.stem.replace("_", "-"): tome(file) for file in sorted(folder.glob("*.po"))}
        for added in more:
            theirs = {file.stem.replace("_", "-"): tome(file).sentences for file in sorted(added.glob("*.po"))}
            fallback = theirs.get(default) or theirs.get("en") or {}
            tomes = {
                tag: Tome({**fallback, **theirs.get(tag, {}), **own.sentences}, own.form) for tag, own in tomes.items()
            }
        return cls(tomes, default)

    def template(self, key: str, locale: str, count: int | None = None) -> str:
        """Give the sentence of `key` with its `{placeholders}`, in the plural form for `count`. KeyError if unknown."""
        return self.tomes[self.resolve(locale)].sentence(key, count)

    def resolve(self, locale: str) -> str:
        """Give the supported locale nearest to `locale`, or the default one."""
        return _nearest(tuple(self.tomes), locale) or self.default

    def locales(self) -> Sequence[str]:
        """Give the locales that are complete."""
        return tuple(self.tomes)

    def direction(self, locale: str) -> Direction:
        """Tell which way the language is written."""
        return _direction(self.resolve(locale))

    def money(self, amount: Money, locale: str) -> str:
        """Write an amount: "€12.50", "12,50 €". The decimals are those of ISO 4217, never fewer than the amount has."""
        return _money(self.resolve(locale), amount)

    def number(self, value: int, locale: str) -> str:
        """Write a whole number."""
        return format_decimal(value, locale=_babel(self.resolve(locale)))

    def percent(self, ratio: float, locale: str) -> str:
        """Write a ratio as a percentage: 0.24 is "24%", "24 %"."""
        return format_percent(ratio, locale=_babel(self.resolve(locale)))

    def day(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        """Write the civil day of an instant in `zone`: "1 February 2017", "1er février 2017"."""
        return _day(self.resolve(locale), at.astimezone(zone).date())

    def instant(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        """Write an instant in `zone`, with the zone: "1 February 2017 at 00:00 (Europe/Paris)"."""
        form = _INSTANT.get(self.resolve(locale).split("-")[0], "{day} {hour} ({zone})")
        return form.format(day=self.day(at, zone, locale), hour=f"{at.astimezone(zone):%H:%M}", zone=zone.key)

    def countries(self, locale: str) -> Mapping[str, str]:
        """Name every country there is by its code (ISO 3166-1 alpha-2): {"DE": "Germany", ...}."""
        return _countries(self.resolve(locale))

    def names(self, items: Sequence[str], locale: str) -> str:
        """Join names: "Mug, Cap and Print". Names in a list that runs from right to left are each set apart."""
        apart = isolated if self.direction(locale) == "rtl" and len(items) > 1 else str
        return format_list([apart(item) for item in items], locale=_civil(self.resolve(locale)))


@cache
def _babel(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@cache
def _direction(tag: str) -> Direction:
    return "rtl" if _babel(tag).text_direction == "rtl" else "ltr"


@lru_cache(_ASKED)
def _money(tag: str, amount: Money) -> str:
    babel = _babel(tag)
    pattern = _currency(babel.language, exponent(amount.currency))
    written: str = pattern.apply(amount.decimal, babel, currency=amount.currency, currency_digits=False)
    # CLDR's currencySpacing, which Babel leaves out: a code does not run into the number.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\u00a0", written)


@lru_cache(_ASKED)
def _day(tag: str, civil: date) -> str:
    written = format_date(civil, "long", locale=_civil(tag))
    return f"1er{written[1:]}" if tag.split("-", maxsplit=1)[0] == "fr" and civil.day == 1 else written


@cache
def _countries(tag: str) -> Mapping[str, str]:
    named = _babel(tag).territories
    codes = [str(code) for code in named]  # regions of the world are numbers
    return {code: named[code] for code in codes if re.fullmatch("[A-Z]{2}", code) and code not in _NO_COUNTRY}


@cache
def _civil(tag: str) -> Locale:
    return Locale.parse(_CIVIL.get(tag, tag).replace("-", "_"))


@cache
def _currency(language: str, decimals: int) -> NumberPattern:
    """Give the locale's way of writing money, with so many decimals: CLDR's own drop those of some currencies."""
    pattern: NumberPattern = copy.copy(Locale(language).currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern
