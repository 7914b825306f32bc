"""A feed of what ends, to subscribe to (RFC 4287): an entry a feature, under an id that never changes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final, Protocol

from bot.calendar_feed import SHOWN
from bot.retirement import Plan, schedule

#: What no XML document can say, not even escaped: https://www.w3.org/TR/xml/#charsets
_UNSAID: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Lines(Protocol):
    """What the feed says."""

    @property
    def shop(self) -> str:
        """The shop's name."""
        ...

    @property
    def locale(self) -> str:
        """The language that it is said in: "fr", "pt_BR"."""
        ...

    def title(self) -> str:
        """Name the feed."""
        ...

    def headline(self, plan: Plan) -> str:
        """Say what ends and when, or that it is on hold or taken back."""
        ...

    def description(self, plan: Plan) -> str:
        """Say why it ends, and whom to ask."""
        ...


def atom(
    plans: Iterable[Plan], lines: Lines, *, changed: Mapping[str, datetime], now: datetime, host: str, public: str
) -> str:
    """Write the feed.

    `changed` says when each plan was last said otherwise; `host` makes its ids the shop's own; `public` is the address that
    the shop is reached at, "" where it has none.
    """
    found = [(plan, updated(plan, now, changed.get(plan.feature))) for plan in plans]
    newest = max((at for _, at in found), default=now)
    return "".join(f"{line}\n" for line in _feed(found, lines, newest, host=host, public=public))


def updated(plan: Plan, now: datetime, changed: datetime | None) -> datetime:
    """Tell when what is to be known of a plan last changed: by its announcement, an edit or act, or an end that has come."""
    ends = schedule(plan)
    come = [plan.announced, *(ends[each] for each in SHOWN if each in ends), *([changed] if changed else [])]
    past = [instant.astimezone(UTC) for instant in come if instant.astimezone(UTC) <= now.astimezone(UTC)]
    return max(past, default=now.astimezone(UTC))


def _feed(
    found: Iterable[tuple[Plan, datetime]], lines: Lines, newest: datetime, *, host: str, public: str
) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{_said(lines.locale.replace("_", "-"))}">'
    yield f"<id>{_id(host, '')}</id>"
    yield f"<title>{_said(lines.title())}</title>"
    yield f"<updated>{_at(newest)}</updated>"
    yield f"<author><name>{_said(lines.shop)}</name></author>"
    if public:
        yield f'<link rel="self" type="application/atom+xml" href="{_said(public)}/retirement.atom"/>'
        yield f'<link rel="alternate" type="text/html" href="{_said(public)}/retirement"/>'
    for plan, at in found:
        headline = lines.headline(plan)
        yield "<entry>"
        yield f"<id>{_id(host, plan.feature)}</id>"
        yield f"<title>{_said(headline)}</title>"
        yield f"<published>{_at(plan.announced)}</published>"
        yield f"<updated>{_at(at)}</updated>"
        if public:
            yield f'<link rel="alternate" type="text/html" href="{_said(public)}/retirement"/>'
        yield f'<content type="text">{_said(lines.description(plan) or headline)}</content>'
        yield "</entry>"
    yield "</feed>"


def _id(host: str, feature: str) -> str:
    """Name the feed, or an entry, once and for all: https://www.rfc-editor.org/rfc/rfc4287#section-4.2.6."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_DNS, f'{host}/retirement/{feature}')}"


def _at(instant: datetime) -> str:
    """Write an instant: https://www.rfc-editor.org/rfc/rfc4287#section-3.3."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _said(text: str) -> str:
    return escape(_UNSAID.sub("", text))
