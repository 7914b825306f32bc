"""Watches a config and its catalogue files, however they are saved: in place, by a rename, by a symlink, in a mount."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from config.catalogue_files import Versions

_log: Final = logging.getLogger(__name__)

#: Seconds between two looks at the content, where the system tells nothing: some mounts never do.
LOOK: Final = 0.5
#: Seconds for which a content must stand still before it is believed.
STILL: Final = 0.05
#: The same for a file that is empty or gone: an editor may be about to write it.
STILL_EMPTY: Final = 0.3
#: The same for a catalogue file whose last line does not end: it may be a copy that is still on its way, and "12.50" be "1".
STILL_CUT: Final = 2.0
#: Seconds after which listening is tried again where the system refused it.
DEAF: Final = 30.0
#: How many symlinks are followed, as Linux does.
_MOST_LINKS: Final = 40


async def edits(path: Path, known: str) -> AsyncGenerator[str, None]:
    """Give the digest of a config's content each time it has become another one; `known` is the one in force.

    The digest is `Settings.digest` of that content, catalogue files and all, "" while there is no such file. Reading it is
    the caller's part: by then it may have changed again, which is told next. Ends when it is closed or cancelled.
    """
    stirred, versions = asyncio.Event(), Versions(path)
    await asyncio.to_thread(versions)
    ears = asyncio.create_task(_listen(path, versions, stirred))
    try:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stirred.wait()
            stirred.clear()
            if await asyncio.to_thread(versions) == known:
                continue
            settled = await _settled(versions)
            if settled != known:
                known = settled
                yield settled
    finally:
        ears.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ears


async def _settled(versions: Versions) -> str:
    """Wait until the content stands still."""
    digest, since = await asyncio.to_thread(versions), time.monotonic()
    while True:
        still = STILL_CUT if versions.cut else STILL_EMPTY if versions.hollow else STILL
        await asyncio.sleep(min(still, LOOK))
        again = await asyncio.to_thread(versions)
        if again != digest:
            digest, since = again, time.monotonic()
        elif time.monotonic() - since >= still:
            return digest


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


async def _listen(path: Path, versions: Versions, stirred: asyncio.Event) -> None:
    """Set `stirred` when the system tells of a change near the file. Where it cannot, looking has to do."""
    while True:
        try:
            await _hear(path, versions, stirred)
        except (OSError, RuntimeError) as error:
            _log.info("the system tells of no config changes (%s); looking every %s s", type(error).__name__, LOOK)
            await asyncio.sleep(DEAF)
        stirred.set()


def _ways(path: Path, versions: Versions) -> list[Path]:
    """Give every path on the way to the config or to one of its catalogue files."""
    return list(dict.fromkeys(way for file in (path, *versions.files) for way in hops(file)))


async def _hear(path: Path, versions: Versions, stirred: asyncio.Event) -> None:
    """Listen in every folder on the way to the files, until the way is another one."""
    ways = _ways(path, versions)
    names = {way.name for way in ways}
    folders = {way.parent for way in ways}

    def meant(_: Change, changed: str) -> bool:
        return Path(changed).name in names

    heard = awatch(
        *(each for each in folders if each.is_dir()), watch_filter=meant, debounce=50, step=10, recursive=False
    )
    async with contextlib.aclosing(heard):
        async for _ in heard:
            stirred.set()
            if _ways(path, versions) != ways:
                return
