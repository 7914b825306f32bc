"""The rows of one product turned into what its table in shop.toml would be, with the line and column of each key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.lines import Path
from config.sheet import Mistake
from config.wrong import show

#: Columns of the product as a whole: said in its first row.
OF_PRODUCT: Final = (
    *("name", "description", "every", "limit", "picture", "picture_alt", "pictures", "fulfil", "message", "perks"),
    *("tags", "html", "brand", "category", "condition", "url", "options"),
)
#: Columns of whatever the row is: the product, or one variant of it.
OF_ROW: Final = ("price", "compare_at", "stock", "weight", "sku", "gtin", "mpn")
#: Columns of a variant alone, and the keys they are in shop.toml.
OF_VARIANT: Final = {"variant.name": "name", "values": "values", "variant.picture": "picture"}
#: Every column that a catalogue file may have.
COLUMNS: Final = ("id", "variant", *OF_PRODUCT, *OF_ROW, *OF_VARIANT)
#: What stands between the entries of a list in one cell.
BETWEEN: Final = "|"

_LISTS: Final = frozenset({"perks", "tags", "options", "values", "pictures"})
_COUNTS: Final = frozenset({"limit", "stock", "weight"})
_AMOUNTS: Final = frozenset({"price", "compare_at"})

#: The line it begins in, and its cells.
Row = tuple[int, list[str]]
#: A line and a column.
Place = tuple[int, int]


@dataclass(slots=True)
class Draft:
    """A product that is being put together."""

    id: str
    #: The place of each column, and what stands between columns.
    at: Mapping[str, int]
    separator: str
    raw: dict[str, Any] = field(default_factory=dict)
    where: dict[Path, Place] = field(default_factory=dict)
    wrong: list[Mistake] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Where its table is in shop.toml."""
        return ("product", self.id)

    def read(self, rows: Sequence[Row]) -> None:
        """Take the rows in."""
        first = rows[0][0]
        self.where[self.path] = (first, self.at["id"])
        whole: dict[str, str] = {}
        for line, cells in rows:
            own = {column: text for column, place in self.at.items() if (text := cells[place].strip())}
            path = self._subject(line, own, first if whole else 0)
            if path is not None:
                self._fill(line, own, path, whole)
            whole = whole or own

    def _subject(self, line: int, own: Mapping[str, str], first: int) -> Path | None:
        """Tell whose row it is: the product's, or a variant's; None where that has had one. `first` is the first line above."""
        variant = own.get("variant", "")
        path: Path = (*self.path, "variant", variant) if variant else self.path
        if variant and path not in self.where:
            self.where[path] = (line, self.at["variant"])
            self.raw.setdefault("variant", {})[variant] = {}
        elif variant:
            what = f"{show(variant)} stands in line {self.where[path][0]} already"
            self._mistake(line, "variant", what, "write another id, or take one of the two out")
            return None
        elif first:
            what = f"{show(self.id)} stands in line {first} already, and this row names no variant"
            self._mistake(line, "id", what, "write the variant's id under variant")
            return None
        return path

    def _fill(self, line: int, own: Mapping[str, str], path: Path, whole: Mapping[str, str]) -> None:
        """Take in the cells of a row. `whole` is the first row, where it is another one."""
        target = self.raw["variant"][path[-1]] if path != self.path else self.raw
        for column, text in own.items():
            if column in {"id", "variant"}:
                continue
            if column in OF_PRODUCT and whole:
                if text != whole.get(column, ""):
                    what = "is of the whole product, whose first row has another"
                    self._mistake(line, column, what, "write it in the product's first row alone")
            elif column in OF_VARIANT and path == self.path:
                self._mistake(line, column, "is of a variant, and the row names none", "fill in variant")
            elif column in OF_PRODUCT:
                self._put(self.raw, self.path, column, line, text)
            else:
                self._put(target, path, column, line, text)

    def _put(self, table: dict[str, Any], path: Path, column: str, line: int, text: str) -> None:
        """Put what a cell says under its key, of the type that shop.toml has for it."""
        key = OF_VARIANT.get(column, column)
        self.where[*path, key] = (line, self.at[column])
        if column in _COUNTS:
            if re.fullmatch(r"\d{1,9}", text, re.ASCII):
                table[key] = int(text)
            else:
                self._mistake(line, column, f"{show(text)} is no whole number", "write digits alone, such as 10")
        elif column in _LISTS:
            parts = [part for each in text.split(BETWEEN) if (part := each.strip())]
            table[key] = [{"url": part} for part in parts] if column == "pictures" else parts
        elif column in _AMOUNTS and self.separator == ";":
            # Who separates columns by semicolons does so because their decimal mark is the comma.
            table[key] = re.sub(r"\A(\d+),(\d{2,3})\Z", r"\1.\2", text)
        else:
            table[key] = text

    def _mistake(self, line: int, column: str, what: str, instead: str) -> None:
        self.wrong.append(Mistake(line, self.at[column], what, instead))


def misshapen(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[Mistake]:
    """Find rows whose cells do not stand under their names."""
    identity = columns.index("id")
    nameless = [place for place, name in enumerate(columns) if not name]
    for line, cells in rows:
        if len(cells) != len(columns):
            what = f"has {len(cells)} cells, and the first line {len(columns)}"
            yield Mistake(line, -1, what, "put a text in quotes that has the separator in it")
        elif not cells[identity].strip():
            yield Mistake(line, identity, "is empty", "write the id of the product in each of its rows")
        else:  # a stock whose column has lost its name would be none at all
            for place in nameless:
                if cells[place].strip():
                    what = f"{show(cells[place])} stands under no name of a column"
                    yield Mistake(line, place, what, "name its column in the first line, or empty the cell")
