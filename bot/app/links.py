"""What Stripe keeps to sell: Payment Links as they would be and made so, and the products of an account, listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.stripe.limits import MINIMUMS
from adapters.stripe.links import StripeLinks
from adapters.stripe.products import StripeProducts
from bot.app.office import Office
from bot.channels import Remark, left
from bot.payment_links import Offer, Published, offers

__all__ = ["Plan", "listed", "planned", "published"]

_NO_OFFERS: Final[tuple[Offer, ...]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What links would sell, and what they cannot."""

    offers: tuple[Offer, ...]
    remarks: tuple[Remark, ...]
    #: What links say that end: the reason why buying retires; "" leaves that to Stripe.
    over: str


async def planned(office: Office, *, end: bool) -> Plan:
    """Look at the shop as it stands; to `end` the links nothing is offered. Stripe is not asked."""
    settings = office.settings
    buy = settings.plans.get("buy")
    over = buy.reason.get(settings.default_locale, "") if buy else ""
    if end:
        return Plan(_NO_OFFERS, (), over)
    async with office.database.store.reading() as unit:
        stock = await unit.stock.all()
    found, remarks = offers(left(settings.catalogue, stock), settings.shipping, MINIMUMS)
    return Plan(found, remarks, over)


async def published(office: Office, plan: Plan) -> Sequence[Published]:
    """Have Stripe's links be what is planned. Raises BadConfig, PaymentsRefused, PaymentsUnavailable, WrongAccount."""
    links: StripeLinks = office.accounts.links(office.settings)
    try:
        return await links.publish(plan.offers, over=plan.over)
    finally:
        await links.aclose()


async def listed(office: Office, account: str, into: BinaryIO, progress: Callable[[int], None]) -> None:
    """Write what an account has of products and prices; "" is the shop's own.

    Raises LookupError for an account that the config does not name, BadConfig, PaymentsRefused, PaymentsUnavailable,
    WrongAccount.
    """
    products: StripeProducts = office.accounts.products(office.settings, account)
    try:
        await products.save(into, progress)
    finally:
        await products.aclose()
