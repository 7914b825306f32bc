"""The parameters of Checkout Sessions that the sandbox takes, after https://docs.stripe.com/api/checkout/sessions/create.

Stripe has more of them. One that the sandbox could not honour is refused as unknown rather than quietly dropped.
"""

from adapters.sandbox.regions import COUNTRIES, LOCALES
from adapters.sandbox.schema import (
    Array,
    Boolean,
    Choice,
    Currency,
    Email,
    Hash,
    Integer,
    Kind,
    Metadata,
    Range,
    Text,
    Url,
)

TAX_BEHAVIOUR = Choice(("exclusive", "inclusive", "unspecified"))
PAYMENT_METHOD_TYPES = ("card", "sepa_debit", "us_bank_account")

PRODUCT_DATA = Hash(
    {
        "name": Text(),
        "description": Text(40000),
        "images": Array(Url(2048), 8),
        "metadata": Metadata(),
        "tax_code": Text(),
        "unit_label": Text(12),
    },
    required=("name",),
)

PRICE_DATA = Hash(
    {
        "currency": Currency(),
        "product": Text(),
        "product_data": PRODUCT_DATA,
        "recurring": Hash(
            {"interval": Choice(("day", "month", "week", "year")), "interval_count": Integer(1)},
            required=("interval",),
        ),
        "tax_behavior": TAX_BEHAVIOUR,
        "unit_amount": Integer(),
    },
    required=("currency",),
)

_LINE_ITEM = Hash({"price": Text(), "price_data": PRICE_DATA, "quantity": Integer(1, 999_999), "metadata": Metadata()})

_ESTIMATE = Hash(
    {"unit": Choice(("business_day", "day", "hour", "month", "week")), "value": Integer(1)}, required=("unit", "value")
)

_SHIPPING_RATE_DATA = Hash(
    {
        "display_name": Text(100),
        "type": Choice(("fixed_amount",)),
        "fixed_amount": Hash({"amount": Integer(), "currency": Currency()}, required=("amount", "currency")),
        "delivery_estimate": Hash({"minimum": _ESTIMATE, "maximum": _ESTIMATE}),
        "metadata": Metadata(),
        "tax_behavior": TAX_BEHAVIOUR,
        "tax_code": Text(),
    },
    required=("display_name",),
)

_MESSAGE = Hash({"message": Text(1200)}, required=("message",))

CREATE = Hash(
    {
        "mode": Choice(("payment", "setup", "subscription")),
        "ui_mode": Choice(("elements", "embedded_page", "form", "hosted_page")),
        "success_url": Url(),
        "cancel_url": Url(),
        "line_items": Array(_LINE_ITEM, 100),
        "currency": Currency(),
        "client_reference_id": Text(200),
        "customer": Text(),
        "customer_email": Email(),
        "customer_creation": Choice(("always", "if_required")),
        "metadata": Metadata(),
        "expires_at": Integer(),
        "locale": Choice(LOCALES),
        "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
        "payment_method_types": Array(Choice(PAYMENT_METHOD_TYPES)),
        "billing_address_collection": Choice(("auto", "required")),
        "phone_number_collection": Hash({"enabled": Boolean()}, required=("enabled",)),
        "shipping_address_collection": Hash(
            {"allowed_countries": Array(Choice(COUNTRIES), 300)}, required=("allowed_countries",)
        ),
        "shipping_options": Array(Hash({"shipping_rate": Text(), "shipping_rate_data": _SHIPPING_RATE_DATA}), 5),
        "discounts": Array(Hash({"coupon": Text()}), 1),
        "allow_promotion_codes": Boolean(),
        "automatic_tax": Hash({"enabled": Boolean()}, required=("enabled",)),
        "consent_collection": Hash({"terms_of_service": Choice(("none", "required"))}),
        "custom_text": Hash(
            dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"), _MESSAGE)
        ),
        "invoice_creation": Hash({"enabled": Boolean()}, required=("enabled",)),
        "payment_intent_data": Hash(
            {
                "description": Text(1000),
                "metadata": Metadata(),
                "receipt_email": Email(),
                "statement_descriptor": Text(22),
                "statement_descriptor_suffix": Text(22),
            }
        ),
        "subscription_data": Hash({"description": Text(500), "metadata": Metadata()}),
    }
)

LIST: dict[str, Kind] = {
    "created": Range(),
    "customer": Text(),
    "customer_details": Hash({"email": Email()}, required=("email",)),
    "payment_intent": Text(),
    "payment_link": Text(),
    "status": Choice(("complete", "expired", "open")),
    "subscription": Text(),
}
