"""The sample shop: where it lies, and which of its lines retire Buy once they are uncommented."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path
from typing import Final

from config.find import HERE

#: The sample shop that the demo runs.
SAMPLE: Final = HERE / "shop.toml"
#: The shops of the stories that the demo plays.
STORIES: Final = {"twitter": HERE / "examples" / "twitter-2017.toml"}

_TABLE: Final = re.compile(r"#\s*\[retirement\.")


def reopened(text: str) -> str | None:
    """Put the "# " back where exactly the sample's retirement was uncommented; None where it was not."""
    sample = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    bounds = retirement_lines(SAMPLE)
    if bounds is None:
        return None
    commented = "".join(sample[bounds[0] - 1 : bounds[1]])
    bare = re.sub(r"^# ?", "", commented, flags=re.MULTILINE)
    return text.replace(bare, commented) if text.count(bare) == 1 else None


def retirement_lines(path: Path) -> tuple[int, int] | None:
    """Give the first and last line of the retirement that is commented out in a config; None where there is none.

    Lines count from 1. Uncommenting exactly these closes Buy.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next((number for number, line in enumerate(lines) if _TABLE.match(line)), None)
    if first is None:
        return None
    return first + 1, first + len(list(takewhile(lambda line: line.startswith("#"), lines[first:])))
