"""What every command of the command line shares: options, where things are, and how it ends when it cannot go on."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final, NoReturn

import typer

from bot.errors import BadConfig, StoreUnavailable, Unreachable, UnreadableFile

#: Where orders are kept unless DATABASE_URL says otherwise.
DATABASE: Final = "sqlite:///var/tillbot.sqlite3"

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The shop's config file.", dir_okay=False)]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="The server's port; 0 takes a free one.")
]
HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]


def database_url() -> str:
    """Give the address of the database, which may hold a password."""
    from config.secrets import Secrets

    return Secrets(os.environ).get("DATABASE_URL") or DATABASE


def run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; where it cannot be done, say why on standard error, and exit 1."""
    import asyncio  # a check has nothing to wait for
    import gc

    gc.enable()  # what runs on makes rubbish
    try:
        asyncio.run(work)
    except BadConfig as error:
        fail(str(error))
    except Unreachable as error:
        fail(error.why)
    except UnreadableFile as error:
        fail(f"It cannot be read: {error}")
    except ValueError as error:
        fail(f"Cannot begin: {error}")
    except StoreUnavailable as error:
        fail(f"The database cannot be used: {error}")
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever reads what is printed has gone, as `head` goes: Typer ends without a word
        fail(_unable(error))


def write_new(file: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, whole or not at all. Exits where it cannot be, or is there by now."""
    with writing_new(file) as opened:
        opened.write(content)


@contextmanager
def writing_new(file: Path) -> Iterator[BinaryIO]:
    """Open a file as `write_new` writes one, to be written bit by bit; it stays where all of that went well."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{file} is there already; nothing was written. Name another file.")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            yield opened
    except OSError as error:
        file.unlink(missing_ok=True)
        fail(f"{file} cannot be written: {error.strerror}")
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def config_path(named: Path | None) -> Path:
    """Find the config file: the one that is named, else as `config.find` says."""
    from config.find import find

    return find(str(named) if named else None, os.environ)


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error, and exit 1."""
    typer.echo(message, err=True)
    sys.exit(1)


def _unable(error: OSError) -> str:
    """Say what the system refused, and of which file or address."""
    if error.errno == errno.EADDRINUSE:
        return f"Cannot serve: {error.strerror}. Is the port taken? --port 0 takes a free one."
    named = f"{error.filename}: " if error.filename else ""
    return f"Cannot go on: {named}{error.strerror or error}"
