"""`uv run python -m tests.bench [ROW...] [--rounds N] [--size S]`: measure all rows, or some, and print the table."""

from __future__ import annotations

import argparse
import logging
import pkgutil
from collections.abc import Sequence
from importlib import import_module

from tests.bench import rows
from tests.bench.measure import Work, table


def names() -> list[str]:
    """Name the rows that there are."""
    return [module.name for module in pkgutil.iter_modules(rows.__path__)]


def measured(name: str, *, rounds: int, size: float) -> Sequence[Work]:
    """Measure a row."""
    run = import_module(f"tests.bench.rows.{name}").run
    return list(run(rounds=rounds, size=size))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of: {', '.join(names())}; all without")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of measures; their median counts")
    parser.add_argument("--size", type=float, default=1.0, help="how much is done, of what the goals are meant for")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    unknown = set(asked.rows) - set(names())
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}; there are: {', '.join(names())}")
    done: list[Work] = []
    for name in asked.rows or names():
        done += measured(name, rounds=asked.rounds, size=asked.size)
        print(table(done[-1:]).splitlines()[-1], flush=True)  # noqa: T201 - so that one sees how far it is
    print(f"\n{table(done)}")  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
