"""Giving a finished file its name, never over one that is there by now."""

from __future__ import annotations

import os
from pathlib import Path


def place(finished: Path, to: Path) -> None:
    """Have a file be found under a name that nothing has. Raises FileExistsError, and OSError where it cannot be.

    It may be found under its old name still, too.
    """
    try:
        os.link(finished, to)
    except FileExistsError:
        raise
    except OSError:  # no hard links there, as on a memory stick: the name is taken first, then what it stands for comes
        os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        finished.replace(to)
