"""`tillbot check` from cold: a process that starts, checks the sample shop and ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.bench.processes import cpu, says
from tests.bench.row import Figure, Row, Scale, alone, pairs

#: pydantic gives its names when they are asked for; what any use of it imports is asked for here, and so for Rich.
_ANCHOR: Final = "import tomllib, typer, rich.console; from pydantic import BaseModel"
_CHECK: Final = "from bot.cli import main; main()"
_HEAVY: Final = """
import json, sys
from bot.cli import app
app(["check", sys.argv[1]], standalone_mode=False)
names = ["aiohttp", "sqlalchemy", "stripe", "slack_bolt", "slack_sdk", "discord"]
print(json.dumps(len(set(names) & set(sys.modules))))
"""
_SAMPLE: Final = "config/shop.toml"


def _measure(scale: Scale) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder)
        heavy = says(_HEAVY, _SAMPLE, compiled=compiled)
        cpu(_ANCHOR, compiled=compiled)

        def both() -> Iterator[tuple[float, float]]:
            for _ in range(scale.rounds * 3):  # each is short, and a machine has its moods
                yield cpu(_CHECK, "check", _SAMPLE, compiled=compiled), cpu(_ANCHOR, compiled=compiled)

        return [
            pairs("a process that checks the sample", "s CPU", both(), bound=1.5),
            alone("servers, databases and SDKs imported", "", heavy, bound=0),
        ]


ROW: Final = Row("tillbot check, cold", "python importing tomllib, pydantic, Typer, Rich", _measure)
