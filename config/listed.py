"""Reads the products that catalogue files list, a row each or a row for each variant, in the words of shop.toml."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot.catalogue import Product
from bot.errors import Problem
from config.build import product as built
from config.crosschecks import crosschecks
from config.findings import Finding, findings
from config.goods import ProductTable
from config.known import Known
from config.leaks import hinted, secret_in
from config.lines import Path
from config.listed_rows import COLUMNS, OF_VARIANT, Draft, Place, Row, misshapen
from config.names import Slug
from config.sheet import Mistake, Sheet, Unreadable, letter, opened
from config.wrong import show

#: Problems of one file that are said; of more only how many there are.
MOST: Final = 50

_NOTHING: Final[Mapping[bytes, Listed]] = MappingProxyType({})


@cache
def _products() -> TypeAdapter[dict[str, ProductTable]]:
    """Give what checks a product by its id; it takes a moment to make."""
    return TypeAdapter(dict[Slug, ProductTable])


@dataclass(frozen=True, slots=True)
class Listed:
    """A product as a file lists it, with the perks it grants."""

    product: Product
    perks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a file lists, by the digest of its rows; read again, rows that did not change give the very same products."""

    listed: Mapping[bytes, Listed] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One file that is being read, and what it must know of the rest of the config."""

    name: str
    sheet: Sheet
    known: Known
    tombstones: Mapping[str, str]
    #: Whether something in the file may be a secret, so that each cell is looked at.
    suspicious: bool
    at: Mapping[str, int]


def listing(
    name: str,
    content: bytes,
    known: Known,
    *,
    tombstones: Mapping[str, str],
    taken: Mapping[str, str],
    before: Mapping[bytes, Listed] = _NOTHING,
) -> Listing:
    """Read a file. `taken` are ids that stand elsewhere, and where; `before` is what was read of it in an earlier version."""
    try:
        sheet = opened(content, COLUMNS, ("id", "name"))
    except Unreadable as error:
        return Listing(problems=[_problem(name, (), mistake) for mistake in error.mistakes])
    at = {column: place for place, column in enumerate(sheet.columns) if column}
    reading = _Reading(name, sheet, known, tombstones, hinted(content), at)
    seen: dict[str, int] = {}
    found: dict[bytes, Listed] = {}
    mistakes: list[Mistake] = []
    salt = repr((known.currency, known.ships, known.perks, sheet.columns, sheet.separator)).encode()
    identity = at["id"]

    def id_of(row: Row) -> str:
        return row[1][identity].strip() if identity < len(row[1]) else ""

    try:
        for id_, group in groupby(sheet.rows(), id_of):
            rows = list(group)
            line = rows[0][0]
            if id_ in seen and id_:
                what = f"{show(id_)} stands in line {seen[id_]} already"
                mistakes.append(Mistake(line, identity, what, "write the rows of one product one below the other"))
                continue
            if id_ in taken:
                mistakes.append(Mistake(line, identity, f"{show(id_)} stands in {taken[id_]} already", "take one out"))
                continue
            seen[id_] = line
            digest = _digest(salt, rows)
            kept = before.get(digest)
            if kept is not None and id_ not in tombstones:
                found[digest] = kept
                continue
            wrong = list(misshapen(rows, sheet.columns))
            listed = None if wrong else _listed(reading, id_, rows, wrong)
            if listed is not None:
                found[digest] = listed
            mistakes += wrong if len(mistakes) <= MOST else wrong[:1]
    except Unreadable as error:
        mistakes += error.mistakes
    return Listing(found, list(_problems(name, sheet.columns, mistakes)))


def _digest(salt: bytes, rows: Sequence[Row]) -> bytes:
    """Name the content of a product's rows, and how they are read. A separator of its own keeps cells apart."""
    text = "\x1e".join("\x1f".join(cells) for _, cells in rows)
    return hashlib.blake2b(salt + text.encode(), digest_size=16).digest()


def _listed(reading: _Reading, id_: str, rows: Sequence[Row], wrong: list[Mistake]) -> Listed | None:
    """Read one product; what is wrong with it is added to `wrong`."""
    draft = Draft(id_, reading.at, reading.sheet.separator)
    draft.read(rows)
    wrong += draft.wrong
    if reading.suspicious:
        wrong += _secrets(rows)
    product, found = None, list(crosschecks({"product": {id_: draft.raw}}, reading.tombstones))
    try:
        table = _products().validate_python({id_: draft.raw}, context=reading.known)[id_]
        product = Listed(built(id_, table), tuple(table.perks))
    except ValidationError as error:
        found += findings([{**each, "loc": ("product", *each["loc"])} for each in error.errors(include_url=False)])
    said = {(each.line, each.column) for each in wrong}
    for finding in found:
        mistake = _mistake(reading, finding, draft.where, rows[0][0])
        if (mistake.line, mistake.column) not in said:
            said.add((mistake.line, mistake.column))
            wrong.append(mistake)
    return None if wrong else product


def _secrets(rows: Sequence[Row]) -> Iterator[Mistake]:
    for line, cells in rows:
        for place, cell in enumerate(cells):
            if kind := secret_in(cell):
                better = "take it out, and make a new one: this one was written down"
                yield Mistake(line, place, f"looks like {kind}; secrets never stand in this file", better)


def _mistake(reading: _Reading, finding: Finding, where: Mapping[Path, Place], first: int) -> Mistake:
    """Place a finding in the file, in the words of a spreadsheet."""
    path = finding.path
    while path and path not in where:
        path = path[:-1]
    line, column = where.get(path, (first, -1))
    what, instead = finding.what, _in_cells(finding.instead)
    missing = finding.path[len(path) :]
    if missing and path[-2:-1] in {("product",), ("variant",)}:  # a key of the table, which no cell gives
        title = next((name for name, key in OF_VARIANT.items() if path[-2] == "variant" and key == missing[0]), "")
        title = title or str(missing[0])
        column = reading.at.get(title, -1)
        instead = re.sub(r"under \w+", f"under {title}", instead, count=1)
        what = what if column >= 0 else f"{title} {what}"
    return Mistake(line, column, what, instead)


def _in_cells(instead: str) -> str:
    """Say what would be right of a cell where the words are those of shop.toml: `price = "12.50"`, `[product.mug]`."""
    instead = re.sub(r'(\w+) = ("[^"]*"|\d+|…)', r"\2 under \1", instead)
    return re.sub(r"\[product\.([\w-]+?)(?:\.variant\.…)?\]", r'the rows of "\1"', instead)


def _problems(name: str, columns: Sequence[str], mistakes: Sequence[Mistake]) -> Iterator[Problem]:
    for mistake in sorted(mistakes[:MOST], key=lambda each: (each.line, each.column)):
        yield _problem(name, columns, mistake)
    if len(mistakes) > MOST:
        more = mistakes[MOST]
        yield Problem(name, more.line, "", f"and {len(mistakes) - MOST} more mistakes from here on", "")


def _problem(name: str, columns: Sequence[str], mistake: Mistake) -> Problem:
    key = ""
    if mistake.column >= 0:
        title = columns[mistake.column] if mistake.column < len(columns) else ""
        key = f"column {letter(mistake.column)}" + (f", {title}" if title else "")
    return Problem(name, mistake.line, key, mistake.what, mistake.instead)
