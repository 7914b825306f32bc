"""JSON from elsewhere: one document or several after each other, of bounded size, looked into without trust."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from bot.errors import UnreadableFile

#: Bytes that are read: a document is held whole.
MOST_BYTES: Final = 64 << 20
#: JSON's own white space: https://www.rfc-editor.org/rfc/rfc8259#section-2
_SPACES: Final = b" \t\r\n"
_NOTHING: Final = object()


def is_json(stream: BinaryIO) -> bool:
    """Tell whether a file begins as JSON does."""
    stream.seek(0)
    start = stream.read(200).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.seek(0)
    return start.startswith((b"{", b"["))


def documents(stream: BinaryIO) -> Iterator[Any]:
    """Give each document of a file. Raises UnreadableFile, with the line.

    Where each stands on a line of its own one line is held at a time; from a line on that is no document by itself, all.
    """
    if stream.seek(0, os.SEEK_END) > MOST_BYTES:
        raise UnreadableFile(0, f"the file is larger than {MOST_BYTES >> 20} MB: cut it into several")
    stream.seek(0)
    for read, line in enumerate(stream):
        try:
            found = json.loads(line.decode("utf-8-sig" if read == 0 else "utf-8")) if line.strip(_SPACES) else _NOTHING
        except (ValueError, RecursionError):
            yield from _rest(line + stream.read(), read)
            return
        if found is not _NOTHING:
            yield found


def _rest(held: bytes, read: int) -> Iterator[Any]:
    """Give the documents of what is held, before which so many lines were read."""
    try:
        text = held.decode("utf-8-sig" if read == 0 else "utf-8")
    except UnicodeDecodeError as error:
        line = read + error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(line, "holds bytes that are no UTF-8") from error
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise UnreadableFile(read + error.lineno, f"is no JSON: {error.msg}") from error
        except ValueError as error:  # a number of thousands of digits
            raise UnreadableFile(read + text.count("\n", 0, at) + 1, f"is no JSON: {error}") from error
        except RecursionError as error:
            raise UnreadableFile(0, "stands in itself too deep") from error
        yield found


def table(value: Any) -> Mapping[str, Any]:
    """Give an object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """Give a list; an empty one for anything else."""
    return value if isinstance(value, list) else ()


def word(value: Any) -> str:
    """Give a text or a number as text; "" for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def number(value: Any) -> int | None:
    """Give a whole number that is not negative; None for anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**12
    return int(value) if good else None
