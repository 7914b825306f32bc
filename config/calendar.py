"""Instants in the config: an offset, or a civil time with its zone; one that does not exist or exists twice is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from config.wrong import kind, show, wrong


def _instant(value: Any, info: ValidationInfo) -> datetime:
    """Give the instant in UTC, so that however it is written, it is the same one."""
    example = 'write 2030-01-31T00:00:00+01:00, or 2030-01-31T00:00:00 and zone = "Europe/Paris"'
    match value:
        case datetime():
            pass
        case date():
            better = f'write {value}T00:00:00 and zone = "Europe/Paris" beside it'
            raise wrong(f"{value} is a day, and says neither hour nor zone", better)
        case time():
            raise wrong(f"{value} is a time without a day", example)
        case str() if re.match(r"\d{4}-\d\d-\d\d", value):
            raise wrong(f"{show(value)} is a text", "write the date without quotes")
        case _:
            raise wrong(f"is {kind(value)}, no date", example)
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    zone = info.data.get("zone")
    if zone is None:
        if "zone" not in info.data:  # refused already, with its own line
            return value.replace(tzinfo=UTC)
        better = f'write zone = "Europe/Paris" in the same table, or an offset: {value.isoformat()}+01:00'
        raise wrong(f"{value.isoformat()} says no zone", better, depends=True)
    return _civil(value, zone).astimezone(UTC)


def _civil(local: datetime, zone: ZoneInfo) -> datetime:
    """Place a civil time in its zone; refuse one that the clocks jump over or show twice."""
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early
    both = sorted(moment.astimezone(UTC) for moment in (early, late))
    offered = " or ".join(moment.astimezone(zone).isoformat() for moment in both)
    skipped = all(moment.astimezone(zone).replace(tzinfo=None) != local for moment in both)
    what = "does not exist" if skipped else "exists twice"
    raise wrong(f"{local.isoformat()} {what} in {zone.key}: the clocks change that night", f"write {offered}")


Instant = Annotated[datetime, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
