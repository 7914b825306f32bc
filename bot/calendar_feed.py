"""A calendar of what ends, to subscribe to (RFC 5545): an event a capability, in UTC, under names that never change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Protocol

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
)
#: Octets of a line without its end: https://www.rfc-editor.org/rfc/rfc5545#section-3.1
MOST: Final = 75
#: https://www.rfc-editor.org/rfc/rfc5545#section-3.8.1.11
_STATUS: Final = {"rolled_back": "CANCELLED", "cancelled": "CANCELLED", "paused": "TENTATIVE"}


class Words(Protocol):
    """What the events say."""

    def summary(self, plan: Plan, capability: Capability) -> str:
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
        for capability in SHOWN:
            lines += _event(plan, capability, ends[capability], words, now=now, host=host, link=link)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def _event(
    plan: Plan, capability: Capability, at: datetime, words: Words, *, now: datetime, host: str, link: str
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{plan.feature}.{capability}@{host}"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"DTSTART:{_utc(at)}"
    yield f"SUMMARY:{escaped(words.summary(plan, capability))}"
    if description := words.description(plan):
        yield f"DESCRIPTION:{escaped(description)}"
    if link:
        yield f"URL:{link}"
    yield f"STATUS:{_STATUS.get(plan.standing, 'CONFIRMED')}"
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
