"""What a retirement would change, counted before it does: instants, people, what is open, coupons, missing translations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.closing.figures import Figure, figure
from bot.closing.liabilities import Found, Liability, concerns, liabilities
from bot.closing.readiness import Readiness
from bot.orders import Order
from bot.retirement import ANYWHERE, Alternative, Capability, Plan, Scope, Stage, schedule, stage
from bot.settings import Coupon, Settings


@dataclass(frozen=True, slots=True)
class Part:
    """When one capability ends for one scope; `given` says whether the operator wrote that or it follows from the rest."""

    scope: Scope
    #: Of an exception, how the operator called it.
    name: str
    capability: Capability
    ends: datetime  # UTC
    given: bool


@dataclass(frozen=True, slots=True)
class CouponLeft:
    """A coupon that can still be used, how often it was, and until when that is possible at all."""

    code: str
    used: int
    #: None where the coupon has no limit.
    total: int | None
    last: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What one plan would change."""

    plan: Plan
    stage: Stage
    parts: tuple[Part, ...]
    #: Everybody to be told, each once; the three groups may share people.
    people: int
    buyers: int
    waiting: int
    monthly: int
    #: Of everybody, those who want no reminders: they are not told at its steps.
    quiet: int
    #: The places to buy instead that do not answer, as the running shop found them.
    dead: tuple[Alternative, ...]
    #: What is not done, by kind.
    open: Mapping[str, Figure]
    coupons: tuple[CouponLeft, ...]
    #: The operator's texts that lack a language: (what, locale).
    missing: tuple[tuple[str, str], ...]
    #: The places that the catalogue goes to, and how ready it is for each.
    places: tuple[Readiness, ...] = ()


#: What a preview counts of what is not done, in the order in which it is said.
COUNTED: Final = ("open", "processing", "undelivered", "refund", "dispute", "monthly")


def preview(
    plan: Plan,
    now: datetime,
    *,
    found: Found,
    bought: Sequence[Order],
    coupons: Mapping[str, Coupon],
    uses: Mapping[str, int],
    quiet: Collection[str],
    dead: Collection[str],
    locales: Sequence[str],
    zone: ZoneInfo,
    places: Sequence[Readiness] = (),
) -> Preview:
    """Count what a plan would change at `now`.

    `bought` are the paid orders of `plan.reminders.months`, `uses` how often each coupon was used, `quiet` the
    keys of people who want no reminders, `dead` the addresses that lead nowhere, `zone` the shop's, and `places` how
    ready the catalogue is for those that it goes to.
    """
    listed = liabilities(found, plan)
    buyers = {order.buyer.key for order in bought if concerns(plan, order)}
    numbers = {kind: {each.number for each in listed if each.kind == kind} for kind in COUNTED}
    unfinished = numbers["open"] | numbers["processing"] | numbers["undelivered"]
    waiting = {order.buyer.key for order in found.orders if order.id in unfinished}
    monthly = {pledge.person for pledge in found.pledges if pledge.id in numbers["monthly"]}
    people = buyers | waiting | monthly
    return Preview(
        plan=plan,
        stage=stage(plan, now),
        parts=tuple(_parts(plan)),
        people=len(people),
        buyers=len(buyers),
        waiting=len(waiting),
        monthly=len(monthly),
        quiet=len(people.intersection(quiet)),
        dead=tuple(place for place in plan.alternatives if place.url in dead),
        open={kind: _figure(listed, kind) for kind in COUNTED},
        coupons=tuple(_left(plan, now, coupons, uses, zone)),
        missing=tuple(_missing(plan, locales)),
        places=tuple(places),
    )


def _figure(listed: Sequence[Liability], kind: str) -> Figure:
    return figure(each.amount for each in listed if each.kind == kind and each.amount is not None)


def _parts(plan: Plan) -> Iterator[Part]:
    whole = schedule(plan)
    named = {*plan.given, Capability.CHECKOUT_NEW}
    for capability, ends in whole.items():
        yield Part(ANYWHERE, "", capability, ends, given=capability in named)
    for override in plan.overrides:
        names = {*override.instants, *([Capability.CHECKOUT_NEW] if override.closes else [])}
        for capability, ends in schedule(plan, override.scope).items():
            if capability in names or ends != whole[capability]:
                yield Part(override.scope, "", capability, ends, given=capability in names)
    for exemption in plan.exemptions:
        for capability, ends in schedule(plan, exemption.scope).items():
            if ends != whole[capability]:
                given = capability is Capability.CHECKOUT_NEW
                yield Part(exemption.scope, exemption.name, capability, ends, given=given)


def _left(
    plan: Plan, now: datetime, coupons: Mapping[str, Coupon], uses: Mapping[str, int], zone: ZoneInfo
) -> Iterator[CouponLeft]:
    """Find the coupons that the retirement makes worthless: all of whose products end with it."""
    ends = schedule(plan)[Capability.CHECKOUT_NEW]
    for coupon in coupons.values():
        worthless = plan.feature == "buy" or (coupon.products and set(coupon.products) <= set(plan.products))
        if not worthless or (coupon.total is not None and uses.get(coupon.code, 0) >= coupon.total):
            continue
        last = ends
        if coupon.until is not None:
            last = min(last, datetime.combine(coupon.until + timedelta(days=1), time(), zone))
        if last > now:
            yield CouponLeft(coupon.code, uses.get(coupon.code, 0), coupon.total, last)


def spoken(settings: Settings, bought: Iterable[Order]) -> Sequence[str]:
    """Name the languages that a shop is to speak: those it writes texts in, its usual one, and those of its buyers."""
    texts: list[Mapping[str, str]] = [settings.seller.refunds, *(rate.name for rate in settings.shipping)]
    texts += [text for plan in settings.plans.values() for text in _texts(plan).values()]
    tags = {tag for text in texts for tag in text} | {settings.default_locale}
    return sorted({_language(tag) for tag in (*tags, *(order.buyer.locale for order in bought)) if tag})


def _language(tag: str) -> str:
    return tag.partition("_")[0].partition("-")[0]


def _texts(plan: Plan) -> Mapping[str, Mapping[str, str]]:
    return {
        "reason": plan.reason,
        "short_notice_reason": plan.short_notice_reason,
        "cancelled": plan.cancelled,
        "reopened": plan.reopened,
        **{f"text.{name}": text for name, text in plan.texts.items()},
        **{f"alternative {place.name}: note": place.note for place in plan.alternatives},
    }


def _missing(plan: Plan, locales: Sequence[str]) -> Iterator[tuple[str, str]]:
    for what, text in _texts(plan).items():
        for locale in locales:
            if text and not {locale, _language(locale)} & text.keys():
                yield what, locale


def named(scope: Scope) -> str:
    """Write a scope as the operator names it: "slack", "slack T1", "region FR, product mug", "everybody"."""
    where = " ".join(part for part in (scope.platform, scope.workspace) if part)
    parts = (
        where,
        f"region {scope.region}" if scope.region else "",
        f"product {scope.product}" if scope.product else "",
    )
    return ", ".join(part for part in parts if part) or "everybody"
