"""Addresses of databases, as DATABASE_URL gives them; an error never repeats one, for it may hold a password."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_SERVER: Final = "postgresql://USER:PASSWORD@HOST/DATABASE"
_FORMS: Final = f"write sqlite:///FILE or {_SERVER}"


def is_postgresql(url: str) -> bool:
    """Tell whether an address is PostgreSQL's."""
    return url.startswith(("postgresql://", "postgresql+psycopg://", "postgres://"))


def sqlite_file(url: str) -> Path:
    """Give the file of a `sqlite:///path` or `sqlite+aiosqlite:///path` address. Raises ValueError for any other."""
    parsed = _parsed(url)
    if parsed.drivername not in {"sqlite", "sqlite+aiosqlite"}:
        raise ValueError(f"DATABASE_URL names {parsed.drivername}; {_FORMS}")
    if not parsed.database or parsed.database == ":memory:" or parsed.query:
        raise ValueError("DATABASE_URL needs a file, without options; write sqlite:///FILE")
    return Path(parsed.database)


def postgresql_url(url: str, what: str = "DATABASE_URL") -> URL:
    """Read a `postgresql://` address, with psycopg's name in it. Raises ValueError for any other, which it calls `what`."""
    parsed = _parsed(url, what)
    if not is_postgresql(url) or not parsed.database:
        raise ValueError(f"{what} names no database of a server; write {_SERVER}")
    return parsed.set(drivername="postgresql+psycopg")


def named(url: URL) -> str:
    """Name a server's database without its user and password: "PostgreSQL tillbot at db.example"."""
    return f"PostgreSQL {url.database} at {url.host or url.query.get('host') or 'this host'}"


def _parsed(url: str, what: str = "DATABASE_URL") -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError(f"{what} is no database address; {_FORMS}") from None
