"""Statements as files: CSV for a spreadsheet, a line a balance transaction, and JSON in minor units."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Final

from bot.money import Money
from bot.statements import CLASSES, Entry, Month, Statement, Sum

#: The columns of the CSV, in their order.
COLUMNS: Final = (
    "account",
    "date",
    "time",
    "class",
    "kind",
    "order",
    "label",
    "gross",
    "fee",
    "net",
    "currency",
    "original_amount",
    "original_currency",
    "payout",
    "stripe_type",
    "payment_intent",
    "balance_transaction",
)
#: What a spreadsheet takes for the beginning of a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(statements: Sequence[Statement]) -> str:
    """Write the lines as CSV (RFC 4180): CRLF, quotes doubled, amounts in major units with a point.

    Texts that a spreadsheet would take for formulas get an apostrophe before them. The totals are left to the reader:
    a file with sums among its lines is added up wrongly.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for statement in statements:
        for entry in statement.entries:
            writer.writerow(_row(statement, entry))
    return out.getvalue()


def to_json(month: Month, statements: Sequence[Statement]) -> str:
    """Write statements as one JSON object; amounts are whole minor units of the statement's currency."""
    body = {
        "month": str(month),
        "zone": month.zone.key,
        "since": month.since.isoformat(),
        "until": month.until.isoformat(),
        "statements": [_statement(each) for each in statements],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def defused(text: str) -> str:
    """Keep a text from being a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _row(statement: Statement, entry: Entry) -> Sequence[str]:
    texts = (entry.type, entry.kind, entry.order, entry.label)
    original = entry.original
    return (
        defused(statement.account or "shop"),
        entry.at.date().isoformat(),
        entry.at.isoformat(),
        *map(defused, texts),
        entry.gross.plain(),
        entry.fee.plain(),
        entry.net.plain(),
        statement.currency,
        original.plain() if original else "",
        original.currency if original else "",
        *map(defused, (entry.payout, entry.word, entry.payment_intent, entry.transaction)),
    )


def _statement(statement: Statement) -> dict[str, object]:
    return {
        "account": statement.account or "shop",
        "currency": statement.currency,
        "cause": statement.cause or None,
        "opening": _minor(statement.opening),
        "closing": _minor(statement.closing),
        "sums": {name: _sum(statement.sums[name]) for name in CLASSES},
        "total": _sum(statement.total),
        "payouts": [
            {"id": each.id, "time": each.at.isoformat(), "amount": each.amount.minor} for each in statement.payouts
        ],
        "lines": [_line(entry) for entry in statement.entries],
    }


def _line(entry: Entry) -> dict[str, object]:
    original = entry.original
    return {
        "date": entry.at.date().isoformat(),
        "time": entry.at.isoformat(),
        "class": entry.type,
        "kind": entry.kind or None,
        "order": entry.order or None,
        "label": entry.label or None,
        "gross": entry.gross.minor,
        "fee": entry.fee.minor,
        "net": entry.net.minor,
        "original": {"amount": original.minor, "currency": original.currency} if original else None,
        "payout": entry.payout or None,
        "stripe_type": entry.word,
        "payment_intent": entry.payment_intent or None,
        "balance_transaction": entry.transaction,
    }


def _sum(each: Sum) -> dict[str, int]:
    return {"lines": each.lines, "gross": each.gross.minor, "fee": each.fee.minor, "net": each.net.minor}


def _minor(amount: Money | None) -> int | None:
    return None if amount is None else amount.minor
