"""Writes the config that `tillbot init` begins with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from config.find import HERE
from config.sample import SAMPLE
from config.schema import json_schema


def write_initial(folder: Path) -> Sequence[Path]:
    """Write shop.toml, its JSON Schema and .env.example into a folder, and give their paths.

    Raises FileExistsError, and writes nothing, where one of them is there already.
    """
    contents = {
        folder / "shop.toml": SAMPLE.read_text(encoding="utf-8"),
        folder / "shop.schema.json": schema_text(),
        folder / ".env.example": (HERE / "env.example").read_text(encoding="utf-8"),
    }
    for path in contents:
        if path.exists() or path.is_symlink():
            raise FileExistsError(path)
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    return list(contents)


def schema_text() -> str:
    """Give the JSON Schema as the file beside shop.toml holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
