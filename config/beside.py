"""Which files beside a shop.toml its catalogue may be listed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

#: Bytes of a file: more is refused, not held in memory.
MOST_BYTES: Final = 256 << 20


def named(raw: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Give the names of catalogue files that can be looked for, with their places in the list."""
    table = raw.get("catalogue")
    files = table.get("files") if isinstance(table, dict) else None
    texts = list(enumerate(files)) if isinstance(files, list) else []
    return [(place, name) for place, name in texts if isinstance(name, str) and not unfit(name)]


def unfit(name: str) -> str:
    """Say why a name is none of a file beside the config; "" where it is one."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        return "does not lie beside this file"
    return "" if path.suffix.lower() in {".csv", ".tsv", ".txt"} else "is no CSV file"
