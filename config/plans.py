"""Makes retirement plans of a checked file, and finds what only all of their instants together tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime

from bot.retirement import (
    Alternative,
    Brownout,
    Capability,
    Exemption,
    Fuse,
    Leftovers,
    Override,
    Plan,
    Reminders,
    Scope,
    disorder,
    parts,
    schedule,
    steps,
)
from config.findings import Finding
from config.retirements import CampaignTable, ReminderTable, Retiring, ScopedTable, TextTable, given
from config.schema import ShopFile


def plans(file: ShopFile) -> dict[str, Plan]:
    """Give the plans of a file, by feature."""
    return {feature: _plan(feature, table, file) for feature, _, table in _tables(file)}


def tables(file: ShopFile) -> list[tuple[str, tuple[str, ...]]]:
    """Name the retirement tables of a file: each one's feature, and the way to it."""
    return [(feature, path) for feature, path, _ in _tables(file)]


Place = tuple[str | int, ...]


def out_of_order(file: ShopFile) -> Iterator[Finding]:
    """Find instants that end what others still need, for everybody or for a part."""
    found = plans(file)
    for feature, path, table in _tables(file):
        plan = found[feature]
        yield from _early(path, plan, Scope(), given(table))
        for number, override in enumerate(table.override):
            scope = _scope(override)
            place: Place = (*path, "override", number)
            ends = given(override) | ({Capability.CHECKOUT_NEW: override.closes} if override.closes else {})
            yield from _early(place, plan, scope, ends)
            if override.closes is not None and override.closes <= table.announced:
                yield Finding((*place, "closes"), "is not after announced", "announce first, then close")
        for number, exception in enumerate(table.exception):
            if exception.until <= table.closes:
                place = (*path, "exception", number)
                yield Finding(
                    (*place, "until"), "is not after closes", "an exception lasts longer than what it is from"
                )
            else:
                yield from _outlives((*path, "exception", number), plan, number)
        yield from _dark(path, plan)
        buy = file.retirement.buy
        if buy is not None and feature != "buy" and table.closes > buy.closes:
            better = "write an [[retirement.buy.override]] with the product and its closes, or an earlier date"
            yield Finding((*path, "closes"), "is after Buy itself closes", better)


def _early(path: Place, plan: Plan, scope: Scope, ends: dict[Capability, datetime]) -> Iterator[Finding]:
    """Find which of the instants that a table names ends too early, or keeps another from ending in time."""
    found = schedule(plan, scope)
    for later, earlier in disorder(found):
        if later in ends and later is not Capability.CHECKOUT_NEW:
            what = f"is before {_key(earlier)} ends, {_written(found[earlier], plan)}"
            yield Finding((*path, _key(later)), what, "write that instant or a later one")
        elif earlier in ends:
            what = f"is after {_key(later)}, {_written(found[later], plan)}"
            yield Finding((*path, _key(earlier)), what, "write that instant or an earlier one")


def _dark(path: Place, plan: Plan) -> Iterator[Finding]:
    """Find brownouts that lie outside of announcement and closing, overlap, do not grow, or that nobody was told of."""
    meets = parts(replace(plan, exemptions=()))
    first = (min((step.at for step in steps(part) if step.days > 0), default=plan.announced) for part in meets)
    told = max(instant.astimezone(UTC) for instant in first)
    before: Brownout | None = None
    for number, part in enumerate(plan.brownouts):
        place: Place = (*path, "brownouts", number)
        starts, ends = (*place, "starts"), (*place, "ends")
        if part.starts < plan.announced:
            yield Finding(starts, f"is before announced, {_written(plan.announced, plan)}", "announce first")
        elif part.starts < told:
            better = "write that instant or a later one, or remind earlier in reminders.days"
            yield Finding(starts, f"is before everybody is reminded, {_written(told, plan)}", better)
        if part.ends > plan.closes:
            what = f"is after closes, {_written(plan.closes, plan)}"
            yield Finding(ends, what, "write that instant or an earlier one")
        if before is not None and part.starts < before.ends:
            what = f"is before the one before it ends, {_written(before.ends, plan)}"
            yield Finding(starts, what, "write them in their order, one after the other")
        elif before is not None and part.ends - part.starts <= before.ends - before.starts:
            better = (
                f"brownouts grow: write an instant after {_written(part.starts + (before.ends - before.starts), plan)}"
            )
            yield Finding(ends, "makes it no longer than the one before it", better)
        before = part


def _outlives(path: Place, plan: Plan, number: int) -> Iterator[Finding]:
    """Find what was given and ends before an exception does: who bought by it could not pay, or get, what they bought.

    That is looked for where the exception holds, and where an override speaks of a part of that.
    """
    exception = plan.exemptions[number]
    without = replace(plan, exemptions=(*plan.exemptions[:number], *plan.exemptions[number + 1 :]))
    meant = (_both(exception.scope, override.scope) for override in plan.overrides)
    for scope in (exception.scope, *(each for each in meant if each is not None)):
        found = schedule(plan, scope)
        broken = set(disorder(found)) - set(disorder(schedule(without, scope)))
        for later, _ in sorted(broken, key=lambda pair: list(Capability).index(pair[0])):
            what = f"is after {_key(later)} ends there, {_written(found[later], plan)}"
            better = f"write that instant or an earlier one, or a later {_key(later)}"
            yield Finding((*path, "until"), what, better)
            return


def _both(one: Scope, other: Scope) -> Scope | None:
    """Give the scope that both speak of; None where nobody is in both."""
    pairs = [(getattr(one, each.name), getattr(other, each.name)) for each in fields(Scope)]
    if any(mine and theirs and mine != theirs for mine, theirs in pairs):
        return None
    return Scope(*(mine or theirs for mine, theirs in pairs))


def _key(capability: Capability) -> str:
    return "closes" if capability is Capability.CHECKOUT_NEW else capability.value


def _written(instant: datetime, plan: Plan) -> str:
    return instant.astimezone(plan.zone).isoformat()


def _tables(file: ShopFile) -> Iterator[tuple[str, tuple[str, ...], Retiring]]:
    retirement = file.retirement
    if retirement.buy is not None:
        yield "buy", ("retirement", "buy"), retirement.buy
    for name, table in retirement.product.items():
        yield f"product.{name}", ("retirement", "product", name), table
    for name, campaign in retirement.campaign.items():
        yield f"campaign.{name}", ("retirement", "campaign", name), campaign


def _plan(feature: str, table: Retiring, file: ShopFile) -> Plan:
    kind, _, name = feature.partition(".")
    products = tuple(table.products) if isinstance(table, CampaignTable) else (name,) if kind == "product" else ()
    return Plan(
        feature=feature,
        announced=table.announced,
        closes=table.closes,
        zone=table.zone or file.shop.zone,
        reason=table.reason,
        contact=table.contact or file.seller.support or "",
        short_notice_reason=table.short_notice_reason or {},
        alternatives=tuple(
            Alternative(
                name=place.name,
                url=place.url,
                products=tuple(place.products),
                note=place.note or {},
                regions=tuple(place.regions),
                languages=tuple(place.languages),
                cheapest=place.cheapest,
                dearest=place.dearest,
                opens=place.opens,
                ends=place.ends,
                deep_link=place.deep_link or "",
                channel=place.channel or "",
            )
            for place in table.alternative
        ),
        products=products,
        given=given(table),
        overrides=tuple(Override(_scope(part), part.closes, given(part)) for part in table.override),
        exemptions=tuple(Exemption(part.name, _scope(part), part.until) for part in table.exception),
        cancelled=table.cancelled or {},
        reopened=table.reopened or {},
        brownouts=tuple(Brownout(part.starts, part.ends) for part in table.brownouts),
        fuse=Fuse(table.brownout_errors, table.brownout_complaints),
        reminders=_reminders(table.reminders),
        leftovers=Leftovers(
            open_checkouts=table.leftovers.open_checkouts,
            unsettled=table.leftovers.unsettled,
            undelivered=table.leftovers.undelivered,
            monthly=table.leftovers.monthly,
        ),
        texts=_texts(table.text),
        banner_every=table.banner_every,
    )


def _reminders(table: ReminderTable) -> Reminders:
    quiet = (table.quiet_from, table.quiet_until) if table.quiet_from and table.quiet_until else None
    return Reminders(tuple(table.days), table.months, quiet if quiet and quiet[0] != quiet[1] else None)


def _texts(table: TextTable) -> dict[str, dict[str, str]]:
    found = {name: getattr(table, name) for name in TextTable.model_fields}
    return {name: texts for name, texts in found.items() if texts}


def _scope(table: ScopedTable) -> Scope:
    return Scope(table.platform or "", table.workspace or "", table.region or "", table.product or "")
