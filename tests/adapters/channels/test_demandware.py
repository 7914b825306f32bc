"""Salesforce's site archive: each file passes Salesforce's own XSD, and what goes out comes in again."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from adapters.channels import demandware, demandware_back
from adapters.channels.packing import packed
from bot.catalogue import Catalogue, Image, tie
from bot.channels import Parcel
from bot.errors import UnreadableFile
from tests.adapters.channels.goods import SHOP, body, catalogues, fact, golden, reduced, same, sample, stream

NAME = "example-harbour-shop"
FILES = {
    f"{NAME}/catalogs/{NAME}/catalog.xml": "sfcc/catalog.xsd",
    f"{NAME}/pricebooks/{NAME}.xml": "sfcc/pricebook.xsd",
    f"{NAME}/inventory-lists/{NAME}.xml": "sfcc/inventory.xsd",
}


def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(path)))


def _zip(parcel: Parcel) -> io.BytesIO:
    return io.BytesIO(b"".join(packed(parcel, "demandware").write()))


@given(catalogues(("Colour", "Größe", "Size")))
@settings(max_examples=25, deadline=None)
def test_each_file_passes_salesforces_own_schema(catalogue: Catalogue) -> None:
    """Whatever is sold, the three files are valid by the XSDs; with an element out of order they are not."""
    parcel = demandware.out(catalogue, SHOP)
    assert [file.path for file in parcel.files] == list(FILES)
    for path, xsd in FILES.items():
        _schema(fact(xsd)).assertValid(etree.fromstring(body(parcel, path)))
    wrong = etree.fromstring(body(parcel, next(iter(FILES))))
    product = wrong.find("{*}product")
    assert product is not None
    product.append(product[0])
    assert not _schema(fact("sfcc/catalog.xsd")).validate(wrong)


def test_the_archive_looks_as_it_did() -> None:
    """The catalogue of the sample is the one that was looked at, and no secret is in it."""
    parcel = demandware.out(sample(), SHOP)
    for path in FILES:
        golden(f"demandware-{path.split('/')[1]}.xml", body(parcel, path))
        assert b"secret link" not in body(parcel, path)
    assert (parcel.products, parcel.ready) == (4, 3)


@given(catalogues(("Colour", "Größe", "Variants, all")))
@settings(max_examples=40, deadline=None)
def test_what_goes_out_comes_in_again(catalogue: Catalogue) -> None:
    """What goes out as a zip comes in the same: stock, both prices, pictures of variants; but for what is said to be lost."""
    arrived = demandware_back.back(_zip(demandware.out(catalogue, SHOP)), "EUR")
    same(arrived.catalogue, reduced(catalogue, demandware.LOSES))


def test_an_archive_is_the_same_on_each_day() -> None:
    """The same catalogue makes the same bytes, whenever it is asked for: feeds are told apart by them."""
    assert _zip(demandware.out(sample(), SHOP)).getvalue() == _zip(demandware.out(sample(), SHOP)).getvalue()


def test_pictures_on_another_server_are_said() -> None:
    """A catalogue has its pictures on one server; those elsewhere are counted, not dropped in silence."""
    (mug, *_) = sample().products
    text = body(demandware.out(Catalogue.of([mug]), SHOP), next(iter(FILES))).decode()
    assert "https://harbour.example/</https-url>" in text
    there = tie(replace(mug, images=(*mug.images, Image("https://other.example/x.jpg"))), lambda _: mug.variants)
    parcel = demandware.out(Catalogue.of([there]), SHOP)
    assert any(remark.field == "pictures" and "1 of its pictures" in remark.says for remark in parcel.remarks)


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than fits is refused while it unpacks, and so is a zip that is broken."""
    monkeypatch.setattr(demandware_back, "MOST_BYTES", 1 << 20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/catalogs/x/catalog.xml", b" " * (8 << 20))
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(UnreadableFile, match="unpacks to more than 1 MB"):
        demandware_back.back(bomb, "EUR")
    broken = _zip(demandware.out(sample(), SHOP)).getvalue()
    at = broken.index(b"catalog.xml") + 40
    with pytest.raises(UnreadableFile, match=r"no zip that can be unpacked|is no XML"):
        demandware_back.back(io.BytesIO(broken[:at] + bytes(64) + broken[at + 64 :]), "EUR")


def test_a_catalogue_without_prices_is_left_out_with_the_reason() -> None:
    """A catalogue alone has no prices: each product is left out, and that is said; an empty file is refused."""
    arrived = demandware_back.back(io.BytesIO(body(demandware.out(sample(), SHOP), next(iter(FILES)))), "EUR")
    assert arrived.catalogue.products == ()
    assert any("it has no price" in remark.says for remark in arrived.remarks)
    with pytest.raises(UnreadableFile, match="no product"):
        demandware_back.back(stream("<catalog/>"), "EUR")
