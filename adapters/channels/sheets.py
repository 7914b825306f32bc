"""Spreadsheets as files: CSV and TSV out and in, without formulas, in bounded memory, each mistake with its line."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from bot.channels import Notes
from bot.errors import UnreadableFile

#: Bytes of a file, rows of a sheet and bytes of a line that are read: more is refused, not held in memory.
MOST_BYTES: Final = 512 << 20
MOST_ROWS: Final = 500_000
LONGEST_LINE: Final = 1 << 20

#: What a spreadsheet takes for the beginning of a formula, full-width signs too:
#: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
#: What such a text begins with; nearly none does, and this is asked of each cell of a sheet.
_BEGINS: Final = frozenset("'=+-@＝＋－＠\t\r\n")
_PIECE: Final = 1 << 16
_DELIMITERS: Final = (",", ";", "\t")


def defused(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula. `plain` takes it off again."""
    return f"'{text}" if text[:1] in _BEGINS and _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """Take off the apostrophe that keeps a formula from running: what is left is a text, and nobody runs it here."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def write(
    header: Sequence[str], rows: Iterable[Mapping[str, str]], *, delimiter: str = ",", bom: bool = False
) -> Iterator[bytes]:
    """Write a sheet piece by piece, in UTF-8. With tabs between cells, line breaks and tabs in them become spaces."""
    out = io.StringIO(newline="")
    tabbed = delimiter == "\t"
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n" if tabbed else "\r\n")
    if bom:
        yield codecs.BOM_UTF8
    writer.writerow(header)
    for row in rows:
        cells = [row.get(name) for name in header]
        writer.writerow([defused(" ".join(cell.split()) if tabbed else cell) if cell else "" for cell in cells])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, whatever their case; what is not there is ""."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Give a cell."""
        return self.cells.get(name.casefold(), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is being read. `latin` is the first line that is no UTF-8, where all of it was read as Windows-1252."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    latin: int = 0

    def __contains__(self, name: str) -> bool:
        """Tell whether it has a column."""
        return name.casefold() in self.header


def read(stream: BinaryIO, *, needs: Collection[str]) -> Sheet:
    """Read a sheet: UTF-8 or Windows-1252, with or without BOM, with commas, semicolons or tabs between its cells.

    Lines that begin with # before the header are comments. Raises UnreadableFile, also while rows are read.
    """
    latin = _first_latin(stream)
    lines = _lines(stream, "cp1252" if latin else "utf-8")
    skipped, first = 0, ""
    for first in lines:
        if first.strip() and not first.lstrip('"').startswith("#"):
            break
        skipped += 1
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    header = tuple(" ".join(name.split()).casefold() for name in _next(reader, skipped) or ())
    for name in needs:
        if name.casefold() not in header:
            raise UnreadableFile(skipped + 1, f'there is no column "{name}"')
    twice = next((name for at, name in enumerate(header) if name and name in header[:at]), None)
    if twice is not None:
        raise UnreadableFile(skipped + 1, f'there are two columns "{twice}"')
    return Sheet(header, _rows(reader, header, skipped), latin)


def noting(sheet: Sheet, reads: Collection[str], notes: Notes) -> Sheet:
    """Give the sheet, and note at its end which columns hold something and are not among what is read."""
    known = {name.casefold() for name in reads}
    other = [name for name in sheet.header if name and name not in known]

    def rows() -> Iterator[Row]:
        found: dict[str, int] = {}
        for row in sheet.rows:
            for name in other:
                if name not in found and row.cells.get(name):
                    found[name] = row.line
            yield row
        for name, line in found.items():
            says = f"is not read: on line {line} it first says something"
            notes.add(f'column "{name[:80]}"', "not carried", "column", says)

    return replace(sheet, rows=rows())


def check_size(stream: BinaryIO) -> None:
    """Refuse a file that is too large, and go to its beginning. Raises UnreadableFile."""
    if stream.seek(0, os.SEEK_END) > MOST_BYTES:
        raise UnreadableFile(0, f"the file is larger than {MOST_BYTES >> 20} MB: cut it into several")
    stream.seek(0)


def _first_latin(stream: BinaryIO) -> int:
    """Give the first line that is no UTF-8; 0 where there is none. Raises UnreadableFile where it is no text at all."""
    check_size(stream)
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile(1, "the file is saved as UTF-16: save it as UTF-8")
    stream.seek(0)
    while piece := stream.read(_PIECE):
        if b"\0" in piece:
            raise UnreadableFile(line + piece[: piece.index(b"\0")].count(b"\n"), "the file is no text")
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            return line + error.object[: error.start].count(b"\n")
        line += piece.count(b"\n")
    return line if decoder.getstate()[0] else 0


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    stream.seek(0)
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise UnreadableFile(number, f"is longer than {LONGEST_LINE} bytes: this is no sheet")
        try:
            yield line.removeprefix(codecs.BOM_UTF8 if number == 1 else b"").decode(encoding)
        except UnicodeDecodeError as error:
            raise UnreadableFile(number, "holds bytes that are neither UTF-8 nor Windows-1252") from error


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _next(reader: Iterator[list[str]], skipped: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        line = getattr(reader, "line_num", 0) + skipped
        raise UnreadableFile(line, f"cannot be taken apart into cells: {error}") from error


def _rows(reader: Iterator[list[str]], header: Sequence[str], skipped: int) -> Iterator[Row]:
    number, count = getattr(reader, "line_num", 0) + skipped, 0
    while (cells := _next(reader, skipped)) is not None:
        line, number = number + 1, getattr(reader, "line_num", 0) + skipped
        if any(cell.strip() for cell in cells[len(header) :]):
            raise UnreadableFile(line, f"has {len(cells)} cells, and the header {len(header)}")
        count += 1
        if count > MOST_ROWS:
            raise UnreadableFile(line, f"more than {MOST_ROWS} rows: cut the file into several")
        if any(cells):
            yield Row(line, {name: plain(cell.strip()) for name, cell in zip(header, cells, strict=False) if name})
