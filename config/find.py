"""Where things are: the config file in force, and the files that come with Tillbot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

#: The folder of the files that come with Tillbot: the sample, the examples, the catalogues of words.
HERE: Final = Path(__file__).parent
#: Where a config is looked for when nothing names one, from the folder one stands in.
USUAL: Final = Path("config") / "shop.toml"


def find(named: str | None, environ: Mapping[str, str]) -> Path:
    """Give the config file: as named by `--config`, else by TILLBOT_CONFIG, else ./config/shop.toml. It may not exist.

    A folder means the shop.toml in it. The copy inside an installed package is never taken: an upgrade replaces it.
    """
    chosen = Path(named or environ.get("TILLBOT_CONFIG") or USUAL)
    return chosen / "shop.toml" if chosen.is_dir() else chosen


@cache
def locales() -> tuple[str, ...]:
    """Give the locales that there are words for, English first."""
    found = sorted(file.stem.replace("_", "-") for file in (HERE / "locales").glob("*.po"))
    return tuple(sorted(found, key=lambda tag: tag != "en"))
