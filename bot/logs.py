"""Structured logs: one line an event, as JSON, or as text on a terminal; without personal data and without secrets."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final, TextIO

#: What logging itself puts on a record; whatever else is there came as `extra`.
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send all logs to `stream` (standard error), as text where it is a terminal."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TextLines() if stream.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("slack_bolt", "slack_sdk", "discord", "stripe", "alembic", "watchfiles", "aiohttp", "procrastinate"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))


class JsonLines(logging.Formatter):
    """A JSON object a line: at, level, logger, event, and what the event carries."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        return json.dumps(_extra(record) | line, default=str, ensure_ascii=False)


class TextLines(logging.Formatter):
    """A readable line for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        return f"{at} {record.levelname.lower():7} {_event(record)} {extra}".rstrip()


def _event(record: logging.LogRecord) -> str:
    """Give the first line of what is said: asyncio and SDKs add what an unheard error says, which may be personal."""
    return record.getMessage().partition("\n")[0]


def _extra(record: logging.LogRecord) -> dict[str, object]:
    extra = {name: value for name, value in vars(record).items() if name not in _OWN}
    if record.exc_info and record.exc_info[1] is not None:
        extra["error"] = type(record.exc_info[1]).__name__
        extra["where"] = _where(record.exc_info[1])
    return extra


def _where(error: BaseException) -> str:
    """Name the lines an error passed through, without its message, which may hold what somebody typed."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
