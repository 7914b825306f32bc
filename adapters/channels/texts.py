"""Texts on their way: HTML to plain text and back, what is too long cut between words, names made of anything."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from html.parser import HTMLParser
from typing import Final

from bot.catalogue import LONGEST_ID, Product, Variant
from bot.channels import Notes

_SILENT: Final = frozenset({"script", "style", "template", "title"})
_BREAKS: Final = frozenset(
    {"address", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"}
    | {"pre", "section", "table", "tr", "ul"}
)
_PARAGRAPH: Final = "</p>\n<p>"


class _Reader(HTMLParser):
    """Collects what a person reads of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser's
        """Begin what is not read, or a new line."""
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """Give what a person reads of HTML: a line a paragraph, no tags, no scripts."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in "".join(reader.said).split("\n"))
    return "\n".join(line for line in lines if line)


def paragraphs(text: str) -> str:
    """Write plain text as HTML: a paragraph a line."""
    return f"<p>{_PARAGRAPH.join(escape(line, quote=False) for line in text.split(chr(10)))}</p>" if text else ""


def html_of(product: Product) -> str:
    """Give the description for a channel that shows HTML."""
    return product.html or paragraphs(product.description)


def text_of(product: Product) -> str:
    """Give the description for a channel that shows plain text."""
    return product.description or plain_text(product.html)


def described(html: str) -> tuple[str, str]:
    """Give the description and the HTML of what came as HTML; no HTML where it says no more than the text."""
    text = plain_text(html)
    return text, "" if html == paragraphs(text) or html == text else html


def cut(text: str, most: int) -> str:
    """Shorten a text to `most` characters, between words where that costs little, ending in "…"."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    space = head.rfind(" ")
    return (head[:space] if space > most * 3 // 4 else head).rstrip() + "…"


def fit(text: str, most: int, notes: Notes, *, of: Product | Variant | str, field: str, where: str) -> str:
    """Shorten a text to what fits, and say so."""
    if len(text) <= most:
        return text
    notes.add(of, "cut", field, f"{where} takes {most} characters of its {field}, and it has {len(text)}: cut")
    return cut(text, most)


def slug(text: str) -> str:
    """Make an id of anything: "Thé vert, 100 g" is "the-vert-100-g". May be "" where nothing of it can stand in an id."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", bare).strip("-_")[:LONGEST_ID].rstrip("-_")
