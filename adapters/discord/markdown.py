"""Sentences as Discord's markdown, in which nothing that is data becomes markup, a mention or a link."""

import re
from typing import Final, assert_never

from bot.words import Moment, Piece, Ref, Rich

#: Discord's markup, and what begins a mention, a custom emoji or a link (https://docs.discord.com/developers/reference#message-formatting).
_MARKUP: Final = re.compile(r"[\\*_~`|\[\]<]|:(?=//)|@(?=everyone|here)")
#: What makes a heading, a quote or a list at the beginning of a line.
_AT_LINE_START: Final = re.compile(r"^(\s*)([#>-])", re.MULTILINE)
_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])(?=\s)", re.MULTILINE)

ELLIPSIS: Final = "…"


def escape(text: str) -> str:
    """Write data so that it reads as it was typed. A backslash before punctuation shows the punctuation alone."""
    escaped = _MARKUP.sub(r"\\\g<0>", text)
    escaped = _AT_LINE_START.sub(r"\1\\\2", escaped)
    return _NUMBERED.sub(r"\1\\\2", escaped)


def markdown(rich: Rich) -> str:
    """Write a sentence or a paragraph."""
    return "".join(_piece(piece) for piece in rich)


def link(label: str, url: str) -> str:
    """Write a masked link, or the bare address where Discord would not mask it."""
    if not url.startswith(("https://", "http://")):
        return escape(f"{label} ({url})")
    target = url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return target if "://" in label else f"[{escape(label)}]({target})"


def _piece(piece: Piece) -> str:
    match piece:
        case str():
            return escape(piece)
        case Moment():
            return f"{escape(piece.text)} (<t:{int(piece.at.timestamp())}:F>)"
        case Ref():
            return link(piece.label, piece.url)
    assert_never(piece)


def cut(text: str, most: int) -> str:
    """Cut plain text to `most` characters, the last of which then says that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def cut_markdown(text: str, most: int) -> str:
    """Cut markdown to `most` characters: at the end of a line or word, never inside a link, a date or an escape."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    for begins, ends in (("[", ")"), ("<t:", ">")):
        opened = kept.rfind(begins)
        while opened > 0 and kept[opened - 1] == "\\":
            opened = kept.rfind(begins, 0, opened)
        if opened >= 0 and ends not in kept[opened:]:
            kept = kept[:opened]
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS
