"""The endpoints of the API: which addresses there are, what they take, and what they do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.sandbox import (
    accounts,
    balance,
    coupons,
    disputes,
    payment_links,
    payouts,
    portal,
    products,
    refunds,
    sessions,
    subscriptions,
)
from adapters.sandbox import checkout_schema as checkout
from adapters.sandbox.books import Books
from adapters.sandbox.errors import no_such
from adapters.sandbox.listing import EXPAND, expand, listed, newest, page
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Array, Boolean, Choice, Hash, Kind, Range, Text

_EVENTS_LIVE = 30 * 24 * 60 * 60  # https://docs.stripe.com/api/events: for 30 days

Act = Callable[[Books, Body, str], Body]


@dataclass(frozen=True)
class Route:
    """One endpoint: `act` gets the account's books, the checked parameters and the id in the path."""

    method: str
    pattern: re.Pattern[str]
    accepts: Hash
    act: Act

    def answer(self, books: Books, params: Body, name: str) -> Body:
        """Act, and expand what was asked for."""
        paths = params.pop("expand", [])
        return expand(books, self.act(books, params, name), paths)


def find(method: str, path: str) -> tuple[Route, str] | None:
    """Give the endpoint at an address, and the id in it."""
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match and route.method == method:
            return route, match.group("id") if "id" in match.groupdict() else ""
    return None


def _route(method: str, path: str, accepts: Hash, act: Act) -> Route:
    pattern = re.compile(re.escape(path).replace(r"\{id\}", r"(?P<id>[A-Za-z0-9_.%-]{1,255})"))
    if "expand" not in accepts.fields:
        accepts = Hash({**accepts.fields, **EXPAND}, accepts.required)
    return Route(method, pattern, accepts, act)


def _shown(path: str, kind: str, param: str) -> Route:
    return _route("GET", path + "/{id}", Hash({}), lambda books, _, name: books.get(kind, name, param))


def _made(path: str, accepts: Hash, act: Callable[[Books, Body], Body]) -> Route:
    return _route("POST", path, accepts, lambda books, params, _: act(books, params))


def _changed(path: str, accepts: Hash, act: Callable[[Books, str, Body], Body]) -> Route:
    return _route("POST", path + "/{id}", accepts, lambda books, params, name: act(books, name, params))


def _list(path: str, kind: str, filters: dict[str, Kind], paths: dict[str, str] | None = None) -> Route:
    """List objects of a kind; each filter but `created` is compared with the field of its name, or of its path."""

    def act(books: Books, params: Body, _: str) -> Body:
        tests = [
            ((paths or {}).get(name, name), "is", params[name])
            for name, kind in filters.items()
            if name in params and not isinstance(kind, Range)
        ]
        for name in filters.keys() - {"created"}:
            if name in params and isinstance(filters[name], Range):
                tests += [(name, bound, at) for bound, at in params[name].items()]
        return newest(books, kind, params, *tests, url=path)

    return _route("GET", path, listed(filters), act)


def _list_sessions(books: Books, params: Body, _: str) -> Body:
    names = ("customer", "payment_intent", "payment_link", "status", "subscription")
    tests = [(name, "is", params[name]) for name in names if name in params]
    if "customer_details" in params:
        tests.append(("customer_details.email", "is", params["customer_details"]["email"]))
    return newest(books, "checkout.session", params, *tests, url="/v1/checkout/sessions")


def _list_subscriptions(books: Books, params: Body, _: str) -> Body:
    """List subscriptions; those that have ended only where they are asked for."""
    tests: list[tuple[str, str, Any]] = []
    if "customer" in params:
        tests.append(("customer", "is", params["customer"]))
    status = params.get("status")
    if status is None:
        tests.append(("status", "among", '["active", "past_due", "trialing", "unpaid", "paused", "incomplete"]'))
    elif status != "all":
        tests.append(("status", "is", "canceled" if status == "ended" else status))
    return newest(books, "subscription", params, *tests, url="/v1/subscriptions")


def _list_events(books: Books, params: Body, _: str) -> Body:
    tests: list[tuple[str, str, Any]] = [("created", "gte", books.at - _EVENTS_LIVE)]
    if "type" in params:
        tests.append(("type", "like", params["type"].replace("[", "")))
    if "types" in params:
        quoted = ", ".join(f'"{kind}"' for kind in params["types"] if kind.replace("_", "").replace(".", "").isalnum())
        tests.append(("type", "among", f"[{quoted}]"))
    if "delivery_success" in params:
        tests.append(("pending_webhooks", "lte" if params["delivery_success"] else "gt", 0))
    return newest(books, "event", params, *tests, url="/v1/events")


def _event(books: Books, _: Body, name: str) -> Body:
    event = books.get("event", name)
    if event["created"] < books.at - _EVENTS_LIVE:
        raise no_such("event", name, "id")
    return event


def _list_invoice_payments(books: Books, params: Body, _: str) -> Body:
    tests = []
    if "invoice" in params:
        tests.append(("invoice", "is", params["invoice"]))
    if "payment" in params:
        tests.append(("payment.payment_intent", "is", params["payment"]["payment_intent"]))
    return newest(books, "invoice_payment", params, *tests, url="/v1/invoice_payments")


def _list_line_items(books: Books, params: Body, name: str) -> Body:
    return page(sessions.line_items(books, name), params, f"/v1/checkout/sessions/{name}/line_items")


def _list_link_items(books: Books, params: Body, name: str) -> Body:
    return page(payment_links.line_items(books, name), params, f"{_LINKS}/{name}/line_items")


_EVENT_FILTERS: dict[str, Kind] = {
    "created": Range(),
    "delivery_success": Boolean(),
    "type": Text(),
    "types": Array(Text(), 20),
}
_INVOICE_PAYMENT_FILTERS: dict[str, Kind] = {
    "invoice": Text(),
    "payment": Hash(
        {"type": Choice(("payment_intent",)), "payment_intent": Text()}, required=("type", "payment_intent")
    ),
}
_LINKS = "/v1/payment_links"
_SESSIONS = "/v1/checkout/sessions"
_SUBSCRIPTIONS = "/v1/subscriptions"

ROUTES = (
    _route("POST", _SESSIONS, checkout.CREATE, lambda books, params, _: sessions.create(books, params)),
    _route("GET", _SESSIONS, listed(checkout.LIST), _list_sessions),
    _shown(_SESSIONS, "checkout.session", "session"),
    _route("POST", _SESSIONS + "/{id}/expire", Hash({}), lambda books, _, name: sessions.expire(books, name)),
    _route("GET", _SESSIONS + "/{id}/line_items", listed({}), _list_line_items),
    _list("/v1/payment_intents", "payment_intent", {"created": Range(), "customer": Text()}),
    _shown("/v1/payment_intents", "payment_intent", "intent"),
    _list("/v1/charges", "charge", {"created": Range(), "customer": Text(), "payment_intent": Text()}),
    _shown("/v1/charges", "charge", "id"),
    _route("POST", "/v1/refunds", refunds.CREATE, lambda books, params, _: refunds.create(books, params)),
    _list("/v1/refunds", "refund", {"created": Range(), "charge": Text(), "payment_intent": Text()}),
    _shown("/v1/refunds", "refund", "id"),
    _route("POST", "/v1/coupons", coupons.CREATE, lambda books, params, _: coupons.create(books, params)),
    _list("/v1/coupons", "coupon", {"created": Range()}),
    _shown("/v1/coupons", "coupon", "coupon"),
    _route("DELETE", "/v1/coupons/{id}", Hash({}), lambda books, _, name: coupons.delete(books, name)),
    _route("GET", _SUBSCRIPTIONS, listed({"created": Range(), **subscriptions.LIST}), _list_subscriptions),
    _shown(_SUBSCRIPTIONS, "subscription", "id"),
    _route(
        "POST",
        _SUBSCRIPTIONS + "/{id}",
        subscriptions.UPDATE,
        lambda books, params, name: subscriptions.update(books, name, params),
    ),
    _route(
        "DELETE",
        _SUBSCRIPTIONS + "/{id}",
        subscriptions.CANCEL,
        lambda books, params, name: subscriptions.cancel(books, name, params),
    ),
    _list(
        "/v1/invoices",
        "invoice",
        {
            "created": Range(),
            "customer": Text(),
            "status": Choice(("draft", "open", "paid", "uncollectible", "void")),
            "subscription": Text(),
        },
        {"subscription": "parent.subscription_details.subscription"},
    ),
    _shown("/v1/invoices", "invoice", "id"),
    _route("GET", "/v1/invoice_payments", listed(_INVOICE_PAYMENT_FILTERS), _list_invoice_payments),
    _shown("/v1/invoice_payments", "invoice_payment", "invoice_payment"),
    _route("GET", "/v1/events", listed(_EVENT_FILTERS), _list_events),
    _route("GET", "/v1/events/{id}", Hash({}), _event),
    _list("/v1/customers", "customer", {"created": Range(), "email": Text()}),
    _shown("/v1/customers", "customer", "id"),
    _made("/v1/products", products.CREATE_PRODUCT, products.create_product),
    _changed("/v1/products", products.UPDATE_PRODUCT, products.update_product),
    _list("/v1/products", "product", products.LIST_PRODUCTS),
    _shown("/v1/products", "product", "id"),
    _made("/v1/prices", products.CREATE_PRICE, products.create_price),
    _changed("/v1/prices", products.UPDATE_PRICE, products.update_price),
    _list("/v1/prices", "price", products.LIST_PRICES),
    _shown("/v1/prices", "price", "price"),
    _made(_LINKS, payment_links.CREATE, payment_links.create),
    _changed(_LINKS, payment_links.UPDATE, payment_links.update),
    _list(_LINKS, "payment_link", payment_links.LIST),
    _shown(_LINKS, "payment_link", "payment_link"),
    _route("GET", _LINKS + "/{id}/line_items", listed({}), _list_link_items),
    _shown("/v1/shipping_rates", "shipping_rate", "shipping_rate_token"),
    _list("/v1/webhook_endpoints", "webhook_endpoint", {}),
    _route("GET", "/v1/account", Hash({}), lambda books, *_: accounts.account(books)),
    _route("GET", "/v1/balance", Hash({}), lambda books, *_: balance.balance(books)),
    _route("GET", balance.URL, listed(balance.LIST), lambda books, params, _: balance.listed(books, params)),
    _shown(balance.URL, "balance_transaction", "id"),
    _list("/v1/payouts", "payout", payouts.LIST),
    _shown("/v1/payouts", "payout", "payout"),
    _list("/v1/disputes", "dispute", disputes.LIST),
    _shown("/v1/disputes", "dispute", "dispute"),
    _route(
        "POST",
        "/v1/disputes/{id}",
        disputes.UPDATE,
        lambda books, params, name: disputes.update(books, name, params),
    ),
    _route("POST", "/v1/disputes/{id}/close", Hash({}), lambda books, _, name: disputes.close(books, name)),
    _route("POST", "/v1/billing_portal/sessions", portal.CREATE, lambda books, params, _: portal.create(books, params)),
    _route(
        "GET",
        "/v1/billing_portal/configurations",
        listed(portal.LIST),
        lambda books, params, _: portal.configurations(books, params),
    ),
)
