"""`tillbot retire rehearse`: plays the whole calendar on a copy, and says day by day what would be told and what would move."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bot.cli.terminal import ConfigOption, config_path, database_url, run_to_end

if TYPE_CHECKING:
    from bot.app.rehearsing import Rehearsed
    from bot.rehearsing import Message, Movement

#: What a rehearsal takes for granted, so that nobody reads more into it than it says.
_ASSUMED: Final = (
    "Taken for granted: nobody buys or gives anew, and nobody delivers; what is open now is open at the closing, and every "
    "tenth of it is paid in the last second; unsettled payments settle after 5 days; subscriptions renew every 30 days; "
    "disputes and refunds that wait for people stay as they are; every message arrives."
)


def rehearse(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a message, movement and promise.")] = False,
) -> None:
    """Play every retirement in the config on a copy of the database; nothing real is touched. Exits 1 if a promise breaks."""
    from bot.app.rehearsing import rehearse as play

    broken = False

    async def show() -> None:
        nonlocal broken
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("copying", total=1.0)

            def passing(begun: datetime, at: datetime, until: datetime) -> None:
                total = max(1.0, (until - begun).total_seconds())
                bar.update(task, description=at.date().isoformat(), completed=(at - begun).total_seconds(), total=total)

            found = await play(config_path(config), database_url(), passing)
        broken = any(promise.broken for promise in found.promises)
        for line in _json(found) if as_json else _lines(found):
            typer.echo(line)

    run_to_end(show())
    if broken:
        raise typer.Exit(1)


def _lines(found: Rehearsed) -> Iterator[str]:
    zone = found.settings.zone
    if not found.plans:
        yield "Nothing in the config retires."
        return
    days: dict[date, list[Message | Movement]] = {}
    happened: list[Message | Movement] = [*found.messages, *found.moved]
    for each in sorted(happened, key=lambda each: each.at):
        days.setdefault(each.at.astimezone(zone).date(), []).append(each)
    for day, events in days.items():
        yield f"{day.isoformat()}"
        said = Counter(_said(each) for each in events)
        for line, many in said.items():
            first, *more = line.split("\n")
            yield f"  {many} × {first}"
            yield from (f"      {text}" for text in more if text)
        yield ""
    features = ", ".join(plan.feature for plan in found.plans)
    yield f"Rehearsed: {features}, with {found.orders} orders, until {found.ended.astimezone(zone).date().isoformat()}."
    yield f"{len(found.messages)} messages, {len(found.moved)} movements of money."
    yield _ASSUMED
    for liability in found.left:
        yield f"Would be left: {liability.kind} {liability.number} {liability.amount or ''} ({liability.state})"
    for promise in found.promises:
        yield f"{'BROKEN' if promise.broken else 'kept'}: {promise.name}"
        yield from (f"  {how}" for how in promise.broken)
    yield "Nothing was changed."


def _said(each: Message | Movement) -> str:
    from bot.rehearsing import Message

    if isinstance(each, Message):
        whom = {"channel": "staff channel", "changed": "posted card becomes"}.get(each.whom, each.whom)
        return f"{whom} on {each.platform}: {each.title}\n{each.text}"
    return f"{each.kind} of {each.amount}, order {each.order}"


def _json(found: Rehearsed) -> Iterator[str]:
    zone = found.settings.zone
    for each in found.messages:
        yield _object(
            message=each.title,
            at=each.at.astimezone(zone).isoformat(timespec="seconds"),
            whom=each.whom,
            platform=each.platform,
            order=each.order or None,
            text=each.text,
        )
    for moved in found.moved:
        yield _object(
            movement=moved.kind,
            at=moved.at.astimezone(zone).isoformat(timespec="seconds"),
            order=moved.order or None,
            amount=moved.amount.minor,
            currency=moved.amount.currency,
        )
    for liability in found.left:
        amount = liability.amount
        yield _object(
            left=liability.kind,
            number=liability.number,
            state=liability.state,
            amount=amount.minor if amount else None,
            currency=amount.currency if amount else None,
        )
    for promise in found.promises:
        yield _object(promise=promise.name, kept=not promise.broken, broken=list(promise.broken))


def _object(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
