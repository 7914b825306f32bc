"""Words: a key and a locale become a sentence; money, dates and plurals come through the port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from string import Formatter
from typing import Final, Literal, Protocol, assert_never
from zoneinfo import ZoneInfo

from bot.money import Money


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant inside a sentence: `text` says it in the operator's civil time; a platform may add the reader's own."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Ref:
    """A link inside a sentence. Only the operator's own addresses become one, never what people type."""

    label: str
    url: str


#: Which way a language is written.
Direction = Literal["ltr", "rtl"]
#: Around data in a sentence that runs from right to left: what is inside is laid out by itself, and moves nothing around it
#: (first strong isolate, pop directional isolate: Unicode Standard Annex 9, 2.4).
_ISOLATE: Final = ("\u2068", "\u2069")

#: A piece of a sentence. A `str` is data: adapters escape it, so it never becomes markup, a mention or a link.
Piece = str | Moment | Ref
#: A sentence, or a paragraph.
Rich = tuple[Piece, ...]


def plain(rich: Rich) -> str:
    """Write a sentence as plain text, as a screen reader would read it."""
    return "".join(map(_plain, rich))


def _plain(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Moment():
            return piece.text
        case Ref():
            return piece.label if piece.label == piece.url else f"{piece.label} ({piece.url})"
        case _:
            assert_never(piece)


def isolated(text: str) -> str:
    """Set a text apart from the writing direction around it: "2026-000001" stays that way round in Arabic.

    A text with an address in it is left alone: what makes links of addresses would take the mark for a part of it.
    """
    before, after = _ISOLATE
    return f"{before}{text}{after}" if text and "://" not in text else text


@lru_cache(maxsize=4096)  # about as many as there are sentences in all languages
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Take a sentence apart: each text as it stands, and the name of the placeholder after it."""
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(template))


class Language(Protocol):
    """The port behind which gettext catalogues and Babel live. Locales are BCP 47 tags; an unknown one falls back."""

    def template(self, key: str, locale: str, count: int | None = None) -> str:
        """Give the sentence of `key` with its `{placeholders}`, in the plural form for `count`. KeyError if unknown."""
        ...

    def resolve(self, locale: str) -> str:
        """Give the supported locale nearest to `locale`, or the default one."""
        ...

    def locales(self) -> Sequence[str]:
        """Give the locales that are complete."""
        ...

    def direction(self, locale: str) -> Direction:
        """Tell which way the language is written."""
        ...

    def money(self, amount: Money, locale: str) -> str:
        """Write an amount: "€12.50", "12,50 €"."""
        ...

    def number(self, value: int, locale: str) -> str:
        """Write a whole number."""
        ...

    def percent(self, ratio: float, locale: str) -> str:
        """Write a ratio as a percentage: 0.24 is "24%", "24 %"."""
        ...

    def day(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        """Write the civil day of an instant in `zone`: "1 February 2017", "1er février 2017"."""
        ...

    def instant(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        """Write an instant in `zone`, with the zone: "1 February 2017 at 00:00 (Europe/Paris)"."""
        ...

    def countries(self, locale: str) -> Mapping[str, str]:
        """Name every country there is by its code (ISO 3166-1 alpha-2): {"DE": "Germany", ...}."""
        ...

    def names(self, items: Sequence[str], locale: str) -> str:
        """Join names: "Mug, Cap and Print"."""
        ...


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one reader is spoken to: the language port, their locale, and the operator's zone for dates."""

    language: Language
    locale: str
    zone: ZoneInfo

    def say(self, key: str, /, count: int | None = None, **values: object) -> Rich:
        """Fill the sentence of `key`: Money, dates and whole numbers are written in the reader's way."""
        template = self.language.template(key, self.locale, count)
        if count is not None:
            values = {"count": count, **values}
        return self.fill(template, **values)

    def fill(self, template: str, /, **values: object) -> Rich:
        """Fill a sentence that is at hand, such as the operator's own: what is around the placeholders stays data."""
        pieces: list[Piece] = []
        for literal, name in _parts(template):
            if literal:
                pieces.append(literal)
            if name is not None:
                pieces.extend(self._pieces(values[name]))
        return tuple(pieces)

    def word(self, key: str, /, count: int | None = None, **values: object) -> str:
        """Fill the sentence of `key` as plain text, for labels, titles and hints."""
        return plain(self.say(key, count, **values))

    def moment(self, at: datetime) -> Moment:
        """Make an instant of a sentence, said in the operator's civil time and the reader's language."""
        return Moment(at, self.language.instant(at, self.zone, self.locale))

    def money(self, amount: Money) -> str:
        """Write an amount in the reader's way."""
        return self.language.money(amount, self.locale)

    def pick(self, texts: dict[str, str] | None) -> str:
        """Choose the operator's text in the reader's locale, else their language, else the first there is."""
        if not texts:
            return ""
        wanted = (self.locale, self.locale.split("-")[0], "en")
        return next((texts[tag] for tag in wanted if tag in texts), next(iter(texts.values())))

    def _pieces(self, value: object) -> Rich:
        match value:
            case str():
                return (self._apart(value),)
            case Moment() | Ref():
                return (value,)
            case Money():
                return (self._apart(self.money(value)),)
            case datetime():
                return (self.moment(value),)
            case int():
                return (self.language.number(value, self.locale),)
            case tuple():
                return value
            case _:
                return (self._apart(str(value)),)

    def _apart(self, text: str) -> str:
        """Keep data of another direction from turning the sentence around it, and the sentence from turning the data."""
        return isolated(text) if self.language.direction(self.locale) == "rtl" else text
