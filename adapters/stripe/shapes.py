"""What Stripe answers: its objects, as plain JSON, become what the ports speak of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from adapters.stripe.limits import from_stripe
from bot.money import Money
from bot.ports import Event, Invoice, Payment, Session, Subscription

Body = Mapping[str, Any]

#: The events that Tillbot has a use for. Stripe filters by at most 20: https://docs.stripe.com/api/events/list
TYPES: Final = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "invoice.paid",
    "customer.subscription.updated",
    "customer.subscription.deleted",
)


def session(body: Body, account: str, payment: Body | None) -> Session:
    """Read a checkout session; `payment` is its payment intent with `latest_charge`, where there is one.

    https://docs.stripe.com/api/checkout/sessions/object
    """
    currency = body["currency"]
    details = body.get("total_details") or {}
    return Session(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=body.get("client_reference_id") or "",
        status=body["status"],
        payment=_paid(body, payment),
        url=body.get("url") or "",
        total=from_stripe(body["amount_total"], currency),
        subtotal=from_stripe(body["amount_subtotal"], currency),
        discount=from_stripe(details.get("amount_discount") or 0, currency),
        shipping=from_stripe(details.get("amount_shipping") or 0, currency),
        tax=from_stripe(details.get("amount_tax") or 0, currency),
        expires=instant(body["expires_at"]),
        refunded=_refunded(payment, currency),
        payment_intent=payment["id"] if payment else "",
        subscription=named(body.get("subscription")),
        ship_to=_ship_to(body),
    )


def payment(body: Body, account: str) -> Payment:
    """Read a payment intent with `latest_charge`.

    https://docs.stripe.com/api/payment_intents/object
    """
    return Payment(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=(body.get("metadata") or {}).get("order", ""),
        received=from_stripe(body["amount_received"], body["currency"]),
        refunded=_refunded(body, body["currency"]),
    )


def invoice(body: Body, account: str) -> Invoice | None:
    """Read an invoice with `payments`; None where no subscription made it.

    https://docs.stripe.com/api/invoices/object
    """
    details = (body.get("parent") or {}).get("subscription_details") or {}
    if not details.get("subscription"):
        return None
    ends = [line["period"]["end"] for line in (body.get("lines") or {}).get("data", ())]
    return Invoice(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        subscription=named(details["subscription"]),
        order=(details.get("metadata") or {}).get("order", ""),
        first=body["billing_reason"] == "subscription_create",
        paid=body["status"] == "paid",
        total=from_stripe(body["total"], body["currency"]),
        payment_intent=paid_with(body),
        period_end=instant(max(ends)) if ends else None,
    )


def subscription(body: Body, account: str) -> Subscription:
    """Read a subscription.

    https://docs.stripe.com/api/subscriptions/object
    """
    ends = [item["current_period_end"] for item in body["items"]["data"]]
    return Subscription(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        order=(body.get("metadata") or {}).get("order", ""),
        status=_status(body),
        until=instant(max(ends)) if ends else None,
    )


def event(body: Body, account: str) -> Event:
    """Read an event, and of its object only the id. Raises ValueError, TypeError or KeyError where it is none.

    https://docs.stripe.com/api/events/object
    """
    texts = (body["id"], body["type"], body["data"]["object"].get("id", ""))
    if body["object"] != "event" or type(body["livemode"]) is not bool or not all(isinstance(t, str) for t in texts):
        raise ValueError("not an event")
    return Event(
        id=body["id"],
        account=account,
        livemode=body["livemode"],
        type=body["type"],
        object_id=texts[2],
        created=instant(body["created"]),
    )


def paid_with(body: Body) -> str:
    """Give the id of the payment intent that paid an invoice, or is to pay it; "" where there is none."""
    payments = (body.get("payments") or {}).get("data", ())
    intents = {entry.get("status"): named(entry["payment"].get("payment_intent")) for entry in payments}
    return intents.get("paid") or next(iter(intents.values()), "")


def named(reference: Any) -> str:
    """Give the id of a reference, expanded or not; "" for none."""
    if reference is None:
        return ""
    return str(reference["id"]) if isinstance(reference, Mapping) else str(reference)


def instant(seconds: int) -> datetime:
    """Read Stripe's seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def _paid(body: Body, payment: Body | None) -> Literal["none", "processing", "paid", "failed"]:
    if body["status"] != "complete":
        return "none"
    if body["payment_status"] in {"paid", "no_payment_required"}:
        return "paid"
    # A complete session whose payment intent wants another method is one whose delayed payment failed.
    failed = payment is not None and payment["status"] in {"requires_payment_method", "canceled"}
    return "failed" if failed else "processing"


def _refunded(payment: Body | None, currency: str) -> Money:
    charge = (payment or {}).get("latest_charge")
    return from_stripe(charge["amount_refunded"] if isinstance(charge, Mapping) else 0, currency)


def _ship_to(body: Body) -> str:
    shipping = (body.get("collected_information") or {}).get("shipping_details") or {}
    address = shipping.get("address") or {}
    town = " ".join(filter(None, (address.get("postal_code"), address.get("city"))))
    lines = (
        shipping.get("name"),
        address.get("line1"),
        address.get("line2"),
        town,
        address.get("state"),
        address.get("country"),
        (body.get("customer_details") or {}).get("phone") if shipping else None,
    )
    return "\n".join(line for line in lines if line)


def _status(body: Body) -> Literal["active", "stopping", "ended", "troubled"]:
    if body["status"] in {"canceled", "incomplete_expired"}:
        return "ended"
    if body.get("cancel_at_period_end") or body.get("cancel_at"):
        return "stopping"
    return "active" if body["status"] in {"active", "trialing"} else "troubled"
