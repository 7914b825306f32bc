"""Lists with cursors, and references expanded into objects (https://docs.stripe.com/api/pagination)."""

from typing import Any

from adapters.sandbox import invoices
from adapters.sandbox.books import Books
from adapters.sandbox.errors import Refusal, exclusive, no_such
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Array, Hash, Integer, Kind, Text

PAGE: dict[str, Kind] = {"limit": Integer(1, 100), "starting_after": Text(), "ending_before": Text()}
EXPAND: dict[str, Kind] = {"expand": Array(Text(), 20)}
_DEEPEST = 4

# Fields that hold the id of another object, which `expand` puts in its place.
_REFERENCES = frozenset(
    {
        "balance_transaction",
        "charge",
        "coupon",
        "customer",
        "failure_balance_transaction",
        "invoice",
        "latest_charge",
        "latest_invoice",
        "payment_intent",
        "product",
        "shipping_rate",
        "source",
        "subscription",
    }
)


def listed(accepts: dict[str, Kind]) -> Hash:
    """Give the parameters of a list: its own filters, and the cursor."""
    return Hash(accepts | PAGE | EXPAND)


def page(bodies: list[Body], params: Body, url: str) -> Body:
    """Cut one page out of a list that belongs to one object."""
    _one_cursor(params)
    limit = params.get("limit", 10)
    if "ending_before" in params:
        before = bodies[: _place(bodies, params["ending_before"], "ending_before")]
        cut, more = before[-limit:], len(before) > limit
    else:
        begin = _place(bodies, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
        cut, more = bodies[begin : begin + limit], len(bodies) > begin + limit
    return {"object": "list", "data": cut, "has_more": more, "url": url}


def newest(books: Books, kind: str, params: Body, *tests: tuple[str, str, Any], url: str) -> Body:
    """Give one page of an account's objects of a kind, newest first, which pass the tests."""
    _one_cursor(params)
    limit = params.get("limit", 10)
    tests += tuple(("created", bound, at) for bound, at in params.get("created", {}).items())
    places: dict[str, int] = {}
    for name, side in (("starting_after", "older_than"), ("ending_before", "newer_than")):
        if name in params:
            places[side] = books.row(kind, params[name], name, status=400).seq
    rows = books.storage.newest(books.account, kind, *tests, **places, limit=limit + 1)
    more = len(rows) > limit
    if more:
        rows = rows[1:] if "newer_than" in places else rows[:-1]
    return {"object": "list", "data": [row.body for row in rows], "has_more": more, "url": url}


def expand(books: Books, body: Body, paths: list[str]) -> Body:
    """Put objects in the place of the references that `paths` name, as `payment_intent.latest_charge`."""
    for index, path in enumerate(paths):
        steps = path.split(".")
        if len(steps) > _DEEPEST + (steps[0] == "data"):
            raise Refusal(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}",
                param=f"expand[{index}]",
            )
        refused = Refusal(f"This property cannot be expanded ({path}).", param=f"expand[{index}]")
        body = _expanded(books, body, steps, refused)
    return body


def _expanded(books: Books, value: Any, steps: list[str], refused: Refusal) -> Any:
    if value is None or not steps:
        return value
    if isinstance(value, list):
        return [_expanded(books, item, steps, refused) for item in value]
    step, rest = steps[0], steps[1:]
    if not isinstance(value, dict):
        raise refused
    inner: Any = _includable(books, value, step)
    if inner is None:
        if step not in value or (step not in _REFERENCES and not rest):
            raise refused
        inner = value[step]
        if step in _REFERENCES and isinstance(inner, str):
            row = books.find(inner)
            inner = row.body if row else inner
    return value | {step: _expanded(books, inner, rest, refused)}


def _includable(books: Books, body: Body, step: str) -> Body | None:
    """Give a list that an object has, but shows only where it is asked for."""
    name = body.get("id", "")
    if body.get("object") == "checkout.session" and step == "line_items":
        items = books.row("checkout.session", name).hidden["items"]
        return page(items, {"limit": 100}, f"/v1/checkout/sessions/{name}/line_items")
    if body.get("object") == "invoice" and step == "payments":
        return page(invoices.payments(books, name), {}, f"/v1/invoice_payments?invoice={name}")
    if body.get("object") == "charge" and step == "refunds":
        rows = books.storage.newest(books.account, "refund", ("charge", "is", name))
        return page([row.body for row in rows], {}, f"/v1/refunds?charge={name}")
    return None


def _one_cursor(params: Body) -> None:
    if "starting_after" in params and "ending_before" in params:
        raise exclusive("starting_after", "ending_before")


def _place(bodies: list[Body], name: str, param: str) -> int:
    for place, body in enumerate(bodies):
        if body["id"] == name:
            return place
    raise no_such("object", name, param, status=400)
