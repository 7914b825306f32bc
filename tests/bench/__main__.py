"""Runs the bench: `uv run python -m tests.bench [NAME ...]`; without names every row there is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules

from tests.bench import rows
from tests.bench.row import Figure, Row, Scale


def names() -> list[str]:
    """Give the names of all rows, which are those of their modules."""
    return sorted(module.name for module in iter_modules(rows.__path__))


def row(name: str) -> Row:
    """Give a row by its name."""
    found = import_module(f"{rows.__name__}.{name}").ROW
    assert isinstance(found, Row)
    return found


def lines(name: str, found: Row, figures: Sequence[Figure]) -> Iterator[str]:
    """Write what was measured, as lines of a table."""
    yield f"{name}: {found.work}, against {found.anchor}"
    for figure in figures:
        against = "" if figure.anchor is None else f" / {figure.anchor:.4g}"
        unit = f" {figure.unit}" if figure.unit else ""
        shown = "" if figure.anchor is None else f" = {figure.ratio:.3g}x"
        goal = f"{'at least' if figure.at_least else 'at most'} {figure.bound:g}"
        yield f"  {figure.what}: {figure.ours:.4g}{against}{unit}{shown} ({goal}: {'met' if figure.met else 'MISSED'})"


def main() -> None:
    """Measure the rows that are named, and print each as it is done."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what Tillbot costs.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}; all where left out")
    parser.add_argument("--rounds", type=int, default=5, help="pairs that are measured of each figure")
    parser.add_argument(
        "--share", type=float, default=1.0, help="how much of the work is done; the goals hold for all of it"
    )
    asked = parser.parse_args()
    unknown = set(asked.names) - set(names())
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    for name in asked.names or names():
        found = row(name)
        print(*lines(name, found, found.measure(Scale(asked.rounds, asked.share))), sep="\n", flush=True)  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
