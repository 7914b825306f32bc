"""A catalogue file taken apart: its encoding, its separator, its columns, and its rows with their lines."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from config.beside import MOST_BYTES
from config.wrong import did_you_mean, show

_SEPARATORS: Final = (",", ";", "\t")
#: What Excel writes in a first line of its own: "sep=;".
_SAYS: Final = "sep="
_CSV_WRONG: Final = {
    "unexpected end of data": ("begins with a quote that is never closed", "close it, or double each quote in a cell"),
    "field larger than field limit (131072)": ("has a cell without an end", "close its quote"),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a line of a file, and in which column (from 0; -1 where it is the line as a whole)."""

    line: int
    column: int
    what: str
    instead: str = ""


@dataclass
class Unreadable(Exception):
    """A file of which no row can be read, or none from here on."""

    mistakes: Sequence[Mistake]


class _Reader(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file. Its columns are folded; the rows are read as they are asked for."""

    columns: tuple[str, ...]
    separator: str
    _reader: _Reader
    _before: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that is not empty with the line it begins in. Raises Unreadable where the quotes go wrong."""
        reader = self._reader
        line = self._before + reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                what, instead = _CSV_WRONG.get(str(error), ("has a quote in the middle of a cell", "double it"))
                raise Unreadable([Mistake(line, -1, what, instead)]) from None
            if cells is None:
                return
            if any(cells):
                yield line, cells
            line = self._before + reader.line_num + 1


def opened(content: bytes, known: Collection[str], needed: Collection[str]) -> Sheet:
    """Read the header of a file. `known` are the columns that may be there, `needed` those that must. Raises Unreadable."""
    text = _text(content)
    separator, before = "", 0
    if text[: len(_SAYS)].casefold() == _SAYS and "\n" in text:
        said, _, text = text.partition("\n")
        separator, before = said.rstrip("\r")[len(_SAYS) :], 1
    if separator not in _SEPARATORS:
        separator = _separator(text, known)
    # The reader is strict, so that what a spreadsheet would guess at is refused with its line.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
    except csv.Error:
        raise Unreadable([Mistake(before + 1, -1, "has a quote that goes wrong", "write plain names")]) from None
    columns = tuple(name.strip().casefold() for name in header)
    mistakes = list(_columns(columns, header, known, needed, before + 1))
    if mistakes:
        raise Unreadable(mistakes)
    return Sheet(columns, separator, reader, before)


def letter(column: int) -> str:
    """Name a column as spreadsheets do: 0 is A, 26 is AA."""
    name, number = "", column + 1
    while number:
        number, digit = divmod(number - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Unreadable([Mistake(1, -1, f"has more than {MOST_BYTES >> 20} MB", "take it apart into several files")])
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable([Mistake(1, -1, "is saved as UTF-16", 'save it as UTF-8 (in Excel: "CSV UTF-8")')])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start + content.startswith(codecs.BOM_UTF8) * 3) + 1
        what = "holds bytes that are no UTF-8"
        raise Unreadable([Mistake(line, -1, what, 'save it as UTF-8 (in Excel: "CSV UTF-8")')]) from None


def _separator(text: str, known: Collection[str]) -> str:
    """Tell what stands between the columns: what takes the header apart into most columns that are known."""
    line = text.partition("\n")[0].rstrip("\r")

    def fits(separator: str) -> int:
        return sum(name.strip(' "').casefold() in known for name in line.split(separator))

    return max(_SEPARATORS, key=lambda separator: (fits(separator), line.count(separator)))


def _columns(
    columns: Sequence[str], header: Sequence[str], known: Collection[str], needed: Collection[str], line: int
) -> Iterator[Mistake]:
    if not any(columns):
        yield Mistake(line, -1, "has no names of columns", f"write {', '.join(needed)} and others in the first line")
        return
    seen: set[str] = set()
    for place, (name, written) in enumerate(zip(columns, header, strict=True)):
        if name in seen:
            yield Mistake(line, place, f"stands twice: {show(written)}", "take one of the two out")
        elif name and name not in known:
            yield Mistake(line, place, f"is no column of a catalogue: {show(written)}", did_you_mean(name, known))
        if name:
            seen.add(name)
    for name in needed:
        if name not in seen:
            yield Mistake(line, -1, f"has no column {show(name)}", f"add {name}")
