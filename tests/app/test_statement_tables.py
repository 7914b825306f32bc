"""Statements for eyes, where there is nothing to state."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from bot.cli.statement_tables import show
from bot.statements import Month


@pytest.mark.parametrize(
    ("cause", "said"),
    [("", "Nothing moved, and nothing is held."), ("kitchen", "Of kitchen nothing moved here.")],
)
def test_nothing_to_state(cause: str, said: str) -> None:
    """Of a cause only its lines are looked at, so nothing is said of what the account holds."""
    out = io.StringIO()
    show(Month(2026, 3, ZoneInfo("Europe/Paris")), [], Console(file=out, width=200), cause=cause)
    assert out.getvalue().splitlines()[-1] == said
