"""Products and prices that are made to be kept (https://docs.stripe.com/api/products, https://docs.stripe.com/api/prices)."""

from adapters.sandbox.books import Books
from adapters.sandbox.checkout_schema import PRICE_DATA, PRODUCT_DATA
from adapters.sandbox.errors import Refusal
from adapters.sandbox.pricing import price_of, product_of
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Array, Boolean, Emptied, Hash, Kind, Metadata, Range, Text, Url

_PRODUCT: dict[str, Kind] = {
    **PRODUCT_DATA.fields,
    "active": Boolean(),
    "shippable": Boolean(),
    "url": Url(),
}
CREATE_PRODUCT = Hash({**_PRODUCT, "id": Text(255)}, required=("name",))
UPDATE_PRODUCT = Hash(
    {
        **_PRODUCT,
        "default_price": Text(),
        "description": Emptied(Text(40000)),
        "images": Emptied(Array(Url(2048), 8)),
        "url": Emptied(Url()),
    }
)
LIST_PRODUCTS: dict[str, Kind] = {"active": Boolean(), "created": Range(), "shippable": Boolean(), "url": Url()}

_PRICE: dict[str, Kind] = {"active": Boolean(), "metadata": Metadata(), "nickname": Text()}
CREATE_PRICE = Hash({**PRICE_DATA.fields, **_PRICE}, required=("currency",))
UPDATE_PRICE = Hash({**_PRICE, "nickname": Emptied(Text())})
LIST_PRICES: dict[str, Kind] = {
    "active": Boolean(),
    "created": Range(),
    "currency": PRICE_DATA.fields["currency"],
    "product": Text(),
}


def create_product(books: Books, params: Body) -> Body:
    """Create a product, under an id of the caller's own where one is given."""
    product = product_of(books, params, active=params.get("active", True), name=params.get("id"))
    product |= {"shippable": params.get("shippable"), "url": params.get("url")}
    books.save(product)
    books.emit("product.created", product)
    return product


def update_product(books: Books, name: str, params: Body) -> Body:
    """Change a product."""
    product = books.get("product", name)
    if "default_price" in params:
        price = books.row("price", params["default_price"], "default_price", status=400).body
        if price["product"] != name:
            raise Refusal(f"The price {price['id']} belongs to another product.", param="default_price")
    if "images" in params:
        params = params | {"images": params["images"] or []}
    return _changed(books, product, {**params, "updated": books.at})


def create_price(books: Books, params: Body) -> Body:
    """Create a price, of a product that is there or of one made with it."""
    price = price_of(books, params, "")
    price |= {
        "active": params.get("active", True),
        "metadata": {key: value for key, value in params.get("metadata", {}).items() if value},
        "nickname": params.get("nickname"),
    }
    books.save(price)
    books.emit("price.created", price)
    return price


def update_price(books: Books, name: str, params: Body) -> Body:
    """Change what may change of a price: never its amount."""
    return _changed(books, books.get("price", name, "price"), params)


def merged(body: Body, params: Body) -> Body:
    """Give an object with what was asked for; pairs of metadata are added to those there are, or taken out."""
    if "metadata" in params:
        pairs = body["metadata"] | params["metadata"]
        params = params | {"metadata": {key: value for key, value in pairs.items() if value}}
    return body | params


def _changed(books: Books, body: Body, params: Body) -> Body:
    changed = merged(body, params)
    books.save(changed)
    books.emit(
        f"{body['object']}.updated", changed, {name: body[name] for name in params if body[name] != changed[name]}
    )
    return changed
