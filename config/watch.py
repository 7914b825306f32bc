"""Watches a config file, however it is saved: in place, by a rename, by a symlink that is swapped, in a mount."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

_log: Final = logging.getLogger(__name__)

#: Seconds between two looks at the content, where the system tells nothing: some mounts never do.
LOOK: Final = 0.5
#: Seconds for which a content must stand still before it is believed.
STILL: Final = 0.05
#: The same for a file that is empty or gone: an editor may be about to write it.
STILL_EMPTY: Final = 0.3
#: Seconds after which listening is tried again where the system refused it.
DEAF: Final = 30.0
_EMPTY: Final = hashlib.sha256(b"").hexdigest()
#: How many symlinks are followed, as Linux does.
_MOST_LINKS: Final = 40


async def edits(path: Path, known: str) -> AsyncGenerator[str, None]:
    """Give the digest of a file's content each time it has become another one; `known` is the one in force.

    The digest is `Settings.digest` of that content, "" while there is no such file. Reading it is the caller's part:
    by then it may have changed again, which is told next. Ends when it is closed or cancelled.
    """
    stirred = asyncio.Event()
    ears = asyncio.create_task(_listen(path, stirred))
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stirred.wait()
            stirred.clear()
            if await _look(path) == known:
                continue
            settled = await _settled(path)
            if settled != known:
                known = settled
                yield settled
    finally:
        ears.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ears


async def _settled(path: Path) -> str:
    """Wait until the content stands still."""
    digest = await _look(path)
    while True:
        await asyncio.sleep(STILL_EMPTY if digest in {"", _EMPTY} else STILL)
        again = await _look(path)
        if again == digest:
            return digest
        digest = again


async def _look(path: Path) -> str:
    return await asyncio.to_thread(_digest, path)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def hops(path: Path) -> list[Path]:
    """Give every path whose change may change what `path` leads to: the file, each link on its way, what those lead to."""
    found: list[Path] = []
    here = path.absolute()
    for _ in range(_MOST_LINKS):
        found.append(here)
        link = next((part for part in (here, *here.parents) if part.is_symlink()), None)
        if link is None:
            break
        found.append(link)
        here = Path(os.path.normpath(link.parent / link.readlink() / here.relative_to(link)))
    return list(dict.fromkeys(found))


async def _listen(path: Path, stirred: asyncio.Event) -> None:
    """Set `stirred` when the system tells of a change near the file. Where it cannot, looking has to do."""
    while True:
        try:
            await _hear(path, stirred)
        except (OSError, RuntimeError) as error:
            _log.info("the system tells of no config changes (%s); looking every %s s", type(error).__name__, LOOK)
            await asyncio.sleep(DEAF)
        stirred.set()


async def _hear(path: Path, stirred: asyncio.Event) -> None:
    """Listen in every folder on the way to the file, until the way is another one."""
    ways = hops(path)
    names = {way.name for way in ways}
    folders = {way.parent for way in ways}

    def meant(_: Change, changed: str) -> bool:
        return Path(changed).name in names

    heard = awatch(*folders, watch_filter=meant, debounce=50, step=10, recursive=False)
    async with contextlib.aclosing(heard):
        async for _ in heard:
            stirred.set()
            if hops(path) != ways:
                return
