"""Payment Links: addresses that sell, each visit with a checkout session of its own.

https://docs.stripe.com/api/payment-link. A link cannot be deleted, only deactivated. Parameters that the sandbox could
not honour are refused as unknown.
"""

from typing import Any

from adapters.sandbox import sessions
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.checkout_schema import CREATE as SESSION
from adapters.sandbox.errors import Refusal
from adapters.sandbox.pricing import check_total, fill
from adapters.sandbox.products import merged
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Array, Boolean, Emptied, Hash, Integer, Kind, Metadata, Text

_RESTRICTIONS = Hash(
    {"completed_sessions": Hash({"limit": Integer(1)}, required=("limit",))}, required=("completed_sessions",)
)
#: What a link hands on to the sessions it opens.
_HANDED_ON = ("phone_number_collection", "shipping_address_collection", "submit_type")

CREATE = Hash(
    {
        **{name: SESSION.fields[name] for name in _HANDED_ON},
        "inactive_message": Text(500),
        "line_items": Array(Hash({"price": Text(), "quantity": Integer(1, 999_999)}, ("price", "quantity")), 20),
        "metadata": Metadata(),
        "restrictions": _RESTRICTIONS,
    },
    required=("line_items",),
)
UPDATE = Hash(
    {
        "active": Boolean(),
        "inactive_message": Emptied(Text(500)),
        "metadata": Metadata(),
        "restrictions": Emptied(_RESTRICTIONS),
    }
)
LIST: dict[str, Kind] = {"active": Boolean()}


def create(books: Books, params: Body) -> Body:
    """Create a link, active from now on."""
    for at, line in enumerate(params["line_items"]):
        param = f"line_items[{at}][price]"
        if not books.row("price", line["price"], param, status=400).body["active"]:
            raise Refusal("The price specified is inactive. This field only accepts active prices.", param=param)
    basket = fill(books, params)
    check_total(basket.total, basket.currency)
    name = new_id("plink")
    link = books.add(
        "payment_link",
        name,
        {"items": basket.items, "lines": params["line_items"]},
        **_UNUSED,
        active=True,
        currency=basket.currency,
        inactive_message=params.get("inactive_message"),
        metadata={key: value for key, value in params.get("metadata", {}).items() if value},
        phone_number_collection=params.get("phone_number_collection", {"enabled": False}),
        restrictions=_counted(params.get("restrictions"), 0),
        shipping_address_collection=params.get("shipping_address_collection"),
        submit_type=params.get("submit_type", "auto"),
        url=f"{books.base}/b/{name}",
    )
    del link["created"]  # a link does not say when it was made
    books.save(link)
    books.emit("payment_link.created", link)
    return link


def update(books: Books, name: str, params: Body) -> Body:
    """Change, deactivate or activate a link."""
    link = books.get("payment_link", name, "payment_link")
    if "restrictions" in params:
        before = link["restrictions"]
        count = before["completed_sessions"]["count"] if before else 0
        params = params | {"restrictions": _counted(params["restrictions"], count)}
    changed = merged(link, params)
    books.save(changed)
    books.emit("payment_link.updated", changed, {key: link[key] for key in params if link[key] != changed[key]})
    return changed


def line_items(books: Books, name: str) -> list[Body]:
    """Give what a link sells."""
    items: list[Body] = books.row("payment_link", name, "payment_link").hidden["items"]
    return items


def visited(books: Books, name: str) -> Body:
    """Open the session of a visit to an active link. Nothing of it refers to anybody's order but the link itself."""
    row = books.row("payment_link", name)
    link, items = row.body, row.hidden["items"]
    monthly = any(item["price"]["recurring"] for item in items)
    handed: dict[str, Any] = {key: link[key] for key in _HANDED_ON if link[key] is not None}
    session = sessions.create(
        books,
        {
            **handed,
            "line_items": row.hidden["lines"],
            "metadata": link["metadata"],
            "mode": "subscription" if monthly else "payment",
            "success_url": f"{books.base}/",
        },
    )
    session |= {"payment_link": name}
    books.save(session)
    return session


def completed(books: Books, name: str) -> None:
    """Count a session of a link that was completed; the last one that it takes deactivates it."""
    link = books.get("payment_link", name)
    if link["restrictions"]:
        counts = link["restrictions"]["completed_sessions"]
        count = counts["count"] + 1
        restrictions = _counted({"completed_sessions": counts}, count)
        books.save(link | {"active": link["active"] and count < counts["limit"], "restrictions": restrictions})


def _counted(restrictions: Body | None, count: int) -> Body | None:
    if restrictions is None:
        return None
    return {"completed_sessions": {"count": count, "limit": restrictions["completed_sessions"]["limit"]}}


# Fields of a link that nothing here ever fills.
_UNUSED: Body = {
    "after_completion": {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
    "allow_promotion_codes": False,
    "application": None,
    "application_fee_amount": None,
    "application_fee_percent": None,
    "automatic_tax": {"enabled": False, "liability": None},
    "billing_address_collection": "auto",
    "consent_collection": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_creation": "if_required",
    "invoice_creation": None,
    "on_behalf_of": None,
    "optional_items": None,
    "payment_intent_data": None,
    "payment_method_collection": "always",
    "payment_method_types": None,
    "shipping_options": [],
    "subscription_data": None,
    "tax_id_collection": {"enabled": False, "required": "never"},
    "transfer_data": None,
}
