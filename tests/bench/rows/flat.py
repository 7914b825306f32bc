"""Memory of a hundred thousand products, and that it stays what it is however often they are reloaded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.goods import rows, write
from tests.bench.processes import RSS, says
from tests.bench.row import Figure, Row, Scale, alone, pairs

PRODUCTS: Final = 100_000
RELOADS: Final = 6
#: Bytes of a product, its words and the reading with it: the bound of what this row measures.
MOST: Final = 3000

_CODE: Final = """
import json, sys
from pathlib import Path
from adapters.search import FuzzySearch
from config.catalogue_files import Kept
from config.read import read

config, kept, sheet = Path(sys.argv[1]), Kept(), Path(sys.argv[1]).with_name("products.csv")
bare = rss()
settings = read(config, kept=kept)
search = FuzzySearch(settings.catalogue)
first = rss()
later = []
text = sheet.read_text()
for number in range(int(sys.argv[2])):
    text = text.replace(f"p{number},", f"q{number},", 1)
    sheet.write_text(text)
    settings = read(config, kept=kept)
    search = FuzzySearch(settings.catalogue)
    later.append(rss())
print(json.dumps({"bare": bare, "first": first, "later": later, "products": len(settings.catalogue.products)}))
"""


def _measure(scale: Scale) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        config = write(Path(folder), list(rows(scale.of(PRODUCTS, least=50))))
        found = says(RSS + _CODE, str(config), str(RELOADS), compiled=Path(folder) / "compiled")
    second, *_, last = found["later"]
    each = (found["first"] - found["bare"]) / found["products"] * 2**20
    return [
        alone("a product, searchable", "bytes", each, bound=MOST if scale.share == 1 else float("inf")),
        pairs("after so many reloads, to after one", "MB", [(last, second)], bound=1.1),
    ]


ROW: Final = Row("memory of 100,000 products", "itself after one reload", _measure)
