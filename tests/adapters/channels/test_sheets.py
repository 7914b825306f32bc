"""Sheets: formulas never run, encodings and delimiters are read right, and what is hostile is refused with its line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.channels import sheets
from adapters.channels.sheets import defused, plain, read, write
from bot.errors import UnreadableFile
from tests.adapters.channels.goods import stream


@given(st.text(max_size=20) | st.sampled_from(("=1", "'=1", "''+1", "-1", "@x", "\t=1", "＝1", "'", "")))
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    """What is written begins with no sign that a spreadsheet runs, and is read back as it was."""
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert plain(defused(text)) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("encoding", "latin"), [("utf-8", 0), ("utf-8-sig", 0), ("latin-1", 4)])
def test_sheets_are_read_as_people_save_them(delimiter: str, encoding: str, latin: int) -> None:
    """Commas, semicolons and tabs, with or without BOM, in UTF-8 or Latin-1, with lines in cells: the same rows."""
    text = '# a comment\r\nid{d} NAME \r\n1{d}"a\nb"\r\n2{d}thé'.replace("{d}", delimiter)
    sheet = read(stream(text.encode(encoding)), needs=("id", "name"))
    rows = [(row.line, row["id"], row["Name"]) for row in sheet.rows]
    assert rows == [(3, "1", "a\nb"), (5, "2", "thé")]
    assert bool(sheet.latin) == bool(latin)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (b"id,name\n1,2,3\n", 2, "3 cells"),
        (b'id,name\n1,"a\n', 2, "cannot be taken apart"),
        (b'id,name\n1,2\n1,"a"b\n', 3, "cannot be taken apart"),
        (b"id,id\n", 1, "two columns"),
        (b"sku\n", 1, 'no column "id"'),
        (b"", 1, 'no column "id"'),
        (b"id,name\n1,\x81\n", 2, "neither UTF-8 nor Windows-1252"),
        (b"id,name\n1,2\n\0\n", 3, "no text"),
        ("id\n1\n".encode("utf-16"), 1, "UTF-16"),
        (b"PK\x03\x04\0\0", 1, "no text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: bytes, line: int, why: str) -> None:
    """A broken sheet is refused with the line where it breaks, never read halfway in silence."""
    with pytest.raises(UnreadableFile, match=why) as caught:
        list(read(stream(text), needs=("id",)).rows)
    assert caught.value.line == line


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    """A file of two gigabytes, and a line of a megabyte, are refused before they are in memory."""
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    with large.open("rb") as file, pytest.raises(UnreadableFile, match="larger than 512 MB"):
        read(file, needs=("id",))
    with pytest.raises(UnreadableFile, match="longer than"):
        list(read(stream("id\n" + "x" * (sheets.LONGEST_LINE + 1)), needs=("id",)).rows)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a sheet with more rows than are read, the first too many is named."""
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    with pytest.raises(UnreadableFile, match="line 5: more than 3 rows"):
        list(read(stream("id\n1\n2\n3\n4\n"), needs=("id",)).rows)


def test_tabbed_cells_hold_no_tabs() -> None:
    """With tabs between cells, tabs and line breaks in them become spaces; what is long comes in pieces."""
    assert b"".join(write(("a", "b"), [{"a": "x\ty", "b": "=\n1"}], delimiter="\t")) == b"a\tb\nx y\t'= 1\n"
    pieces = list(write(("a",), ({"a": "x" * 1000} for _ in range(1000))))
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 100_000
    assert len(list(read(io.BytesIO(b"".join(pieces)), needs=("a",)).rows)) == 1000
