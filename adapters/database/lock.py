"""The lock that one process holds while it works off the jobs of a database file, or changes its tables."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreUnavailable


class Lock:
    """flock on FILE.lock, held once by this process for as many as ask. It ends with the process, however that ends.

    Never on the database file itself: closing any descriptor of that would drop SQLite's own locks
    (https://sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        whole = file.resolve()  # one file has one lock, by whatever link it is reached
        self._path = whole.with_name(whole.name + ".lock")
        self._descriptor = -1
        self._holders = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for the block. Raises StoreUnavailable at once where another process holds it."""
        if self._holders == 0:
            self._descriptor = self._take()
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if self._holders == 0:
                os.close(self._descriptor)

    def _take(self) -> int:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StoreUnavailable(f"another tillbot is running on {self._file}") from error
        return descriptor
