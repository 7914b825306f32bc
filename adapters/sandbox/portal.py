"""The customer portal's sessions (https://docs.stripe.com/api/customer_portal) and what a payer does there."""

import secrets

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.errors import Refusal, missing
from adapters.sandbox.regions import LOCALES
from adapters.sandbox.rows import Body, Row
from adapters.sandbox.schema import Boolean, Choice, Hash, Kind, Text, Url

CREATE = Hash({"customer": Text(), "return_url": Url(), "locale": Choice(LOCALES)})
LIST: dict[str, Kind] = {"active": Boolean(), "is_default": Boolean()}
UNVISITED, VISITED = 5 * 60, 60 * 60
"""Seconds that the address lives, before it is first opened and after: https://docs.stripe.com/customer-management"""


def create(books: Books, params: Body) -> Body:
    """Open a session for a customer."""
    if "customer" not in params:
        raise missing("customer")
    customer = books.row("customer", params["customer"], "customer", status=400).body
    if not books.rules.portal:
        raise Refusal(
            "No configuration provided and your test mode default configuration has not been created. Provide a"
            " configuration or create your default by saving your customer portal settings in test mode at"
            " https://dashboard.stripe.com/test/settings/billing/portal."
        )
    name = new_id("bps")
    secret = secrets.token_urlsafe(24)
    return books.add(
        "billing_portal.session",
        name,
        {"secret": secret, "until": books.at + UNVISITED, "visited": False},
        configuration=_configuration_id(books),
        customer=customer["id"],
        customer_account=None,
        flow=None,
        locale=params.get("locale"),
        on_behalf_of=None,
        return_url=params.get("return_url"),
        url=f"{books.base}/p/session/{secret}",
    )


def configurations(books: Books, params: Body) -> Body:
    """List the portal's configurations: the default one, if the portal was set up."""
    shown = books.rules.portal and params.get("active", True) and params.get("is_default", True)
    default = {
        "id": _configuration_id(books),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": books.at,
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": [], "enabled": False},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {"enabled": False, "options": []},
                "enabled": True,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_update": {"default_allowed_updates": [], "enabled": False, "proration_behavior": "none"},
        },
        "is_default": True,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": books.at,
    }
    url = "/v1/billing_portal/configurations"
    return {"object": "list", "data": [default] if shown else [], "has_more": False, "url": url}


def visit(books: Books, row: Row) -> bool:
    """Open a session's page; False where it has lived its time."""
    if books.at >= row.hidden["until"]:
        return False
    if not row.hidden["visited"]:
        books.save(row.body, row.hidden | {"visited": True, "until": books.at + VISITED})
    return True


def subscriptions(books: Books, session: Body) -> list[Body]:
    """List the subscriptions that a session is for, newest first."""
    rows = books.storage.newest(books.account, "subscription", ("customer", "is", session["customer"]))
    return [row.body for row in rows]


def open_invoices(books: Books, session: Body) -> list[Body]:
    """List what its customer has still to pay, newest first."""
    tests = (("customer", "is", session["customer"]), ("status", "is", "open"))
    return [row.body for row in books.storage.newest(books.account, "invoice", *tests)]


def pay_with(books: Books, session: Body, number: str) -> None:
    """Pay the customer's subscriptions with another card from now on; those that have ended stay as they are."""
    for subscription in subscriptions(books, session):
        if subscription["status"] != "canceled":
            row = books.row("subscription", subscription["id"])
            books.save(row.body, row.hidden | {"number": number})


def _configuration_id(books: Books) -> str:
    return f"bpc_{books.account.removeprefix('acct_')}"
