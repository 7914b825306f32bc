"""Selling: from "two mugs, please" to an order with a pay link; nothing is reserved unless all of it can be."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.braking import check_brake
from bot.catalogue import Variant
from bot.chat import Context
from bot.checkouts import Checkouts
from bot.closings import check_new, refuse_new, scope_for
from bot.coupons import check_rest, check_uses, coupon_for, discount_of
from bot.desk import Desk
from bot.errors import (
    BelowMinimum,
    BeyondLimit,
    BeyondStock,
    NotShipped,
    NotYours,
    PaymentsUnavailable,
    SoldOut,
    StillProcessing,
    TooLate,
    TooMany,
    UnknownOrder,
)
from bot.money import Money
from bot.moving import put
from bot.orders import Buyer, Line, Order, State
from bot.ports import Checkout, ShippingChoice, Unit
from bot.replicas import check_active
from bot.retirement import Capability
from bot.settings import Coupon, Settings
from bot.shipping import Shipping, rate_to
from bot.shop import Shop, available

#: Letters and digits of an order's number that are not mistaken for each other.
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 8
#: The window in which checkout sessions are counted.
WINDOW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to buy, with the discount worked out."""

    variant: Variant
    quantity: int
    coupon: Coupon | None
    discount: Money
    #: Where it ships; None where nothing is shipped.
    shipping: Shipping | None = None

    @property
    def total(self) -> Money:
        """What it costs, with shipping, which no coupon makes cheaper."""
        goods = self.variant.price * self.quantity - self.discount
        return goods + self.shipping.price if self.shipping else goods


def wish(ctx: Context, variant: Variant, quantity: int, code: str, country: str = "") -> Wish:
    """Work out a wish against the snapshot: an early answer, which `Selling.place` makes sure of. Raises Refused.

    What is shipped goes to `country` (ISO 3166-1 alpha-2), else to the first region of the config.
    """
    shop = ctx.shop
    scope = scope_for(ctx, variant.product.id, _region(shop.settings, variant, country))
    refuse_new(shop.settings.plans.values(), ctx.now, scope, *needed(variant))
    _check_left(variant, quantity, shop.available(variant))
    coupon = coupon_for(ctx, variant, quantity, code) if code else None
    goods = variant.price * quantity
    discount = discount_of(coupon, goods) if coupon else Money(0, goods.currency)
    shipping = _shipping(shop.settings, country) if variant.product.fulfil == "ship" else None
    result = Wish(variant, quantity, coupon, discount, shipping)
    if coupon and shipping is None:  # with postage the rest is never nothing, and another region may make it enough
        check_rest(coupon, result.total, smallest(shop, goods.currency), goods)
    check_minimum(shop, result.total)
    return result


@dataclass(frozen=True, slots=True)
class Selling:
    """Placing and cancelling orders."""

    desk: Desk
    checkouts: Checkouts

    async def place(self, ctx: Context, wanted: Wish, *, again: bool = False) -> Order:
        """Reserve, write the order, open its checkout session. The same interaction again gives the same order.

        With `again` it is known that one of the same is paid already and not settled; without, that is StillProcessing.
        Raises Refused where it cannot be, PaymentsRefused where Stripe will not; where Stripe does not answer, the order
        comes back as a draft, and news follow when its session is there.
        """
        variant = wanted.variant
        line = Line(
            variant=variant.id,
            product=variant.product.id,
            label=variant.label,
            quantity=wanted.quantity,
            price=variant.price,
            fulfil=variant.product.fulfil,
            message=variant.product.message,
        )
        async with self.desk.store.unit() as unit:
            known = await unit.orders.asked_by(ctx.key)
            if known is not None:
                return known
            region = wanted.shipping.region if wanted.shipping else ""
            scope = scope_for(ctx, variant.product.id, region)
            await check_new(self.desk, unit, scope, *needed(variant))
            settling = None if again else await unit.orders.processing(ctx.person.key, variant.id)
            if settling is not None:
                code = wanted.coupon.code if wanted.coupon else ""
                raise StillProcessing(settling.id, variant.label, variant.id, wanted.quantity, code)
            if wanted.coupon:
                await check_uses(unit, wanted.coupon, ctx.person.key)
            buyer = await admit(self.desk, unit, ctx)
            order = Order(
                id=new_number(),
                kind="buy",
                state=State.DRAFT,
                buyer=buyer,
                total=wanted.total,
                created=unit.now,
                asked_by=ctx.key,
                account="",
                livemode=self.desk.payments("").livemode,
                expires=self.checkouts.expiry(unit.now),
                lines=(line,),
                discount=wanted.discount or None,
                code=wanted.coupon.code if wanted.coupon else "",
                shipping=wanted.shipping,
                terms=terms(ctx),
                every=variant.product.every,
            )
            checkout = checkout_of(self.desk, ctx, order)
            await unit.facts.note(f"sold:{line.product}", variant.product.name)
            await self.checkouts.write(unit, checkout, order)
            # Orders first, then stock, as settling locks them; and as late as can be, for all who buy the same wait here.
            _check_left(variant, wanted.quantity, available(variant, await unit.stock.of(variant.id)))
            await put(unit, order, "asked for in chat")
        return await try_open(self.checkouts, order, checkout)

    async def home(self, ctx: Context) -> str:
        """Give the country that this person's newest shipped order went to, "" where the shop ships to none such now."""
        async with self.desk.store.reading() as unit:
            order = await unit.orders.last_shipped(ctx.person.key)
        region = order.shipping.region if order and order.shipping else ""
        return region if rate_to(ctx.shop.settings.shipping, region) else ""

    async def known(self, ctx: Context) -> Order | None:
        """Give the order that this very interaction made before, if a platform delivers it twice."""
        async with self.desk.store.reading() as unit:
            return await unit.orders.asked_by(ctx.key)

    async def cancel(self, ctx: Context, order_id: str) -> Order:
        """Cancel one's own unpaid order. Raises NotYours, UnknownOrder, TooLate."""
        order = await own(self.desk, ctx, order_id)
        if order.state in {State.DRAFT, State.AWAITING}:
            order = await self.checkouts.end(order_id, "cancelled")
        if order.state in {State.DRAFT, State.AWAITING, State.CANCELLED, State.EXPIRED}:
            return order
        raise TooLate(order.id, order.state)


def checkout_of(desk: Desk, ctx: Context, order: Order) -> Checkout:
    """Say what the checkout session of an order is opened for: the one rate of its region, and that region's countries."""
    shipping = order.shipping
    return Checkout(
        order=order.id,
        kind="buy",
        lines=order.lines,
        total=order.total - order.postage,
        expires=order.expires,
        success_url=desk.addresses.success(order.id),
        cancel_url=desk.addresses.cancelled(order.id),
        locale=ctx.tongue.locale,
        discount=order.discount,
        monthly=order.monthly,
        automatic_tax=ctx.shop.settings.automatic_tax,
        terms=order.terms,
        ship_to=shipping.countries if shipping else (),
        shipping=(ShippingChoice(ctx.tongue.pick(shipping.name), shipping.price),) if shipping else (),
    )


async def try_open(checkouts: Checkouts, order: Order, checkout: Checkout) -> Order:
    """Open the session now; where Stripe does not answer, leave it to the job and give the draft."""
    try:
        return await checkouts.open(order, checkout)
    except PaymentsUnavailable:
        return order


async def own(desk: Desk, ctx: Context, order_id: str) -> Order:
    """Find an order of this person. Raises UnknownOrder, NotYours."""
    async with desk.store.reading() as unit:
        order = await unit.orders.get(order_id.upper())
    if order is None:
        raise UnknownOrder(order_id)
    if order.buyer.key != ctx.person.key:
        raise NotYours
    return order


async def admit(desk: Desk, unit: Unit, ctx: Context) -> Buyer:
    """Count this person's, this address's and the shop's sessions of the last hour, and what was declined of late.

    Raises TooMany, Braked, Outdated.
    """
    await check_active(unit, ctx.shop.settings.digest)
    person, limits = ctx.person, ctx.shop.settings.limits
    address = desk.signer.digest("address", person.address) if person.address else ""
    await check_brake(unit, limits, person.key, address)
    since = unit.now - WINDOW
    if await unit.orders.opened_since(since, person=person.key) >= limits.person:
        raise TooMany("person")
    if address and await unit.orders.opened_since(since, address=address) >= limits.address:
        raise TooMany("address")
    if await unit.orders.opened_since(since) >= limits.shop:
        raise TooMany("shop")
    return Buyer(
        platform=person.platform,
        id=person.id,
        user=person.user,
        workspace=person.workspace,
        locale=ctx.tongue.locale,
        reply=ctx.reply,
        address=address,
    )


def check_minimum(shop: Shop, total: Money) -> None:
    """Refuse what Stripe would refuse as too small. Raises BelowMinimum."""
    minimum = smallest(shop, total.currency)
    if total < minimum:
        raise BelowMinimum(total, minimum)


def smallest(shop: Shop, currency: str) -> Money:
    """Give the smallest charge that Stripe takes in a currency."""
    return shop.minimums.get(currency) or Money(1, currency)


def new_number() -> str:
    """Make an order's number, hard to guess and easy to read aloud: 30^8 of them."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def like_a_number(text: str) -> bool:
    """Tell whether a text has the form of an order's public number, whoever's order that may be."""
    return len(text) == _LENGTH and set(_ALPHABET).issuperset(text)


def terms(ctx: Context) -> str:
    """Say which terms one accepts by paying, as it is shown before Pay and kept with the order."""
    seller = ctx.shop.settings.seller
    refunds = ctx.tongue.pick(seller.refunds)
    parts = [ctx.tongue.word("terms.accept", seller=seller.name, terms=seller.terms)] if seller.terms else []
    return "\n".join([*parts, refunds]).strip()


def needed(variant: Variant) -> tuple[Capability, ...]:
    """Name what has to be open for a variant to be bought."""
    return (Capability.CHECKOUT_NEW, *((Capability.SUBSCRIBE_NEW,) if variant.product.every else ()))


def _region(settings: Settings, variant: Variant, country: str) -> str:
    """Name where a variant would be shipped; "" where it is not."""
    if variant.product.fulfil != "ship" or not settings.shipping:
        return ""
    return country or settings.shipping[0].code


def _check_left(variant: Variant, quantity: int, left: int | None) -> None:
    if left == 0:
        raise SoldOut(variant.label)
    if quantity > variant.product.limit:
        raise BeyondLimit(variant.label, quantity, variant.product.limit)
    if left is not None and quantity > left:
        raise BeyondStock(variant.label, quantity, left)


def _shipping(settings: Settings, country: str) -> Shipping | None:
    """Give what an order to that country remembers; of the first region where none is named. Raises NotShipped."""
    if not country:
        return settings.shipping[0].to() if settings.shipping else None
    rate = rate_to(settings.shipping, country)
    if rate is None:
        raise NotShipped(country, country)
    return rate.to(country)
