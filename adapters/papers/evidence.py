"""The evidence pack: a page that prints well, and Stripe's fields as text, in one ZIP."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.evidence import Evidence
from bot.words import Tongue

TEMPLATES: Final = Environment(
    loader=PackageLoader("adapters.papers"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(found: Evidence, tongue: Tongue) -> str:
    """Write the evidence as one self-contained page of HTML: no script, no picture, nothing that is fetched."""
    return TEMPLATES.get_template("evidence.html").render(
        evidence=found,
        word=tongue.word,
        locale=tongue.locale,
        direction=tongue.language.direction(tongue.locale),
        iso=iso,
    )


def fields(found: Mapping[str, str], tongue: Tongue) -> str:
    """Write Stripe's fields as text, each under its name, to be copied into the dashboard."""
    parts = [tongue.word("evidence.fields_note"), *(f"[{name}]\n{text}" for name, text in found.items())]
    return "\n\n".join(parts) + "\n"


def pack(found: Evidence, tongue: Tongue, *, now: datetime) -> bytes:
    """Pack both into a ZIP, in a folder that is named after the order."""
    packed = io.BytesIO()
    made = now.astimezone(UTC).timetuple()[:6]
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        for name, text in (("evidence.html", page(found, tongue)), ("stripe-fields.txt", fields(found.fields, tongue))):
            entry = ZipInfo(f"evidence-{found.number}/{name}", made)
            entry.external_attr = 0o600 << 16  # read by its owner alone where it is unpacked, too
            entry.compress_type = ZIP_DEFLATED
            file.writestr(entry, text.encode())
    return packed.getvalue()


def iso(at: datetime) -> str:
    """Write an instant as UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
