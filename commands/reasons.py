"""Why an order moved, as its history keeps it, in the reader's words."""

from __future__ import annotations

import re
from typing import Any, Final

from bot.chat import Scene
from bot.errors import BadAmount
from bot.money import Money, parse
from bot.words import Rich

#: What the history keeps, and the sentence that says it. What stands in none of them is shown as it was kept.
_PLAIN: Final = {
    "asked for in chat": "why.asked",
    "session open": "why.session_open",
    "session expired": "why.session_expired",
    "no session at Stripe": "why.no_session",
    "went to pay, terms shown": "why.went_to_pay",
    "terms accepted by paying": "why.terms_accepted",
    "paid": "why.paid",
    "paid, not settled": "why.not_settled",
    "payment failed": "why.payment_failed",
    "invoice paid": "why.invoice_paid",
    "delivered in chat": "why.delivered",
    "shipped": "why.shipped",
    "problem noted": "why.problem",
    "late payment, refunded": "why.late",
    "refunded in full": "why.refunded_in_full",
    "refund asked for": "why.refund_wanted",
    "personal data erased": "why.erased",
    "history deleted, as announced": "why.deleted",
}
_AMOUNT: Final = r"(?P<amount>[0-9.]+ [A-Z]{3})"
_FILLED: Final = (
    (re.compile(r"refused by Stripe: (?P<code>\S+)"), "why.refused"),
    (re.compile(rf"refunded {_AMOUNT} of (?P<paid>[0-9.]+ [A-Z]{{3}})"), "why.refunded"),
    (re.compile(rf"refund of {_AMOUNT} asked for"), "why.refund_asked"),
    (re.compile(rf"refund of {_AMOUNT} approved"), "why.refund_approved"),
    (re.compile(rf"refund of {_AMOUNT} declined"), "why.refund_declined"),
    (re.compile(rf"refund of {_AMOUNT} declined: (?P<reason>.+)"), "why.refund_declined_because"),
    (re.compile(rf"refund of {_AMOUNT} failed"), "why.refund_failed"),
    (re.compile(rf"refund of {_AMOUNT} refused: (?P<code>\S+)"), "why.refund_refused"),
    (re.compile(rf"dispute open: {_AMOUNT}, (?P<code>\S+)"), "why.dispute_open"),
    (re.compile(rf"dispute won: {_AMOUNT}, (?P<code>\S+)"), "why.dispute_won"),
    (re.compile(rf"dispute lost: {_AMOUNT}, (?P<code>\S+)"), "why.dispute_lost"),
)


def reason(scene: Scene, why: str) -> Rich:
    """Say why an order moved."""
    if why in _PLAIN:
        return scene.tongue.say(_PLAIN[why])
    for pattern, key in _FILLED:
        found = pattern.fullmatch(why)
        if found:
            values: dict[str, Any] = {name: _value(name, text) for name, text in found.groupdict().items()}
            return scene.tongue.say(key, **values)
    return (why,)


def _value(name: str, text: str) -> str | Money:
    if name in {"code", "reason"}:
        return text
    try:
        return parse(text, text[-3:])
    except BadAmount:  # as the history wrote it: "1.500 KWD" can be read in two ways by people
        return text
