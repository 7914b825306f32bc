"""Says in words how one version of the config differs from another, for the log and the admins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.catalogue import Product, Variant
from bot.donations import Cause
from bot.money import Money
from bot.retirement import Alternative, Capability, Override, Plan
from bot.settings import AmazonSeller, Coupon, Settings
from bot.shipping import ShippingRate

_PLATFORMS: Final = ("web", "slack", "discord")
#: More countries than this are not read by anybody.
_MOST: Final = 12

#: A subject's fields as they are said, by name. What is not to be repeated is a `Quiet`.
Fields = dict[str, Any]


class Quiet(str):
    """A text of which only is said that it changed: long, or nobody's business."""

    __slots__ = ()


def changes(old: Settings, new: Settings) -> list[str]:
    """Give a sentence for each difference: "product mug: price 12.00 EUR -> 13.00 EUR"."""
    same = {product.id for product in new.catalogue.products if old.catalogue.named.get(product.id) is product}
    before, after = _subjects(old, same), _subjects(new, same)
    return [sentence for name in {**before, **after} for sentence in _differences(name, before, after)]


def _differences(name: str, before: Mapping[str, Fields], after: Mapping[str, Fields]) -> Iterator[str]:
    if name not in before:
        yield f"{name}: added{_summary(after[name])}"
    elif name not in after:
        yield f"{name}: removed"
    else:
        for field, was in before[name].items():
            now = after[name][field]
            if was != now:
                quiet = isinstance(was, Quiet) or isinstance(now, Quiet)
                yield f"{name}: {field} changed" if quiet else f"{name}: {field} {_said(was)} -> {_said(now)}"


def _summary(fields: Fields) -> str:
    shown = [f"{field} {_said(fields[field])}" for field in ("name", "price", "closes") if fields.get(field)]
    return f", {', '.join(shown)}" if shown else ""


def _said(value: Any) -> str:
    match value:
        case None | "" | ():
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return f'"{value}"'
        case tuple():
            return ", ".join(str(part) for part in value)
        case datetime():
            return value.isoformat()
        case ZoneInfo():
            return value.key
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _subjects(settings: Settings, same: AbstractSet[str]) -> dict[str, Fields]:
    """Take Settings apart into subjects with their fields; products that are the `same` are left out."""
    seller, limits, web = settings.seller, settings.limits, settings.web
    found: dict[str, Fields] = {
        "shop": {
            "name": settings.name,
            "homepage": settings.homepage,
            "currency": settings.currency,
            "default_locale": settings.default_locale,
            "zone": settings.zone,
        },
        "seller": {
            "name": seller.name,
            "address": Quiet(seller.address),
            "support": seller.support,
            "terms": seller.terms,
            "refunds": _texts(seller.refunds),
        },
    }
    for product in settings.catalogue.products:
        if product.id not in same:
            found |= _product(product)
    found |= {f"cause {cause.id}": _cause(cause) for cause in settings.causes.values()}
    found |= {f"coupon {coupon.code}": _coupon(coupon) for coupon in settings.coupons.values()}
    found |= {f"shipping {number}": _shipping(rate) for number, rate in enumerate(settings.shipping, 1)}
    found |= {f"retirement of {plan.feature}": _plan(plan) for plan in settings.plans.values()}
    found["notify"] = {platform: settings.notify.get(platform, "") for platform in _PLATFORMS}
    found["admins"] = {platform: settings.admins.get(platform, ()) for platform in _PLATFORMS}
    found["admins"] |= {"approvals": settings.approval.admins, "refunds_above": settings.approval.above}
    found["limits"] = {
        "person": limits.person,
        "address": limits.address,
        "shop": limits.shop,
        "hold_minutes": limits.hold_minutes,
        "grace_days": limits.grace_days,
        "declines_person": limits.declines_person,
        "declines_address": limits.declines_address,
        "declines_shop": limits.declines_shop,
        "declines_minutes": limits.declines_minutes,
    }
    found["stripe"] = {
        "keys": tuple(f"{account or 'shop'}: {name}" for account, name in settings.account_keys.items()),
        "webhook secrets": tuple(
            f"{account or 'shop'}: {name}" for account, name in settings.account_webhook_secrets.items()
        ),
        "automatic_tax": settings.automatic_tax,
    }
    found["web"] = {
        "chat": web.chat,
        "public_url": web.public_url,
        "host": web.host,
        "port": web.port,
        "trusted_proxies": web.trusted_proxies,
    }
    found |= _amazon(settings.amazon)
    slack, discord = settings.slack, settings.discord
    found["slack"] = {"enabled": slack.enabled, "prefix": slack.prefix, "socket": slack.socket}
    found["discord"] = {"enabled": discord.enabled, "prefix": discord.prefix, "http": discord.http}
    found |= {
        f"perk {perk.id}": {
            "name": perk.name,
            "platform": perk.platform,
            "kind": perk.kind,
            "target": perk.target,
            "workspace": perk.workspace,
            "days": perk.days,
        }
        for perk in settings.perks.values()
    }
    found |= {f"perks of product {name}": {"perks": perks} for name, perks in settings.product_perks.items()}
    found |= {f"perks of cause {name}": {"perks": perks} for name, perks in settings.cause_perks.items()}
    return found


def _amazon(seller: AmazonSeller | None) -> dict[str, Fields]:
    if seller is None:
        return {}
    fields: Fields = {
        "seller_id": seller.seller_id,
        "marketplace_id": seller.marketplace_id,
        "language": seller.language,
        "product_type": seller.product_type,
        "product_types": tuple(f"{product} {kind}" for product, kind in seller.product_types.items()),
    }
    return {"channel amazon": fields}


def _texts(texts: Mapping[str, str]) -> Quiet:
    return Quiet(sorted(texts.items()))


def _product(product: Product) -> dict[str, Fields]:
    single = product.variants[0] if [variant.id for variant in product.variants] == [product.id] else None
    fields: Fields = {
        "name": product.name,
        "description": Quiet(product.description),
        "picture": product.picture,
        "every": product.every,
        "fulfil": product.fulfil,
        "message": Quiet(product.message),
        "limit": product.limit,
        "tags": product.tags,
        "pictures": tuple(image.url for image in product.images[1 if product.picture else 0 :]),
        "alt texts": Quiet([image.alt for image in product.images if image.alt]),
        "html": Quiet(product.html),
        "brand": product.brand,
        "category": product.category,
        "condition": product.condition,
        "url": product.url,
        "options": product.options,
        **_variant(single),
    }
    others = product.variants if single is None else ()
    return {f"product {product.id}": fields} | {f"product {other.id}": _variant(other) for other in others}


def _variant(variant: Variant | None) -> Fields:
    """Give the fields of a variant; of none, for a product whose variants are said one by one."""
    if variant is None:
        return {"price": None, "stock": None, "sku": "", "gtin": "", "mpn": "", "weight": None, "compare_at": None}
    fields: Fields = {
        "price": variant.price,
        "stock": variant.stock,
        "sku": variant.sku,
        "gtin": variant.gtin,
        "mpn": variant.mpn,
        "weight": variant.weight,
        "compare_at": variant.compare_at,
    }
    if variant.name:
        fields |= {"values": variant.values, "picture": variant.picture}
    return {"name": variant.name, **fields} if variant.name else fields


def _cause(cause: Cause) -> Fields:
    return {
        "name": cause.name,
        "description": Quiet(cause.description),
        "recipient": cause.recipient,
        "registration": cause.registration,
        "currency": cause.currency,
        "presets": cause.presets,
        "goal": cause.goal,
        "account": cause.account,
        "picture": cause.picture,
        "fee_percent": cause.fee_percent,
        "fee_fixed": cause.fee_fixed or Money(0, cause.currency),
    }


def _coupon(coupon: Coupon) -> Fields:
    return {
        "percent": coupon.percent,
        "amount": coupon.amount,
        "minimum": coupon.minimum,
        "products": coupon.products,
        "from": coupon.since,
        "until": coupon.until,
        "per_person": coupon.per_person,
        "total": coupon.total,
    }


def _shipping(rate: ShippingRate) -> Fields:
    countries = rate.countries if len(rate.countries) <= _MOST else Quiet(rate.countries)
    return {"name": _texts(rate.name), "countries": countries, "price": rate.price}


def _plan(plan: Plan) -> Fields:
    return {
        "announced": plan.announced.astimezone(plan.zone),
        "closes": plan.closes.astimezone(plan.zone),
        **{str(capability): _shown(plan, plan.given.get(capability)) for capability in Capability},
        "reason": _texts(plan.reason),
        "contact": plan.contact,
        "short_notice_reason": _texts(plan.short_notice_reason),
        "cancelled": _texts(plan.cancelled),
        "reopened": _texts(plan.reopened),
        "products": plan.products,
        "overrides": tuple(_override(plan, part) for part in plan.overrides),
        "exceptions": tuple(f"{part.name} ({_shown(plan, part.until)})" for part in plan.exemptions),
        "alternatives": tuple(_place(place) for place in plan.alternatives),
        "alternatives' details": Quiet([replace(place, name="", url="", channel="") for place in plan.alternatives]),
        "brownouts": tuple(f"{_shown(plan, part.starts)} to {_shown(plan, part.ends)}" for part in plan.brownouts),
        "brownouts stop at": f"{plan.fuse.errors} errors, {plan.fuse.complaints} complaints",
        "reminders": plan.reminders.days,
        "reminders' months and hours": Quiet([plan.reminders.months, plan.reminders.quiet]),
        "leftovers": tuple(str(value) for value in astuple(plan.leftovers)),
        "texts": Quiet(sorted(plan.texts.items())),
        "banner_every": str(timedelta(seconds=plan.banner_every)) if plan.banner_every else "always",
    }


def _place(place: Alternative) -> str:
    """Say a place, its address, and the channel that the catalogue goes there by."""
    return f"{place.name} ({place.url}{f', {place.channel}' if place.channel else ''})"


def _override(plan: Plan, part: Override) -> str:
    """Say whom an override is for, and its dates."""
    ends: dict[str, datetime] = {str(capability): instant for capability, instant in part.instants.items()}
    if part.closes is not None:
        ends = {"closes": part.closes, **ends}
    dates = ", ".join(f"{name} {_shown(plan, instant)}" for name, instant in ends.items())
    return f"{' '.join(name for name in astuple(part.scope) if name)}: {dates}"


def _shown(plan: Plan, instant: datetime | None) -> str:
    return instant.astimezone(plan.zone).isoformat() if instant else ""
