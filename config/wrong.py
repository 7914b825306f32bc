"""How a value is found wrong: what is wrong, and what would be right, in words that repeat no secret."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import PydanticCustomError

from config.leaks import masked

#: The longest text that a message repeats, in characters.
LONGEST: Final = 60


def wrong(what: str, instead: str = "", *, depends: bool = False) -> PydanticCustomError:
    """Make the error that a validator raises. `depends` marks one that may only follow from another error."""
    return PydanticCustomError("depends" if depends else "wrong", "{what}", {"what": what, "instead": instead})


def show(value: Any) -> str:
    """Write a value as the file has it, shortened, and without secrets."""
    if isinstance(value, str):
        text = masked(value)
        text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        return json.dumps(text, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return masked(str(value)[:LONGEST])


def kind(value: Any) -> str:
    """Name the TOML type of a value, as a person would."""
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case dict():
            return "a table"
        case list():
            return "a list"
        case datetime() | date() | time():
            return "a date or time"
        case _:
            return "a number"


def nearest(typed: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """Give what was probably meant, whatever its case; `alike` is difflib's ratio, from 0 to 1."""
    by_fold = {name.casefold(): name for name in known}
    found = get_close_matches(typed.casefold(), by_fold, n=1, cutoff=alike)
    return by_fold[found[0]] if found else None


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """Say what was probably meant, else what there is to choose from."""
    names = list(known)
    meant = nearest(typed, names)
    if meant is not None:
        return f"did you mean {show(meant)}?"
    listed = ", ".join(show(name) for name in names)
    return f"write one of {listed}" if len(names) > 1 else f"write {listed}" if names else ""
