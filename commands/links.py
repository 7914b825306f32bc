"""Addresses in the operator's own texts, such as terms and what is delivered by message, as links to follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.words import Piece, Ref, Rich

#: A web address as it stands in a sentence, whose full stop or bracket is no part of it.
_ADDRESS: Final = re.compile(r"https?://[^\s<>«»“”]*[^\s<>«»“”.,;:!?)\]'\"’]")


def linked(rich: Rich) -> Rich:
    """Make the web addresses in a sentence links. Never give it what people typed."""
    return tuple(_pieces(rich))


def _pieces(rich: Rich) -> Iterator[Piece]:
    for piece in rich:
        if not isinstance(piece, str):
            yield piece
            continue
        at = 0
        for found in _ADDRESS.finditer(piece):
            if found.start() > at:
                yield piece[at : found.start()]
            yield Ref(found[0], found[0])
            at = found.end()
        if at < len(piece):
            yield piece[at:]
