"""The port `Language` over the shipped words of the web, and a few of the example commands' own."""
# ruff: noqa: D102, ARG002 - the ports' own docstrings say what each method does, and what it is given

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

from bot.money import Money
from bot.words import Direction

_FOLDER = Path(__file__).parents[3] / "config" / "locales"

_OWN = {
    "en": {
        "command.greet": "greet",
        "command.greet.summary": "Say hello",
        "command.order": "order",
        "command.order.summary": "Order a thing",
        "command.desk": "desk",
        "command.desk.summary": "What the staff sees",
        "option.name": "name",
        "option.name.hint": "Who is greeted",
        "option.product": "product",
        "option.product.hint": "What you would like",
        "option.quantity": "quantity",
    },
    "fr": {"command.greet": "saluer", "command.order": "commander"},
    "de": {"command.greet": "grüßen", "command.order": "bestellen"},
    "ar": {"command.greet": "تحية", "command.order": "طلب", "option.product": "المنتج"},
}


def _shipped(locale: str) -> dict[str, str]:
    with (_FOLDER / f"{locale}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if isinstance(message.id, str)}


class Words:
    """Four languages, one from right to left; KeyError for a word that nobody wrote."""

    def __init__(self) -> None:
        self._words = {locale: _shipped(locale) | _OWN["en"] | _OWN[locale] for locale in _OWN}

    def template(self, key: str, locale: str, count: int | None = None) -> str:
        return self._words[locale][key]

    def resolve(self, locale: str) -> str:
        return locale if locale in self._words else "en"

    def locales(self) -> Sequence[str]:
        return tuple(self._words)

    def direction(self, locale: str) -> Direction:
        return "rtl" if locale == "ar" else "ltr"

    def money(self, amount: Money, locale: str) -> str:
        return f"{amount.minor} {amount.currency}"

    def number(self, value: int, locale: str) -> str:
        return str(value)

    def percent(self, ratio: float, locale: str) -> str:
        return f"{ratio:.0%}"

    def day(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        return at.astimezone(zone).date().isoformat()

    def instant(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"

    def countries(self, locale: str) -> Mapping[str, str]:
        return {"DE": "Germany", "FR": "France"}

    def names(self, items: Sequence[str], locale: str) -> str:
        return ", ".join(items)
