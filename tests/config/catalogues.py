"""A shop with a catalogue file for tests, and how to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadConfig
from bot.settings import Settings
from config.catalogue_files import Kept
from config.read import read
from tests.config.shops import HEAD

SHIPPING = """
[[shipping]]
name = "Post"
countries = ["FR"]
price = "4.50"
"""


def write(folder: Path, sheet: str | bytes, more: str = "", name: str = "products.csv") -> Path:
    """Write a shop whose catalogue file is `sheet`, and give its path."""
    (folder / name).write_bytes(sheet if isinstance(sheet, bytes) else sheet.encode())
    config = folder / "shop.toml"
    config.write_text(f'{HEAD}\n[catalogue]\nfiles = ["{name}"]\n{SHIPPING}{more}')
    return config


def shop(folder: Path, sheet: str | bytes, more: str = "", kept: Kept | None = None, **tombstones: str) -> Settings:
    """Read a shop that is right."""
    return read(write(folder, sheet, more), kept=kept, tombstones=tombstones)


def said(folder: Path, sheet: str | bytes, more: str = "", **tombstones: str) -> list[str]:
    """Read a shop whose catalogue file is wrong, and give what is said: "2: column C, price: ..."."""
    config = write(folder, sheet, more)
    with pytest.raises(BadConfig) as caught:
        read(config, tombstones=tombstones)
    name = str(folder / "products.csv")
    return [str(problem).removeprefix(f"{name}:") for problem in caught.value.problems]
