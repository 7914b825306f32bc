"""What is asked of Stripe: a Checkout becomes the parameters of a checkout session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.stripe.limits import to_stripe
from bot.errors import PaymentsRefused
from bot.money import Money
from bot.ports import Checkout

#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-custom_text-submit-message
LONGEST_TERMS: Final = 1200
#: https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-shipping_options
MOST_RATES: Final = 5
#: The languages of the hosted page. https://docs.stripe.com/api/checkout/sessions/create#create_checkout_session-locale
_LANGUAGES: Final = (
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk"
    " sl sv th tr vi zh zh-HK zh-TW"
)
_LOCALES: Final = {tag.lower(): tag for tag in _LANGUAGES.split()}


def session_params(checkout: Checkout, *, coupon: str = "") -> Any:
    """Give the parameters of `POST /v1/checkout/sessions`; the same checkout gives the same ones, whenever it is asked.

    https://docs.stripe.com/api/checkout/sessions/create
    """
    metadata = {"order": checkout.order}
    params: dict[str, Any] = {
        "mode": "subscription" if checkout.monthly else "payment",
        "client_reference_id": checkout.order,
        "metadata": metadata,
        "success_url": checkout.success_url,
        "cancel_url": checkout.cancel_url,
        "expires_at": int(checkout.expires.timestamp()),
        "locale": locale(checkout.locale),
        "line_items": _lines(checkout),
    }
    if checkout.monthly:
        params["subscription_data"] = {"metadata": metadata}
    else:
        params["payment_intent_data"] = {"metadata": metadata}
        params["submit_type"] = "donate" if checkout.kind == "donate" else "pay"
    if coupon:
        params["discounts"] = [{"coupon": coupon}]
    if checkout.ship_to:
        params["shipping_address_collection"] = {"allowed_countries": list(checkout.ship_to)}
        params["phone_number_collection"] = {"enabled": True}
        params["shipping_options"] = _rates(checkout)
    if checkout.automatic_tax:
        params["automatic_tax"] = {"enabled": True}
    if checkout.terms:
        params["custom_text"] = {"submit": {"message": checkout.terms[:LONGEST_TERMS]}}
    return params


def coupon_params(checkout: Checkout) -> Any:
    """Give the parameters of a coupon that holds for this one session.

    https://docs.stripe.com/api/coupons/create
    """
    if checkout.discount is None:
        raise ValueError("no discount")
    return {
        "amount_off": to_stripe(checkout.discount),
        "currency": checkout.discount.currency.lower(),
        "duration": "once",
        "max_redemptions": 1,
        "metadata": {"order": checkout.order},
    }


def change_params(subscription: Mapping[str, Any], amount: Money) -> Any:
    """Give the parameters of `POST /v1/subscriptions/{id}` that let it cost `amount` from its next invoice on.

    They depend on nothing that they change, so that the same key may be used again. Raises PaymentsRefused where it is
    no subscription of one thing in that currency. https://docs.stripe.com/api/subscriptions/update
    """
    if subscription["status"] in {"canceled", "incomplete_expired"}:
        raise PaymentsRefused("subscription_ended", "", "status")
    if subscription["currency"] != amount.currency.lower():
        raise PaymentsRefused("other_currency", "", "currency")
    items = subscription["items"]["data"]
    if len(items) != 1 or items[0]["quantity"] != 1:
        raise PaymentsRefused("subscription_of_many", "", "items")
    (item,) = items
    recurring = item["price"]["recurring"]
    product = item["price"]["product"]
    price_data = {
        "currency": subscription["currency"],
        "product": product if isinstance(product, str) else product["id"],
        "recurring": {"interval": recurring["interval"], "interval_count": recurring["interval_count"]},
        "unit_amount": to_stripe(amount),
    }
    return {"items": [{"id": item["id"], "price_data": price_data}], "proration_behavior": "none"}


def locale(tag: str) -> str:
    """Give the hosted page's locale nearest to ours, or Stripe's own choice by the browser."""
    wanted = tag.replace("_", "-").lower()
    return _LOCALES.get(wanted) or _LOCALES.get(wanted.partition("-")[0]) or "auto"


def _lines(checkout: Checkout) -> list[dict[str, Any]]:
    monthly = {"recurring": {"interval": "month"}} if checkout.monthly else {}
    return [
        {
            "quantity": line.quantity,
            "price_data": {
                "currency": line.price.currency.lower(),
                "unit_amount": to_stripe(line.price),
                "product_data": {"name": line.label},
                **monthly,
            },
        }
        for line in checkout.lines
    ]


def _rates(checkout: Checkout) -> list[dict[str, Any]]:
    return [
        {
            "shipping_rate_data": {
                "type": "fixed_amount",
                "display_name": choice.label,
                "fixed_amount": {"amount": to_stripe(choice.price), "currency": choice.price.currency.lower()},
            }
        }
        for choice in checkout.shipping[:MOST_RATES]
    ]
