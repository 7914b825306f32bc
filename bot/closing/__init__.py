"""What an operator counts before, while and after something is retired: data in, data out; nothing here changes a thing."""

from __future__ import annotations

from bot.closing.figures import Figure, figure
from bot.closing.gathering import gather, gather_statement
from bot.closing.liabilities import OWED, Found, Liability, concerns, liabilities
from bot.closing.preview import CouponLeft, Part, Preview, preview, spoken
from bot.closing.readiness import Readiness, readiness
from bot.closing.statement import FinalStatement, Line, state

__all__ = [
    "OWED",
    "CouponLeft",
    "Figure",
    "FinalStatement",
    "Found",
    "Liability",
    "Line",
    "Part",
    "Preview",
    "Readiness",
    "concerns",
    "figure",
    "gather",
    "gather_statement",
    "liabilities",
    "preview",
    "readiness",
    "spoken",
    "state",
]
