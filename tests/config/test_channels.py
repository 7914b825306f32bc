"""[channels.amazon]: what Amazon asks of the seller."""

from __future__ import annotations

import pytest

from bot.settings import AmazonSeller
from config.changes import changes
from tests.config.shops import MUG, problems, read

AMAZON = """
[channels.amazon]
seller_id = "A1EXAMPLE"
marketplace_id = "A13V1IB3VIYZZH"
language = "fr_FR"
product_type = "HOME"
product_types.mug = "DRINKING_CUP"
"""


def test_a_seller_is_read() -> None:
    """The whole table comes in; a shop without it sells nothing there."""
    assert read(MUG).amazon is None
    assert read(MUG + AMAZON).amazon == AmazonSeller(
        "A1EXAMPLE", "A13V1IB3VIYZZH", "fr_FR", "HOME", {"mug": "DRINKING_CUP"}
    )


@pytest.mark.parametrize(
    ("was", "now", "line", "what"),
    [
        ('seller_id = "A1EXAMPLE"', "seller_id = 1", 3, "is a number"),
        ('language = "fr_FR"', 'language = "french"', 5, '"french" is no language of Amazon\'s'),
        ('product_type = "HOME"', 'product_type = "home"', 6, '"home" is no product type of Amazon\'s'),
        ("product_types.mug", "product_types.cup", 7, 'there is no product "cup"'),
        ('seller_id = "A1EXAMPLE"\n', "", 2, "is missing"),
    ],
)
def test_each_mistake_is_said_at_its_line(was: str, now: str, line: int, what: str) -> None:
    """A value that Amazon could not take, a product that there is not, and what is missing, are said before anything else."""
    assert was in AMAZON
    before = MUG.count("\n")
    (problem,) = problems(MUG + AMAZON.replace(was, now, 1))
    assert (problem.line - before, problem.what) == (line, what)


def test_changes_are_said() -> None:
    """A seller that appears, and a product type that changes, are said in words."""
    assert changes(read(MUG), read(MUG + AMAZON)) == ["channel amazon: added"]
    assert changes(read(MUG + AMAZON), read(MUG + AMAZON.replace("HOME", "KITCHEN"))) == [
        'channel amazon: product_type "HOME" -> "KITCHEN"'
    ]
