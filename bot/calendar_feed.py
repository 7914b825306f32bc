"""A calendar of what ends, to subscribe to (RFC 5545): an event a capability, in UTC, under names that never change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from bot.retirement import Capability, Plan, schedule

#: What a buyer plans by. The rest concerns the shop's own channels.
SHOWN: Final = (
    Capability.CHECKOUT_NEW,
    Capability.COMPLETE_OPEN,
    Capability.RENEW,
    Capability.FULFIL,
    Capability.REFUND,
    Capability.HISTORY,
    Capability.EXPORT,
    Capability.DELETE,
)
#: Octets of a line without its end: https://www.rfc-editor.org/rfc/rfc5545#section-3.1
MOST: Final = 75
#: https://www.rfc-editor.org/rfc/rfc5545#section-3.8.1.11
_STATUS: Final = {"rolled_back": "CANCELLED", "cancelled": "CANCELLED", "paused": "TENTATIVE"}


class Words(Protocol):
    """What the events say."""

    def summary(self, plan: Plan, capability: Capability | Literal["brownout"]) -> str:
        """Name an event."""
        ...

    def description(self, plan: Plan) -> str:
        """Say why it ends, and whom to ask."""
        ...


def feed(plans: Iterable[Plan], words: Words, *, now: datetime, host: str, link: str) -> str:
    """Write the calendar. `host` makes its names the shop's own; `link` leads to the page that says the same."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Tillbot//Retirement//EN", "CALSCALE:GREGORIAN"]
    for plan in plans:
        ends = schedule(plan)
        for capability in (each for each in SHOWN if each in ends):
            name = f"{plan.feature}.{capability}@{host}"
            summary = words.summary(plan, capability)
            lines += _event(plan, name, summary, (ends[capability],), words, now=now, link=link)
        for number, part in enumerate(plan.brownouts, 1):
            name, summary = f"{plan.feature}.brownout.{number}@{host}", words.summary(plan, "brownout")
            status = "CANCELLED" if plan.lit else ""
            lines += _event(plan, name, summary, (part.starts, part.ends), words, now=now, link=link, status=status)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def _event(
    plan: Plan,
    name: str,
    summary: str,
    when: tuple[datetime, ...],
    words: Words,
    *,
    now: datetime,
    link: str,
    status: str = "",
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{name}"
    yield f"DTSTAMP:{_utc(now)}"
    yield from (f"{key}:{_utc(at)}" for key, at in zip(("DTSTART", "DTEND"), when, strict=False))
    yield f"SUMMARY:{escaped(summary)}"
    if description := words.description(plan):
        yield f"DESCRIPTION:{escaped(description)}"
    if link:
        yield f"URL:{link}"
    yield f"STATUS:{status or _STATUS.get(plan.standing, 'CONFIRMED')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """Write a text as a value: https://www.rfc-editor.org/rfc/rfc5545#section-3.3.11; control characters are left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        lines = lines.replace(sign, written)
    return "".join(sign for sign in lines if sign == "\t" or (sign >= " " and sign != "\x7f"))


def fold(line: str) -> Iterator[str]:
    """Part a line so that no part has more than 75 octets and no character is torn; each further part begins with a space."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > MOST:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + octets
    yield part


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
