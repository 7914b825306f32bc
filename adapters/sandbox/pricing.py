"""From line items, discounts and shipping options to prices, products and a session's totals."""

from dataclasses import dataclass, field
from typing import Any

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.coupons import discount_on, usable
from adapters.sandbox.currencies import MINIMUM, crooked, maximum, written
from adapters.sandbox.errors import Refusal, exclusive, missing
from adapters.sandbox.rows import Body


@dataclass
class Basket:
    """What a session sells: its line items (as the API shows them), coupon, shipping rates and sums in minor units."""

    currency: str
    items: list[Body] = field(default_factory=list)
    coupon: Body | None = None
    rates: list[Body] = field(default_factory=list)
    subtotal: int = 0
    discount: int = 0

    @property
    def shipping(self) -> int:
        """Give the cost of the first shipping option, which is the one chosen until the buyer chooses another."""
        return int(self.rates[0]["fixed_amount"]["amount"]) if self.rates else 0

    @property
    def total(self) -> int:
        """Give what would be charged as it stands."""
        return self.subtotal - self.discount + self.shipping


def fill(books: Books, params: dict[str, Any]) -> Basket:
    """Create the prices, products and shipping rates that a session's parameters describe, and add them up."""
    lines = params.get("line_items")
    if not lines:
        raise missing("line_items")
    items = [_line_item(books, line, f"line_items[{index}]") for index, line in enumerate(lines)]
    currency = str(items[0]["currency"])
    if any(item["currency"] != currency for item in items):
        raise Refusal("All line items must have the same currency.", param="line_items")
    if params.get("currency", currency) != currency:
        raise Refusal(f"The session's currency must be that of its line items, {currency}.", param="currency")
    basket = Basket(currency, items, subtotal=sum(item["amount_subtotal"] for item in items))
    for discount in params.get("discounts", []):
        if "coupon" not in discount:
            raise missing("discounts[0][coupon]")
        basket.coupon = usable(books, discount["coupon"], currency, "discounts[0][coupon]")
        basket.discount = discount_on(basket.coupon, basket.subtotal)
    _spread(basket)
    basket.rates = [
        _shipping_rate(books, option, currency, f"shipping_options[{index}]")
        for index, option in enumerate(params.get("shipping_options", []))
    ]
    return basket


def check_total(total: int, currency: str) -> None:
    """Refuse a total that Stripe would not charge; nothing at all is free of charge, and allowed."""
    least = MINIMUM.get(currency, 1)
    if 0 < total < least:
        raise Refusal(
            f"The Checkout Session's total amount due must add up to at least {written(least, currency)}",
            code="amount_too_small",
        )
    if total > maximum(currency):
        raise Refusal(
            f"The Checkout Session's total amount due must be no more than {written(maximum(currency), currency)}",
            code="amount_too_large",
        )
    wrong = crooked(total, currency)
    if wrong:
        raise Refusal(wrong, code="invalid_charge_amount")


def _line_item(books: Books, line: Body, param: str) -> Body:
    if "price" in line and "price_data" in line:
        raise exclusive(f"{param}[price]", f"{param}[price_data]")
    if "price" in line:
        price = books.row("price", line["price"], f"{param}[price]", status=400).body
    elif "price_data" in line:
        price = price_of(books, line["price_data"], f"{param}[price_data]")
    else:
        raise missing(f"{param}[price]")
    if "quantity" not in line:
        raise missing(f"{param}[quantity]")
    amount = price["unit_amount"] * line["quantity"]
    product = books.row("product", price["product"]).body
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": line.get("metadata", {}),
        "price": price,
        "quantity": line["quantity"],
    }


def price_of(books: Books, data: Body, param: str) -> Body:
    """Create the price that `price_data` describes; `param` is where it stands, "" where it is the request itself."""
    if "product" in data and "product_data" in data:
        raise exclusive(_within(param, "product"), _within(param, "product_data"))
    if "unit_amount" not in data:
        raise missing(_within(param, "unit_amount"))
    currency, amount = data["currency"], data["unit_amount"]
    if amount > maximum(currency):
        raise Refusal(
            f"Invalid integer: must be no more than {maximum(currency)}",
            code="parameter_invalid_integer",
            param=_within(param, "unit_amount"),
        )
    wrong = crooked(amount, currency)
    if wrong:
        raise Refusal(wrong, param=_within(param, "unit_amount"))
    if "product" in data:
        product = books.row("product", data["product"], _within(param, "product"), status=400).body
    elif "product_data" in data:
        product = product_of(books, data["product_data"])
    else:
        raise missing(_within(param, "product"))
    recurring = data.get("recurring")
    return books.add(
        "price",
        new_id("price"),
        active=False,
        billing_scheme="per_unit",
        currency=currency,
        custom_unit_amount=None,
        lookup_key=None,
        metadata={},
        nickname=None,
        product=product["id"],
        recurring=recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        tax_behavior=data.get("tax_behavior", "unspecified"),
        tiers_mode=None,
        transform_quantity=None,
        type="recurring" if recurring else "one_time",
        unit_amount=amount,
        unit_amount_decimal=str(amount),
    )


def _within(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def product_of(books: Books, data: Body, *, active: bool = False, name: str | None = None) -> Body:
    """Create the product that `product_data` describes, under an id that is given or made."""
    return books.add(
        "product",
        name or new_id("prod", 14),
        active=active,
        default_price=None,
        description=data.get("description"),
        images=data.get("images", []),
        marketing_features=[],
        metadata=data.get("metadata", {}),
        name=data["name"],
        package_dimensions=None,
        shippable=None,
        statement_descriptor=None,
        tax_code=data.get("tax_code"),
        type="service",
        unit_label=data.get("unit_label"),
        updated=books.at,
        url=None,
    )


def _shipping_rate(books: Books, option: Body, currency: str, param: str) -> Body:
    if "shipping_rate" in option:
        return books.row("shipping_rate", option["shipping_rate"], f"{param}[shipping_rate]", status=400).body
    data = option.get("shipping_rate_data")
    if data is None:
        raise missing(f"{param}[shipping_rate]")
    fixed = data.get("fixed_amount")
    if fixed is None:
        raise missing(f"{param}[shipping_rate_data][fixed_amount]")
    if fixed["currency"] != currency:
        raise Refusal(
            f"The shipping rate's currency, {fixed['currency']}, must be that of the line items, {currency}.",
            param=f"{param}[shipping_rate_data][fixed_amount][currency]",
        )
    wrong = crooked(fixed["amount"], currency)
    if wrong:
        raise Refusal(wrong, param=f"{param}[shipping_rate_data][fixed_amount][amount]")
    estimate = data.get("delivery_estimate")
    return books.add(
        "shipping_rate",
        new_id("shr"),
        active=True,
        delivery_estimate=estimate and {"minimum": estimate.get("minimum"), "maximum": estimate.get("maximum")},
        display_name=data["display_name"],
        fixed_amount=fixed,
        metadata=data.get("metadata", {}),
        tax_behavior=data.get("tax_behavior", "unspecified"),
        tax_code=data.get("tax_code"),
        type="fixed_amount",
    )


def _spread(basket: Basket) -> None:
    """Spread the discount over the line items in proportion, what is left of the rounding going to the last."""
    left = basket.discount
    for item in basket.items:
        share = basket.discount * item["amount_subtotal"] // basket.subtotal if basket.subtotal else 0
        if item is basket.items[-1]:
            share = left
        left -= share
        item["amount_discount"] = share
        item["amount_total"] = item["amount_subtotal"] - share
