"""Finds the line of every key of a TOML text; tomllib reads the values but forgets where they stood.

It follows TOML 1.0 (https://toml.io/en/v1.0.0) loosely: what is no TOML it steps over, a line at a time, and says so.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

#: The way to a key: names of tables and keys, and indices into arrays.
Path = tuple[str | int, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_STRING: Final = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"' + r"|'[^'\n]*'")
_LONG_STRING: Final = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")' + r"|'''.*?'{3,5}(?!')", re.DOTALL)
_ATOM: Final = re.compile(r"[^,\]}#\n]+")
_BLANK: Final = re.compile(r"[ \t]*")
_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_REST: Final = re.compile(r"[^\n]*")

_Kind = Literal["value", "table", "array", "dotted", "implied"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A key or table written a second time, at `line`; the first is at `first`."""

    path: Path
    line: int
    first: int


@dataclass(frozen=True, slots=True)
class Outline:
    """Where everything of a TOML text stands. Lines count from 1."""

    lines: dict[Path, int]
    repeats: tuple[Repeat, ...] = ()
    #: The line of a string, array or table that never ends, and which of the three.
    unclosed: tuple[int, str] | None = None
    #: What begins on a line: the key of a pair, or a table.
    statements: dict[int, Path] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Give the line of a key, or of the nearest table around it; 1 where there is none."""
        for length in range(len(path), 0, -1):
            found = self.lines.get(path[:length])
            if found is not None:
                return found
        return 1

    def at(self, line: int) -> Path:
        """Give the key or table that begins on a line, else the innermost key there; () where there is none."""
        inside = max((path for path, where in self.lines.items() if where == line), key=len, default=())
        return self.statements.get(line, inside)


def outline(text: str) -> Outline:
    """Read where everything of a TOML text stands. Never raises, whatever the text is."""
    scanner = _Scanner(text)
    scanner.run()
    return Outline(scanner.lines, tuple(scanner.repeats), scanner.unclosed, scanner.statements)


class _Broken(Exception):
    """What stands here is no TOML."""


@dataclass
class _Scanner:
    text: str
    pos: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    kinds: dict[Path, _Kind] = field(default_factory=dict)
    counts: dict[Path, int] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    unclosed: tuple[int, str] | None = None
    statements: dict[int, Path] = field(default_factory=dict)
    _starts: list[int] = field(default_factory=list)

    def run(self) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        table: Path = ()
        self._skip(_GAP)
        while self.pos < len(self.text):
            try:
                if self.text[self.pos] == "[":
                    table = self._header()
                else:
                    self._pair(table)
            except _Broken:
                pass
            except RecursionError:  # arrays nested by the thousand: tomllib refuses them too
                return
            self._skip(_REST)
            self._skip(_GAP)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.pos)
        self.pos = match.end() if match else self.pos

    def _here(self, pos: int | None = None) -> int:
        return bisect_right(self._starts, self.pos if pos is None else pos)

    def _take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.pos):
            self.pos += len(mark)
            return True
        return False

    def _header(self) -> Path:
        line = self._here()
        many = self._take("[[")
        if not many:
            self._take("[")
        names = list(self._key())
        if not self._take("]]" if many else "]"):
            raise _Broken
        path = self._inside(names[:-1], "implied", line)
        path = (*path, names[-1])
        if many:
            if self.kinds.get(path, "array") != "array":
                self._repeat(path, line)
            self.lines.setdefault(path, line)
            self.kinds[path] = "array"
            index = self.counts.get(path, 0)
            self.counts[path] = index + 1
            path = (*path, index)
        elif self.kinds.get(path, "implied") != "implied":
            self._repeat(path, line)
            return path
        self.lines[path] = line
        self.kinds[path] = "table"
        return path

    def _pair(self, table: Path) -> None:
        line = self._here()
        names = list(self._key())
        path = (*self._inside(names[:-1], "dotted", line, table), names[-1])
        self.statements.setdefault(line, path)
        if not self._take("="):
            self.lines.setdefault(path, line)
            raise _Broken
        if path in self.kinds:
            self._repeat(path, line)
        else:
            self.lines[path] = line
            self.kinds[path] = "value"
        self._skip(_BLANK)
        self._value(path)

    def _inside(self, names: list[str], kind: _Kind, line: int, base: Path = ()) -> Path:
        """Walk into tables, noting those not met before; the last of an array of tables is the one meant."""
        path = base
        for name in names:
            path = (*path, name)
            if self.kinds.get(path) == "value":
                self._repeat(path, line)
            self.lines.setdefault(path, line)
            self.kinds.setdefault(path, kind)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _repeat(self, path: Path, line: int) -> None:
        self.repeats.append(Repeat(path, line, self.lines[path]))

    def _key(self) -> Iterator[str]:
        while True:
            self._skip(_BLANK)
            if match := _BARE_KEY.match(self.text, self.pos):
                name = match[0]
            elif match := _STRING.match(self.text, self.pos):
                name = _unquoted(match[0])
            else:
                raise _Broken
            self.pos = match.end()
            self._skip(_BLANK)
            yield name
            if not self._take("."):
                return

    def _value(self, path: Path) -> None:
        start = self.pos
        if self.text.startswith(('"""', "'''"), start):
            self._span(_LONG_STRING, "text")
        elif self.text.startswith(('"', "'"), start):
            self._span(_STRING, "text")
        elif self._take("["):
            self._many(path, start)
        elif self._take("{"):
            self._inline(path, start)
        else:
            self._span(_ATOM, "")

    def _span(self, pattern: re.Pattern[str], what: str) -> None:
        match = pattern.match(self.text, self.pos)
        if not match:
            if what:
                self._never_ends(self.pos, what)
            raise _Broken
        self.pos = match.end()

    def _never_ends(self, start: int, what: str) -> None:
        if self.unclosed is None:
            self.unclosed = (self._here(start), what)

    def _many(self, path: Path, start: int) -> None:
        index = 0
        while True:
            self._skip(_GAP)
            if self._take("]"):
                return
            element = (*path, index)
            self.lines.setdefault(element, self._here())
            self.kinds.setdefault(element, "value")
            self._element(element, start, "list")
            index += 1
            self._skip(_GAP)
            if not self._take(",") and not self.text.startswith("]", self.pos):
                self._never_ends(start, "list")
                raise _Broken

    def _element(self, path: Path, start: int, what: str) -> None:
        try:
            self._value(path)
        except _Broken:
            self._never_ends(start, what)
            raise

    def _inline(self, path: Path, start: int) -> None:
        while True:
            self._skip(_GAP)
            if self._take("}"):
                return
            line = self._here()
            names = list(self._key())
            inner = (*self._inside(names[:-1], "dotted", line, path), names[-1])
            self.lines.setdefault(inner, line)
            self.kinds.setdefault(inner, "value")
            if not self._take("="):
                raise _Broken
            self._skip(_BLANK)
            self._element(inner, start, "table")
            self._skip(_GAP)
            if not self._take(",") and not self.text.startswith("}", self.pos):
                self._never_ends(start, "table")
                raise _Broken


def _unquoted(raw: str) -> str:
    try:
        return str(tomllib.loads(f"key = {raw}")["key"])
    except tomllib.TOMLDecodeError:
        return raw[1:-1]
