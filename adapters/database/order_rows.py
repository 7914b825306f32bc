"""An order as a row of its table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.errors import MixedCurrencies
from bot.money import Money
from bot.orders import Buyer, Donation, Line, Order, State
from bot.shipping import Shipping


def row_of(order: Order) -> dict[str, Any]:
    """Write an order as columns. Raises MixedCurrencies: a row has one currency."""
    currency = order.total.currency
    return {
        "id": order.id,
        "kind": order.kind,
        "state": order.state.value,
        "origin": order.origin,
        "created": order.created,
        "expires": order.expires,
        "asked_by": order.asked_by,
        "person": order.buyer.key,
        "platform": order.buyer.platform,
        "user_id": order.buyer.user,
        "workspace": order.buyer.workspace,
        "locale": order.buyer.locale,
        "reply": order.buyer.reply,
        "address": order.buyer.address or None,
        "currency": currency,
        "total": (order.total - order.postage).minor,
        "discount": minor(order.discount, currency),
        "code": order.code,
        "shipping": _shipping_json(order.shipping, currency),
        "lines": [_line_json(line, currency) for line in order.lines],
        "donation": donation_json(order.donation, currency),
        "terms": order.terms,
        "account": order.account,
        "livemode": order.livemode,
        "attempt": order.attempt,
        "session": order.session or None,
        "session_url": order.session_url,
        "payment_intent": order.payment_intent or None,
        "subscription": order.subscription or None,
        "paid": minor(order.paid, currency),
        "paid_at": order.paid_at,
        "refunded": minor(order.refunded, currency),
        "disputed": order.disputed,
        "disputed_away": minor(order.disputed_away, currency),
        "ending": order.ending,
        "late_payment": order.late_payment,
        "receipt": order.receipt,
        "tracking": order.tracking,
        "problem": order.problem,
        "ship_to": order.ship_to,
        "every": order.every,
    }


def order_of(row: Mapping[str, Any]) -> Order:
    """Read an order from its columns."""
    currency = row["currency"]
    shipping = _shipping(row["shipping"], currency)
    return Order(
        id=row["id"],
        kind=row["kind"],
        state=State(row["state"]),
        buyer=Buyer(
            platform=row["platform"],
            id=row["person"].removeprefix(f"{row['platform']}:"),
            user=row["user_id"],
            workspace=row["workspace"],
            locale=row["locale"],
            reply=row["reply"],
            address=row["address"] or "",
        ),
        total=Money(row["total"] + (shipping.price.minor if shipping else 0), currency),
        created=row["created"],
        asked_by=row["asked_by"],
        account=row["account"],
        livemode=row["livemode"],
        expires=row["expires"],
        origin=row["origin"],
        lines=tuple(_line(kept, currency) for kept in row["lines"]),
        discount=money(row["discount"], currency),
        code=row["code"],
        shipping=shipping,
        donation=donation_of(row["donation"], currency),
        attempt=row["attempt"],
        session=row["session"] or "",
        session_url=row["session_url"],
        payment_intent=row["payment_intent"] or "",
        subscription=row["subscription"] or "",
        paid=money(row["paid"], currency),
        refunded=money(row["refunded"], currency),
        disputed=row["disputed"],
        disputed_away=money(row["disputed_away"], currency),
        ending=row["ending"],
        late_payment=row["late_payment"],
        receipt=row["receipt"],
        tracking=row["tracking"],
        problem=row["problem"],
        terms=row["terms"],
        ship_to=row["ship_to"],
        paid_at=row["paid_at"],
        every=row["every"],
    )


def minor(amount: Money | None, currency: str) -> int | None:
    """Give the minor units of an amount that must be in `currency`, or raise MixedCurrencies."""
    if amount is None:
        return None
    if amount.currency != currency:
        raise MixedCurrencies(currency, amount.currency)
    return amount.minor


def money(kept: int | None, currency: str) -> Money | None:
    """Give the amount back."""
    return None if kept is None else Money(kept, currency)


def donation_json(donation: Donation | None, currency: str) -> dict[str, Any] | None:
    """Write what an order or a pledge remembers of a gift."""
    if donation is None:
        return None
    return {**asdict(donation), "net": minor(donation.net, currency)}


def donation_of(kept: Mapping[str, Any] | None, currency: str) -> Donation | None:
    """Read it back; what an older row does not say yet has its default."""
    return None if kept is None else Donation(**{**kept, "net": Money(kept["net"], currency)})


def _line_json(line: Line, currency: str) -> dict[str, Any]:
    return {**asdict(line), "price": minor(line.price, currency)}


def _line(kept: Mapping[str, Any], currency: str) -> Line:
    return Line(**{**kept, "price": Money(kept["price"], currency)})


def _shipping_json(shipping: Shipping | None, currency: str) -> dict[str, Any] | None:
    return None if shipping is None else {**asdict(shipping), "price": minor(shipping.price, currency)}


def _shipping(kept: Mapping[str, Any] | None, currency: str) -> Shipping | None:
    if kept is None:
        return None
    return Shipping(**{**kept, "price": Money(kept["price"], currency), "countries": tuple(kept["countries"])})
