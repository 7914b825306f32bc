"""Plans, scopes and instants to try the calendar with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.retirement import Capability, Exemption, Override, Plan, Scope

#: Zones that change their clocks in 2026, each in its own way.
ZONES: Final = [
    "Europe/Paris",
    "Europe/Dublin",
    "America/Los_Angeles",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Jerusalem",
    "Africa/Cairo",
]
INSTANTS: Final = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
UNIT: Final = timedelta(microseconds=1)
PLATFORMS: Final = ["", "slack", "discord"]
WORKSPACES: Final = ["", "T1", "T2"]
REGIONS: Final = ["", "FR", "DE"]
PRODUCTS: Final = ["", "mug", "print"]

SCOPES: Final = st.builds(
    Scope,
    st.sampled_from(PLATFORMS),
    st.sampled_from(WORKSPACES),
    st.sampled_from(REGIONS),
    st.sampled_from(PRODUCTS),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan of Buy with nothing but its two dates."""
    announced = draw(INSTANTS)
    notice = draw(st.timedeltas(timedelta(0), timedelta(days=400)))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    return Plan("buy", announced.astimezone(zone), (announced + notice).astimezone(zone), zone)


@st.composite
def rich_plans(draw: st.DrawFn) -> Plan:
    """Draw a plan with instants of its own, overrides and exemptions."""
    plan = draw(plans())
    others = st.sampled_from([part for part in Capability if part is not Capability.CHECKOUT_NEW])
    given: st.SearchStrategy[Mapping[Capability, datetime]] = st.dictionaries(others, INSTANTS, max_size=3)
    overrides = st.builds(Override, SCOPES, st.none() | INSTANTS, given)
    exemptions = st.builds(Exemption, st.just("an exception"), SCOPES, INSTANTS)
    return Plan(
        plan.feature,
        plan.announced,
        plan.closes,
        plan.zone,
        given=draw(given),
        overrides=tuple(draw(st.lists(overrides, max_size=4))),
        exemptions=tuple(draw(st.lists(exemptions, max_size=2))),
    )
