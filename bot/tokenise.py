"""Takes typed text apart into words; what stands in quotes, straight or curly, French or English, is one word."""

from __future__ import annotations

import re
from typing import Final

# No two parts of it can take the same character: else one long message would hold up the whole shop.
_WORD: Final = re.compile(r"""["“”„«](?P<quoted>[^"“”„«»]*)["“”»]|(?P<bare>\S+)""")


def tokenise(text: str) -> list[str]:
    """Split text at white space: `"blue mug" 2` gives ["blue mug", "2"]. A quote that is not closed is left out."""
    return [
        match["quoted"].strip() if match["bare"] is None else match["bare"].strip('"“”„«»')
        for match in _WORD.finditer(text)
    ]
