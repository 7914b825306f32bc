"""What is counted for a retirement, for eyes and for programs: plain lines that are never cut, and JSON in minor units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.closing import Figure, FinalStatement, Liability, Part, Preview, Readiness
from bot.closing.preview import named

_KINDS: Final = {
    "open": "Open checkouts",
    "processing": "Unsettled payments",
    "undelivered": "Paid, not delivered",
    "refund": "Refunds not done",
    "dispute": "Open disputes",
    "monthly": "Monthly purchases",
    "parked": "Parked jobs",
    "deletion": "History to delete",
}


def show_preview(found: Preview, console: Console) -> None:
    """Print what one plan would change."""
    _print(console, _preview(found))


def preview_body(found: Preview) -> Mapping[str, object]:
    """Give what one plan would change as a program reads it."""
    plan = found.plan
    return {
        "feature": plan.feature,
        "state": str(found.stage),
        "standing": plan.standing or None,
        "announced": plan.announced.isoformat(),
        "closes": plan.closes.isoformat(),
        "zone": plan.zone.key,
        "capabilities": [
            {
                "capability": str(part.capability),
                "ends": part.ends.astimezone(plan.zone).isoformat(),
                "given": part.given,
                "platform": part.scope.platform or None,
                "workspace": part.scope.workspace or None,
                "region": part.scope.region or None,
                "product": part.scope.product or None,
                "exception": part.name or None,
            }
            for part in found.parts
        ],
        "brownouts": [
            {
                "starts": each.starts.astimezone(plan.zone).isoformat(),
                "ends": each.ends.astimezone(plan.zone).isoformat(),
            }
            for each in plan.brownouts
        ],
        "brownouts_stopped": plan.lit,
        "people": {
            "all": found.people,
            "bought": found.buyers,
            "waiting": found.waiting,
            "monthly": found.monthly,
            "quiet": found.quiet,
        },
        "dead_links": [{"name": place.name, "url": place.url} for place in found.dead],
        "open": {kind: _figure_body(figure) for kind, figure in found.open.items()},
        "coupons": [
            {"code": each.code, "used": each.used, "total": each.total, "last": each.last.isoformat()}
            for each in found.coupons
        ],
        "contact": plan.contact or None,
        "channels": [
            {
                "place": each.place,
                "channel": each.channel,
                "products": each.products,
                "ready": each.ready,
                "left_out": dict(each.missing),
                "feed": each.feed or None,
                "fetched": each.fetched.at.isoformat() if each.fetched else None,
                "fetched_by": each.fetched.program if each.fetched else None,
            }
            for each in found.places
        ],
        "missing_translations": [{"text": what, "locale": locale} for what, locale in found.missing],
    }


def show_liabilities(found: Sequence[Liability], zone: ZoneInfo, console: Console) -> None:
    """Print what is owed, a line each, or that nothing is."""
    if not found:
        _print(console, ["Nothing is owed: no order, refund, dispute, monthly purchase or job is open."])
        return
    rows = [
        (
            _KINDS[each.kind],
            each.number,
            str(each.amount) if each.amount else "",
            each.state,
            each.since.astimezone(zone).isoformat(timespec="seconds") if each.since else "",
        )
        for each in found
    ]
    _print(console, [f"{len(found)} open:", *aligned(rows, right={2})])


def liability_body(each: Liability) -> Mapping[str, object]:
    """Give one thing that is owed as a program reads it."""
    return {
        "kind": each.kind,
        "number": each.number,
        "state": each.state,
        "currency": each.amount.currency if each.amount else None,
        "amount": each.amount.minor if each.amount else None,
        "since": each.since.isoformat() if each.since else None,
    }


def show_statement(statement: FinalStatement, zone: ZoneInfo, console: Console) -> None:
    """Print the final statement."""
    rows = [("Section", "What", "Count", "Amount")]
    rows += [
        (line.section, line.what, str(line.count), str(line.amount) if line.amount else "") for line in statement.lines
    ]
    heading = f"As of {statement.at.astimezone(zone).isoformat(timespec='seconds')}."
    _print(console, [heading, *aligned(rows, right={2, 3})])


def aligned(rows: Sequence[tuple[str, ...]], *, right: set[int]) -> list[str]:
    """Write rows below each other; the columns `right` stand to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _preview(found: Preview) -> Iterator[str]:
    plan = found.plan
    standing = f", {plan.standing}" if plan.standing else ""
    yield f"{plan.feature}: {found.stage}{standing}"
    yield f"  announced {plan.announced.astimezone(plan.zone).isoformat()}, closes {_at(plan.closes, plan.zone)}"
    scope = None
    for part in found.parts:
        if (part.scope, part.name) != scope:
            scope = (part.scope, part.name)
            yield f"  {_scope(part)}"
        said = "given" if part.given else "derived"
        sign = "-" if not part.name and part.scope == found.parts[0].scope else "~"
        yield f"    {sign} {str(part.capability).ljust(13)} {_at(part.ends, plan.zone)}  {said}"
    for each in plan.brownouts:
        yield f"  Brownout {_at(each.starts, plan.zone)} to {_at(each.ends, plan.zone)}{', stopped' if plan.lit else ''}"
    yield (
        f"  To be told: {found.people} people ({found.buyers} bought in the last {plan.reminders.months} months, "
        f"{found.waiting} with an open order, {found.monthly} pay monthly)"
    )
    if found.quiet:
        yield f"  Of these {found.quiet} want no reminders, and get none"
    for kind, figure in found.open.items():
        yield f"  {_KINDS[kind]}: {_figure(figure)}"
    for coupon in found.coupons:
        most = f" of {coupon.total}" if coupon.total is not None else ""
        way = f"; who holds one after that asks {plan.contact}" if plan.contact else ""
        yield f"  Coupon {coupon.code}: used {coupon.used}{most}, can be used before {_at(coupon.last, plan.zone)}{way}"
    for dead in found.dead:
        yield f"  Dead link: {dead.name}, {dead.url}"
    for place in found.places:
        feed = _fed(place, plan.zone) if place.feed else "nobody can fetch it: [web] has no public_url"
        yield f"  {place.place} ({place.channel}): {place}; {feed}"
    for what, locale in found.missing:
        yield f"  Missing translation: {what}, {locale}"
    yield ""


def _fed(place: Readiness, zone: ZoneInfo) -> str:
    """Say where a channel fetches the catalogue, and when that was last done; by what program, where it named itself."""
    if place.fetched is None:
        return f"is fetched from {place.feed}, which nobody did yet"
    by = f" by {place.fetched.program}" if place.fetched.program else ""
    return f"is fetched from {place.feed}, last at {_at(place.fetched.at, zone)}{by}"


def _scope(part: Part) -> str:
    return f"exception {part.name} ({named(part.scope)})" if part.name else named(part.scope)


def _figure(figure: Figure) -> str:
    sums = ", ".join(map(str, figure.amounts))
    return f"{figure.count} ({sums})" if sums else str(figure.count)


def _figure_body(figure: Figure) -> Mapping[str, object]:
    return {"count": figure.count, "amounts": {amount.currency: amount.minor for amount in figure.amounts}}


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat()


def _print(console: Console, lines: Sequence[str] | Iterator[str]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)
