"""Coupons: whether a code holds for what is wanted, what it takes off, and how often it was used.

An order holds a use from the moment it is written, and keeps it once it is paid. A use comes back when its order ends
unpaid or is refunded in full, as the stock does. So uses are counted by their orders, and no count can go astray.
"""

from __future__ import annotations

from bot.catalogue import Variant
from bot.chat import Context
from bot.errors import BadCode
from bot.money import Money
from bot.ports import Unit
from bot.settings import Coupon


def coupon_for(ctx: Context, variant: Variant, quantity: int, code: str) -> Coupon:
    """Find the coupon of a code that holds for so many of a variant today. Raises BadCode, which says why not."""
    settings = ctx.shop.settings
    coupon = settings.coupons.get(code.strip().upper())
    if coupon is None:
        raise BadCode(code, "unknown")
    today = ctx.now.astimezone(settings.zone).date()
    if coupon.since and today < coupon.since:
        raise BadCode(code, "early", day=coupon.since)
    if coupon.until and today > coupon.until:
        raise BadCode(code, "ended", day=coupon.until)
    if coupon.products and variant.product.id not in coupon.products:
        named = [each.name for name in coupon.products if (each := ctx.shop.catalogue.named.get(name))]
        raise BadCode(code, "product", names=named)
    goods = variant.price * quantity
    if any(bound is not None and bound.currency != goods.currency for bound in (coupon.amount, coupon.minimum)):
        raise BadCode(code, "currency")
    if coupon.minimum and goods < coupon.minimum:
        raise BadCode(code, "minimum", sum=goods, bound=coupon.minimum)
    return coupon


def discount_of(coupon: Coupon, goods: Money) -> Money:
    """Work out what a coupon takes off, never more than there is."""
    off = goods.percent(coupon.percent) if coupon.percent is not None else coupon.amount or Money(0, goods.currency)
    return min(off, goods)


def check_rest(coupon: Coupon, rest: Money, smallest: Money, goods: Money) -> None:
    """Refuse a coupon that leaves nothing to pay, or less than can be charged. Raises BadCode.

    Stripe could complete a session that costs nothing, but without a payment there would be nothing to refund or to
    reconcile, and codes that are guessed would empty the shop.
    """
    if not rest:
        raise BadCode(coupon.code, "free")
    if rest < smallest <= goods:
        raise BadCode(coupon.code, "small", sum=rest, bound=smallest)


async def check_uses(unit: Unit, coupon: Coupon, person: str) -> None:
    """In the unit that writes an order: see that one more use is left, for this person and in all. Raises BadCode.

    The count stays true until the unit ends: who else wants a use of the same coupon waits.
    """
    if coupon.per_person is not None and await unit.orders.uses(coupon.code, person=person) >= coupon.per_person:
        raise BadCode(coupon.code, "used")
    if coupon.total is not None and await unit.orders.uses(coupon.code) >= coupon.total:
        raise BadCode(coupon.code, "used_up")
