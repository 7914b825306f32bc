"""Reports on a catalogue for eyes: a table on a terminal, aligned plain text that is never cut anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.channels import Remark

_COLUMNS: Final = ("Product", "What", "Field", "Why")


def show(remarks: Sequence[Remark], console: Console) -> None:
    """Print remarks, product by product."""
    rows = [(remark.subject, str(remark.kind), remark.field, remark.says) for remark in remarks]
    if not rows:
        return
    if console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in _COLUMNS:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(cell.replace("[", r"\[") for cell in row))
        console.print(table)
        return
    every = [_COLUMNS, *rows]
    widths = [max(len(row[at]) for row in every) for at in range(len(_COLUMNS))]
    for row in every:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        console.print(line, soft_wrap=True, markup=False)
