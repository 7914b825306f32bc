"""A reload of a catalogue file of ten thousand products: read, compared with what was, and made searchable."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Final

from adapters.search import FuzzySearch
from bot.settings import Settings
from config.catalogue_files import Kept
from config.changes import changes
from config.goods import ProductTable
from config.known import Known
from config.read import read
from tests.bench.goods import HEADER, rows, write
from tests.bench.row import Figure, Row, Scale, pairs

PRODUCTS: Final = 10_000


def _measure(scale: Scale) -> Sequence[Figure]:
    made = list(rows(scale.of(PRODUCTS, least=20)))
    one = [[*made[0][:3], "1.23", *made[0][4:]], *made[1:]]
    every = [[*row[:3], "1.23", *row[4:]] for row in made]

    def reloads(edited: list[list[str]]) -> Iterator[tuple[float, float]]:
        """Edit the file to and fro."""
        with tempfile.TemporaryDirectory() as folder:
            kept, config = Kept(), write(Path(folder), made)
            before = read(config, kept=kept)
            search = FuzzySearch(before.catalogue)
            for number in range(scale.rounds):
                write(Path(folder), made if number % 2 else edited)
                now: list[tuple[Settings, FuzzySearch]] = []
                ours = _took(lambda: now.append(_reload(config, kept, before, search)))  # noqa: B023 - called here and now
                yield ours, _took(lambda: _bare(config.with_name("products.csv")))
                ((before, search),) = now

    def starts() -> Iterator[tuple[float, float]]:
        with tempfile.TemporaryDirectory() as folder:
            config = write(Path(folder), made)
            for _ in range(scale.rounds):
                ours = _took(lambda: FuzzySearch(read(config).catalogue))
                yield ours, _took(lambda: _bare(config.with_name("products.csv")))

    return [
        pairs("one price edited", "s CPU", reloads(one), bound=2),
        pairs("every price edited", "s CPU", reloads(every), bound=2),
        pairs("read for the first time", "s CPU", starts(), bound=2),
    ]


def _reload(config: Path, kept: Kept, before: Settings, search: FuzzySearch) -> tuple[Settings, FuzzySearch]:
    now = read(config, kept=kept)
    assert changes(before, now)
    return now, FuzzySearch(now.catalogue, search)


def _bare(sheet: Path) -> None:
    """Do the least that can be done: read the rows, and check each as the config checks a product."""
    with sheet.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        assert tuple(next(reader)) == HEADER
        for cells in reader:
            table: dict[str, object] = {key: cell for key, cell in zip(HEADER[1:], cells[1:], strict=True) if cell}
            table["stock"] = int(cells[HEADER.index("stock")])
            table["tags"] = cells[HEADER.index("tags")].split("|")
            ProductTable.model_validate(table, context=Known())


def _took(work: Callable[[], object]) -> float:
    """Give the seconds of CPU that it takes."""
    before = process_time()
    work()
    return process_time() - before


ROW: Final = Row("reload of a 10,000-product CSV", "csv.reader + pydantic validation of each row", _measure)
