"""Elements of XML kept by id in a file of no name: of each a few numbers are held in memory."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final, Self
from xml.etree.ElementTree import Element


class Shelf:
    """`with Shelf() as shelf:`. An id that is put again has its last element, in its first place."""

    def __init__(self) -> None:
        self._file: Final = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._at: dict[str, tuple[int, int, int]] = {}
        self._end = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, which is gone then."""
        self._file.close()

    def put(self, id_: str, line: int, element: Element) -> None:
        """Keep an element that stood on a line."""
        self._file.seek(self._end)
        size = self._file.write(json.dumps(_flat(element)).encode())
        self._at[id_] = (line, self._end, size)
        self._end += size

    def get(self, id_: str) -> tuple[int, Element]:
        """Give an element and its line. Raises KeyError for an id that is not there."""
        line, start, size = self._at[id_]
        self._file.seek(start)
        return line, _element(json.loads(self._file.read(size)))

    def __contains__(self, id_: str) -> bool:
        """Tell whether an id is there."""
        return id_ in self._at

    def __iter__(self) -> Iterator[str]:
        """Give the ids, in the order in which they came."""
        return iter(tuple(self._at))

    def __len__(self) -> int:
        """Count them."""
        return len(self._at)


def _flat(element: Element) -> list[Any]:
    return [element.tag, element.attrib, element.text, element.tail, [_flat(child) for child in element]]


def _element(flat: list[Any]) -> Element:
    tag, attributes, text, tail, children = flat
    element = Element(tag, attributes)
    element.text, element.tail = text, tail
    element.extend(map(_element, children))
    return element
