"""The retirement tables, as pydantic models: what ends, when, for whom differently, what is said, and where to go instead."""

from __future__ import annotations

import re
from datetime import datetime, time
from string import Formatter
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from bot.retirement import NOTICE, PLACEHOLDERS, Capability
from config.alternatives import AlternativeTable
from config.calendar import Instant
from config.known import known
from config.names import Country, Slug, Zone
from config.tables import Table
from config.values import Line, ProductId, Text, Texts
from config.wrong import show, wrong

#: Days before (above zero) and after (below) the closing on which people are reminded, unless the file says otherwise.
DAYS: Final = (90, 30, 14, 7, 1, 0, -7, -30)


def _in_zone(tables: Any, info: ValidationInfo) -> Any:
    """Let civil times in tables inside this one be of its zone, where they name none of their own."""
    zone = info.data.get("zone")
    if zone is None or not isinstance(tables, list):
        return tables
    return [{"zone": zone.key, **table} if isinstance(table, dict) else table for table in tables]


class ScopedTable(Table):
    """A part of those concerned; what is left out does not narrow it."""

    zone: Zone | None = Field(default=None, description="The zone of the dates here; the retirement's, if not said.")
    platform: Literal["web", "slack", "discord"] | None = Field(default=None, description="The platform.")
    workspace: Line | None = Field(default=None, description="The Slack workspace's or Discord server's id.")
    region: Country | None = Field(default=None, description="The country that it is shipped to.")
    product: ProductId | None = Field(default=None, description="The product.")

    @model_validator(mode="after")
    def _narrows(self) -> ScopedTable:
        if not (self.platform or self.workspace or self.region or self.product):
            raise wrong("is for everybody", "name a platform, workspace, region or product")
        return self


class Ends(Table):
    """Instants of single capabilities, where they differ from what follows from `closes`."""

    list_new: Instant | None = Field(default=None, description="When no new cards are posted any more.")
    subscribe_new: Instant | None = Field(default=None, description="When no monthly purchase begins any more.")
    complete_open: Instant | None = Field(default=None, description="When what is open can be paid no more.")
    renew: Instant | None = Field(default=None, description="When monthly purchases renew no more.")
    fulfil: Instant | None = Field(default=None, description="Until when paid orders are delivered.")
    refund: Instant | None = Field(default=None, description="Until when money is given back from here.")
    history: Instant | None = Field(default=None, description="Until when orders and catalogue can be looked up.")
    export: Instant | None = Field(default=None, description="Until when people can take their orders along.")
    delete: Instant | None = Field(default=None, description="When the histories are deleted; never, where left out.")


def given(table: Ends) -> dict[Capability, datetime]:
    """Give the instants that a table sets."""
    found = {capability: getattr(table, capability.value, None) for capability in Capability}
    return {capability: instant for capability, instant in found.items() if instant is not None}


class OverrideTable(Ends, ScopedTable):
    """Other dates for some."""

    closes: Instant | None = Field(default=None, description="When buying ends for them.")


class ExceptionTable(ScopedTable):
    """A named exception: for some, buying goes on until an instant."""

    name: Line = Field(description="What it is called, in the plan and in the log.")
    until: Instant = Field(description="When it ends.")


def _days(days: list[int]) -> list[int]:
    if len(set(days)) != len(days):
        raise wrong("names a day twice", "write each once")
    return sorted(days, reverse=True)


class ReminderTable(Table):
    """Who is reminded, when, and when not."""

    days: Annotated[list[Annotated[int, Field(ge=-365, le=365)]], Field(max_length=20), AfterValidator(_days)] = Field(
        default_factory=lambda: list(DAYS), description="Days before the closing; below zero, after it."
    )
    months: Annotated[int, Field(ge=0, le=120)] = Field(
        default=12, description="Who bought in so many months before is told; 0 tells only whose order is open."
    )
    quiet_from: time | None = Field(
        default=time(21), description="From this hour on nobody is told, in the plan's zone."
    )
    quiet_until: time | None = Field(default=time(8), description="From this hour on people are told again.")


def _longer(ends: datetime, info: ValidationInfo) -> datetime:
    starts = info.data.get("starts")
    if starts is not None and ends <= starts:
        raise wrong("is not after starts", "a brownout starts first, then ends")
    return ends


class BrownoutTable(Table):
    """A window before the closing in which nothing new can be bought."""

    zone: Zone | None = Field(default=None, description="The zone of both; the retirement's, if not said.")
    starts: Instant = Field(description="When it starts.")
    ends: Annotated[Instant, AfterValidator(_longer)] = Field(description="When buying works again.")


class LeftoversTable(Table):
    """What becomes of what is alive when it closes."""

    open_checkouts: Literal["expire", "finish"] = Field(
        default="expire", description='"finish" lets them be paid until they expire by themselves.'
    )
    unsettled: Literal["honour", "refund"] = Field(
        default="honour", description="A bank transfer on its way that settles after the closing."
    )
    undelivered: Literal["deliver", "refund"] = Field(
        default="deliver",
        description="Paid and not delivered: deliver, and refund when `fulfil` ends; or refund at once.",
    )
    monthly: Literal["period_end", "now"] = Field(
        default="period_end", description="Monthly purchases end with what is paid for, or at once."
    )


#: Seconds of each unit in which a pause is written.
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_LONGEST: Final = 365 * 86_400


def _pause(value: Any) -> int:
    """Read "always", "30 minutes", "12 hours", "1 day" as seconds, 0 for always."""
    if value == "always":
        return 0
    found = re.fullmatch(r"([1-9]\d{0,5}) (minute|hour|day)s?", value) if isinstance(value, str) else None
    if found is None:
        raise wrong(f"{show(value)} is no pause", 'write "always", or one such as "12 hours" or "1 day"')
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > _LONGEST:
        raise wrong(f"{show(value)} is longer than a year", 'write "365 days" at most')
    return seconds


Pause = Annotated[
    int,
    PlainValidator(_pause),
    WithJsonSchema({"type": "string", "pattern": r"^(always|[1-9]\d{0,5} (minute|hour|day)s?)$"}),
]

#: The sentences that must name the day: without it they would announce nothing.
_DATED: Final = frozenset({"banner", "banner_soon", "ended"})


def _placeholders(texts: dict[str, Text], info: ValidationInfo) -> dict[str, Text]:
    names = PLACEHOLDERS[str(info.field_name)]
    for language, text in texts.items():
        try:
            parts = [part for part in Formatter().parse(text) if part[1] is not None]
        except ValueError:
            raise wrong(f"{language} has a brace that is not closed", "write {{ and }} for braces") from None
        for _, name, spec, conversion in parts:
            if spec or conversion:
                raise wrong(
                    f"{language} formats {{{name}}}", f"write {{{name}}} alone: it is written in the reader's way"
                )
            if name not in names:
                listed = ", ".join(f"{{{each}}}" for each in names) or "none"
                raise wrong(f"{language} has {{{name}}}, which nothing fills in", f"here there are: {listed}")
        if info.field_name in _DATED and not any(name == "date" for _, name, _, _ in parts):
            raise wrong(f"{language} does not say when", "write {date} where the day belongs")
    return texts


Words = Annotated[Texts, AfterValidator(_placeholders)]


class TextTable(Table):
    """The operator's own words, by language, in place of Tillbot's."""

    banner: Words | None = Field(default=None, description="Above every /buy from the announcement on: {date}.")
    banner_soon: Words | None = Field(default=None, description="The same in the last week: {date}.")
    ended: Words | None = Field(default=None, description="The notice's first sentence: {date}.")
    orders: Words | None = Field(default=None, description="What becomes of open orders.")
    contact: Words | None = Field(default=None, description="Whom to ask: {contact}.")
    reminder: Words | None = Field(default=None, description="A reminder's first sentence: {date}, {days}.")


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


class Dates(Table):
    """The two instants that a retirement must name."""

    zone: Zone | None = Field(default=None, description="The zone of the dates below, and the one they are shown in.")
    announced: Instant = Field(description="When people are told.")
    short_notice_reason: Texts | None = Field(default=None, description="Why, where notice is under 30 days.")
    closes: Annotated[Instant, AfterValidator(_after)] = Field(description="When buying ends.")


class Retiring(Ends, Dates):
    """When a feature ends here, why, and where to buy instead. Giving never ends by this.

    The order of the bases is that of the fields: dates are read in the zone that stands before them.
    """

    reason: Texts = Field(description="Why it ends, by language.")
    contact: Annotated[Line | None, AfterValidator(_asked)] = Field(
        default=None, validate_default=True, description="Whom to ask; the seller's support where left out."
    )
    cancelled: Texts | None = Field(default=None, description="Why it is called off, before it closes.")
    reopened: Texts | None = Field(default=None, description="Why it is taken back, after it closed.")
    alternative: Annotated[list[AlternativeTable], BeforeValidator(_in_zone)] = Field(
        default_factory=list, description="Where to buy instead, best first."
    )
    override: Annotated[list[OverrideTable], BeforeValidator(_in_zone)] = Field(
        default_factory=list, description="Other dates for a platform, workspace, region or product."
    )
    exception: Annotated[list[ExceptionTable], BeforeValidator(_in_zone)] = Field(
        default_factory=list, description="For whom buying goes on for a while."
    )
    brownouts: Annotated[list[BrownoutTable], Field(max_length=50), BeforeValidator(_in_zone)] = Field(
        default_factory=list,
        description="Windows in which nothing new can be bought, each longer than the one before.",
    )
    brownout_errors: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=10, description="At so many answers that failed in one brownout, brownouts stop."
    )
    brownout_complaints: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=5, description="At so many people who cannot wait for the end of one, brownouts stop."
    )
    reminders: ReminderTable = Field(
        default_factory=ReminderTable.model_construct, description="Who is reminded, and when."
    )
    leftovers: LeftoversTable = Field(
        default_factory=LeftoversTable.model_construct, description="What becomes of what is alive then."
    )
    text: TextTable = Field(default_factory=TextTable.model_construct, description="Your own words, by language.")
    banner_every: Pause = Field(
        default=0, description='How often one person sees the banner at most: "always", or such as "1 day".'
    )


class CampaignTable(Retiring):
    """The end of a named list of products."""

    products: Annotated[list[ProductId], Field(min_length=1)] = Field(description="The products that end together.")


class Retirements(Table):
    """What is closed by a calendar."""

    buy: Retiring | None = Field(default=None, description="The end of buying.")
    product: dict[ProductId, Retiring] = Field(default_factory=dict, description="The end of one product.")
    campaign: dict[Slug, CampaignTable] = Field(default_factory=dict, description="The end of several products.")
