"""A retirement as the operator announced it: what ends, when, for whom differently, why, and where to go instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.money import Money
from bot.retirement.capabilities import Capability

#: How a plan stands beside its calendar: by a command, or by what the config says of it.
Standing = Literal["", "paused", "postponed", "rolled_back", "cancelled"]

#: The sentences that the operator may put in place of Tillbot's, and what is filled in in each.
PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "banner": ("date",),
        "banner_soon": ("date",),
        "ended": ("date",),
        "orders": (),
        "contact": ("contact",),
        "reminder": ("date", "days"),
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody stands who asks: what is empty is not known, or makes no difference."""

    platform: str = ""
    workspace: str = ""
    #: The country that it is shipped to (ISO 3166-1 alpha-2).
    region: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """Other instants for a part of those concerned. What it does not name it leaves as it is."""

    scope: Scope
    closes: datetime | None = None
    instants: Mapping[Capability, datetime] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[bool, bool, bool, bool]:
        """How narrow it is; the greater one wins: global < platform < workspace < region < product."""
        scope = self.scope
        return bool(scope.product), bool(scope.region), bool(scope.workspace), bool(scope.platform)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A named exception: until an instant, buying goes on for some although it has ended for all others."""

    name: str
    scope: Scope
    until: datetime


@dataclass(frozen=True, slots=True)
class Alternative:
    """Where to buy instead; each condition that is empty does not narrow it."""

    name: str
    url: str
    products: tuple[str, ...] = ()
    note: dict[str, str] = field(default_factory=dict)
    #: Countries that it delivers to (ISO 3166-1 alpha-2), and languages that it speaks.
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    #: What it takes at least and at most, for one piece.
    cheapest: Money | None = None
    dearest: Money | None = None
    #: A place on the list can retire too: it is named from `opens` on and before `ends`.
    opens: datetime | None = None
    ends: datetime | None = None
    #: The address of one product there, with {product}, {variant} or {sku} in it.
    deep_link: str = ""
    #: The channel that the catalogue goes there by, one of bot.channels.TAKERS; "" where it goes by none.
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Reminders:
    """Who is reminded, and when."""

    #: Days before the closing; below zero, after it.
    days: tuple[int, ...] = (90, 30, 14, 7, 1, 0, -7, -30)
    #: Who bought in so many months before is told.
    months: int = 12
    #: Between these hours of the plan's zone nobody is told; None where any hour will do.
    quiet: tuple[time, time] | None = (time(21), time(8))


@dataclass(frozen=True, slots=True)
class Brownout:
    """A window before the closing in which nothing new can be bought, so that everybody meets the end while it can be undone.

    Half-open; both instants carry their zone.
    """

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Fuse:
    """When brownouts stop by themselves: at so many answers that failed, or people who complained, in one window."""

    errors: int = 10
    complaints: int = 5


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What becomes of what is alive when it closes."""

    open_checkouts: Literal["expire", "finish"] = "expire"
    unsettled: Literal["honour", "refund"] = "honour"
    undelivered: Literal["deliver", "refund"] = "deliver"
    monthly: Literal["period_end", "now"] = "period_end"


@dataclass(frozen=True, slots=True)
class Plan:
    """A retirement. Instants carry their zone; `zone` is the one that dates are shown in."""

    #: "buy", "product.ID" or "campaign.NAME".
    feature: str
    announced: datetime
    closes: datetime
    zone: ZoneInfo
    reason: dict[str, str] = field(default_factory=dict)
    contact: str = ""
    short_notice_reason: dict[str, str] = field(default_factory=dict)
    alternatives: tuple[Alternative, ...] = ()
    #: The products of a campaign; of a product's plan that one; () for all.
    products: tuple[str, ...] = ()
    #: The instants that the operator set apart from the defaults.
    given: Mapping[Capability, datetime] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    #: Why it was called off before it closed, or taken back after; {} where it was not.
    cancelled: dict[str, str] = field(default_factory=dict)
    reopened: dict[str, str] = field(default_factory=dict)
    reminders: Reminders = field(default_factory=Reminders)
    leftovers: Leftovers = field(default_factory=Leftovers)
    #: The operator's own sentences, by name (PLACEHOLDERS) and language.
    texts: Mapping[str, dict[str, str]] = field(default_factory=dict)
    #: For so many seconds after one person saw the banner they do not see it again; 0: it is on every answer.
    banner_every: int = 0
    standing: Standing = ""
    #: In their order, each longer than the one before.
    brownouts: tuple[Brownout, ...] = ()
    fuse: Fuse = field(default_factory=Fuse)
    #: By an act: whether the announcement is known to have arrived, before which there is no brownout; and whether
    #: brownouts were stopped.
    delivered: bool = False
    lit: bool = False

    @property
    def halted(self) -> bool:
        """Whether nothing of it ends and nobody is reminded, as it stands: it is on hold, called off or taken back."""
        return self.standing in {"paused", "rolled_back", "cancelled"}

    @property
    def closing_key(self) -> str:
        """Names this closing, once and for all: the feature and the instant it closes at, however that was written."""
        return f"{self.feature}:{self.closes.astimezone(UTC).isoformat()}"
