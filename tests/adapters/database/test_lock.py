"""The lock of one process."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.database.lock import Lock
from bot.errors import StoreUnavailable


def test_held_until_the_last_lets_go(tmp_path: Path) -> None:
    """The same lock is held as often as is asked, and free for another when the last lets go, not before."""
    file = tmp_path / "till.sqlite3"
    ours, theirs = Lock(file), Lock(file)
    with ours.held():
        with ours.held(), pytest.raises(StoreUnavailable, match="another tillbot"), theirs.held():
            pass
        with pytest.raises(StoreUnavailable, match="another tillbot"), theirs.held():
            pass
    with theirs.held(), pytest.raises(StoreUnavailable, match="another tillbot"), ours.held():
        pass


def test_one_lock_by_any_path(tmp_path: Path) -> None:
    """A file that is reached by a link has the same lock, which is not the file itself."""
    file, link = tmp_path / "till.sqlite3", tmp_path / "link.sqlite3"
    file.write_bytes(b"")
    link.symlink_to(file)
    with Lock(link).held():
        with pytest.raises(StoreUnavailable), Lock(file).held():
            pass
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link.sqlite3", "till.sqlite3", "till.sqlite3.lock"]


def test_nowhere_to_lock(tmp_path: Path) -> None:
    """A lock that cannot be made is StoreUnavailable, and names the lock."""
    with pytest.raises(StoreUnavailable, match=r"till\.sqlite3\.lock"), Lock(tmp_path / "no" / "till.sqlite3").held():
        pass
