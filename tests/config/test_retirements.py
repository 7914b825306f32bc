"""The retirement tables in full: features, single capabilities, scopes, exceptions, places, texts; each mistake at its line."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.retirement import Capability, Plan, Scope, closes_at, schedule
from config.changes import changes
from tests.config import shops
from tests.config.shops import MUG, problems

DATES = """
zone = "Europe/Paris"
announced = 2030-01-01T09:00:00
closes = 2030-03-01T00:00:00
reason = "We close."
"""
BUY = f"{MUG}\n[retirement.buy]{DATES}"
CLOSES = datetime(2030, 2, 28, 23, tzinfo=UTC)


def plan(*lines: str, feature: str = "buy") -> Plan:
    return shops.read(BUY + "\n".join(lines) + "\n").plans[feature]


def wrong(*lines: str) -> tuple[int, str, str, str]:
    """Give the one mistake: how many lines after the table's last one it stands, its key, what is wrong, what is right."""
    (problem,) = problems(BUY + "\n".join(lines) + "\n")
    offset = BUY.count("\n")
    return problem.line - offset, problem.key, problem.what, problem.instead


def test_a_capability_ends_when_it_is_said_to() -> None:
    """An instant of a single capability is read in the table's zone; the others follow from `closes`."""
    found = plan("fulfil = 2030-06-01T00:00:00", "subscribe_new = 2030-01-15T00:00:00")
    assert found.given == {
        Capability.FULFIL: datetime(2030, 5, 31, 22, tzinfo=UTC),
        Capability.SUBSCRIBE_NEW: datetime(2030, 1, 14, 23, tzinfo=UTC),
    }
    assert schedule(found)[Capability.COMPLETE_OPEN] == CLOSES
    assert schedule(found)[Capability.REFUND] == CLOSES + timedelta(days=180)


def test_what_ends_too_early_is_refused_at_its_line() -> None:
    """Money is never taken that could not be delivered or given back; what was given says it at its own line."""
    line, key, what, instead = wrong("complete_open = 2030-02-01T00:00:00")
    assert (line, key) == (1, "retirement.buy.complete_open")
    assert what == "is before closes ends, 2030-03-01T00:00:00+01:00"
    assert instead == "write that instant or a later one"
    assert wrong("refund = 2030-03-15T00:00:00")[1] == "retirement.buy.refund"
    line, key, what, _ = wrong("export = 2031-06-01T00:00:00", "delete = 2031-05-31T00:00:00")
    assert (line, key, what) == (2, "retirement.buy.delete", "is before export ends, 2031-06-01T00:00:00+02:00")
    line, key, what, _ = wrong("list_new = 2030-03-02T00:00:00")
    assert (line, key, what) == (1, "retirement.buy.list_new", "is after closes, 2030-03-01T00:00:00+01:00")


def test_an_override_speaks_for_its_part() -> None:
    """Dates of an override are read in the retirement's zone, or in one of its own."""
    found = plan(
        "[[retirement.buy.override]]",
        'platform = "discord"',
        "closes = 2030-04-01T00:00:00",
        "[[retirement.buy.override]]",
        'product = "mug"',
        'zone = "UTC"',
        "closes = 2030-02-01T00:00:00",
    )
    at = Capability.CHECKOUT_NEW
    assert closes_at(found, at, Scope(platform="discord")) == datetime(2030, 3, 31, 22, tzinfo=UTC)
    assert closes_at(found, at, Scope(platform="discord", product="mug")) == datetime(2030, 2, 1, tzinfo=UTC)
    assert closes_at(found, at, Scope(platform="slack")) == CLOSES


@pytest.mark.parametrize(
    ("lines", "line", "key", "what"),
    [
        (
            ["[[retirement.buy.override]]", "closes = 2030-04-01T00:00:00"],
            1,
            "retirement.buy.override 1",
            "is for everybody",
        ),
        (
            ["[[retirement.buy.override]]", 'platform = "slak"', "closes = 2030-04-01T00:00:00"],
            2,
            "retirement.buy.override 1, platform",
            '"slak" is none of its values',
        ),
        (
            ["[[retirement.buy.override]]", 'product = "mgu"', "closes = 2030-04-01T00:00:00"],
            2,
            "retirement.buy.override 1, product",
            'there is no product "mgu"',
        ),
        (
            ["[[retirement.buy.override]]", 'region = "FR"', "closes = 2029-04-01T00:00:00"],
            3,
            "retirement.buy.override 1, closes",
            "is not after announced",
        ),
        (
            ["[[retirement.buy.exception]]", 'name = "Guild"', 'workspace = "T1"', "until = 2030-02-01T00:00:00"],
            4,
            "retirement.buy.exception 1, until",
            "is not after closes",
        ),
        (
            [
                "[[retirement.buy.alternative]]",
                'name = "A"',
                'url = "https://a.example/"',
                'deep_link = "https://a.example/{id}"',
            ],
            4,
            "retirement.buy.alternative 1, deep_link",
            "{id} means nothing here",
        ),
        (
            [
                "[[retirement.buy.alternative]]",
                'name = "A"',
                'url = "https://a.example/"',
                'channel = "pintrest"',
            ],
            4,
            "retirement.buy.alternative 1, channel",
            '"pintrest" is none of its values',
        ),
        (
            [
                "[[retirement.buy.alternative]]",
                'name = "A"',
                'url = "https://a.example/"',
                "opens = 2030-04-01T00:00:00",
                "ends = 2030-03-01T00:00:00",
            ],
            5,
            "retirement.buy.alternative 1, ends",
            "is not after opens",
        ),
        (
            ["[retirement.buy.text]", 'banner.en = "Closes {when}"'],
            2,
            "retirement.buy.text.banner",
            "en has {when}, which nothing fills in",
        ),
        (
            ["[retirement.buy.text]", 'banner.en = "Closes {date"'],
            2,
            "retirement.buy.text.banner",
            "en has a brace that is not closed",
        ),
        (
            ["[retirement.buy.text]", 'banner.en = "Closes {date!r}"'],
            2,
            "retirement.buy.text.banner",
            "en formats {date}",
        ),
        (
            ["[retirement.buy.text]", 'banner_soon.fr = "Bientôt."'],
            2,
            "retirement.buy.text.banner_soon",
            "fr does not say when",
        ),
        (['banner_every = "daily"'], 1, "retirement.buy.banner_every", '"daily" is no pause'),
        (['banner_every = "9000 hours"'], 1, "retirement.buy.banner_every", '"9000 hours" is longer than a year'),
        (["[retirement.buy.reminders]", "days = [7, 7]"], 2, "retirement.buy.reminders.days", "names a day twice"),
        (["[retirement.donate]", 'reason = "R"'], 1, "retirement.donate", "giving is never closed by a retirement"),
        (
            ["[retirement.campaign.spring]", 'products = ["water"]', DATES],
            2,
            "retirement.campaign.spring.products 1",
            'there is no product "water"',
        ),
    ],
)
def test_each_mistake_is_said_at_its_line(lines: list[str], line: int, key: str, what: str) -> None:
    """File, line, key and what is wrong, for every kind of table that a retirement has."""
    assert wrong(*lines)[:3] == (line, key, what)


def test_a_product_and_a_campaign_retire_on_their_own() -> None:
    """Each has a table of its own, with the products that it is about."""
    text = f'[retirement.product.mug]{DATES}[retirement.campaign.spring]{DATES}products = ["mug"]\n'
    found = shops.read(BUY + text).plans
    assert set(found) == {"buy", "product.mug", "campaign.spring"}
    assert found["product.mug"].products == found["campaign.spring"].products == ("mug",)
    assert found["buy"].products == ()


def test_a_product_does_not_outlast_buy() -> None:
    """A product's own date after Buy's is refused, with what to write instead."""
    _, key, what, instead = wrong(f"[retirement.product.mug]{DATES.replace('03-01', '03-02')}")
    assert (key, what) == ('retirement, product "mug", closes', "is after Buy itself closes")
    assert "[[retirement.buy.override]]" in instead


def test_reminders_leftovers_and_texts_are_read() -> None:
    """Days are kept from the furthest before to the furthest after; hours are times of day; texts are by language."""
    found = plan(
        "[retirement.buy.reminders]",
        "days = [0, 30, -7]",
        "months = 6",
        "quiet_from = 20:00:00",
        "quiet_until = 09:30:00",
        "[retirement.buy.leftovers]",
        'monthly = "now"',
        "[retirement.buy.text]",
        'banner.en = "Until {date}."',
    )
    assert found.reminders.days == (30, 0, -7)
    assert (found.reminders.months, found.reminders.quiet) == (6, (time(20), time(9, 30)))
    assert (found.leftovers.monthly, found.leftovers.open_checkouts) == ("now", "expire")
    assert found.texts == {"banner": {"en": "Until {date}."}}


@pytest.mark.parametrize(
    ("text", "seconds"), [("always", 0), ("30 minutes", 1800), ("1 hour", 3600), ("1 day", 86_400)]
)
def test_the_pause_between_banners_is_read(text: str, seconds: int) -> None:
    """A pause is a number of minutes, hours or days; "always" is none, as is nothing."""
    assert plan(f'banner_every = "{text}"').banner_every == seconds
    assert plan().banner_every == 0


def test_changes_are_said_in_words() -> None:
    """What an edit does to a retirement is said field by field, dates in its zone."""
    old = shops.read(BUY)
    new = shops.read(BUY + "fulfil = 2030-06-01T00:00:00\n")
    new_pause = shops.read(BUY + 'banner_every = "1 day"\n')
    assert changes(old, new_pause) == ['retirement of buy: banner_every "always" -> "1 day, 0:00:00"']
    assert changes(old, new) == ['retirement of buy: fulfil none -> "2030-06-01T00:00:00+02:00"']


def test_an_unknown_channel_is_told_the_nearest() -> None:
    """A channel that there is not is answered with the one that was probably meant."""
    place = ["[[retirement.buy.alternative]]", 'name = "A"', 'url = "https://a.example/"', 'channel = "pintrest"']
    assert wrong(*place)[3] == 'did you mean "pinterest"?'


def test_an_exception_does_not_outlive_what_was_given() -> None:
    """Whoever bought by an exception must be able to pay and be delivered to: its end says which instant comes too soon."""
    exception = ["[[retirement.buy.exception]]", 'name = "the club"', 'workspace = "T1"', "until = 2030-04-01T00:00:00"]
    line, key, what, instead = wrong("complete_open = 2030-03-02T00:00:00", *exception)
    assert (line, key) == (5, "retirement.buy.exception 1, until")
    assert what == "is after complete_open ends there, 2030-03-02T00:00:00+01:00"
    assert instead == "write that instant or an earlier one, or a later complete_open"
    assert wrong("fulfil = 2030-03-20T00:00:00", *exception)[2].startswith("is after fulfil ends there")
    assert plan("complete_open = 2030-04-01T00:00:00", *exception).exemptions[0].name == "the club"


def test_an_exception_is_held_against_overrides_of_a_part_of_it() -> None:
    """An override that meets the exception is looked at too; one that speaks of somebody else is not."""
    exception = ["[[retirement.buy.exception]]", 'name = "the club"', 'workspace = "T1"', "until = 2030-04-01T00:00:00"]
    override = ["[[retirement.buy.override]]", 'region = "FR"', "complete_open = 2030-03-02T00:00:00"]
    line, key, what, _ = wrong(*override, *exception)
    assert (line, key) == (7, "retirement.buy.exception 1, until")
    assert what.startswith("is after complete_open ends there")
    elsewhere = ["[[retirement.buy.override]]", 'workspace = "T2"', "complete_open = 2030-03-02T00:00:00"]
    assert len(plan(*elsewhere, *exception).overrides) == 1
