"""The catalogue files that a shop.toml names: where they lie, what is in them, and which version of it all this is."""

from __future__ import annotations

import hashlib
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Final

from bot.catalogue import Product
from bot.errors import Problem
from config.beside import MOST_BYTES, named
from config.findings import Finding
from config.known import Known
from config.wrong import show

if TYPE_CHECKING:
    from config.listed import Listed

_KEY: Final = ("catalogue", "files")


@dataclass(slots=True)
class Kept:
    """What was read of each file last time, so that a reload reads only the rows that changed."""

    by_file: dict[str, Mapping[bytes, Listed]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listings:
    """What all catalogue files of a config list."""

    listed: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: The digest of each file's content.
    digests: tuple[str, ...] = ()

    @property
    def products(self) -> tuple[Product, ...]:
        """The products, in the order of the files and their rows."""
        return tuple(each.product for each in self.listed)

    @property
    def perks(self) -> dict[str, tuple[str, ...]]:
        """What each product grants."""
        return {each.product.id: each.perks for each in self.listed if each.perks}


def read_listings(
    config: str, raw: Mapping[str, Any], known: Known, *, tombstones: Mapping[str, str], kept: Kept
) -> Listings:
    """Read all files that are named. What was read is kept, to be read against next time."""
    if not named(raw):  # a shop without them does not wait for what reads them
        return Listings()
    from config.listed import listing

    taken = dict.fromkeys(raw["product"], config) if isinstance(raw.get("product"), dict) else {}
    listed: list[Listed] = []
    problems: list[Problem] = []
    findings: list[Finding] = []
    digests: list[str] = []
    found: dict[str, Mapping[bytes, Listed]] = {}
    for place, name in named(raw):
        file = File(config).parent / name
        try:
            content = _content(file)
        except OSError as error:
            findings.append(Finding((*_KEY, place), f"{show(name)} {_why(error)}", f"write it to {file}"))
            digests.append("")
            continue
        before = kept.by_file.get(name, {})
        one = listing(str(file), content, known, tombstones=tombstones, taken=taken, before=before)
        found[name] = one.listed
        digests.append(hashlib.sha256(content).hexdigest())
        listed += one.listed.values()
        problems += one.problems
        taken |= dict.fromkeys((each.product.id for each in one.listed.values()), str(file))
    if not problems and not findings:
        kept.by_file = found
    return Listings(tuple(listed), tuple(problems), tuple(findings), tuple(digests))


def version(text: str, files: Sequence[str]) -> str:
    """Name a version of a config by its content, and the digests of its catalogue files."""
    return _whole(hashlib.sha256(text.encode()).hexdigest(), files)


def _whole(own: str, files: Sequence[str]) -> str:
    return hashlib.sha256(" ".join([own, *files]).encode()).hexdigest() if files else own


class Versions:
    """Names the version that lies on disk now. Call it often: files that did not change are not read again."""

    def __init__(self, config: File) -> None:
        self._config = config
        self._seen: dict[File, tuple[tuple[int, ...], str, bool]] = {}
        self._named: tuple[str, tuple[File, ...]] = ("", ())
        #: Whether one of the files was empty or gone when they were last looked at: somebody may be about to write it.
        self.hollow = False
        #: Whether the last line of a catalogue file did not end: a copy of it may be on its way, cut within an amount.
        self.cut = False

    @property
    def files(self) -> tuple[File, ...]:
        """The catalogue files that the config named when it was last looked at."""
        return self._named[1]

    def __call__(self) -> str:
        """Give the digest that `Settings.digest` would be; "" while there is no config."""
        try:
            content = self._config.read_bytes()
        except OSError:
            self.hollow = True
            return ""
        self.hollow, self.cut = not content, False
        own = hashlib.sha256(content).hexdigest()
        if own != self._named[0]:
            self._named = (own, tuple(_files(self._config, content)))
        return _whole(own, [self._digest(file) for file in self.files])

    def _digest(self, file: File) -> str:
        try:
            found = file.stat()
            mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            self.hollow = self.hollow or not found.st_size
            seen = self._seen.get(file)
            if seen is not None and seen[0] == mark:
                self.cut = self.cut or seen[2]
                return seen[1]
            content = _content(file)
            digest, cut = hashlib.sha256(content).hexdigest(), not content.endswith((b"\n", b"\r"))
            self.cut = self.cut or cut
            again = file.stat()
        except OSError:
            self.hollow = True
            return ""
        still = mark == (again.st_dev, again.st_ino, again.st_size, again.st_mtime_ns, again.st_ctime_ns)
        # What was written a moment ago may be written again within the same tick of the file system's clock.
        # One from tomorrow, as another clock had it, is as certain as one from yesterday.
        if still and abs(_age(mark[3])) > _CLOCK_TICK:
            self._seen[file] = (mark, digest, cut)
        else:
            self._seen.pop(file, None)
        return digest


#: Nanoseconds within which two writes may bear the same time: two seconds on FAT, less elsewhere.
_CLOCK_TICK: Final = 2_500_000_000


def _age(written: int) -> int:
    return time.time_ns() - written


def _files(config: File, content: bytes) -> Iterator[File]:
    """Give the files that a config names; none where it cannot be read."""
    try:
        raw = tomllib.loads(content.decode().removeprefix("\ufeff").replace("\r\n", "\n"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return
    for _, name in named(raw):
        yield config.parent / name


def _content(file: File) -> bytes:
    """Read a plain file; a device or a pipe would never end. Of one that is too large, what shows that it is."""
    if file.exists() and not file.is_file():
        raise IsADirectoryError
    if file.stat().st_size <= MOST_BYTES:
        return file.read_bytes()
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)


def _why(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "is not there"
        case IsADirectoryError():
            return "is no file"
        case _:
            return f"cannot be read: {error.strerror}"
