"""Checkout Sessions: created, expired, listed (https://docs.stripe.com/api/checkout/sessions)."""

from typing import Any

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.errors import Refusal, exclusive, missing
from adapters.sandbox.pricing import Basket, check_total, fill
from adapters.sandbox.rows import Body

SHORTEST = 30 * 60
LONGEST = 24 * 60 * 60

# Parameters that only one mode takes.
_ONLY_IN = {
    "payment_intent_data": ("payment",),
    "invoice_creation": ("payment",),
    "customer_creation": ("payment",),
    "shipping_options": ("payment",),
    "subscription_data": ("subscription",),
}


def create(books: Books, params: Body) -> Body:
    """Create a session, open until it is paid, expired by request, or its time is over."""
    mode = _checked_mode(params)
    _check_combinations(params, mode)
    expires_at = _expiry(books, params)
    customer = params.get("customer")
    if customer is not None:
        books.row("customer", customer, "customer", status=400)
    basket = fill(books, params)
    _check_recurring(basket, mode)
    check_total(basket.total, basket.currency)
    name = "cs_test_" + new_id("", 58)[1:]
    session = books.add(
        "checkout.session",
        name,
        {"payment_intent_data": params.get("payment_intent_data", {}), "items": basket.items, "page": {}}
        | {"subscription_data": params.get("subscription_data", {})},
        **_echoed(params),
        **_sums(basket),
        **_UNUSED,
        cancel_url=params.get("cancel_url"),
        customer=customer,
        expires_at=expires_at,
        metadata={key: value for key, value in params.get("metadata", {}).items() if value},
        mode=mode,
        payment_method_types=params.get("payment_method_types") or _usual_methods(basket.currency),
        payment_status="unpaid",
        status="open",
        success_url=params["success_url"],
        url=f"{books.base}/c/pay/{name}",
    )
    books.later("expire", name, expires_at - books.now)
    return session


def expire(books: Books, name: str) -> Body:
    """Expire an open session at its owner's wish."""
    session = books.get("checkout.session", name, "session")
    if session["status"] != "open":
        raise Refusal(
            'Only Checkout Sessions with a status in ["open"] can be expired.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
    return close(books, session)


def expire_in_time(books: Books, name: str) -> None:
    """End a session whose time is over, if it is still open."""
    session = books.get("checkout.session", name)
    if session["status"] == "open":
        close(books, session)


def close(books: Books, session: Body) -> Body:
    """Let a session end unpaid; a payment that was begun on its page is cancelled with it."""
    session = session | {"status": "expired", "url": None}
    books.save(session)
    books.storage.clear_timers("expire", session["id"])
    if session["payment_intent"]:
        payment = books.get("payment_intent", session["payment_intent"]) | {
            "status": "canceled",
            "canceled_at": books.at,
            "cancellation_reason": "automatic",
        }
        books.save(payment)
        books.emit("payment_intent.canceled", payment)
    books.emit("checkout.session.expired", session)
    return session


def line_items(books: Books, name: str) -> list[Body]:
    """Give what a session sells."""
    items: list[Body] = books.row("checkout.session", name, "session").hidden["items"]
    return items


def _checked_mode(params: Body) -> str:
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] == "setup":
        raise Refusal("This sandbox has no setup mode: use payment or subscription.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Refusal("This sandbox has only hosted pages: ui_mode must be hosted_page.", param="ui_mode")
    if "success_url" not in params:
        raise missing("success_url")
    return str(params["mode"])


def _check_combinations(params: Body, mode: str) -> None:
    for name, modes in _ONLY_IN.items():
        if name in params and mode not in modes:
            raise Refusal(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    for one, other in (("customer", "customer_email"), ("customer", "customer_creation")):
        if one in params and other in params:
            raise exclusive(one, other)
    if "discounts" in params and "allow_promotion_codes" in params:
        raise exclusive("allow_promotion_codes", "discounts")
    agreed = params.get("consent_collection", {}).get("terms_of_service") == "required"
    if "terms_of_service_acceptance" in params.get("custom_text", {}) and not agreed:
        raise Refusal(
            "`custom_text.terms_of_service_acceptance` needs `consent_collection.terms_of_service` to be `required`.",
            param="custom_text[terms_of_service_acceptance]",
        )
    if "shipping_address" in params.get("custom_text", {}) and "shipping_address_collection" not in params:
        raise Refusal(
            "`custom_text.shipping_address` needs `shipping_address_collection`.", param="custom_text[shipping_address]"
        )


def _expiry(books: Books, params: Body) -> int:
    expires_at = int(params.get("expires_at", books.at + LONGEST))
    if expires_at < books.at + SHORTEST:
        raise Refusal(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.", param="expires_at"
        )
    if expires_at > books.at + LONGEST:
        raise Refusal(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.", param="expires_at"
        )
    return expires_at


def _check_recurring(basket: Basket, mode: str) -> None:
    rhythms = [item["price"]["recurring"] for item in basket.items if item["price"]["recurring"]]
    if mode == "payment" and rhythms:
        raise Refusal(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode"
            " or use only one-time prices."
        )
    if mode == "subscription" and not rhythms:
        raise Refusal("You must provide at least one recurring price in `subscription` mode when using prices.")
    if any(rhythm != rhythms[0] for rhythm in rhythms):
        raise Refusal("All recurring prices of a Checkout Session must have the same interval.", param="line_items")


def _usual_methods(currency: str) -> list[str]:
    return ["card", *(["sepa_debit"] if currency == "eur" else ["us_bank_account"] if currency == "usd" else [])]


def _echoed(params: Body) -> dict[str, Any]:
    """Give the fields that say again what was asked for."""
    texts = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    consent = params.get("consent_collection")
    tax = params.get("automatic_tax", {}).get("enabled", False)
    invoice = params.get("invoice_creation", {}).get("enabled", False)
    return {
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "automatic_tax": {
            "enabled": tax,
            "liability": {"type": "self"} if tax else None,
            "provider": "stripe" if tax else None,
            "status": "requires_location_inputs" if tax else None,
        },
        "billing_address_collection": params.get("billing_address_collection"),
        "client_reference_id": params.get("client_reference_id"),
        "consent_collection": consent
        and {
            "payment_method_reuse_agreement": None,
            "promotions": "none",
            "terms_of_service": consent.get("terms_of_service", "none"),
        },
        "custom_text": {name: params.get("custom_text", {}).get(name) for name in texts},
        "customer_creation": None
        if params["mode"] != "payment" or "customer" in params
        else params.get("customer_creation", "if_required"),
        "customer_email": params.get("customer_email"),
        "invoice_creation": {"enabled": invoice, "invoice_data": _INVOICE_DATA}
        if params["mode"] == "payment"
        else None,
        "locale": params.get("locale"),
        "payment_method_collection": "always" if params["mode"] == "subscription" else "if_required",
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "shipping_address_collection": params.get("shipping_address_collection"),
        "submit_type": params.get("submit_type"),
    }


def _sums(basket: Basket) -> dict[str, Any]:
    return {
        "amount_subtotal": basket.subtotal,
        "amount_total": basket.total,
        "currency": basket.currency,
        "discounts": [{"coupon": basket.coupon["id"], "promotion_code": None}] if basket.coupon else [],
        "shipping_cost": shipping_cost(basket.rates[0]) if basket.rates else None,
        "shipping_options": [
            {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]} for rate in basket.rates
        ],
        "total_details": {"amount_discount": basket.discount, "amount_shipping": basket.shipping, "amount_tax": 0},
    }


def shipping_cost(rate: Body) -> Body:
    """Give the shipping cost that a rate makes."""
    amount = rate["fixed_amount"]["amount"]
    return {"amount_subtotal": amount, "amount_tax": 0, "amount_total": amount, "shipping_rate": rate["id"]}


_INVOICE_DATA: Body = {
    "account_tax_ids": None,
    "custom_fields": None,
    "description": None,
    "footer": None,
    "issuer": None,
    "metadata": {},
    "rendering_options": None,
}

# Fields of a session that nothing here ever fills, and those that completing it fills.
_UNUSED: Body = {
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "branding_settings": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "currency_conversion": None,
    "custom_fields": [],
    "customer_account": None,
    "customer_details": None,
    "integration_identifier": None,
    "invoice": None,
    "origin_context": None,
    "payment_intent": None,
    "payment_link": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "permissions": None,
    "presentment_details": None,
    "recovered_from": None,
    "redirect_on_completion": None,
    "return_url": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "subscription": None,
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
