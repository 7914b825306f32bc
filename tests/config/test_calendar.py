"""The retirement tables: instants with their zone, notice, and the places to buy instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config import shops
from tests.config.shops import HEAD, MUG, problems

PLAN = """
[retirement.buy]
announced = 2030-01-01T00:00:00Z
closes = 2030-03-01T00:00:00Z
reason = "We close."
"""


def _plan(closes: str, *lines: str, announced: str = "2001-01-01T00:00:00Z") -> str:
    return "\n".join(["[retirement.buy]", f"announced = {announced}", f"closes = {closes}", 'reason = "R"', *lines, ""])


def _closes(closes: str, *lines: str) -> datetime:
    return shops.read(_plan(closes, *lines)).plans["buy"].closes


def test_an_offset_and_a_civil_time_name_the_same_instant() -> None:
    """An instant with an offset, in UTC, or in civil time with its zone, is one and the same closing."""
    expected = datetime(2030, 1, 31, 23, tzinfo=UTC)
    civil = shops.read(
        _plan("2030-02-01T00:00:00", 'zone = "Europe/Paris"').replace("2001-01-01T00:00:00Z", "2001-01-01T01:00:00")
    )
    assert civil.plans["buy"].closes == expected
    assert civil.plans["buy"].zone.key == "Europe/Paris"
    assert _closes("2030-02-01T00:00:00+01:00") == expected
    assert _closes("2030-01-31T23:00:00Z") == expected
    assert (
        len({plan.closing_key for plan in (civil.plans["buy"], shops.read(_plan("2030-01-31T23:00:00Z")).plans["buy"])})
        == 1
    )


def test_dates_are_shown_in_the_plans_zone_else_in_the_shops() -> None:
    """Beside an offset, `zone` says where dates are shown; without it the shop's zone does."""
    assert shops.read(PLAN).plans["buy"].zone.key == "Europe/Paris"
    assert shops.read(PLAN + 'zone = "Asia/Tokyo"\n').plans["buy"].zone.key == "Asia/Tokyo"


def test_a_time_that_the_clocks_jump_over_is_refused() -> None:
    """A civil time that does not exist that night is refused, and both instants it could mean are offered."""
    (problem,) = problems(_plan("2030-03-31T02:30:00", 'zone = "Europe/Paris"'))
    assert (problem.line, problem.key) == (3, "retirement.buy.closes")
    assert problem.what == "2030-03-31T02:30:00 does not exist in Europe/Paris: the clocks change that night"
    assert problem.instead == "write 2030-03-31T01:30:00+01:00 or 2030-03-31T03:30:00+02:00"


def test_a_time_that_the_clocks_show_twice_is_refused() -> None:
    """A civil time that exists twice that night is refused, and both instants are offered."""
    (problem,) = problems(_plan("2030-10-27T02:30:00", 'zone = "Europe/Paris"'))
    assert (problem.line, problem.key) == (3, "retirement.buy.closes")
    assert problem.what == "2030-10-27T02:30:00 exists twice in Europe/Paris: the clocks change that night"
    assert problem.instead == "write 2030-10-27T02:30:00+02:00 or 2030-10-27T02:30:00+01:00"
    assert _closes("2030-10-27T02:30:00+01:00", 'zone = "Europe/Paris"') == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


@settings(deadline=None, max_examples=200)
@given(
    st.datetimes(datetime(2027, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - civil times have no zone yet
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]),
)
def test_a_civil_time_is_its_one_instant_or_refused(local: datetime, zone: str) -> None:
    """An accepted civil time reads as itself in its zone, at one instant only; a refused one does not."""
    local = local.replace(microsecond=0)
    text = _plan(local.isoformat(), f'zone = "{zone}"')
    instants = [
        instant
        for minutes in range(-14 * 60, 14 * 60 + 1, 30)
        if (instant := local.replace(tzinfo=UTC) + timedelta(minutes=minutes))
        .astimezone(ZoneInfo(zone))
        .replace(tzinfo=None)
        == local
    ]
    if len(instants) == 1:
        assert shops.read(text).plans["buy"].closes == instants[0]
    else:
        assert [problem.key for problem in problems(text)] == ["retirement.buy.closes"]


@pytest.mark.parametrize(
    ("closes", "what", "instead"),
    [
        ("2030-02-01", "2030-02-01 is a day, and says neither hour nor zone",
         'write 2030-02-01T00:00:00 and zone = "Europe/Paris" beside it'),
        ("2030-02-01T00:00:00", "2030-02-01T00:00:00 says no zone",
         'write zone = "Europe/Paris" in the same table, or an offset: 2030-02-01T00:00:00+01:00'),
        ('"2030-02-01T00:00:00Z"', '"2030-02-01T00:00:00Z" is a text', "write the date without quotes"),
        ("07:30:00", "07:30:00 is a time without a day",
         'write 2030-01-31T00:00:00+01:00, or 2030-01-31T00:00:00 and zone = "Europe/Paris"'),
        ("true", "is true or false, no date",
         'write 2030-01-31T00:00:00+01:00, or 2030-01-31T00:00:00 and zone = "Europe/Paris"'),
        ("2001-01-01T00:00:00Z", "is not after announced", "announce first, then close"),
        ("2001-01-30T23:59:59Z", "leaves 29 days' notice, less than 30",
         'say why in short_notice_reason = "…", or close no earlier than 2001-01-31T00:00:00+00:00'),
    ],
)  # fmt: skip
def test_what_is_no_closing(closes: str, what: str, instead: str) -> None:
    """A closing without hour, zone, order or notice is refused in its line, with what to write."""
    (problem,) = problems(_plan(closes))
    assert (problem.line, problem.key, problem.what, problem.instead) == (3, "retirement.buy.closes", what, instead)


def test_short_notice_needs_its_reason() -> None:
    """Under thirty days' notice is accepted with its reason; thirty days need none."""
    assert _closes("2001-01-31T00:00:00Z") == datetime(2001, 1, 31, tzinfo=UTC)
    plan = shops.read(_plan("2001-01-02T00:00:00Z", 'short_notice_reason = "The platform said so."')).plans["buy"]
    assert plan.short_notice_reason == {"en": "The platform said so."}


def test_whom_to_ask_is_the_sellers_support_unless_said() -> None:
    """`contact` falls back to the seller's support, and without either the plan is refused."""
    assert shops.read(PLAN).plans["buy"].contact == "help@shop.example"
    assert shops.read(PLAN + 'contact = "old@shop.example"\n').plans["buy"].contact == "old@shop.example"
    (problem,) = problems(PLAN, HEAD.replace('support = "help@shop.example"\n', ""))
    assert (problem.line, problem.key, problem.what) == (2, "retirement.buy.contact", "is missing")


def test_alternatives_keep_their_order_and_know_their_products() -> None:
    """Alternatives come in the operator's order; a product that is not sold, or an address that is none, is refused."""
    place = '[[retirement.buy.alternative]]\nname = "{0}"\nurl = "{1}"\n'
    text = MUG + PLAN + place.format("B", "https://b.example/") + 'products = ["mug"]\nnote.fr = "Oui"\n'
    plan = shops.read(text + place.format("A", "http://a.example")).plans["buy"]
    assert [(each.name, each.products, each.note) for each in plan.alternatives] == [
        ("B", ("mug",), {"fr": "Oui"}),
        ("A", (), {}),
    ]
    found = problems(PLAN + place.format("A", "a.example") + 'products = ["cup"]\n')
    assert [(problem.line, problem.key) for problem in found] == [
        (8, "retirement.buy.alternative 1, url"),
        (9, "retirement.buy.alternative 1, products 1"),
    ]
