"""Takes typed text apart into words; what stands in quotes, straight or curly, French or English, is one word."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"""["“”„«]\s*(?P<quoted>[^"“”„«»]*?)\s*["“”»]|(?P<bare>[^\s]+)""")


def tokenise(text: str) -> list[str]:
    """Split text at white space: `"blue mug" 2` gives ["blue mug", "2"]. An unclosed quote is part of its word."""
    return [
        match["quoted"] if match["bare"] is None else match["bare"].strip('"“”„«»') for match in _WORD.finditer(text)
    ]
