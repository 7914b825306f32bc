"""The final statement as files: CSV for a spreadsheet, a line a figure, and JSON in minor units."""

from __future__ import annotations

import csv
import io
import json
from typing import Final

from bot.closing.statement import FinalStatement
from bot.statement_files import defused

#: The columns of the CSV, in their order.
COLUMNS: Final = ("section", "what", "count", "amount", "currency")


def to_csv(statement: FinalStatement) -> str:
    """Write the lines as CSV (RFC 4180): CRLF, amounts in major units with a point. No text in it is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in statement.lines:
        amount = (line.amount.plain(), line.amount.currency) if line.amount is not None else ("", "")
        writer.writerow((line.section, defused(line.what), line.count, *amount))
    return out.getvalue()


def to_json(statement: FinalStatement) -> str:
    """Write the statement as one JSON object; amounts are whole minor units of their currency."""
    body = {
        "at": statement.at.isoformat(),
        "lines": [
            {
                "section": line.section,
                "what": line.what,
                "count": line.count,
                "amount": line.amount.minor if line.amount is not None else None,
                "currency": line.amount.currency if line.amount is not None else None,
            }
            for line in statement.lines
        ],
    }
    return json.dumps(body, ensure_ascii=False)
