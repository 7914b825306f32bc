"""Brownouts in the config: each mistake is told at its line, with its key."""

from __future__ import annotations

import pytest

from bot.retirement import Fuse
from config.changes import changes
from tests.config import shops
from tests.config.test_retirements import BUY, plan, wrong

GOOD = """brownouts = [
    {starts = 2030-02-01T10:00:00, ends = 2030-02-01T11:00:00},
    {starts = 2030-02-08T10:00:00, ends = 2030-02-08T12:00:00},
]"""


def test_they_are_off_unless_configured_and_read_in_the_table_s_zone() -> None:
    """Without the key there are none; with it they are instants, and two numbers say when they stop by themselves."""
    assert plan().brownouts == ()
    found = plan(GOOD, "brownout_errors = 3", "brownout_complaints = 7")
    assert [part.starts.isoformat() for part in found.brownouts] == [
        "2030-02-01T09:00:00+00:00",
        "2030-02-08T09:00:00+00:00",
    ]
    assert found.fuse == Fuse(3, 7)
    said = changes(shops.read(BUY), shops.read(f"{BUY}{GOOD}\n"))
    assert said[0].startswith("retirement of buy: brownouts none -> 2030-02-01T10:00:00+01:00 to")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "what"),
    [
        ("2030-02-01T10", "2029-12-31T10", 2, "starts", "is before announced, 2030-01-01T09:00:00+01:00"),
        ("2030-02-01T10", "2030-01-29T10", 2, "starts", "is before everybody is reminded, 2030-01-30T00:00:00+01:00"),
        ("2030-02-08T12", "2030-03-08T12", 3, "ends", "is after closes, 2030-03-01T00:00:00+01:00"),
        ("2030-02-08T10", "2030-02-01T10", 3, "starts", "is before the one before it ends, 2030-02-01T11:00:00+01:00"),
        ("2030-02-08T12", "2030-02-08T11", 3, "ends", "makes it no longer than the one before it"),
        ("2030-02-01T11", "2030-02-01T10", 2, "ends", "is not after starts"),
    ],
)
def test_a_mistake_is_told_at_its_line(old: str, new: str, line: int, key: str, what: str) -> None:
    """Between announcement and closing, after the first reminder, in order, not overlapping, each longer than the last."""
    text = GOOD.replace(old, new)
    if old == "2030-02-01T10" and line == 2:
        text = text.replace("2030-02-01T11", new.replace("T10", "T11"))
    found = wrong(text)
    number = line - 1
    assert found[:3] == (line, f"retirement.buy.brownouts {number}, {key}", what)
    assert found[3], "and what would be right"
