"""What one part of the config file must know of the others while it is checked."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from pydantic import ValidationInfo


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the whole file before its parts are checked."""

    currency: str = "EUR"
    default_locale: str = "en"
    #: The locales that Tillbot speaks.
    locales: tuple[str, ...] = ("en",)
    products: AbstractSet[str] = frozenset()
    perks: tuple[str, ...] = ()
    #: Whether the file has a shipping rate.
    ships: bool = False
    #: Whether the file gives an address that the server is reached at.
    public: bool = False
    support: str = ""
    #: Ids of products sold before, and the names they had.
    tombstones: tuple[tuple[str, str], ...] = ()


def known(info: ValidationInfo) -> Known:
    """Give what is known of the rest of the file."""
    return info.context if isinstance(info.context, Known) else Known()
