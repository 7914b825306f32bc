"""What a subscription consists of, and how that is changed: https://docs.stripe.com/billing/subscriptions/change-price."""

from adapters.sandbox.books import Books
from adapters.sandbox.checkout_schema import PRICE_DATA
from adapters.sandbox.errors import Refusal, missing, no_such
from adapters.sandbox.pricing import price_of
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Array, Hash, Integer, Text

ITEMS = Array(Hash({"id": Text(), "price_data": PRICE_DATA, "quantity": Integer(1, 999_999)}), 20)


def replaced(books: Books, subscription: Body, params: Body) -> Body:
    """Give a subscription's items as they are to be; its next invoice is made of them.

    The sandbox reckons no prorations and adds no items: asked for, they are refused rather than left out.
    """
    if params.get("proration_behavior", "create_prorations") != "none":
        raise Refusal("This sandbox makes no prorations: pass `none`.", param="proration_behavior")
    row = books.row("subscription", subscription["id"])
    items, lines = list(subscription["items"]["data"]), list(row.hidden["lines"])
    for index, given in enumerate(params["items"]):
        param = f"items[{index}]"
        if "id" not in given:
            raise missing(f"{param}[id]")
        place = next((place for place, item in enumerate(items) if item["id"] == given["id"]), None)
        if place is None:
            raise no_such("subscription_item", given["id"], f"{param}[id]", status=400)
        item = items[place] | {"quantity": given.get("quantity", items[place]["quantity"])}
        if "price_data" in given:
            item["price"] = _price(books, subscription, item, given["price_data"], f"{param}[price_data]")
        amount = item["price"]["unit_amount"] * item["quantity"]
        items[place] = item
        lines[place] = lines[place] | {
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_total": amount,
            "price": item["price"],
            "quantity": item["quantity"],
        }
    books.save(row.body, row.hidden | {"lines": lines})
    return {**subscription["items"], "data": items}


def _price(books: Books, subscription: Body, item: Body, data: Body, param: str) -> Body:
    for name in ("product", "recurring"):
        if name not in data:
            raise missing(f"{param}[{name}]")
    if "product_data" in data:
        raise Refusal("Received unknown parameter: product_data", param=f"{param}[product_data]")
    if data["currency"] != subscription["currency"]:
        raise Refusal(
            f"The currency of a subscription cannot change: it is {subscription['currency']}.",
            param=f"{param}[currency]",
        )
    rhythm = item["price"]["recurring"]
    wanted = (data["recurring"]["interval"], data["recurring"].get("interval_count", 1))
    if wanted != (rhythm["interval"], rhythm["interval_count"]):
        raise Refusal("This sandbox keeps a subscription's interval as it is.", param=f"{param}[recurring]")
    return price_of(books, data, param)
