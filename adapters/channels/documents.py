"""JSON from elsewhere: one document or several after each other, of bounded size, looked into without trust."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from bot.errors import UnreadableFile

#: Bytes that are read: JSON is held whole.
MOST_BYTES: Final = 64 << 20


def is_json(stream: BinaryIO) -> bool:
    """Tell whether a file begins as JSON does."""
    stream.seek(0)
    start = stream.read(200).removeprefix(b"\xef\xbb\xbf").lstrip()
    stream.seek(0)
    return start.startswith((b"{", b"["))


def documents(stream: BinaryIO) -> Iterator[Any]:
    """Give each document of a file. Raises UnreadableFile, with the line."""
    if stream.seek(0, os.SEEK_END) > MOST_BYTES:
        raise UnreadableFile(0, f"the file is larger than {MOST_BYTES >> 20} MB: cut it into several")
    stream.seek(0)
    try:
        text = stream.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(error.object.count(b"\n", 0, error.start) + 1, "holds bytes that are no UTF-8") from error
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            found, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise UnreadableFile(error.lineno, f"is no JSON: {error.msg}") from error
        except ValueError as error:  # a number of thousands of digits
            raise UnreadableFile(text.count("\n", 0, at) + 1, f"is no JSON: {error}") from error
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
