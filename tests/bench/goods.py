"""Big catalogues for the bench: the same ones for the same seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HEADER: Final = ("id", "name", "description", "price", "stock", "brand", "category", "url", "tags", "sku")
SHOP: Final = """\
[shop]
name = "Example Big Shop"
homepage = "https://big.example/"
currency = "EUR"
zone = "Europe/Paris"

[seller]
name = "Example Big Shop"

[catalogue]
files = ["products.csv"]
"""


def vocabulary(many: int, seed: int = 2017) -> list[str]:
    """Make words that can be spoken, some of them with accents."""
    choose = random.Random(seed)  # noqa: S311 - the same words each time are what is wanted
    starts = ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "br", "cl", "fr", "gr", "pl", "tr", "ch")
    vowels = ("a", "e", "i", "o", "u", "é", "è", "ou", "ai")
    found: dict[str, None] = {}
    while len(found) < many:
        syllables = (choose.choice(starts) + choose.choice(vowels) for _ in range(choose.randint(2, 4)))
        found["".join(syllables) + choose.choice(["", "", "n", "r", "s"])] = None
    return list(found)


def rows(many: int, seed: int = 2017) -> Iterator[list[str]]:
    """Make the rows of a catalogue: names of two to four words out of six thousand, a few of them common."""
    choose = random.Random(seed)  # noqa: S311
    words = vocabulary(6000, seed)
    common = words[:60]
    for number in range(many):
        name = " ".join(
            [*choose.choices(words, k=choose.randint(1, 2)), *choose.choices(common, k=choose.randint(1, 2))]
        )
        yield [
            f"p{number}",
            name.capitalize(),
            " ".join(choose.choices(words, k=12)).capitalize() + ".",
            f"{choose.randint(1, 99)}.{choose.choice(['00', '50', '90'])}",
            str(choose.randint(1, 500)),
            choose.choice(common).title(),
            f"{choose.choice(common).title()} > {choose.choice(common).title()}",
            f"https://big.example/p/{number}",
            "|".join(choose.choices(words[:600], k=2)),
            f"BX-{number:06d}",
        ]


def write(folder: Path, made: list[list[str]]) -> Path:
    """Write a shop with these rows in its catalogue file, and give the path of its config."""
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *made])
    config = folder / "shop.toml"
    config.write_text(SHOP, encoding="utf-8")
    return config


def slipped(word: str, choose: random.Random) -> str:
    """Write a word with one slip of the finger: a letter wrong, missing, too many, or two swapped."""
    at = choose.randrange(len(word) - 1)
    letter = choose.choice("abcdefghijklmnopqrstuvwxyz")
    match choose.randrange(4):
        case 0:
            return word[:at] + letter + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + letter + word[at:]
        case _:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
