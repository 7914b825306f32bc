"""Parses TOML, and says every place where a text is none."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from config.findings import label
from config.lines import Outline, outline
from config.wrong import show

_AT: Final = re.compile(r"\(at line (\d+), column \d+\)")

#: tomllib's words to ours: what is wrong, and what would be right.
_SAID: Final = (
    ("Invalid value", "has no value that TOML knows", 'put a text in quotes: "…"'),
    ("Illegal character '\\n'", "a text is not closed", 'end it with "'),
    ("Illegal character", "holds a character that is not allowed here", "take it out"),
    ("Unescaped '\\", "holds a lone \\", "write two of them: \\\\"),
    ("Invalid hex value", "holds a \\ that means no character", "write two of them: \\\\"),
    ("Escaped character", "holds a \\ that means no character", "write two of them: \\\\"),
    ("Expected '='", "has no = after its key", 'write it as key = "value"'),
    ("Expected ']", "a table's name is not closed", "end it with ]"),
    ("Invalid initial character for a key", "begins with what is no key", 'write it as key = "value"'),
    ("Invalid statement", "is neither a key nor a table", 'write it as key = "value", or begin a comment with #'),
    ("Expected newline", "something is left over after the value", "put a text in quotes; begin a comment with #"),
    ("Invalid date", "is no date", "write it as 2030-12-31"),
    ("Unclosed", "is not closed", "close it"),
    ("Unterminated", "is not closed", "close it"),
)
#: What tomllib says of a text without quotes, and how that text is found.
_UNQUOTED: Final = ("Invalid value", "Expected newline")
_VALUE: Final = re.compile(r"=\s*([^\s\"'#\[{][^\"'#]*?)\s*(?:#.*)?$")
_CLOSES: Final = {"text": "a quote", "list": "]", "table": "}"}


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where the text is no TOML: its line, the key there, and what to say of it."""

    line: int
    key: str
    what: str
    instead: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What could be parsed. `whole` tells whether the rest can be judged although some lines were left out."""

    raw: dict[str, Any]
    outline: Outline
    broken: tuple[Broken, ...]
    whole: bool


def parse(text: str) -> Parsed:
    """Parse a TOML text; lines that are broken by themselves are left out, to find what else is wrong."""
    broken: list[Broken] = []
    lines = text.split("\n")
    where = outline(text)
    while True:
        current = "\n".join(lines)
        try:
            raw = tomllib.loads(current, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            found, alone = _found(str(error), current)
        except (ValueError, RecursionError):  # an integer of thousands of digits, lists nested by the thousand
            return Parsed({}, where, (*broken, Broken(1, "", "is beyond what can be read", "write less")), whole=False)
        else:
            return Parsed(raw, where, tuple(broken), whole=True)
        broken.append(found)
        if not alone or not lines[found.line - 1].strip():
            return Parsed({}, where, tuple(broken), whole=False)
        lines[found.line - 1] = ""


def _found(message: str, text: str) -> tuple[Broken, bool]:
    """Say where a text is broken, and whether it is that line alone."""
    where = outline(text)
    lines = text.split("\n")
    if message.startswith("Cannot") and where.repeats:
        repeat = where.repeats[0]
        header = lines[repeat.line - 1].lstrip().startswith("[")
        what = f"is written twice; the first is in line {repeat.first}"
        return Broken(repeat.line, label(repeat.path), what, "keep one of them"), not header
    if where.unclosed is not None and _reaches(message, where.unclosed, len(lines)):
        line, thing = where.unclosed
        alone = thing == "text" and not re.search(r"\"\"\"|'''", lines[line - 1])
        return Broken(line, label(where.at(line)), f"a {thing} is not closed", f"end it with {_CLOSES[thing]}"), alone
    place = _AT.search(message)
    line = min(int(place[1]), len(lines)) if place else max(1, len(text.rstrip().split("\n")))
    what, instead = next(((what, instead) for said, what, instead in _SAID if message.startswith(said)), (message, ""))
    if message.startswith(_UNQUOTED) and (bare := _VALUE.search(lines[line - 1])):
        instead = f"put a text in quotes: {show(bare[1])}"
    alone = not lines[line - 1].lstrip().startswith("[")
    if not alone and message.startswith("Expected newline"):
        what, instead = "something is left over after the table's name", "begin a comment with #"
    return Broken(line, label(where.at(line)), _AT.sub("", what).strip(), instead), alone


def _reaches(message: str, unclosed: tuple[int, str], last: int) -> bool:
    """Tell whether what tomllib stumbled over lies at or after the thing that never ends."""
    place = _AT.search(message)
    return (int(place[1]) if place else last) >= unclosed[0]
