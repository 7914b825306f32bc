"""What changed between two versions of a config, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.catalogue_files import Kept
from config.changes import changes
from config.read import read
from config.sample import SAMPLE
from tests.config import shops
from tests.config.catalogues import shop
from tests.config.shops import HEAD

SHOP = """
[product.mug]
name = "Mug"
price = "12.00"
stock = 40

[product.cap]
name = "Cap"
price = "20.00"
[product.cap.variant.red]
name = "red"
stock = 5

[cause.water]
name = "Water"
recipient = "Trust"
goal = "100.00"

[coupon.TEN]
percent = 10

[admins]
slack = ["U1"]

[retirement.buy]
announced = 2030-01-01T00:00:00Z
closes = 2030-03-01T00:00:00Z
reason = "We close."
"""


@pytest.mark.parametrize(
    ("was", "now", "sentences"),
    [
        ('"12.00"', '"13.00"', ["product mug: price 12.00 EUR -> 13.00 EUR"]),
        ("stock = 40\n", "", ["product mug: stock 40 -> none"]),
        (
            "stock = 40",
            'stock = 40\nbrand = "Quay"\nweight = 350\ncompare_at = "15.00"\nhtml = "<p>Tea.</p>"\ncondition = "used"',
            [
                "product mug: html changed",
                'product mug: brand none -> "Quay"',
                'product mug: condition "new" -> "used"',
                "product mug: weight none -> 350",
                "product mug: compare_at none -> 15.00 EUR",
            ],
        ),
        ("stock = 5", "stock = 6", ["product cap/red: stock 5 -> 6"]),
        ('"20.00"', '"21.00"', ["product cap/red: price 20.00 EUR -> 21.00 EUR"]),
        ('name = "Cap"', 'name = "Hat"', ['product cap: name "Cap" -> "Hat"']),
        ("[cause.water]", "[cause.well]", ["cause water: removed", 'cause well: added, name "Water"']),
        ('goal = "100.00"', 'goal = "200.00"', ["cause water: goal 100.00 EUR -> 200.00 EUR"]),
        (
            "percent = 10",
            "percent = 10\nper_person = 1\ntotal = 9\nfrom = 2030-01-01",
            [
                "coupon TEN: from none -> 2030-01-01",
                "coupon TEN: per_person none -> 1",
                "coupon TEN: total none -> 9",
            ],
        ),
        (
            'price = "12.00"\nstock = 40',
            'price = "12.00"\nevery = "month"',
            [
                'product mug: every none -> "month"',
                "product mug: limit 10 -> 1",
                "product mug: stock 40 -> none",
            ],
        ),
        ("percent = 10", 'amount = "2.00"', ["coupon TEN: percent 10 -> none", "coupon TEN: amount none -> 2.00 EUR"]),
        ('["U1"]', '["U1", "U2"]', ["admins: slack U1 -> U1, U2"]),
        (
            "[admins]",
            '[admins]\napprovals = 2\nrefunds_above = "50.00"',
            ["admins: approvals 1 -> 2", "admins: refunds_above none -> 50.00 EUR"],
        ),
        (
            "closes = 2030-03-01T00:00:00Z",
            "closes = 2030-04-01T00:00:00Z",
            ["retirement of buy: closes 2030-03-01T01:00:00+01:00 -> 2030-04-01T02:00:00+02:00"],
        ),
        ('"We close."', '"We move."', ["retirement of buy: reason changed"]),
        (
            "[product.mug]",
            'terms = "https://shop.example/t"\n[product.mug]',
            ['seller: terms none -> "https://shop.example/t"'],
        ),
        ("[product.mug]", 'address = "1 Quay"\n[product.mug]', ["seller: address changed"]),
        ("[admins]", "[web]\nchat = true\nport = 1\n[admins]", ["web: chat no -> yes", "web: port 8080 -> 1"]),
        ("[admins]", "[limits]\ndeclines_shop = 9\n[admins]", ["limits: declines_shop 30 -> 9"]),
        ("stock = 40", "stock = 40 # a note", []),
    ],
)
def test_a_change_is_said_in_words(was: str, now: str, sentences: list[str]) -> None:
    """Each change is one sentence with its subject, what was and what is; a note is no change."""
    assert was in SHOP
    assert changes(shops.read(SHOP), shops.read(SHOP.replace(was, now, 1))) == sentences


def test_a_place_that_gets_a_channel_is_said() -> None:
    """The channel that the catalogue goes to a place by stands beside its address."""
    place = '[[retirement.buy.alternative]]\nname = "A"\nurl = "https://a.example/"\n'
    assert changes(shops.read(SHOP + place), shops.read(f'{SHOP}{place}channel = "meta"\n')) == [
        "retirement of buy: alternatives A (https://a.example/) -> A (https://a.example/, meta)"
    ]


def test_a_retirement_that_appears_says_when() -> None:
    """A retirement that is added is said with its closing."""
    before = SHOP[: SHOP.index("[retirement.buy]")]
    assert changes(shops.read(before), shops.read(SHOP)) == [
        "retirement of buy: added, closes 2030-03-01T01:00:00+01:00"
    ]
    assert changes(shops.read(SHOP), shops.read(before)) == ["retirement of buy: removed"]


def test_a_product_that_gets_variants_is_said_whole() -> None:
    """Going from one thing to variants says what became of price and stock, and which variants there are now."""
    varied = '[product.mug]\nname = "Mug"\nprice = "12.00"\n[product.mug.variant.blue]\nname = "blue"\n'
    single = '[product.mug]\nname = "Mug"\nprice = "12.00"\n'
    assert changes(shops.read(single, HEAD), shops.read(varied, HEAD)) == [
        "product mug: price 12.00 EUR -> none",
        'product mug/blue: added, name "blue", price 12.00 EUR',
    ]


def test_nothing_changed_says_nothing() -> None:
    """The same config twice has no differences."""
    assert changes(read(SAMPLE), read(SAMPLE)) == []


def test_of_a_big_catalogue_only_what_was_read_anew_is_compared(tmp_path: Path) -> None:
    """An edit of a catalogue file is said as one of shop.toml is, and rows that did not change are not even looked at."""
    sheet, kept = "id,name,price\nmug,Mug,12.00\ncap,Cap,20.00\n", Kept()
    old = shop(tmp_path, sheet, kept=kept)
    new = shop(tmp_path, sheet.replace("12.00", "13.00"), kept=kept)
    assert changes(old, new) == ["product mug: price 12.00 EUR -> 13.00 EUR"]
    object.__setattr__(new.catalogue.named["cap"], "name", "not looked at")
    object.__setattr__(old.catalogue.named["mug"], "name", "Old mug")
    assert changes(old, new)[0] == 'product mug: name "Old mug" -> "Mug"'
    assert len(changes(old, new)) == 2
    gone = shop(tmp_path, "id,name,price\nmug,Mug,13.00\n", kept=kept)
    assert changes(new, gone) == ["product cap: removed"]
