"""The lines of keys in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lines import Path, Repeat, outline

TEXT = '''# a comment with [brackets] and "quotes"
title = "a # that is no comment" # one that is

[owner]
name."full name" = 'it''s'
"odd.key" = [
  1, # first
  [2, 3],
  """four
lines""", 5,
]
point = { x = 1, inner = { y = 2 } }

[[fruit]]
name = """
text with
[no.table]
no = "key"
"""
[fruit.colour]
red = true

[[fruit]]
name = 'plain'
[[fruit.kind]]
taste.sweet = 1.5
[[fruit.kind]]
taste.sweet = 2017-02-01 07:30:00
last = "x"
'''.replace("'it''s'", "'its'")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("owner",), 4),
        (("owner", "name"), 5),
        (("owner", "name", "full name"), 5),
        (("owner", "odd.key"), 6),
        (("owner", "odd.key", 0), 7),
        (("owner", "odd.key", 1, 1), 8),
        (("owner", "odd.key", 2), 9),
        (("owner", "odd.key", 3), 10),
        (("owner", "point", "x"), 12),
        (("owner", "point", "inner", "y"), 12),
        (("fruit",), 14),
        (("fruit", 0, "name"), 15),
        (("fruit", 0, "colour"), 20),
        (("fruit", 0, "colour", "red"), 21),
        (("fruit", 1), 23),
        (("fruit", 1, "kind", 0, "taste", "sweet"), 26),
        (("fruit", 1, "kind", 1, "taste", "sweet"), 28),
        (("fruit", 1, "kind", 1, "last"), 29),
        (("fruit", 1, "kind", 1, "missing"), 27),
        (("nowhere", "at", "all"), 1),
    ],
)
def test_every_kind_of_key_has_its_line(path: Path, line: int) -> None:
    """Tables, arrays of tables, dotted and quoted keys, inline tables, long texts and lists are each found in their line."""
    tomllib.loads(TEXT)
    assert outline(TEXT).line(path) == line


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    elif isinstance(value, int):
        yield path, value


_KEY = st.sampled_from(["a", "b", "c-1", '"d.e"', "'f]'", '"g\\u00e9"', "x . y", 'z."="'])


@st.composite
def _documents(draw: st.DrawFn) -> str:
    """Make a text in which every whole number is the number of its own line."""
    lines: list[str] = []

    def number() -> str:
        return str(len(lines) + 1)

    for _ in range(draw(st.integers(1, 14))):
        key = draw(_KEY)
        match draw(st.integers(0, 7)):
            case 0:
                lines.append(f"[t{draw(st.integers(0, 9))}.{key}] # [not.this]")
            case 1:
                lines.append(f"[[many.{draw(_KEY)}]]")
            case 2:
                lines.append(f"{key} = {{ in = {number()}, 'de ep'.er = {number()} }}")
            case 3:
                lines.append(f"{key} = [ # ]")
                lines.append(f'  {number()}, "]", {number()},')
                lines.append(f"  [{number()}, {{ k = {number()} }}]")
                lines.append("]")
            case 4:
                lines.append(f'{key} = """')
                lines.append('[no] = "table" \\"""')
                lines.append('"" """')
            case 5:
                lines.append(f"# {key} = 0")
            case 6:
                lines.append("")
            case _:
                lines.append(f"{key} = {number()} # = 3")
    return "\n".join(lines)


@settings(deadline=None, max_examples=200)
@given(_documents())
def test_lines_agree_with_tomllib(text: str) -> None:
    """In whatever tomllib can parse, every value is found in the line in which it stands."""
    where = outline(text)
    if where.repeats:  # the only mistake that these texts can make
        with pytest.raises(tomllib.TOMLDecodeError):
            tomllib.loads(text)
        return
    raw = tomllib.loads(text)
    for path, line in _leaves(raw):
        assert where.line(path) == line, (path, text)


@given(st.text(alphabet="[]{}\"'=.,#\\\n ab1", max_size=60))
def test_no_text_is_too_broken(text: str) -> None:
    """Whatever the text, the outline ends, and its lines are lines of the text."""
    where = outline(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in where.lines.values())


def test_a_list_that_never_ends_is_found_where_it_begins() -> None:
    """What is not closed is told at its opening, not where the parser gave up."""
    where = outline('a = 1\nb = [\n  "x",\n  "y"\n\n[c]\nd = 2\n')
    assert where.unclosed == (2, "list")


def test_repeats_know_both_lines() -> None:
    """A key written twice is found with both its lines."""
    assert outline("[a]\nb = 1\nc = 2\nb = 3\n").repeats == (Repeat(("a", "b"), 4, 2),)
    assert outline("[a]\nb = 1\n[c]\n[a]\n").repeats == (Repeat(("a",), 4, 1),)


def test_lists_nested_without_end_are_left() -> None:
    """A text made to exhaust the stack is left, not followed."""
    assert outline("a = " + "[" * 100_000).line(("a",)) == 1
