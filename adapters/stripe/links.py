"""Products, prices and Payment Links at Stripe, kept in step with what the shop offers, as often as that is asked for.

https://docs.stripe.com/api/payment-link. What is ours is known by the ids of its products and by metadata, so that a
repeated run finds it and makes nothing twice; what other programs have at the account is left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.stripe.connection import Body, Connection
from adapters.stripe.limits import to_stripe
from adapters.stripe.shapes import LINKED
from bot.errors import BadAmount, PaymentsRefused
from bot.payment_links import Offer, Outcome, Published

#: What the ids of our products begin with; a variant's id cannot hold a dot.
OURS: Final = "tillbot."
#: https://docs.stripe.com/api/products/create#create_product-images
MOST_IMAGES: Final = 8
#: https://docs.stripe.com/api/payment-link/update#update_payment_link-inactive_message
LONGEST_MESSAGE: Final = 500


class StripeLinks:
    """The links of one account. `base` sends the SDK elsewhere than to api.stripe.com."""

    def __init__(self, *, key: str, base: str = "") -> None:
        self._connection: Final = Connection(key=key, base=base)
        self._v1: Final = self._connection.v1

    async def publish(self, offers: Sequence[Offer], *, over: str) -> Sequence[Published]:
        """Make the links sell these offers and nothing else; of no offers, end them all.

        A changed price makes a new price and a new link, then the old ones are deactivated. Links that end say `over`,
        at most LONGEST_MESSAGE characters of it; "" leaves that to Stripe.
        Raises PaymentsRefused, PaymentsUnavailable, WrongAccount; what was
        done by then stays, and the next run goes on from there.
        """
        v1 = self._v1
        products = {body["id"]: body for body in await self._all(v1.products.list_async) if _is_ours(body["id"])}
        prices = [body for body in await self._all(v1.prices.list_async) if _is_ours(_named(body["product"]))]
        links = [body for body in await self._all(v1.payment_links.list_async) if _variant(body)]
        published, current = [], set()
        for offer in offers:
            name = OURS + offer.variant.replace("/", ".")
            await self._product(name, offer, products.get(name))
            price = await self._price(name, offer, [each for each in prices if _named(each["product"]) == name])
            link, outcome = await self._link(offer, price, [each for each in links if _variant(each) == offer.variant])
            current |= {price, link["id"]}
            published.append(Published(offer.variant, link["url"], outcome))
        sold = {offer.variant for offer in offers}
        for link in links:
            if link["active"] and link["id"] not in current:
                said = {"inactive_message": over[:LONGEST_MESSAGE]} if over else {}
                ended = {"active": False, **said}
                await self._ask("link", v1.payment_links.update_async, link["id"], ended)
                if _variant(link) not in sold:
                    published.append(Published(_variant(link), link["url"], "ended"))
        for price_body in prices:
            if price_body["active"] and price_body["id"] not in current:
                await self._ask("price", v1.prices.update_async, price_body["id"], {"active": False})
        return published

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()

    async def _product(self, name: str, offer: Offer, now: Body | None) -> None:
        wanted: dict[str, Any] = {
            "name": offer.name,
            "description": offer.description,
            "images": list(offer.images[:MOST_IMAGES]),
            "url": offer.url,
            "shippable": bool(offer.ship_to),
            "active": True,
        }
        if now is None:
            given = {
                "id": name,
                **{key: value for key, value in wanted.items() if value not in ("", [])},
            }
            await self._ask("product", self._v1.products.create_async, given, _once("product", given, 0))
            return
        changed = {key: value for key, value in wanted.items() if (now.get(key) or type(value)()) != value}
        if changed:
            # An empty list unsets the pictures as an empty text does: the SDK writes neither as nothing.
            changed = {key: value if value != [] else "" for key, value in changed.items()}
            await self._ask("product", self._v1.products.update_async, name, changed)

    async def _price(self, name: str, offer: Offer, there: Sequence[Body]) -> str:
        """Give the id of the price that asks what the offer does: one that is there, taken back where it was retired."""
        try:
            amount = to_stripe(offer.price)
        except BadAmount as error:
            raise PaymentsRefused("invalid_charge_amount", str(error)) from error
        currency = offer.price.currency.lower()
        for price in there:
            if (price["unit_amount"], price["currency"], price["recurring"]) == (amount, currency, None):
                if not price["active"]:
                    await self._ask("price", self._v1.prices.update_async, price["id"], {"active": True})
                return str(price["id"])
        given = {"product": name, "currency": currency, "unit_amount": amount}
        made = await self._ask("price", self._v1.prices.create_async, given, _once("price", given, len(there)))
        return str(made["id"])

    async def _link(self, offer: Offer, price: str, there: Sequence[Body]) -> tuple[Body, Outcome]:
        """Give the link that sells at a price. What cannot be changed of a link, a new one has."""
        links = self._v1.payment_links
        given: dict[str, Any] = {
            "line_items": [{"price": price, "quantity": 1}],
            "metadata": {LINKED: offer.variant, "price": price, "ship_to": " ".join(offer.ship_to)[:500]},
        }
        if offer.ship_to:
            given["shipping_address_collection"] = {"allowed_countries": list(offer.ship_to)}
        for link in there:
            if {"ship_to": "", **link["metadata"]} == given["metadata"]:
                return await self._limited(link, offer)
        if offer.most is not None:
            given["restrictions"] = {"completed_sessions": {"limit": offer.most}}
        given["metadata"] = {key: value for key, value in given["metadata"].items() if value}
        made = await self._ask("link", links.create_async, given, _once("link", given, len(there)))
        return made, "changed" if there else "new"

    async def _limited(self, link: Body, offer: Offer) -> tuple[Body, Outcome]:
        """Let a link sell again what is left, unless it has sold that already."""
        counts = (link.get("restrictions") or {}).get("completed_sessions") or {}
        sold = counts.get("count", 0)
        wanted: dict[str, Any] = {}
        if offer.most is not None and sold >= offer.most:
            return link, "kept"
        if counts.get("limit") != offer.most:
            wanted["restrictions"] = "" if offer.most is None else {"completed_sessions": {"limit": offer.most}}
        if not link["active"]:
            wanted |= {"active": True, "inactive_message": ""}
        if not wanted:
            return link, "kept"
        return await self._ask("link", self._v1.payment_links.update_async, link["id"], wanted), "changed"

    async def _all(self, listing: Any) -> list[Body]:
        return [body async for body in self._connection.pages(listing, {})]

    async def _ask(self, what: str, method: Any, *given: Any) -> Body:
        return await self._connection.ask(what, method, *given)


def _once(what: str, given: Mapping[str, Any], earlier: int) -> dict[str, Any]:
    """Derive the idempotency key of what is made: the same wish, after the same number of earlier ones, is made once."""
    text = json.dumps([what, given, earlier], sort_keys=True)
    return {"idempotency_key": f"tillbot:{what}:{hashlib.sha256(text.encode()).hexdigest()}"}


def _is_ours(name: str) -> bool:
    return name.startswith(OURS)


def _named(reference: Any) -> str:
    return str(reference["id"]) if isinstance(reference, Mapping) else str(reference)


def _variant(link: Body) -> str:
    return str((link.get("metadata") or {}).get(LINKED, ""))
