"""`tillbot export` and `tillbot import`, as operators use them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.app.test_cli import shop, tillbot
from tests.conformance.web_door import WebDoor
from tests.conformance.world import World

__all__ = ["shop"]

PICTURE = 'picture = "https://shop.example/mug.jpg"\n'


@pytest.fixture(autouse=True)
def pictured(shop: Path) -> Path:
    """Give the first product a picture, and the second none."""
    text = shop.read_text(encoding="utf-8")
    at = text.index("\n", text.index("[product.")) + 1
    shop.write_text(text[:at] + PICTURE + text[at:], encoding="utf-8")
    return shop


def test_the_report_comes_before_anything_is_written(tmp_path: Path) -> None:
    """Without --out the report is all there is; with it a new file is written, and none is ever written over."""
    told = tillbot("export", "google")
    assert told.exit_code == 0
    assert "it has no picture, and Google shows nothing without one" in told.output
    assert "1 of 4 products ready for Google Merchant Center, 3 wholly or partly left out." in told.output
    assert "Nothing was written." in told.output
    assert {path.name for path in tmp_path.iterdir()} == {"config", "var"}
    assert tillbot("export", "google", "--out", "feed.xml").exit_code == 0
    first = (tmp_path / "feed.xml").read_text(encoding="utf-8")
    assert "<g:image_link>https://shop.example/mug.jpg</g:image_link>" in first
    assert stat.S_IMODE((tmp_path / "feed.xml").stat().st_mode) & 0o400
    again = tillbot("export", "google", "--out", "feed.xml")
    assert again.exit_code == 1
    assert "feed.xml is there already; nothing was written." in again.output
    assert (tmp_path / "feed.xml").read_text(encoding="utf-8") == first


def test_the_ending_chooses_the_form(tmp_path: Path) -> None:
    """Google takes XML, or text with tabs where the file's name ends so."""
    assert tillbot("export", "google", "--out", "feed.tsv").exit_code == 0
    assert (tmp_path / "feed.tsv").read_text(encoding="utf-8").startswith("id\ttitle\t")


def test_the_report_is_there_for_programs() -> None:
    """With --json each remark is an object on a line, and the last line says how many products are ready."""
    lines = [json.loads(line) for line in tillbot("export", "meta", "--json").output.splitlines()]
    assert {"product", "subject", "kind", "field", "says"} == set(lines[0])
    assert lines[-1] == {"channel": "meta", "products": 4, "ready": 1, "files": ["meta.csv"], "out": None}


def test_an_unknown_channel_is_told_the_known_ones() -> None:
    """A name that is none is answered with those there are."""
    told = tillbot("export", "fancy")
    assert told.exit_code == 1
    assert "There is no channel 'fancy' to export to. There are: google, meta, pinterest" in told.output


CSV = "Title,URL handle,Price,SKU\nNew cap,cap,9.00,C-1\nNo price,none,,\n"


def test_nothing_is_imported_before_yes(pictured: Path, tmp_path: Path) -> None:
    """An import shows what would change and what is lost, and writes with yes alone; a second one changes nothing."""
    (tmp_path / "export.csv").write_text(CSV, encoding="utf-8")
    before = pictured.read_text(encoding="utf-8")
    told = tillbot("import", "shopify", "export.csv")
    assert told.exit_code == 1
    assert 'product cap: added, name "New cap", price 9.00 EUR' in told.output
    assert "nothing of it is left that could be sold" in told.output
    assert "Nothing was written. Say --yes" in told.output
    assert pictured.read_text(encoding="utf-8") == before
    assert tillbot("import", "shopify", "export.csv", "--yes").exit_code == 0
    after = pictured.read_text(encoding="utf-8")
    assert after == before.rstrip("\n") + '\n\n[product.cap]\nname = "New cap"\nprice = "9.00"\nsku = "C-1"\n'
    again = tillbot("import", "shopify", "export.csv")
    assert again.exit_code == 0
    assert "1 products, 0 differences" in again.output
    assert not [path for path in pictured.parent.iterdir() if path.name.startswith(".shop")]


def test_an_import_into_a_file_beside_the_config(pictured: Path, tmp_path: Path) -> None:
    """With --into what is new is listed in a CSV that the config names; what rows cannot say stands in the config."""
    formula = "=Cap,formula,8.00,C-2\n"
    (tmp_path / "export.csv").write_text(CSV + formula, encoding="utf-8")
    before = pictured.read_text(encoding="utf-8")
    told = tillbot("import", "shopify", "export.csv", "--into", "products.csv")
    assert "1 of them go into products.csv." in told.output
    assert pictured.read_text(encoding="utf-8") == before
    beside = pictured.parent / "products.csv"
    assert not beside.exists()
    assert tillbot("import", "shopify", "export.csv", "--into", "products.csv", "--yes").exit_code == 0
    assert beside.read_text(encoding="utf-8").splitlines()[1].startswith("cap,,New cap,")
    after = pictured.read_text(encoding="utf-8")
    assert 'files = ["products.csv"]' in after
    assert "[product.formula]" in after
    assert "[product.cap]" not in after
    again = tillbot("import", "shopify", "export.csv")
    assert (again.exit_code, "2 products, 0 differences" in again.output) == (0, True)
    assert not [path for path in pictured.parent.iterdir() if path.name.startswith(".")]
    (tmp_path / "export.csv").write_text(CSV.replace("9.00", "9.50") + "Second,second,1.00,\n", encoding="utf-8")
    other = tillbot("import", "shopify", "export.csv", "--into", "products.csv", "--yes")
    assert other.exit_code == 1
    assert "products.csv is there already: name a new file" in other.output
    changed = tillbot("import", "shopify", "export.csv")
    assert "a catalogue file lists it, and says something else: change it there" in changed.output


def test_an_import_into_a_file_beside_a_link(pictured: Path, tmp_path: Path) -> None:
    """Where the config is a link, the CSV stands beside that, where it is looked for; what the link leads to is edited."""
    (tmp_path / "export.csv").write_text(CSV, encoding="utf-8")
    away = tmp_path / "away"
    away.mkdir()
    pictured.rename(away / "shop.toml")
    pictured.symlink_to(away / "shop.toml")
    told = tillbot("import", "shopify", "export.csv", "--into", "products.csv", "--yes")
    assert told.exit_code == 0, told.output
    assert pictured.is_symlink()
    assert 'files = ["products.csv"]' in (away / "shop.toml").read_text(encoding="utf-8")
    assert [path.name for path in away.iterdir()] == ["shop.toml"]
    assert (pictured.parent / "products.csv").exists()
    assert tillbot("check").exit_code == 0


def test_more_products_than_anybody_edits_are_asked_into_a_file(pictured: Path, tmp_path: Path) -> None:
    """A thousand tables and one are not put into shop.toml; the message says what to say."""
    rows = "".join(f"Cap {n},cap-{n},9.00,C-{n}\n" for n in range(1001))
    (tmp_path / "export.csv").write_text("Title,URL handle,Price,SKU\n" + rows, encoding="utf-8")
    before = pictured.read_text(encoding="utf-8")
    told = tillbot("import", "shopify", "export.csv", "--yes")
    assert told.exit_code == 1
    assert "Say --into products.csv" in told.output
    assert pictured.read_text(encoding="utf-8") == before
    assert tillbot("import", "shopify", "export.csv", "--into", "products.csv", "--yes").exit_code == 0
    assert tillbot("check").exit_code == 0


def test_an_import_in_another_currency_writes_nothing(pictured: Path, tmp_path: Path) -> None:
    """Prices that are said to be in dollars are never written into a shop that sells in euros."""
    (tmp_path / "export.csv").write_text(CSV, encoding="utf-8")
    before = pictured.read_text(encoding="utf-8")
    told = tillbot("import", "shopify", "export.csv", "--currency", "usd", "--yes", "--json")
    lines = [json.loads(line) for line in told.output.splitlines()]
    assert lines[-1]["changes"] == []
    assert any("it is priced in USD, and the shop sells in EUR" in line.get("says", "") for line in lines)
    assert pictured.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("import", "pinterest", "x.csv"), "There is no channel 'pinterest' to import from. There are: google, meta"),
        (("import", "google", "nothing.xml"), "nothing.xml cannot be read: No such file"),
        (("import", "google", "bad.xml"), "It cannot be read: line 2: is no XML"),
        (("import", "google", "http://127.0.0.1:9/feed.xml"), "127.0.0.1 is no public address"),
    ],
)
def test_what_cannot_be_imported_is_said(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    """An unknown channel, a missing file, a broken one and a private address each end with one clear sentence."""
    (tmp_path / "bad.xml").write_text("<rss>\n<item></rss>", encoding="utf-8")
    told = tillbot(*words)
    assert told.exit_code == 1
    assert why in told.output


async def test_a_running_shop_gives_feeds(tmp_path: Path) -> None:
    """Each channel's feed is served by the shop that runs, to everybody, without what is sent after payment."""
    async with World.at(await WebDoor.open(), tmp_path) as world, ClientSession() as http:
        for name in (
            "google",
            "google.tsv",
            "meta",
            "pinterest",
            "shopify",
            "bigcommerce",
            "demandware",
            "schemaorg",
            "acp",
            "amazon",
        ):
            async with http.get(f"{world.app.address}/feeds/{name}") as response:
                assert response.status == 200, name
                assert len(await response.read()) > 30
        async with http.get(f"{world.app.address}/feeds/fancy") as response:
            assert response.status == 404
