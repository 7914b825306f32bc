"""Statements for eyes: a table on a terminal, aligned plain text, never cut, anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.statements import CLASSES, Entry, Month, Statement, Sum

_COLUMNS: Final = ("Date", "Class", "Kind", "Order", "For", "Gross", "Fee", "Net", "Payout")
#: Columns of amounts, which stand to the right.
_AMOUNTS: Final = frozenset({"Gross", "Fee", "Net"})
_NAMES: Final = {
    "charge": "Charges",
    "refund": "Refunds",
    "dispute": "Disputes",
    "other": "Other",
    "payout": "Payouts",
}
Row = tuple[str, ...]


def show(month: Month, statements: Sequence[Statement], console: Console, *, cause: str = "") -> None:
    """Print statements, of a cause alone where one is named."""
    for line in _heading(month):
        console.print(line, soft_wrap=True, markup=False)
    if not statements:
        nothing = f"Of {cause} nothing moved here." if cause else "Nothing moved, and nothing is held."
        console.print(nothing, soft_wrap=True, markup=False)
    for statement in statements:
        console.print()
        console.print(_title(statement), style="bold", soft_wrap=True, markup=False)
        if statement.opening is not None:
            console.print(f"Opening balance: {statement.opening}", soft_wrap=True, markup=False)
        lines, sums = [_line(entry) for entry in statement.entries], _sums(statement)
        if console.is_terminal:
            console.print(_table(lines, sums))
        else:
            for row in _aligned([_COLUMNS, *lines, *sums]):
                console.print(row, soft_wrap=True, markup=False)
        console.print(_closing(statement), soft_wrap=True, markup=False)


def _heading(month: Month) -> Sequence[str]:
    return (
        f"{month}: from {month.since.isoformat()} to before {month.until.isoformat()} ({month.zone.key}).",
        "A line counts in the month in which Stripe made it, payouts too. Amounts are of the balance's currency.",
    )


def _title(statement: Statement) -> str:
    of = f", gifts to {statement.cause} alone" if statement.opening is None else ""
    return f"Account {statement.account or 'shop'}, {statement.currency}{of}"


def _line(entry: Entry) -> Row:
    what = f"{entry.label} ({entry.original})" if entry.original else entry.label or entry.word
    return (
        entry.at.date().isoformat(),
        entry.type,
        entry.kind,
        entry.order,
        what,
        entry.gross.plain(),
        entry.fee.plain(),
        entry.net.plain(),
        entry.payout,
    )


def _sums(statement: Statement) -> Sequence[Row]:
    rows = [_sum(_NAMES[name], statement.sums[name]) for name in CLASSES]
    return [*rows, _sum("Total", statement.total)]


def _sum(name: str, of: Sum) -> Row:
    return ("", name, "", "", f"{of.lines} lines", of.gross.plain(), of.fee.plain(), of.net.plain(), "")


def _closing(statement: Statement) -> str:
    if statement.closing is None:
        return "What the account holds is not of one cause alone, and not stated."
    return f"Closing balance: {statement.closing} (opening {statement.opening}, and {statement.total.net} net)"


def _table(lines: Sequence[Row], sums: Sequence[Row]) -> Table:
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, justify="right" if name in _AMOUNTS else "left", overflow="fold")
    for row in lines:
        table.add_row(*row)
    table.add_section()
    for row in sums:
        table.add_row(*row, style="bold")
    return table


def _aligned(rows: Sequence[Row]) -> Sequence[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    right = [name in _AMOUNTS for name in _COLUMNS]
    return [
        "  ".join(
            cell.rjust(width) if amount else cell.ljust(width)
            for cell, width, amount in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in rows
    ]
