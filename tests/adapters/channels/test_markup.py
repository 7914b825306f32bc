"""XML from elsewhere: no entities, no document types, no depths, bounded records, each refusal with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels import markup
from adapters.channels.markup import element, records
from bot.errors import UnreadableFile
from tests.adapters.channels.goods import stream

BOMB = '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>\n<a><item>&c;</item></a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a><item>&x;</item></a>'


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (BOMB, 2, "document type"),
        (OUTSIDE, 1, "document type"),
        ("\n<!DOCTYPE a><a><item>1</item></a>", 2, "document type"),
        ("<a><item>&who;</item></a>", 1, "undefined entity"),
        ("<a>\n<item>\n</a>", 3, "mismatched tag"),
        ("<a>", 1, "no element found"),
        ("", 1, "no element found"),
        ("<a>" * 70, 1, "64 deep"),
    ],
)
def test_hostile_xml_is_refused(text: str, line: int, why: str) -> None:
    """Entities, document types, broken and bottomless XML are refused with their line."""
    with pytest.raises(UnreadableFile, match=why) as caught:
        list(records(stream(text), ("item",)))
    assert caught.value.line == line


def test_a_record_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that holds more than fits is refused, and what came before it was given."""
    monkeypatch.setattr(markup, "LARGEST", 1000)
    reading = records(stream("<a><item>1</item>" + " " * 70_000 + "<item>" + "x" * 2000 + "</item></a>"), ("item",))
    assert next(reading)[1].text == "1"
    with pytest.raises(UnreadableFile, match="more than 1000 characters"):
        next(reading)


@given(st.text(max_size=30))
def test_any_text_is_written_as_xml_and_read_again(text: str) -> None:
    """Whatever people type is data: it is read back as it was, but for characters that XML cannot hold."""
    ((_, item),) = records(stream(f"<a>{element('item', text, id=text)}</a>".encode("utf-8", "replace")), ("item",))
    kept = "".join(char if markup.text(char) != " " else " " for char in text)
    assert (item.text or "") == kept.replace("\ud800", "?")
