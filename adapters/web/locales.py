"""Which of our locales a browser asks for: Accept-Language (RFC 9110, 12.5.4) matched by lookup (RFC 4647)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: Ranges beyond these are not read.
_MOST: Final = 20
#: Nor are longer ones: every tag in use has room in it (RFC 5646, 4.4.1).
_LONGEST: Final = 35


def best(header: str, known: Sequence[str]) -> str:
    """Give the known locale that a reader likes best, or "" where none was asked for."""
    for tag in _wanted(header):
        found = _lookup(tag, known)
        if found:
            return found
    return ""


def _wanted(header: str) -> list[str]:
    """List the language ranges, the best first; those with q=0 are refused."""
    ranges: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST]:
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if 0 < len(tag) <= _LONGEST and 0 < weight <= 1:
            ranges.append((weight, tag.strip()))
    return [tag for _, tag in sorted(ranges, key=lambda pair: -pair[0])]


def _lookup(tag: str, known: Sequence[str]) -> str:
    """Cut the range from its end until something known has it ("fr-CA" -> "fr"); then any region of its language."""
    by_tag = {locale.casefold().replace("_", "-"): locale for locale in known}
    parts = tag.casefold().split("-")
    for length in range(len(parts), 0, -1):
        found = by_tag.get("-".join(parts[:length]))
        if found:
            return found
    return next((locale for short, locale in by_tag.items() if short.split("-")[0] == parts[0]), "")
