"""What the command line says where the system refuses: which file or port it was, and nothing of a port where it was none."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.terminal import run_to_end, write_new


async def _refused(error: OSError) -> None:
    raise error


def said(error: OSError, capsys: pytest.CaptureFixture[str]) -> str:
    """Let a command meet an error of the system, and give what it says."""
    with pytest.raises(SystemExit) as ended:
        run_to_end(_refused(error))
    assert ended.value.code == 1
    return capsys.readouterr().err.strip()


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for a taken port is told of the port."""

    async def serve_twice() -> None:
        async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as first:
            port = first.sockets[0].getsockname()[1]
            await asyncio.start_server(lambda *_: None, "127.0.0.1", port)

    with pytest.raises(SystemExit):
        run_to_end(serve_twice())
    assert "Is the port taken? --port 0 takes a free one." in capsys.readouterr().err


def test_a_file_that_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever names a file that cannot be used is told of the file, and of no port."""
    error = OSError(errno.EACCES, os.strerror(errno.EACCES), "books/march.csv")
    assert said(error, capsys) == "Cannot go on: books/march.csv: Permission denied"


def test_a_new_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new file is its owner's alone; one that is there stays as it is, and a missing folder is named."""
    file = tmp_path / "march.csv"
    write_new(file, b"date\r\n")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"date\r\n", 0o600)
    for other, why in ((file, "is there already"), (tmp_path / "no" / "march.csv", "No such file or directory")):
        with pytest.raises(SystemExit):
            write_new(other, b"other")
        assert f"{other} " in (told := capsys.readouterr().err)
        assert why in told
    assert file.read_bytes() == b"date\r\n"


def test_a_reader_that_has_gone(tmp_path: Path) -> None:
    """Where whoever reads has heard enough, as `head` does, a command ends without a word of a port or a traceback."""
    command = "from bot.cli.terminal import run_to_end; import typer\n"
    command += "async def work(): typer.echo('x' * 1_000_000)\n"
    command += "app = typer.Typer(); app.command()(lambda: run_to_end(work())); app()"
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-c", command],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    assert (done.returncode, done.stderr) == (1, b"")
