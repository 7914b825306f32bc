"""Orders as files that outlive the shop: CSV for a spreadsheet, a line an order, and JSON with all that is kept of each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.money import Money
from bot.orders import Move, Order, Pledge
from bot.ports import News
from bot.refunds import RefundEntry
from bot.statement_files import defused

#: The columns of the CSV, in their order. "ship_to" stands there only where it was asked for.
COLUMNS: Final = (
    "number",
    "created",
    "kind",
    "origin",
    "state",
    "person",
    "account",
    "what",
    "currency",
    "amount",
    "discount",
    "code",
    "paid",
    "paid_at",
    "refunded",
    "taken_back",
    "cause",
    "dedication",
    "receipt",
    "tracking",
    "livemode",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One order with its history and what went back of it."""

    order: Order
    moves: Sequence[Move] = ()
    refunds: Sequence[RefundEntry] = ()


@dataclass(frozen=True, slots=True)
class History:
    """All that is kept of one person."""

    at: datetime
    shop: str
    person: str
    orders: Sequence[Kept] = ()
    pledges: Sequence[Pledge] = ()
    news: Sequence[News] = ()


def to_csv(orders: Sequence[Order], *, address: bool = False, heading: bool = True) -> str:
    """Write orders as CSV (RFC 4180): CRLF, amounts in major units with a point. No text in it is a formula.

    Without the `heading` it goes on where another part ended.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if heading:
        writer.writerow((*COLUMNS, *(["ship_to"] if address else [])))
    for order in orders:
        more = (defused(order.ship_to),) if address else ()
        writer.writerow((*_row(order), *more))
    return out.getvalue()


def order_body(kept: Kept, *, address: bool) -> Mapping[str, object]:
    """Give all that is kept of an order as a program reads it: ISO instants, minor units of its currency."""
    order = kept.order
    gift = order.donation
    return {
        "number": order.id,
        "created": order.created.isoformat(),
        "kind": order.kind,
        "origin": order.origin,
        "state": str(order.state),
        "person": order.buyer.key,
        "locale": order.buyer.locale,
        "account": order.account or "shop",
        "livemode": order.livemode,
        "currency": order.total.currency,
        "amount": order.total.minor,
        "discount": _minor(order.discount),
        "code": order.code or None,
        "lines": [
            {"variant": line.variant, "label": line.label, "quantity": line.quantity, "price": line.price.minor}
            for line in order.lines
        ],
        "shipping": order.postage.minor,
        "gift": None
        if gift is None
        else {
            "cause": gift.cause,
            "recipient": gift.recipient,
            "amount": gift.net.minor,
            "rhythm": gift.rhythm,
            "dedication": gift.dedication,
            "anonymous": gift.anonymous,
            "cover_fees": gift.cover_fees,
        },
        "terms": order.terms,
        "paid": _minor(order.paid),
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "refunded": _minor(order.refunded),
        "taken_back": _minor(order.disputed_away),
        "receipt": order.receipt or None,
        "tracking": order.tracking or None,
        "problem": order.problem or None,
        **({"ship_to": order.ship_to or None} if address else {}),
        "history": [{"at": move.at.isoformat(), "to": str(move.target), "why": move.why} for move in kept.moves],
        "refunds": [
            {
                "number": entry.id,
                "at": entry.asked_at.isoformat(),
                "amount": entry.amount.minor,
                "stage": str(entry.stage),
                "reason": entry.reason,
            }
            for entry in kept.refunds
        ],
    }


def to_json(history: History) -> str:
    """Write all that is kept of a person as one JSON object, their address too: it is theirs."""
    body = {
        "shop": history.shop,
        "made": history.at.isoformat(),
        "person": history.person,
        "orders": [order_body(kept, address=True) for kept in history.orders],
        "monthly": [
            {
                "number": pledge.id,
                "kind": pledge.kind,
                "what": pledge.label or pledge.cause,
                "currency": pledge.amount.currency,
                "amount": pledge.amount.minor,
                "state": pledge.state,
                "until": pledge.until.isoformat() if pledge.until else None,
            }
            for pledge in history.pledges
        ],
        "told": [{"at": news.at.isoformat(), "kind": news.kind, "about": news.subject} for news in history.news],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _row(order: Order) -> Sequence[str]:
    gift = order.donation
    what = "; ".join(f"{line.quantity} × {line.label}" for line in order.lines)
    texts = (order.id, order.created.isoformat(), order.kind, order.origin, str(order.state), order.buyer.key)
    return (
        *map(defused, (*texts, order.account or "shop", what)),
        order.total.currency,
        order.total.plain(),
        _plain(order.discount),
        defused(order.code),
        _plain(order.paid),
        order.paid_at.isoformat() if order.paid_at else "",
        _plain(order.refunded),
        _plain(order.disputed_away),
        *map(defused, (gift.cause if gift else "", gift.dedication if gift else "", order.receipt, order.tracking)),
        "live" if order.livemode else "test",
    )


def _minor(amount: Money | None) -> int:
    return amount.minor if amount else 0


def _plain(amount: Money | None) -> str:
    return amount.plain() if amount else ""
