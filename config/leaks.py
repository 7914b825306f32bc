"""Knows secrets by their looks, so that none stays in the config file and none is repeated in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from config.lines import Path

# What the makers of the keys document of their shape; Discord documents none, so a token is known by its three parts.
_SHAPES: Final = {
    "a Stripe key": r"\b(?:sk|rk|pk)_(?:live|test)_\w*",
    "a Stripe webhook secret": r"\bwhsec_\w*",
    "a Slack token": r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]*",
    "a Discord token": r"\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}",
    "an address with a password in it": r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:]*:[^\s/@]+@",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a signing secret": r"\A\s*(?:[0-9a-f]{32}|[0-9a-f]{64})\s*\Z",
}
_SECRET: Final = re.compile("|".join(f"(?P<s{number}>{shape})" for number, shape in enumerate(_SHAPES.values())))
_NAMES: Final = tuple(_SHAPES)

_HINTS: Final = (b"k_live_", b"k_test_", b"whsec_", b"xox", b"xapp", b"PRIVATE KEY")
_HINT: Final = re.compile(
    rb"://[^\s/@:]*:[^\s/@]+@|\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27}|(?<![0-9a-f])[0-9a-f]{32}", re.ASCII
)

_SECRET_KEY: Final = re.compile(r"token|secret|password|passwd|api_?key|private_?key|database_url|\A(?:[a-z_]*_)?key\Z")
_BASE_KEY: Final = re.compile(
    r"api_?(?:base|url|host|root)|base_?url|gateway|proxy|endpoint|\A(?:stripe|slack|discord)_?(?:base|url|host)"
)


def secret_in(text: str) -> str | None:
    """Say what kind of secret a text looks like or holds; None where it looks like none."""
    found = _SECRET.search(text)
    if found is None or found.lastgroup is None:
        return None
    return _NAMES[int(found.lastgroup[1:])]


def hinted(content: bytes) -> bool:
    """Tell whether a file may hold a secret: quick, and true too often. Where it is not, `secret_in` finds none in it."""
    return any(each in content for each in _HINTS) or _HINT.search(content) is not None


def masked(text: str) -> str:
    """Give the text with everything that looks like a secret taken out."""
    return _SECRET.sub("[secret]", text)


def names_secret(key: str) -> bool:
    """Tell whether a key that the config does not have seems to be for a secret."""
    return _SECRET_KEY.search(_flat(key)) is not None


def names_base(key: str) -> bool:
    """Tell whether a key that the config does not have seems to be for the address of an API."""
    return _BASE_KEY.search(_flat(key)) is not None


def _flat(key: str) -> str:
    return key.lower().replace("-", "_")


def secrets_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Give every key under which a secret stands, in a name or a value, and what kind it looks like."""
    if isinstance(value, str):
        if kind := secret_in(value):
            yield path, kind
    elif isinstance(value, dict):
        for key, inner in value.items():
            if kind := secret_in(key):
                yield (*path, key), kind
            else:
                yield from secrets_in(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from secrets_in(inner, (*path, index))
