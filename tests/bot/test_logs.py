"""Logs: one line an event, with what it carries and without what people typed."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Send the logs of the process here, as on a server, and put everything back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_event_carries_its_data(lines: io.StringIO) -> None:
    """An event is one JSON object with its level, its logger and whatever belongs to it."""
    logging.getLogger("till").warning("order moved", extra={"order": "T7K3M9QX"})
    line = json.loads(lines.getvalue())
    assert (line["level"], line["logger"], line["event"], line["order"]) == (
        "warning",
        "till",
        "order moved",
        "T7K3M9QX",
    )


def test_an_error_is_named_without_its_text(lines: io.StringIO) -> None:
    """Of an error the log tells its kind and where it came from; its text may be what somebody typed."""
    try:
        int("for Grandma")
    except ValueError:
        logging.getLogger("till").exception("step failed")
    line = json.loads(lines.getvalue())
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["where"]
    assert "Grandma" not in lines.getvalue()


async def test_an_error_that_nobody_awaited_is_named_without_its_text(lines: io.StringIO) -> None:
    """What asyncio adds below its first line repeats the error: it is left out."""

    async def fail() -> None:
        raise ValueError("for Grandma")

    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert "never retrieved" in lines.getvalue()
    assert "ValueError" in lines.getvalue()
    assert "Grandma" not in lines.getvalue()
