"""What Stripe's objects are read as, in the cases that the sandbox does not bring about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.stripe import shapes
from adapters.stripe.requests import change_params
from bot.errors import BadAmount, PaymentsRefused
from bot.money import Money
from bot.ports import Refund

PRICE = {"unit_amount": 1000, "product": "prod_1", "recurring": {"interval": "month", "interval_count": 1}}


def dispute(**more: Any) -> dict[str, Any]:
    return {
        "id": "du_1",
        "amount": 50_000,
        "currency": "isk",
        "evidence_details": {"due_by": 1_790_000_000},
        "livemode": True,
        "payment_intent": {"id": "pi_1", "object": "payment_intent"},
        "reason": "duplicate",
        "status": "needs_response",
    } | more


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("warning_needs_response", "open"),
        ("warning_under_review", "open"),
        ("warning_closed", "won"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("won", "won"),
        ("lost", "lost"),
        ("prevented", "won"),
        ("something_new", "open"),
    ],
)
def test_dispute(theirs: str, ours: str) -> None:
    """Every status of a dispute is one of ours, and one that is not known yet is open: no refund slips through."""
    read = shapes.dispute(dispute(status=theirs), "water")
    assert (read.status, read.amount, read.payment_intent) == (ours, Money(500, "ISK"), "pi_1")
    assert read.due == datetime.fromtimestamp(1_790_000_000, UTC)


def test_dispute_without() -> None:
    """A dispute of an old charge may have no payment intent, and one that takes no evidence no date."""
    read = shapes.dispute(dispute(payment_intent=None, evidence_details={"due_by": 0}), "")
    assert (read.payment_intent, read.due) == ("", None)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("succeeded", "done"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_refund(theirs: str, ours: str) -> None:
    """Every status of a refund is one of ours."""
    body = {"id": "re_1", "amount": 500, "currency": "jpy", "metadata": None, "status": theirs}
    assert shapes.refund(body) == Refund("re_1", "", Money(500, "JPY"), ours)  # type: ignore[arg-type]


def test_payment_tried_often() -> None:
    """Failed charges and a failed 3-D Secure are attempts that were declined; the word for the last is given."""
    charge = {"amount_refunded": 0, "status": "failed"}
    body = {
        "id": "pi_1",
        "amount_received": 0,
        "currency": "eur",
        "last_payment_error": {"code": "payment_intent_authentication_failure"},
        "livemode": False,
        "metadata": {},
        "status": "canceled",
    }
    read = shapes.payment(body, "", [charge, charge], [])
    assert (read.status, read.declines, read.declined) == ("unpaid", 3, "payment_intent_authentication_failure")


def subscription(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [
        {"id": f"si_{n}", "current_period_end": 1_790_000_000, "quantity": 1} | item for n, item in enumerate(items)
    ]
    return {
        "id": "sub_1",
        "currency": "eur",
        "items": {"data": listed},
        "livemode": False,
        "metadata": {"order": "T1"},
        "status": "active",
    } | more


def test_subscription_amount() -> None:
    """A subscription costs what its items do together; of one that is metered or in tiers that is not known."""
    two = subscription({"price": PRICE, "quantity": 3}, {"price": PRICE | {"unit_amount": 5}})
    assert shapes.subscription(two, "").amount == Money(3005, "EUR")
    assert shapes.subscription(subscription({"price": PRICE | {"unit_amount": None}}), "").amount is None
    assert shapes.subscription(subscription({"price": PRICE, "quantity": None}), "").amount is None


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("past_due", "troubled"),
        ("unpaid", "troubled"),
        ("incomplete", "troubled"),
        ("incomplete_expired", "ended"),
        ("trialing", "active"),
    ],
)
def test_subscription_status(theirs: str, ours: str) -> None:
    """Every status of a subscription is one of ours."""
    assert shapes.subscription(subscription({"price": PRICE}, status=theirs), "").status == ours


def test_change() -> None:
    """A change names the item and its product, keeps its rhythm, and prorates nothing."""
    yearly = PRICE | {"recurring": {"interval": "year", "interval_count": 2}, "product": {"id": "prod_9"}}
    assert change_params(subscription({"price": yearly}), Money(1500, "EUR")) == {
        "items": [
            {
                "id": "si_0",
                "price_data": {
                    "currency": "eur",
                    "product": "prod_9",
                    "recurring": {"interval": "year", "interval_count": 2},
                    "unit_amount": 1500,
                },
            }
        ],
        "proration_behavior": "none",
    }


@pytest.mark.parametrize(
    ("body", "amount", "code"),
    [
        (subscription({"price": PRICE}, status="canceled"), Money(1, "EUR"), "subscription_ended"),
        (subscription({"price": PRICE}), Money(1, "USD"), "other_currency"),
        (subscription({"price": PRICE}, {"price": PRICE}), Money(1, "EUR"), "subscription_of_many"),
        (subscription({"price": PRICE, "quantity": 2}), Money(1, "EUR"), "subscription_of_many"),
    ],
)
def test_no_change(body: dict[str, Any], amount: Money, code: str) -> None:
    """What cannot be changed is refused before Stripe is asked."""
    with pytest.raises(PaymentsRefused) as refused:
        change_params(body, amount)
    assert refused.value.code == code


def test_uneven_change() -> None:
    """An amount that Stripe cannot take is no amount."""
    with pytest.raises(BadAmount):
        change_params(subscription({"price": PRICE}, currency="kwd"), Money(5124, "KWD"))
