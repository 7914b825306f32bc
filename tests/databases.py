"""Database files with all tables, each a copy of one that was made as the shop makes it: once for each test process."""

from __future__ import annotations

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from adapters.database import migrate


def ready(file: Path) -> str:
    """Give the address of a database file, made with all tables where there is none yet.

    Where a test is about how it is made, Database.open makes it.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(_migrated())
    return f"sqlite:///{file}"


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="till-") as folder, ThreadPoolExecutor(1) as thread:
        file = Path(folder) / "till.sqlite3"
        thread.submit(asyncio.run, migrate(f"sqlite:///{file}")).result()  # whoever asks may have a loop running
        assert not Path(f"{file}-wal").exists(), "all that was written is in the one file"
        return file.read_bytes()
