"""Orders for eyes and for programs: a table on a terminal, aligned plain text that is never cut elsewhere, JSON on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from unicodedata import category
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from bot.dossier import Dossier
from bot.money import Money
from bot.orders import Order
from bot.ports import Dispute, Told
from bot.refunds import RefundEntry

#: What a program reads of an amount is in minor units of the order's currency.
Body = Mapping[str, object]

_COLUMNS: Final = ("Number", "When", "Kind", "State", "Amount", "Refunded", "Disputed", "Person")
_AMOUNTS: Final = frozenset({"Amount", "Refunded"})


def show(orders: Sequence[Order], zone: ZoneInfo, console: Console) -> None:
    """Print a list of orders."""
    rows = [_row(order, zone) for order in orders]
    if console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in _COLUMNS:
            table.add_column(name, justify="right" if name in _AMOUNTS else "left", overflow="fold", no_wrap=False)
        for row in rows:
            table.add_row(*row)
        console.print(table, markup=False)
        return
    for line in _aligned([_COLUMNS, *rows]):
        console.print(line, soft_wrap=True, markup=False)


def show_one(dossier: Dossier, zone: ZoneInfo, console: Console, *, address: bool) -> None:
    """Print all that is kept of an order; where it goes only if that was asked for."""
    for line in _about(dossier, zone, address=address):
        console.print(_harmless(line), soft_wrap=True, markup=False)


def body(order: Order) -> Body:
    """Give an order as a program reads it in a list."""
    return {
        "number": order.id,
        "created": _iso(order.created),
        "kind": order.kind,
        "state": str(order.state),
        "origin": order.origin,
        "currency": order.total.currency,
        "amount": _amount(order).minor,
        "refunded": order.refunded.minor if order.refunded else 0,
        "disputed": order.disputed,
        "taken_back": order.disputed_away.minor if order.disputed_away else 0,
        "person": order.buyer.key,
        "account": order.account or "shop",
        "livemode": order.livemode,
    }


def whole_body(dossier: Dossier, *, address: bool) -> Body:
    """Give all that is kept of an order as a program reads it."""
    order = dossier.order
    return {
        **body(order),
        "paid_at": _iso(order.paid_at),
        "lines": [
            {
                "variant": line.variant,
                "label": line.label,
                "quantity": line.quantity,
                "price": line.price.minor,
                "fulfil": line.fulfil,
            }
            for line in order.lines
        ],
        "cause": order.donation.cause if order.donation else None,
        "monthly": order.monthly,
        "discount": order.discount.minor if order.discount else 0,
        "code": order.code or None,
        "receipt": order.receipt or None,
        "payment_intent": order.payment_intent or None,
        "subscription": order.subscription or None,
        "tracking": order.tracking or None,
        "problem": order.problem or None,
        **({"ship_to": order.ship_to or None} if address else {}),
        "history": [
            {
                "at": _iso(move.at),
                "from": str(move.source) if move.source else None,
                "to": str(move.target),
                "why": move.why,
            }
            for move in dossier.moves
        ],
        "refunds": [refund_body(entry) for entry in dossier.returns.refunds],
        "disputes": [
            {
                "id": dispute.id,
                "status": dispute.status,
                "reason": dispute.reason,
                "currency": dispute.amount.currency,
                "amount": dispute.amount.minor,
                "due": _iso(dispute.due),
            }
            for dispute in dossier.returns.disputes
        ],
        "told": [
            {"kind": told.news.kind, "at": _iso(told.news.at), "told_at": _iso(told.at), "how": told.how or None}
            for told in dossier.told
        ],
    }


def refund_body(entry: RefundEntry) -> Body:
    """Give a refund as a program reads it."""
    return {
        "id": entry.id,
        "order": entry.order,
        "stage": str(entry.stage),
        "currency": entry.amount.currency,
        "amount": entry.amount.minor,
        "reason": entry.reason or None,
        "asked_by": entry.asked_by,
        "asked_at": _iso(entry.asked_at),
        "decided_by": entry.decided_by or None,
        "decided_at": _iso(entry.decided_at),
        "why": entry.why or None,
    }


def _amount(order: Order) -> Money:
    """Tell what was paid, or is asked."""
    return order.paid or order.total


def _row(order: Order, zone: ZoneInfo) -> tuple[str, ...]:
    disputed = "open" if order.disputed else "lost" if order.disputed_away else ""
    return (
        order.id,
        _local(order.created, zone),
        order.kind,
        str(order.state),
        str(_amount(order)),
        str(order.refunded) if order.refunded else "",
        disputed,
        order.buyer.key,
    )


def _about(dossier: Dossier, zone: ZoneInfo, *, address: bool) -> Iterator[str]:
    order = dossier.order
    yield f"{order.id}: {order.kind}, {order.state}, {_amount(order)}, by {order.buyer.key}"
    for line in order.lines:
        yield f"  {line.quantity} × {line.label}, {line.amount}, delivery: {line.fulfil}"
    if order.donation:
        yield f"  gift to {order.donation.cause}, {order.donation.rhythm}, {order.donation.net}"
    if order.discount:
        yield f"  discount {order.discount} ({order.code})"
    for name, value in (
        ("receipt", order.receipt),
        ("payment", order.payment_intent),
        ("subscription", order.subscription),
        ("tracking", order.tracking),
        ("problem", order.problem),
        ("began with", dossier.begun.order.id if dossier.begun else ""),
    ):
        if value:
            yield f"  {name}: {value}"
    if address and order.ship_to:
        yield "  ships to: " + ", ".join(filter(None, order.ship_to.splitlines()))
    yield from _section("History", [f"{_local(m.at, zone)}  {m.target}  {m.why}" for m in dossier.moves])
    yield from _section("Refunds", [_refund(entry, zone) for entry in dossier.returns.refunds])
    yield from _section("Disputes", [_dispute(dispute, zone) for dispute in dossier.returns.disputes])
    yield from _section("Told", [_told(told, zone) for told in dossier.told])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _refund(entry: RefundEntry, zone: ZoneInfo) -> str:
    parts = [_local(entry.asked_at, zone), entry.id, str(entry.stage), str(entry.amount), f"by {entry.asked_by}"]
    return "  ".join(parts) + (f"  ({entry.reason})" if entry.reason else "") + (f"  {entry.why}" if entry.why else "")


def _dispute(dispute: Dispute, zone: ZoneInfo) -> str:
    due = f"  evidence until {_local(dispute.due, zone)}" if dispute.due and dispute.status == "open" else ""
    return f"{dispute.id}  {dispute.status}  {dispute.amount}  {dispute.reason}{due}"


def _told(told: Told, zone: ZoneInfo) -> str:
    when = f"{_local(told.at, zone)}  {told.how}" if told.at else "not told yet"
    return f"{told.news.kind}  {when}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Pad columns to the widest entry of each."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if name in _AMOUNTS else cell.ljust(width)
            for cell, width, name in zip(row, widths, _COLUMNS, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _harmless(line: str) -> str:
    """Show what is no character as one: a terminal obeys some of them, and addresses and notes are what people typed."""
    commands = (category(each).startswith("C") for each in line)
    return "".join("\N{REPLACEMENT CHARACTER}" if obeyed else each for each, obeyed in zip(line, commands, strict=True))


def _local(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant in the shop's civil time, with its offset, as ISO 8601 has it."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
