"""Config edits are heard, however the file is saved."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from config import watch
from config.catalogue_files import Versions
from config.read import read
from config.watch import edits, hops
from tests.config.catalogues import write

#: Seconds for which an edit is waited for. It is heard within one; a busy machine may be slower.
SOON = 10.0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@asynccontextmanager
async def _heard(path: Path, known: str) -> AsyncIterator[Callable[[], asyncio.Task[str]]]:
    """Watch a file; what is yielded asks for the next digest."""
    async with aclosing(edits(path, known)) as stream:

        async def following() -> str:
            return await anext(stream)

        yield lambda: asyncio.create_task(following())


async def _soon(task: asyncio.Task[str]) -> str:
    return await asyncio.wait_for(task, SOON)


@pytest.fixture(params=["told", "untold"])
def hearing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Watch once with the system telling of changes, once with a system that never does."""
    if request.param == "untold":

        def refused(*_: object, **__: object) -> None:
            raise OSError("OS file watch limit reached")

        monkeypatch.setattr(watch, "awatch", refused)
    return iter([str(request.param)])


async def test_writing_in_place_is_heard(tmp_path: Path, hearing: str) -> None:
    """A file written in place, as in a bind mount, is heard."""
    file = tmp_path / "shop.toml"
    file.write_text("one")
    async with _heard(file, _digest("one")) as following:
        waiting = following()
        file.write_text("two")
        assert await _soon(waiting) == _digest("two")
        waiting = following()
        file.write_text("three")
        assert await _soon(waiting) == _digest("three")


async def test_an_atomic_rename_is_heard(tmp_path: Path, hearing: str) -> None:
    """A new file renamed over the old one, as most editors save, is heard."""
    file = tmp_path / "shop.toml"
    file.write_text("one")
    async with _heard(file, _digest("one")) as following:
        for text in ("two", "three"):
            waiting = following()
            (tmp_path / "shop.toml~").write_text(text)
            (tmp_path / "shop.toml~").replace(file)
            assert await _soon(waiting) == _digest(text)


async def test_a_symlink_that_is_swapped_is_heard(tmp_path: Path, hearing: str) -> None:
    """A folder behind a symlink swapped for another, as Kubernetes mounts a ConfigMap, is heard."""
    for number, text in enumerate(("one", "two", "three")):
        (tmp_path / f"v{number}").mkdir()
        (tmp_path / f"v{number}" / "shop.toml").write_text(text)
    (tmp_path / "..data").symlink_to("v0")
    file = tmp_path / "mount" / "shop.toml"
    file.parent.mkdir()
    file.symlink_to("../..data/shop.toml")
    async with _heard(file, _digest("one")) as following:
        for number, text in ((1, "two"), (2, "three")):
            waiting = following()
            (tmp_path / "..data_tmp").symlink_to(f"v{number}")
            os.replace(tmp_path / "..data_tmp", tmp_path / "..data")  # noqa: PTH105 - on the link, not its target
            assert await _soon(waiting) == _digest(text)
        waiting = following()
        (tmp_path / "v2" / "shop.toml").write_text("four")
        assert await _soon(waiting) == _digest("four")


async def test_an_edit_before_watching_began_is_heard(tmp_path: Path) -> None:
    """A file that changed between being read and being watched is heard, since the digest in force is known."""
    file = tmp_path / "shop.toml"
    file.write_text("two")
    async with _heard(file, _digest("one")) as following:
        assert await _soon(following()) == _digest("two")


async def test_a_file_that_goes_and_comes_back_is_heard(tmp_path: Path) -> None:
    """A file that is gone is told as "", and told again when it is back."""
    file = tmp_path / "shop.toml"
    file.write_text("one")
    async with _heard(file, _digest("one")) as following:
        waiting = following()
        file.unlink()
        assert await _soon(waiting) == ""
        waiting = following()
        file.write_text("one")
        assert await _soon(waiting) == _digest("one")


async def test_saving_the_same_is_no_edit(tmp_path: Path) -> None:
    """A file that is touched, or saved unchanged, is not told; the next real edit is."""
    file = tmp_path / "shop.toml"
    file.write_text("one")
    async with _heard(file, _digest("one")) as following:
        waiting = following()
        file.write_text("one")
        (tmp_path / "copy").write_text("one")
        (tmp_path / "copy").replace(file)
        done, _ = await asyncio.wait({waiting}, timeout=2 * watch.LOOK)
        assert not done
        file.write_text("two")
        assert await _soon(waiting) == _digest("two")


async def test_a_file_that_is_emptied_before_it_is_written_is_told_once(tmp_path: Path) -> None:
    """An editor that empties the file and writes it a moment later makes one edit, not two."""
    file = tmp_path / "shop.toml"
    file.write_text("one")
    async with _heard(file, _digest("one")) as following:
        waiting = following()
        with file.open("w") as stream:
            await asyncio.sleep(watch.STILL_EMPTY / 2)
            stream.write("two")
        assert await _soon(waiting) == _digest("two")


def test_the_way_to_a_file_is_known(tmp_path: Path) -> None:
    """Every link on the way to a file is followed, and a circle of links ends."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "shop.toml").write_text("")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "shop.toml").symlink_to("folder/shop.toml")
    assert hops(tmp_path / "shop.toml") == [
        tmp_path / "shop.toml",
        tmp_path / "folder" / "shop.toml",
        tmp_path / "folder",
        tmp_path / "real" / "shop.toml",
    ]
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert hops(tmp_path / "a") == [tmp_path / "a", tmp_path / "b"]


async def test_an_edit_of_a_catalogue_file_is_heard(tmp_path: Path, hearing: str) -> None:
    """Files that the config names are followed like the config itself, from the moment it names them."""
    config = write(tmp_path, "id,name,price\nmug,Mug,1.00\n")
    async with _heard(config, read(config).digest) as following:
        for sheet in ("id,name,price\nmug,Mug,2.00\n", "id,name,price\nmug,Mug,3.00\n"):
            waiting = following()
            (tmp_path / "products.csv").write_text(sheet)
            assert await _soon(waiting) == read(config).digest
        waiting = following()
        write(tmp_path, "id,name,price\ncap,Cap,1.00\n", name="more.csv")
        assert await _soon(waiting) == read(config).digest
        waiting = following()
        (tmp_path / "more.csv").write_text("id,name,price\ncap,Cap,4.00\n")
        assert await _soon(waiting) == read(config).digest


async def test_a_catalogue_file_that_is_cut_within_a_line_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that stops within an amount is not believed: its end comes, and "12.50" was never "1"."""
    monkeypatch.setattr(watch, "STILL_CUT", 2 * SOON)  # however long this test is kept from going on
    config = write(tmp_path, "id,name,price\nmug,Mug,1.00\n")
    sheet = tmp_path / "products.csv"
    async with _heard(config, read(config).digest) as following:
        waiting = following()
        sheet.write_text("id,name,price\nmug,Mug,1")
        await asyncio.sleep(10 * watch.STILL)  # anything else would be believed by then
        assert not waiting.done()
        sheet.write_text("id,name,price\nmug,Mug,12.50\n")
        assert await _soon(waiting) == read(config).digest


def test_the_version_is_told_from_the_clock_only_when_that_is_certain(tmp_path: Path) -> None:
    """A file is not read again while it bears its old time, unless it was written so lately that the time says nothing."""
    config = write(tmp_path, "id,name,price\nmug,Mug,1.00\n")
    sheet = tmp_path / "products.csv"
    versions = Versions(config)
    first = versions()
    lately = sheet.stat().st_mtime_ns
    sheet.write_text("id,name,price\nmug,Mug,2.00\n")
    os.utime(sheet, ns=(lately, lately))
    assert versions() != first
    assert versions() == read(config).digest
    assert versions._seen == {}
    os.utime(sheet, ns=(lately - 10**10, lately - 10**10))
    versions()
    assert list(versions._seen) == [sheet]
    day = 24 * 3600 * 10**9
    os.utime(sheet, ns=(lately + day, lately + day))
    tomorrow = Versions(config)
    assert tomorrow() == read(config).digest
    assert list(tomorrow._seen) == [sheet], "one from a clock that is ahead is not read again at each look"
    sheet.unlink()
    assert versions() not in {first, ""}
    assert versions.hollow
