"""XML out and in: written piece by piece, read without document types, entities or network, record by record."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from adapters.channels.sheets import check_size
from bot.errors import UnreadableFile

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
#: How deep elements may stand in each other, and how many characters one record may hold.
DEEPEST: Final = 64
LARGEST: Final = 4 << 20
#: Characters that XML cannot hold: https://www.w3.org/TR/xml/#charsets
_NEVER: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PIECE: Final = 1 << 16


def text(value: str) -> str:
    """Write a text between tags; characters that XML cannot hold are spaces."""
    return escape(_NEVER.sub(" ", value), {"\r": "&#13;"})


def element(name: str, value: str, **attributes: str) -> str:
    """Write an element that holds a text."""
    return f"<{name}{attrs(**attributes)}>{text(value)}</{name}>"


def attrs(**attributes: str) -> str:
    """Write attributes, with - for _ in their names; `xml_lang` is xml:lang."""
    names = ((name.replace("xml_", "xml:").replace("_", "-"), value) for name, value in attributes.items())
    return "".join(f" {name}={quoteattr(_NEVER.sub(' ', value))}" for name, value in names)


def pieces(lines: Iterator[str]) -> Iterator[bytes]:
    """Gather lines into pieces worth writing."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line + "\n")
        size += len(line)
        if size > _PIECE:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def local(tag: str) -> str:
    """Give a tag's name without its namespace."""
    return tag.rpartition("}")[2]


def records(stream: BinaryIO, names: Collection[str]) -> Iterator[tuple[int, Element]]:
    """Give each element of one of these (local) names that stands in no other, with its line. Raises UnreadableFile."""
    check_size(stream)
    gathering = _Gathering(frozenset(names))
    while piece := stream.read(_PIECE):
        yield from gathering.feed(piece, last=False)
    yield from gathering.feed(b"", last=True)


class _Gathering:
    """Holds the record that is being read, and no more."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names
        self._depth = self._size = self._line = 0
        self._inside = 0
        self._tree = TreeBuilder()
        self._done: list[tuple[int, Element]] = []
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse

    def feed(self, piece: bytes, *, last: bool) -> Iterator[tuple[int, Element]]:
        """Read on; gives the records that are whole by now."""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise UnreadableFile(error.lineno, f"is no XML: {expat.ErrorString(error.code)}") from error
        done, self._done = self._done, []
        yield from done

    def _refuse(self, *_: Any) -> int:
        raise UnreadableFile(self._parser.CurrentLineNumber, "has a document type or entities, which are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadableFile(self._parser.CurrentLineNumber, f"elements stand in each other {DEEPEST} deep")
        if not self._inside and local(name) in self._names:
            self._inside, self._line, self._size, self._tree = (
                self._depth,
                self._parser.CurrentLineNumber,
                0,
                TreeBuilder(),
            )
        if self._inside:
            self._count(len(name) + sum(len(key) + len(value) for key, value in attributes.items()))
            self._tree.start(name, attributes)

    def _end(self, name: str) -> None:
        if self._inside:
            self._tree.end(name)
            if self._depth == self._inside:
                self._done.append((self._line, self._tree.close()))
                self._inside = 0
        self._depth -= 1

    def _text(self, data: str) -> None:
        if self._inside:
            self._count(len(data))
            self._tree.data(data)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > LARGEST:
            raise UnreadableFile(self._line, f"one record holds more than {LARGEST} characters")
