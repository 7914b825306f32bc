"""The evidence pack as files: one page that needs nothing else, a text with Stripe's fields, and who may read them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from html.parser import HTMLParser
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest

from adapters.papers import pack, page
from bot.evidence import Evidence, Row, Section
from bot.words import Tongue
from config.words import Words

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
FOUND = Evidence(
    number="T7K3M9QX",
    title="Evidence for order T7K3M9QX",
    made="Made 2 March 2026.",
    sections=(Section("Delivery", (Row("2 March", "<script>alert(1)</script>\nsecond line", NOON), Row("To", "Zoé"))),),
    fields={"customer_name": "Zoé Example", "uncategorized_text": "one\ntwo"},
)


@pytest.fixture
def tongue() -> Tongue:
    return Tongue(Words.load(), "en", ZoneInfo("Europe/Paris"))


class Fetched(HTMLParser):
    """Notes every element, and every address that a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]


def test_the_page_needs_nothing_else(tongue: Tongue) -> None:
    """It fetches nothing and runs nothing, and what people wrote stays text."""
    written = page(FOUND, tongue)
    fetched = Fetched()
    fetched.feed(written)
    assert fetched.addresses == []
    assert not {"script", "link", "img", "iframe"} & set(fetched.elements)
    assert "url(" not in written
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written


def test_instants_are_exact_on_the_page(tongue: Tongue) -> None:
    """Beside the civil time stands the instant to the second, in UTC."""
    assert '<time datetime="2026-03-02T12:00:30Z">2026-03-02T12:00:30Z</time>' in page(FOUND, tongue)


def test_both_files_are_in_one_zip(tongue: Tongue) -> None:
    """The ZIP holds the page and the text, in a folder of the order, each for its owner's eyes."""
    with ZipFile(io.BytesIO(pack(FOUND, tongue, now=NOON))) as packed:
        assert packed.namelist() == [
            "evidence-T7K3M9QX/evidence.html",
            "evidence-T7K3M9QX/stripe-fields.txt",
        ]
        assert {entry.external_attr >> 16 for entry in packed.infolist()} == {0o600}
        text = packed.read("evidence-T7K3M9QX/stripe-fields.txt").decode()
        assert packed.testzip() is None
    assert "[customer_name]\nZoé Example\n\n[uncategorized_text]\none\ntwo\n" in text
