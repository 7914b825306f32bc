"""The final statement as a page that prints well."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from adapters.papers.evidence import TEMPLATES, iso
from bot.closing import FinalStatement, Line
from bot.words import Tongue

#: How each section is headed.
_TITLES: Final = {
    "purchases": "statement.purchases",
    "gifts": "statement.gifts",
    "refunds": "statement.refunds",
    "disputes": "statement.disputes",
    "subscriptions": "statement.subscriptions",
    "notices": "statement.notices",
    "liabilities": "statement.liabilities",
    "kept": "statement.kept",
    "clicks": "statement.clicks",
    "deletions": "statement.deletions",
}


def statement_page(statement: FinalStatement, tongue: Tongue, *, shop: str) -> str:
    """Write the statement as one self-contained page of HTML: no script, no picture, nothing that is fetched."""
    sections = [
        (tongue.word(_TITLES[section]), list(_rows(lines, tongue)))
        for section, lines in groupby(statement.lines, key=lambda line: line.section)
    ]
    return TEMPLATES.get_template("statement.html").render(
        title=tongue.word("statement.title", shop=shop),
        made=tongue.word("statement.made", at=statement.at),
        at=iso(statement.at),
        sections=sections,
        word=tongue.word,
        locale=tongue.locale,
        direction=tongue.language.direction(tongue.locale),
    )


def _rows(lines: Iterable[Line], tongue: Tongue) -> Iterable[tuple[str, str, str]]:
    for line in lines:
        amount = tongue.money(line.amount) if line.amount is not None else ""
        yield _what(line, tongue), tongue.language.number(line.count, tongue.locale), amount


def _what(line: Line, tongue: Tongue) -> str:
    """Say what a line counts; kinds of notices are named as the program names them, places as the operator does."""
    match line.section:
        case "notices" | "clicks" | "deletions":
            return line.what
        case "liabilities":
            return tongue.word(f"statement.owed_{line.what}")
        case _:
            return ", ".join(tongue.word(f"statement.is_{word}") for word in line.what.split())
