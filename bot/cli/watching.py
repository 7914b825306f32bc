"""Progress bars on long work with catalogues: on standard error, on a terminal alone, and gone when it is done."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bot.catalogue import Product

#: Products between two words to the bar: telling it costs more than many a product does.
_STRIDE: Final = 64
#: Bytes that are read at once.
_PIECE: Final = 1 << 16


@contextmanager
def bar(what: str, total: int, console: Console, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show how far something is while it is done; gives what is to be told, of `total`, how much is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


class Watched(io.RawIOBase):
    """A file that tells how far it is read. What is read of it again is told again."""

    def __init__(self, source: BinaryIO, told: Callable[[int], None]) -> None:
        super().__init__()
        self._source = source
        self._told = told

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere."""
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """Say where it is."""
        return self._source.tell()

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]  # typeshed names a wider buffer
        """Read on, and tell how far that went."""
        piece = self._source.read(len(into))
        into[: len(piece)] = piece
        self._told(self._source.tell())
        return len(piece)


def watched(source: BinaryIO, told: Callable[[int], None]) -> BinaryIO:
    """Give a file that tells how many of its bytes were read."""
    return io.BufferedReader(Watched(source, told), _PIECE)


def size_of(source: BinaryIO) -> int:
    """Give the bytes of a file, which is at its beginning then."""
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    return size


class Counted(tuple[Product, ...]):  # noqa: SLOT001 - a tuple takes no slots with names
    """Products that tell how many of them were looked at, each time that somebody goes through them."""

    told: Callable[[int], None]

    def __iter__(self) -> Iterator[Product]:
        """Give each."""
        for done, product in enumerate(super().__iter__()):
            if done % _STRIDE == 0:
                self.told(done)
            yield product


def counted(products: tuple[Product, ...], told: Callable[[int], None]) -> Counted:
    """Give the same products, watched."""
    made = Counted(products)
    made.told = told
    return made
