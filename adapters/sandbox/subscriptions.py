"""Subscriptions: begun by a session, renewed in time or on demand, cancelled (https://docs.stripe.com/api/subscriptions)."""

from dataclasses import dataclass

from adapters.sandbox import dunning, invoices
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.cards import Decline, Method, look_up
from adapters.sandbox.coupons import discount_on
from adapters.sandbox.errors import Refusal, no_such
from adapters.sandbox.items import ITEMS, replaced
from adapters.sandbox.payments import Payer, Purpose, Tender, intend
from adapters.sandbox.periods import after
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Boolean, Choice, Hash, Kind, Metadata, Text
from adapters.sandbox.standing import change, end

_DETAILS = Hash(
    {
        "comment": Text(),
        "feedback": Choice(
            (
                "customer_service",
                "low_quality",
                "missing_features",
                "other",
                "switched_service",
                "too_complex",
                "too_expensive",
                "unused",
            )
        ),
    }
)
UPDATE = Hash(
    {
        "cancel_at_period_end": Boolean(),
        "cancellation_details": _DETAILS,
        "description": Text(500),
        "items": ITEMS,
        "metadata": Metadata(),
        "proration_behavior": Choice(("always_invoice", "create_prorations", "none")),
    }
)
CANCEL = Hash({"cancellation_details": _DETAILS, "invoice_now": Boolean(), "prorate": Boolean()})
LIST: dict[str, Kind] = {
    "customer": Text(),
    "status": Choice(
        (
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        )
    ),
}


@dataclass(frozen=True)
class Terms:
    """What a subscription is for, what it is paid with, and what is taken off; `lines` are a session's line items."""

    lines: list[Body]
    number: str
    coupon: Body | None


def begin(books: Books, customer: Body, terms: Terms, data: Body) -> Body:
    """Create the subscription of a session that was paid."""
    lines = terms.lines
    rhythm = next(line["price"]["recurring"] for line in lines if line["price"]["recurring"])
    name = new_id("sub")
    items = [line for line in lines if line["price"]["recurring"]]
    end = after(books.at, rhythm["interval"], rhythm["interval_count"])
    hidden = {"lines": items, "number": terms.number, "rhythm": rhythm, "steps": 1, "coupon": terms.coupon}
    subscription = books.add(
        "subscription",
        name,
        hidden,
        application=None,
        application_fee_percent=None,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
        billing_cycle_anchor=books.at,
        billing_cycle_anchor_config=None,
        billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        billing_schedules=[],
        billing_thresholds=None,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        cancellation_details={"comment": None, "feedback": None, "reason": None},
        collection_method="charge_automatically",
        currency=items[0]["currency"],
        customer=customer["id"],
        customer_account=None,
        days_until_due=None,
        default_payment_method=None,
        default_source=None,
        default_tax_rates=[],
        description=data.get("description"),
        discounts=[],
        ended_at=None,
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        items={
            "object": "list",
            "data": [_item(books, line, name, end) for line in items],
            "has_more": False,
            "total_count": len(items),
            "url": f"/v1/subscription_items?subscription={name}",
        },
        latest_invoice=None,
        metadata={key: value for key, value in data.get("metadata", {}).items() if value},
        next_pending_invoice_item_invoice=None,
        on_behalf_of=None,
        pause_collection=None,
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        pending_invoice_item_interval=None,
        pending_setup_intent=None,
        pending_update=None,
        schedule=None,
        start_date=books.at,
        status="active",
        test_clock=None,
        transfer_data=None,
        trial_end=None,
        trial_settings={"end_behavior": {"missing_payment_method": "create_invoice"}},
        trial_start=None,
    )
    books.emit("customer.subscription.created", subscription)
    books.storage.set_timer(books.account, "renew", name, end)
    return subscription


def bill(
    books: Books, subscription: Body, lines: list[Body], payer: Payer, *, reason: str, decline: Decline | None
) -> tuple[Body, Body | None]:
    """Make an invoice for the current period and charge it; gives it, and its PaymentIntent if anything was due."""
    hidden = books.row("subscription", subscription["id"]).hidden
    coupon = hidden["coupon"]
    discount = discount_on(coupon, sum(line["amount_subtotal"] for line in lines)) if coupon else 0
    start = subscription["items"]["data"][0]["current_period_start"]
    invoice = invoices.create(books, subscription, lines, discount=discount, reason=reason, start=start)
    books.save(books.get("subscription", subscription["id"]) | {"latest_invoice": invoice["id"]})
    if invoice["status"] == "draft":
        return invoice, None
    if invoice["amount_due"] == 0:
        return invoices.paid(books, invoice["id"]), None
    method = look_up(hidden["number"]) or Method("card", "unknown")
    purpose = Purpose(
        invoice["amount_due"],
        invoice["currency"],
        subscription["customer"],
        "Subscription creation" if reason == "subscription_create" else "Subscription update",
        hidden={"invoice": invoice["id"], "subscription": subscription["id"]},
    )
    payment = intend(books, purpose)
    invoices.link(books, invoice, payment["id"])
    payment = dunning.collect(books, invoice, Tender(hidden["number"], method, payer), decline)
    return books.get("invoice", invoice["id"]), payment


def renew(books: Books, name: str, *, decline: Decline | None = None) -> Body:
    """Bring a subscription to its next period now: charge it, or end it if that was asked for."""
    row = books.row("subscription", name, "subscription")
    if row.body["status"] == "canceled":
        raise Refusal(f"Subscription {name} has ended and is not renewed.")
    books.storage.clear_timers("renew", name)
    if row.body["cancel_at_period_end"]:
        return end(books, row.body)
    steps = row.hidden["steps"] + 1
    rhythm, coupon = row.hidden["rhythm"], row.hidden["coupon"]
    if coupon and (coupon["duration"] == "once" or _over(coupon, row.body, rhythm, steps)):
        coupon = None
    ends = after(row.body["billing_cycle_anchor"], rhythm["interval"], rhythm["interval_count"] * steps)
    items = row.body["items"]
    data = [
        item | {"current_period_start": item["current_period_end"], "current_period_end": ends}
        for item in items["data"]
    ]
    books.save(row.body, row.hidden | {"steps": steps, "coupon": coupon})
    subscription = change(books, row.body, {"items": items | {"data": data}})
    books.storage.set_timer(books.account, "renew", name, ends)
    method = look_up(row.hidden["number"])
    bill(
        books,
        subscription,
        row.hidden["lines"],
        dunning.payer(books, subscription),
        reason="subscription_cycle",
        decline=decline or (method.renewal if method else None),
    )
    return books.get("subscription", name)


def update(books: Books, name: str, params: Body) -> Body:
    """Change a subscription: its items, that it ends with its period (or not after all), its description, its metadata."""
    subscription = books.get("subscription", name, "subscription")
    if subscription["status"] == "canceled" and params.keys() - {"cancellation_details", "metadata"}:
        raise Refusal("A canceled subscription can only update its cancellation_details and metadata.")
    to: Body = {}
    if "items" in params:
        to["items"] = replaced(books, subscription, params)
    if "metadata" in params:
        merged = subscription["metadata"] | params["metadata"]
        to["metadata"] = {key: value for key, value in merged.items() if value} if params["metadata"] else {}
    if "description" in params:
        to["description"] = params["description"]
    if "cancellation_details" in params:
        to["cancellation_details"] = subscription["cancellation_details"] | params["cancellation_details"]
    if "cancel_at_period_end" in params:
        ending = params["cancel_at_period_end"]
        details: Body = (subscription | to)["cancellation_details"]
        to |= {
            "cancel_at_period_end": ending,
            "cancel_at": subscription["items"]["data"][0]["current_period_end"] if ending else None,
            "canceled_at": books.at if ending else None,
            "cancellation_details": details | {"reason": "cancellation_requested" if ending else None},
        }
    return change(books, subscription, to)


def cancel(books: Books, name: str, params: Body) -> Body:
    """End a subscription at once; one that has ended is no longer found."""
    subscription = books.get("subscription", name, "subscription")
    if subscription["status"] == "canceled":
        raise no_such("subscription", name, "id")
    details = params.get("cancellation_details", {}) | {"reason": "cancellation_requested"}
    return end(books, subscription | {"cancellation_details": subscription["cancellation_details"] | details})


def _over(coupon: Body, subscription: Body, rhythm: Body, steps: int) -> bool:
    """Tell whether a repeating coupon's months have passed when the next period begins."""
    if coupon["duration"] != "repeating":
        return False
    anchor = subscription["billing_cycle_anchor"]
    begins = after(anchor, rhythm["interval"], rhythm["interval_count"] * (steps - 1))
    return begins >= after(anchor, "month", coupon["duration_in_months"])


def _item(books: Books, line: Body, subscription: str, end: int) -> Body:
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": books.at,
        "current_period_end": end,
        "current_period_start": books.at,
        "discounts": [],
        "metadata": {},
        "price": line["price"],
        "quantity": line["quantity"],
        "subscription": subscription,
        "tax_rates": [],
    }
