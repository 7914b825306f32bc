"""Reads the retirement tables: `[retirement.buy]`, its instants with their zone, and the places to buy instead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationInfo, WithJsonSchema

from config.known import known
from config.names import Zone
from config.values import Line, ProductId, Texts, Url
from config.wrong import kind, show, wrong

#: With less notice than this, a retirement says why.
NOTICE: Final = timedelta(days=30)


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


def _after(closes: datetime, info: ValidationInfo) -> datetime:
    """Check the order of the two instants, and that short notice is explained."""
    announced = info.data.get("announced")
    if announced is None:
        return closes
    if closes <= announced:
        raise wrong("is not after announced", "announce first, then close")
    if closes - announced < NOTICE and not info.data.get("short_notice_reason") and "short_notice_reason" in info.data:
        days = (closes - announced).days
        early = (announced + NOTICE).isoformat()
        better = f'say why in short_notice_reason = "…", or close no earlier than {early}'
        raise wrong(f"leaves {days} days' notice, less than {NOTICE.days}", better)
    return closes


def _asked(value: str | None, info: ValidationInfo) -> str | None:
    if value is None and not known(info).support:
        raise wrong("is missing", 'write contact = "shop@example.org", for people with questions', depends=True)
    return value


class AlternativeTable(BaseModel):
    """Where to buy instead."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Line = Field(description="The name of the place.")
    url: Url = Field(description="Its address.")
    products: list[ProductId] = Field(default_factory=list, description="The products it has; all where left out.")
    note: Texts | None = Field(default=None, description="What to know of it, by language.")


class RetirementTable(BaseModel):
    """When Buy ends here, why, and where to buy instead. Giving never ends by this."""

    model_config = ConfigDict(extra="forbid", strict=True)

    zone: Zone | None = Field(default=None, description="The zone of the dates below, and the one they are shown in.")
    announced: Instant = Field(description="When people are told.")
    short_notice_reason: Texts | None = Field(default=None, description="Why, where notice is under 30 days.")
    closes: Annotated[Instant, AfterValidator(_after)] = Field(description="When buying ends.")
    reason: Texts = Field(description="Why it ends, by language.")
    contact: Annotated[Line | None, AfterValidator(_asked)] = Field(
        default=None, validate_default=True, description="Whom to ask; the seller's support where left out."
    )
    alternative: list[AlternativeTable] = Field(default_factory=list, description="Where to buy instead, best first.")


class Retirements(BaseModel):
    """What is closed by a calendar."""

    model_config = ConfigDict(extra="forbid", strict=True)

    buy: RetirementTable | None = Field(default=None, description="The end of buying.")
