"""What of a catalogue Payment Links can sell, and why not the rest."""

from __future__ import annotations

import pytest

from bot.catalogue import Catalogue, Every, Fulfil, Product, Variant, tie
from bot.money import Money
from bot.payment_links import offers
from bot.shipping import ShippingRate

LEAST = {"EUR": Money(50, "EUR")}


def goods(*, fulfil: Fulfil = "none", every: Every = "", price: int = 1250, stock: int | None = None) -> Catalogue:
    """Give a catalogue of one thing."""
    mug = Product("mug", "Mug", fulfil=fulfil, every=every)
    return Catalogue.of([tie(mug, lambda tied: (Variant("mug", tied, "", Money(price, "EUR"), stock),))])


def rate(minor: int, *countries: str) -> ShippingRate:
    """Give a region's rate."""
    return ShippingRate({"en": "Post"}, countries, Money(minor, "EUR"))


@pytest.mark.parametrize(
    ("catalogue", "shipping", "field"),
    [
        (goods(every="month"), (), "every"),
        (goods(fulfil="message"), (), "fulfil"),
        (goods(fulfil="ship"), (rate(0, "FR"), rate(450, "DE")), "shipping"),
        (goods(price=49), (), "price"),
        (goods(stock=0), (), "stock"),
    ],
)
def test_what_a_link_cannot_sell_is_said(catalogue: Catalogue, shipping: tuple[ShippingRate, ...], field: str) -> None:
    """What the shop would have to do for it, what Stripe would not charge, and what is sold out, gets no link."""
    found, remarks = offers(catalogue, shipping, LEAST)
    assert found == ()
    assert [(remark.kind, remark.field) for remark in remarks] == [("left out", field)]


def test_what_is_shipped_for_nothing_asks_where_to() -> None:
    """Where shipping costs nothing anywhere, a link ships to all those countries, and sells no more than is left."""
    ((offer,), (note,)) = offers(goods(fulfil="ship", stock=3, price=50), (rate(0, "FR", "DE"), rate(0, "AT")), LEAST)
    assert (offer.ship_to, offer.most, offer.price) == (("AT", "DE", "FR"), 3, Money(50, "EUR"))
    assert (note.kind, note.field) == ("note", "stock")
