"""The append-only log of what operators did: each line is chained to the one before by its hash, so that none can be altered.

A hash is SHA-256 over the hash before and the line's canonical JSON. Whoever alters, drops, adds or reorders a line breaks
every hash from there on; whoever cuts lines off the end is found by the last hash, where somebody has kept it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

#: What the first line is chained to.
BEGINNING: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written: who did what to what, and why. Who: "slack:T1/U1", or "cli:NAME"."""

    who: str
    what: str  # "retire.postpone", "refund.approve"
    subject: str  # the feature or the order
    why: str = ""
    #: The digest of the config that was in force.
    config: str = ""
    #: Whatever else belongs to it, as canonical JSON.
    details: str = "{}"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line as it is kept. `number` counts from 1 without gaps; `at` is the database's clock."""

    number: int
    at: datetime
    entry: Entry
    before: str
    hash: str


def chained(number: int, at: datetime, entry: Entry, before: str) -> AuditLine:
    """Make the line that comes after the one whose hash is `before`."""
    return AuditLine(number, at, entry, before, _hash(number, at, entry, before))


async def verify(lines: AsyncIterable[AuditLine]) -> tuple[int, str, str]:
    """Go through the lines, oldest first: how many hold, the last hash that holds, and what is wrong with the next; or ""."""
    count, last = 0, BEGINNING
    async for line in lines:
        if line.number != count + 1:
            return count, last, f"line {count + 1} is missing: line {line.number} follows"
        if line.before != last:
            return count, last, f"line {line.number} is not chained to the one before"
        if line.hash != _hash(line.number, line.at, line.entry, line.before):
            return count, last, f"line {line.number} was altered"
        count, last = line.number, line.hash
    return count, last, ""


def _hash(number: int, at: datetime, entry: Entry, before: str) -> str:
    content = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "who": entry.who,
        "what": entry.what,
        "subject": entry.subject,
        "why": entry.why,
        "config": entry.config,
        "details": entry.details,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
