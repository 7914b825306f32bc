"""Catalogue files: what they list is sold, and each mistake is said with its file, line and column."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadConfig, Problem
from bot.money import Money
from config import catalogue_files, sheet
from config.catalogue_files import Kept, Versions
from config.listed import MOST
from config.read import read
from config.sheet import letter
from tests.config.catalogues import said, shop, write
from tests.config.shops import MUG

MUGS = """\
id,name,description,price,stock,variant,variant.name,options,values,tags,fulfil,picture,pictures,variant.picture,weight
mug,Mug,"Holds tea, mostly",12.50,,,,Colour,,cup | tasse,ship,https://x.example/m,https://x.example/2,,300
mug,,,,40,blue,blue,,Blue,,,,,https://x.example/b,
mug,,,11.50,25,white,white,,White,,,,,,310
zine,Zine,,4.00,,,,,,,,,,,
"""


def test_rows_are_products_and_their_variants(tmp_path: Path) -> None:
    """A row without a variant is the product, those with one its variants, and what they do not say is the product's."""
    mug, zine = shop(tmp_path, MUGS).catalogue.products
    assert (mug.id, mug.name, mug.description, mug.tags) == ("mug", "Mug", "Holds tea, mostly", ("cup", "tasse"))
    assert (mug.fulfil, mug.options) == ("ship", ("Colour",))
    assert [image.url for image in mug.images] == ["https://x.example/m", "https://x.example/2"]
    blue, white = mug.variants
    assert (blue.id, blue.name, blue.price, blue.stock) == ("mug/blue", "blue", Money(1250, "EUR"), 40)
    assert (blue.weight, blue.values, blue.picture) == (300, ("Blue",), "https://x.example/b")
    assert (white.price, white.weight) == (Money(1150, "EUR"), 310)
    assert [variant.id for variant in zine.variants] == ["zine"]


def test_what_a_file_lists_is_what_shop_toml_would(tmp_path: Path) -> None:
    """A product listed in a file is in every field what the same one is in shop.toml; the file's own come first."""
    table = MUG.replace("mug", "cup").replace("Mug", "Cup")
    listed, written = shop(tmp_path, "id,name,price\nmug,Mug,12.50\n"), shop(tmp_path, "id,name\n", MUG)
    assert str(listed.catalogue.products) == str(written.catalogue.products)
    both = shop(tmp_path, "id,name,price\nmug,Mug,12.50\n", table)
    assert [product.id for product in both.catalogue.products] == ["cup", "mug"]


def test_the_rest_of_the_config_knows_listed_products(tmp_path: Path) -> None:
    """Coupons and perks name products of a file as they name those of shop.toml."""
    more = """
[coupon.TEN]
percent = 10
products = ["mug"]
[perk.tea]
platform = "discord"
kind = "role"
target = "1"
workspace = "2"
name = "Tea"
"""
    found = shop(tmp_path, "id,name,price,perks\nmug,Mug,12.50,tea\n", more)
    assert found.product_perks == {"mug": ("tea",)}
    with pytest.raises(BadConfig, match='there is no product "mug"'):
        shop(tmp_path, "id,name,price,perks\ncup,Cup,12.50,\n", more)


@pytest.mark.parametrize(
    "sheet",
    [
        'id;name;price\ncafe;Café "noir";12,50\n'.replace('Café "noir"', '"Café ""noir"""'),
        '\ufeffid,name,price\r\ncafe,"Café ""noir""",12.50\r\n',
        'sep=;\nID ;Name;price\ncafe;"Café ""noir""";12.50\n',
        'id\tname\tprice\ncafe\t"Café ""noir"""\t12.50\n\n\t\t\n',
    ],
    ids=["semicolons and commas", "BOM", "Excel's first line", "tabs"],
)
def test_files_are_read_as_spreadsheets_write_them(tmp_path: Path, sheet: str) -> None:
    """A BOM, line ends of two kinds, three separators and decimal commas beside semicolons are read right."""
    (product,) = shop(tmp_path, sheet).catalogue.products
    assert (product.id, product.name) == ("cafe", 'Café "noir"')
    assert product.variants[0].price == Money(1250, "EUR")


@pytest.mark.parametrize("text", ['=HYPERLINK("https://x.example")', "+33 1", "-5", "@SUM(A1)", "'=1"])
def test_formulas_are_texts(tmp_path: Path, text: str) -> None:
    """What a spreadsheet would run is a text like any other, and runs nowhere."""
    out = io.StringIO()
    csv.writer(out).writerows([["id", "name", "price"], ["x", text, "1.00"]])
    assert shop(tmp_path, out.getvalue()).catalogue.products[0].name == text


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        ("id,name,price\nmug,Mug,12.5\n", '2: column C, price: "12.5" is no amount; write "12.50"'),
        ('id,name,price\nmug,Mug,"12,50"\n', '2: column C, price: "12,50" is no amount; write "12.50"'),
        ("id,name,price\nmug,Mug,=1+2\n", '2: column C, price: "=1+2" is no amount'),
        (f"id,name,price\nmug,Mug,{'9' * 5000}\n", "is more than can be charged at once"),
        ("id,name,price\nmug,Mug,\n", '2: column C, price: is missing; write "12.50" under price'),
        ("id,name\nmug,Mug\n", '2: price is missing; write "12.50" under price'),
        ("id,name,price\nmug,,1.00\n", '2: column B, name: is missing; write "…" under name'),
        ("id,name,price\n,Mug,1.00\n", "2: column A, id: is empty"),
        ("id,name,price\nTea Pot,Mug,1.00\n", '2: column A, id: "Tea Pot" is no id'),
        ('id,name,price\na,"x\n\ny",1.00\nb,B,x1\n', "5: column C, price:"),
        ("id,name,stock,price\nmug,Mug,4x,1.00\n", '2: column C, stock: "4x" is no whole number'),
        ("id,name,price\nmug,Mug,1.00\ncap,Cap,1.00\nmug,Mug,1.00\n", '4: column A, id: "mug" stands in line 2 already'),
        ("id,name,price\nmug,Mug,1.00\nmug,Mug,1.00\n", "and this row names no variant"),
        (
            "id,name,price,variant,variant.name\nmug,Mug,1.00,b,b\nmug,,1.00,b,c\n",
            '3: column D, variant: "b" stands in line 2 already',
        ),
        ("id,name,price,variant,variant.name\nmug,Mug,1.00,b,\n", "2: column E, variant.name: is missing"),
        ("id,name,price,variant,variant.name\nmug,Mug,1.00,b,b\nmug,Cup,,c,c\n", "3: column B, name: is of the whole"),
        ("id,name,price,values\nmug,Mug,1.00,Blue\n", "2: column D, values: is of a variant, and the row names none"),
        ("id,name,price,fulfil\nmug,Mug,1.00,shp\n", '2: column D, fulfil: "shp" is none of its values; did you mean "ship"?'),
        ("id,name,price,fulfil\nmug,Mug,1.00,message\n", '2: message is missing; write "…" under message'),
        ("id,name,price,prise\nmug,Mug,1.00,\n", '1: column D: is no column of a catalogue: "prise"; did you mean "price"?'),
        ("id,price,price\nmug,1.00,\n", "1: column C: stands twice"),
        ("id,price\nmug,1.00\n", '1: has no column "name"'),
        ("", "1: has no names of columns"),
        ("id,name,price\nmug,Mug, blue,1.00\n", "2: has 4 cells, and the first line 3"),
        ("id,name,price\nmug,Mug\n", "2: has 2 cells, and the first line 3"),
        ("id,name,price, ,\nmug,Mug,1.00,,40\n", '2: column E: "40" stands under no name of a column'),
        ('id,name,price\nmug,"Mug,1.00\ncap,Cap,1.00\n', "2: begins with a quote that is never closed"),
        ('id,name,price\nmug,"Mu"g,1.00\n', "2: has a quote in the middle of a cell"),
        ("id,name,price\nmug,Mug,1.00\ncafé,".encode() + b"Caf\xe9,1.00\n", "3: holds bytes that are no UTF-8"),
        (b"\xef\xbb\xbfid,name,price\nmug,Caf\xe9,1.00\n", "2: holds bytes that are no UTF-8"),
        ("id,name,price\n".encode("utf-16"), "1: is saved as UTF-16"),
        ("id,name,price\nmug,sk_live_abcdefgh,1.00\n", "2: column B, name: looks like a Stripe key"),
    ],
)  # fmt: skip
def test_each_mistake_is_said_where_it_is(tmp_path: Path, sheet: str | bytes, says: str) -> None:
    """What is wrong is named with line, column and what would be right, whatever it is; secrets are not repeated."""
    found = said(tmp_path, sheet)
    assert any(says in each for each in found), found
    assert "abcdefgh" not in str(found)


def test_all_mistakes_are_said_at_once_and_not_more_than_can_be_read(tmp_path: Path) -> None:
    """Mistakes of the config and of its files come together; of thousands the first are said, and how many more there are."""
    rows = "".join(f"p{number},P,nothing\n" for number in range(1000))
    found = said(tmp_path, f"id,name,price\n{rows}", MUG.replace("12.50", "x"))
    assert found[0].startswith(str(tmp_path / "shop.toml"))
    assert found[1].startswith("2: column C, price:")
    assert len(found) == MOST + 2
    assert "more mistakes" in found[-1]


def test_an_id_is_never_used_twice(tmp_path: Path) -> None:
    """An id that stands in shop.toml, or was sold before under another name, is refused in its line."""
    (twice,) = said(tmp_path, "id,name,price\nmug,Mug,1.00\n", MUG)
    assert twice.startswith(f'2: column A, id: "mug" stands in {tmp_path / "shop.toml"} already')
    (buried,) = said(tmp_path, "id,name,price\nmug,Mug,1.00\n", mug="Old mug")
    assert buried.startswith('2: column A, id: the id "mug" was sold before as "Old mug"')


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone.csv", "is not there"),
        ("../products.csv", "does not lie beside this file"),
        ("/etc/passwd", "does not lie beside this file"),
        ("products.xlsx", "is no CSV file"),
        ("folder.csv", "is no file"),
    ],
)
def test_a_file_that_cannot_be_taken_is_said_in_the_config(tmp_path: Path, name: str, says: str) -> None:
    """Only files beside the config are read; another name, or one of nothing, is wrong in its own line."""
    config = write(tmp_path, "id,name\n")
    (tmp_path / "folder.csv").mkdir()
    config.write_text(config.read_text().replace("products.csv", name))
    with pytest.raises(BadConfig, match=says) as caught:
        read(config)
    assert [problem.key for problem in caught.value.problems] == ["catalogue.files 1"]


def test_a_file_of_any_size_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is far too large is refused, and watched, by its beginning: no shop that runs stops for want of memory."""
    for module in (catalogue_files, sheet):
        monkeypatch.setattr(module, "MOST_BYTES", 1000)
    config = write(tmp_path, "id,name,price\nmug,Mug,1.00\n")
    before = Versions(config)()
    os.truncate(tmp_path / "products.csv", 1 << 40)  # a file of holes, which takes no place on the disk
    with pytest.raises(BadConfig, match="take it apart into several files"):
        read(config)
    assert Versions(config)() not in {before, ""}


def test_a_reload_reads_only_the_rows_that_changed(tmp_path: Path) -> None:
    """Products whose rows did not change are the very same ones; a change of anything they depend on reads them again."""
    kept = Kept()
    sheet = "id,name,price\nmug,Mug,1.00\ncap,Cap,2.00\n"
    mug, cap = shop(tmp_path, sheet, kept=kept).catalogue.products
    again = shop(tmp_path, sheet.replace("2.00", "3.00"), kept=kept).catalogue.products
    assert again[0] is mug
    assert again[1].variants[0].price == Money(300, "EUR")
    with pytest.raises(BadConfig):
        shop(tmp_path, sheet.replace("1.00", "x"), kept=kept)
    back = shop(tmp_path, sheet.replace("2.00", "3.00"), kept=kept).catalogue.products
    assert (back[0], back[1]) == (mug, again[1])
    config = write(tmp_path, sheet)
    config.write_text(config.read_text().replace('"EUR"', '"JPY"'))
    with pytest.raises(BadConfig, match=r'products\.csv:2: column C, price: "1.00" has more decimals than JPY'):
        read(config, kept=kept)
    with pytest.raises(BadConfig, match="was sold before"):
        shop(tmp_path, sheet, kept=kept, mug="Old mug")
    assert cap.name == "Cap"


def test_every_version_has_its_name(tmp_path: Path) -> None:
    """The version that orders, replicas and feeds go by is another one after an edit of a catalogue file."""
    one = shop(tmp_path, "id,name,price\nmug,Mug,1.00\n").digest
    assert shop(tmp_path, "id,name,price\nmug,Mug,2.00\n").digest != one
    assert shop(tmp_path, "id,name,price\nmug,Mug,1.00\n").digest == one


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=6)), max_size=4),
    st.binary(max_size=40),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_breaks_the_reading(tmp_path: Path, rows: list[tuple[str, str, str]], tail: bytes) -> None:
    """Whatever a file holds, it is read, or refused with a line that it has."""
    out = io.StringIO()
    csv.writer(out).writerows([("id", "name", "price"), *rows])
    content = out.getvalue().encode("utf-8", "surrogatepass") + tail
    config = write(tmp_path, content)
    problems: Sequence[Problem] = ()
    try:
        read(config)
    except BadConfig as error:
        problems = error.problems
    lines = content.count(b"\n") + content.count(b"\r") + 1
    assert all(1 <= problem.line <= lines for problem in problems)


def test_columns_are_named_as_spreadsheets_name_them() -> None:
    """The first is A, the one after Z is AA."""
    assert [letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
