"""Bad edits of the sample shop, made by rule: each knows the line it broke and a word of the key that must be named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from config.sample import SAMPLE, retirement_lines

_PAIR = re.compile(r"(?P<key>[A-Za-z_.-]+) = (?P<value>\".*?\"|\[.*?\]|[^#]*?)(?P<rest>\s*(?:#.*)?)$")
_HEADER = re.compile(r"(?P<open>\[+)(?P<name>[^\]]+)(?P<close>\]+)$")


@dataclass(frozen=True)
class Edit:
    """One bad edit: what it is, the new text, and where the mistake stands."""

    what: str
    text: str
    line: int
    key: str


def sample() -> list[str]:
    """Give the lines of the sample shop, with its retirement uncommented."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    found = retirement_lines(SAMPLE)
    assert found is not None
    for number in range(found[0] - 1, found[1]):
        lines[number] = re.sub(r"^# ?", "", lines[number])
    return lines


def edits() -> Iterator[Edit]:
    """Give every bad edit of every line."""
    lines = sample()
    for number, line in enumerate(lines, 1):
        if pair := _PAIR.match(line):
            for change in PAIR_CHANGES:
                for new in change(pair):
                    yield _edit(change.__name__, lines, number, new, pair["key"].split(".")[-1])
            yield _edit(
                "repeated", [*lines[:number], line, *lines[number:]], number + 1, line, pair["key"].split(".")[-1]
            )
            for extra, key in EXTRAS:
                yield _edit("extra", [*lines[:number], extra, *lines[number:]], number + 1, extra, key)
        elif header := _HEADER.match(line):
            for change in HEADER_CHANGES:
                for new in change(header):
                    yield _edit(change.__name__, lines, number, new, "")


def _edit(what: str, lines: list[str], number: int, new: str, key: str) -> Edit:
    text = "\n".join([*lines[: number - 1], new, *lines[number:]]) + "\n"
    return Edit(f"{what} {number}: {new}", text, number, key)


def _with(pair: re.Match[str], value: str) -> str:
    return f"{pair['key']} = {value}{pair['rest']}"


def misspelled(pair: re.Match[str]) -> Iterator[str]:
    """Put a letter too many in the key."""
    if "." not in pair["key"]:
        yield f"{pair['key']}x = {pair['value']}"


def unclosed(pair: re.Match[str]) -> Iterator[str]:
    """Leave out the closing quote or bracket."""
    if pair["value"][-1] in '"]':
        yield f"{pair['key']} = {pair['value'][:-1]}"


def unquoted(pair: re.Match[str]) -> Iterator[str]:
    """Leave out the quotes around a text."""
    if pair["value"].startswith('"'):
        yield _with(pair, pair["value"].strip('"'))


def quoted(pair: re.Match[str]) -> Iterator[str]:
    """Put quotes around what is no text."""
    if re.fullmatch(r"\d+|true|false|[\d:T-]+", pair["value"]):
        yield _with(pair, f'"{pair["value"]}"')


def no_equals(pair: re.Match[str]) -> Iterator[str]:
    """Write a colon instead of the equals sign."""
    yield f"{pair['key']}: {pair['value']}"


def no_value(pair: re.Match[str]) -> Iterator[str]:
    """Write nothing after the equals sign."""
    yield f"{pair['key']} ="


def of_another_type(pair: re.Match[str]) -> Iterator[str]:
    """Write a number, a flag, a list, a table or a date in the place of something else."""
    for value in ("12", "1.5", "true", "[]", '["x"]', "{}", "{ x = 1 }", "2017-02-01", "07:30:00"):
        list_for_list = value.startswith("[") and pair["value"].startswith("[")
        number_for_number = value in {"12", "1.5"} and pair["value"].isdigit()
        flag_for_flag = value == "true" and pair["value"] in {"true", "false"}
        if not (list_for_list or number_for_number or flag_for_flag):
            yield _with(pair, value)


def empty(pair: re.Match[str]) -> Iterator[str]:
    """Write an empty text where one is needed."""
    if pair["value"].startswith('"') and pair["key"] != "prefix":
        yield _with(pair, '""')
        yield _with(pair, '"   "')


def no_amount(pair: re.Match[str]) -> Iterator[str]:
    """Write amounts that are none, or could be two."""
    if pair["key"] in {"price", "goal", "minimum"}:
        for value in (
            '"12,5"',
            '"12,50"',
            '"1.234"',
            '"-1.00"',
            '"1e3"',
            '"twelve"',
            '"12.50 USD"',
            '"99999999.00"',
            "12.50",
        ):
            yield _with(pair, value)


def no_count(pair: re.Match[str]) -> Iterator[str]:
    """Write counts that are none."""
    if pair["value"].isdigit() and pair["key"] != "percent":
        for value in ("-1", "1.5", "99999999999", "nan", "0x", "1 000"):
            yield _with(pair, value)


def no_code(pair: re.Match[str]) -> Iterator[str]:
    """Write codes, zones, addresses and languages that are none."""
    for value in _CODES.get(pair["key"], ()):
        yield _with(pair, value)


_CODES = {
    "currency": ('"eur"', '"EUX"', '"€"'),
    "zone": ('"Paris"', '"Europe/Pari"', '"+01:00"'),
    "default_locale": ('"klingon"', '"tlh"'),
    "homepage": ('"harbour.example"', '"ftp://harbour.example"', '"https://"'),
    "terms": ('"http://harbour.example/terms"', '"javascript:alert(1)"'),
    "url": ('"www.facebook.com"', '"https:///shop"', '"https://a b"'),
    "countries": ('["fr"]', '["France"]', "[]", '["FR", 3]'),
    "presets": ("[10]", '["10", "ten"]', '["0"]'),
    "fulfil": ('"post"', '"Ship"'),
    "key_env": ('"stripe key"', '"DISCORD_TOKEN"'),
    "stripe_key_env": ('"$KEY"', '"SLACK_BOT_TOKEN"'),
    "closes": (
        "2017-01-19T09:00:00",
        "2017-01-01T00:00:00",
        "2017-03-12T02:30:00",
        "2017-11-05T01:30:00",
        "2017-02-30",
    ),
    "announced": ("2017-02-01", "2017-03-12T02:30:00", '"2017-01-19T09:00:00"'),
    "percent": ("100", "-1", '"10"', "0"),
    "port": ("65536",),
    "hold_minutes": ("29", "1441"),
    "grace_days": ("0", "61"),
    "condition": ('"mint"', '"New"'),
    "gtin": ('"4006381333932"', '"12"', '"400638133393X"'),
    "weight": ("-1", "1.5", "10000001"),
    "compare_at": ('"0.01"', '"12,5"'),
    "every": ('"week"', '"Month"', '"monthly"'),
    "per_person": ("0", "1.5", '"1"'),
    "declines_person": ("1", "0", '"5"'),
    "declines_shop": ("1", "-30"),
    "declines_minutes": ("0", "1441"),
}


def secret(pair: re.Match[str]) -> Iterator[str]:
    """Put a secret in a value."""
    for value in (
        "sk_live_abcdefgh",
        "rk_live_abcdefgh",
        "whsec_abcdefgh",
        "xoxb-1-abcdefgh",
        "postgres://till:abcdefgh@db/till",
    ):
        yield _with(pair, f'"{value}"')


def header_misspelled(header: re.Match[str]) -> Iterator[str]:
    """Put a letter too many in the name of a table."""
    first, *rest = header["name"].split(".")
    yield f"{header['open']}{'.'.join([first + 'x', *rest])}{header['close']}"


def header_unclosed(header: re.Match[str]) -> Iterator[str]:
    """Leave out the closing bracket of a table's name."""
    yield f"{header['open']}{header['name']}{header['close'][:-1]}"


PAIR_CHANGES: tuple[Callable[[re.Match[str]], Iterator[str]], ...] = (
    misspelled,
    unclosed,
    unquoted,
    quoted,
    no_equals,
    no_value,
    of_another_type,
    empty,
    no_amount,
    no_count,
    no_code,
    secret,
)
HEADER_CHANGES: tuple[Callable[[re.Match[str]], Iterator[str]], ...] = (header_misspelled, header_unclosed)
EXTRAS = (
    ('api_base = "https://evil.example"', "api_base"),
    ('stripe_api_base = "https://evil.example"', "stripe_api_base"),
    ('api_key = "hidden"', "api_key"),
    ('colour = "blue"', "colour"),
    ("just some words", ""),
    ("\ufeffname = 1", ""),
)
