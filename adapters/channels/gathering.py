"""Rows that belong together, given as soon as the last of them was read: no more is held than what is still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Each = TypeVar("Each")


def gathered(read: Callable[[], Iterable[Each]], key: Callable[[Each], str]) -> Iterator[list[Each]]:
    """Give what `read` gives in groups of one key. It is asked twice: first for how many are in each group."""
    left = Counter(key(each) for each in read())
    held: dict[str, list[Each]] = {}
    for each in read():
        name = key(each)
        held.setdefault(name, []).append(each)
        left[name] -= 1
        if not left[name]:
            del left[name]
            yield held.pop(name)
