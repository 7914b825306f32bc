"""The parts of a plan: it closes at one instant for most, and at others for those of whom an override or exception speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.retirement.calendar import closes_for
from bot.retirement.plan import Plan, Scope


@dataclass(frozen=True, slots=True)
class Stand:
    """From where somebody is told of a closing, and of which products alone: () for all that the plan ends."""

    scope: Scope
    goods: tuple[str, ...] = ()


def parts(plan: Plan) -> tuple[Plan, ...]:
    """Give the plan once for each instant at which it closes for somebody, with that as its closing: its own first."""
    said = [part.closes for part in plan.overrides if part.closes] + [part.until for part in plan.exemptions]
    others = {instant.astimezone(UTC) for instant in said} - {plan.closes.astimezone(UTC)}
    return plan, *(replace(plan, closes=instant.astimezone(plan.zone)) for instant in sorted(others))


def stand(plan: Plan, closes: datetime, place: Scope, bought: Iterable[Scope]) -> Stand | None:
    """Say from where somebody is told that the plan closes at an instant; None where it does so for nothing of theirs.

    `place` is their platform and workspace, `bought` are the scopes of what they bought there. Where everything closes for
    them at that instant they are told so; else of those products of theirs for which it does.
    """
    scopes = sorted(bought, key=lambda scope: (scope.region, scope.product))
    places = sorted({replace(scope, product="") for scope in scopes} or {place}, key=lambda scope: scope.region)
    if all(_all_at(plan, closes, where) for where in places):
        alone = len(places) == 1 or not _all_at(plan, closes, place)
        return Stand(places[0] if alone else place)
    theirs = [scope for scope in scopes if closes_for(plan, scope) == closes.astimezone(UTC)]
    return Stand(theirs[0], tuple(dict.fromkeys(scope.product for scope in theirs))) if theirs else None


def _all_at(plan: Plan, closes: datetime, where: Scope) -> bool:
    """Tell whether all that the plan ends closes there at that instant; of Buy itself, all that has no date of its own."""
    products = ("", *plan.products)
    return all(closes_for(plan, replace(where, product=product)) == closes.astimezone(UTC) for product in products)
