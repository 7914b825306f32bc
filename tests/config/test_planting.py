"""Products that are put into a shop.toml: comments and what is not said stay, and the file is right afterwards."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from bot.catalogue import Catalogue, Product, Variant, tie
from bot.channels import Notes
from bot.money import Money
from config.changes import changes
from config.planting import planted
from config.read import check
from config.sample import SAMPLE
from tests.adapters.channels.goods import catalogues, same
from tests.config.shops import HEAD

SHIPS = '\n[[shipping]]\nname.en = "Post"\ncountries = ["*"]\nprice = "4.00"\n'


def _product(id_: str, *variants: Variant, **said: object) -> Product:
    return tie(
        replace(Product(id_, "Mug", options=("Colour",) if variants[0].name else ()), **said),  # type: ignore[arg-type]
        lambda tied: [replace(each, product=tied) for each in variants],
    )


def _one(price: int, **said: object) -> Variant:
    return replace(Variant("mug", Product("", ""), "", Money(price, "EUR")), **said)  # type: ignore[arg-type]


@given(catalogues())
@settings(max_examples=40, deadline=None)
def test_what_is_planted_is_what_is_read(catalogue: Catalogue) -> None:
    """Whatever a catalogue says, the file says the same when it is read; planted again, nothing changes."""
    text = planted(HEAD + SHIPS, catalogue, Notes())
    same(check(text, "shop.toml").catalogue, catalogue)
    assert planted(text, catalogue, Notes()) == text


def test_comments_stay_and_only_what_differs_changes() -> None:
    """Of a product that is here its price and words change in their places; comments, stock, limit and the rest stay."""
    text = HEAD + (
        '\n# Our best.\n[product.mug] # round\nname = "Mug"\nprice = "12.50" # fair\nlimit = 3\nstock = 40\n\n'
        '# Causes\n[cause.water]\nname = "Water"\nrecipient = "Trust"\n'
    )
    notes = Notes()
    now = planted(text, Catalogue.of([_product("mug", _one(1400, stock=7), brand="Quay")]), notes)
    assert now == text.replace('"12.50" # fair', '"14.00" # fair').replace(
        "stock = 40\n", 'stock = 40\nbrand = "Quay"\n'
    )
    assert [(remark.kind, remark.field) for remark in notes.remarks] == [("note", "stock")]


def test_new_variants_come_beside_the_old() -> None:
    """A variant that is new is added, one that differs is changed, one that is not said stays, inherited prices too."""
    text = HEAD + (
        '\n[product.mug]\nname = "Mug"\nprice = "12.50"\noptions = ["Colour"]\n'
        '[product.mug.variant.blue]\nname = "blue"\nvalues = ["blue"]\n'
        '[product.mug.variant.red]\nname = "red"\nvalues = ["red"]\nsku = "R"\n'
    )
    colours = [
        replace(_one(1250), id=f"mug/{colour}", name=colour, values=(colour,), gtin=gtin)
        for colour, gtin in (("blue", ""), ("green", "96385074"))
    ]
    now = planted(text, Catalogue.of([_product("mug", *colours)]), Notes())
    assert changes(check(text, "x"), check(now, "x")) == ['product mug/green: added, name "green", price 12.50 EUR']
    assert now.startswith(text.rstrip())


def test_what_does_not_fit_is_left_as_it_is() -> None:
    """Variants in one place and none in the other, and what is paid monthly here: nothing changes, and that is said."""
    text = (
        HEAD
        + '\n[product.mug]\nname = "Mug"\nprice = "12.50"\nevery = "month"\n[product.cap]\nname = "Cap"\nprice = "1.00"\n'
    )
    blue = replace(_one(1400), id="cap/blue", name="blue", values=("blue",))
    notes = Notes()
    assert planted(text, Catalogue.of([_product("mug", _one(1400)), _product("cap", blue)]), notes) == text
    assert [(remark.subject, remark.field) for remark in notes.remarks] == [("mug", "every"), ("cap", "variants")]


def test_what_is_shipped_needs_a_rate() -> None:
    """Without [[shipping]] a thing that is shipped elsewhere comes as one that is not, and that is said."""
    notes = Notes()
    text = planted(HEAD, Catalogue.of([_product("mug", _one(1400), fulfil="ship")]), notes)
    assert check(text, "x").catalogue.products[0].fulfil == "none"
    assert [remark.field for remark in notes.remarks] == ["fulfil"]


def test_the_sample_keeps_every_line() -> None:
    """Into the commented sample a product comes at the end, under the notes; no line of it changes."""
    text = SAMPLE.read_text(encoding="utf-8")
    now = planted(text, Catalogue.of([_product("cap", replace(_one(900), id="cap"))]), Notes())
    assert now.startswith(text.rstrip("\n"))
    assert changes(check(text, "x"), check(now, "x")) == ['product cap: added, name "Mug", price 9.00 EUR']
