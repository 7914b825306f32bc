"""`tillbot orders`: what an operator sees of orders, gives back of them, and hands to a bank that asks."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.cli.order_options import JsonOption, NumberArgument, dossier_at, office_of, print_lines
from bot.cli.refunds import approve, decline, refund
from bot.cli.terminal import ConfigOption, fail, run_to_end, write_new
from bot.orders import State

orders = typer.Typer(help="List orders and gifts, newest first; look one up, give it back, collect evidence.")

# An amount below zero is an amount to be refused, not an option that there is none of.
orders.command(context_settings={"ignore_unknown_options": True})(refund)
orders.command()(approve)
orders.command()(decline)


class Kind(StrEnum):
    """What was asked for."""

    BUY = "buy"
    DONATE = "donate"


@orders.callback(invoke_without_command=True)
def listed(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    ctx: typer.Context,
    config: ConfigOption = None,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only in this state; can be repeated.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only sales, or only gifts.")] = None,
    person: Annotated[str, typer.Option("--person", help="Only of a person, by the key that the list shows.")] = "",
    since: Annotated[
        str,
        typer.Option("--since", metavar="DAY", help="Only made since then: 2026-11-24, or an instant with its zone."),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List orders and gifts, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.cli.order_tables import body, show

    async def find() -> None:
        async with office_of(config) as office:
            async with office.database.store.reading() as unit:
                found = await unit.orders.listed(
                    states=state or (),
                    kind=kind or "",
                    person=person,
                    since=_since(since, office.settings.zone),
                    most=limit,
                )
            if as_json:
                print_lines(map(body, found))
            elif found:
                show(found, office.settings.zone, Console(highlight=False))
            else:
                typer.echo("There are no such orders.", err=True)

    run_to_end(find())


@orders.command("show")
def shown(
    number: NumberArgument,
    config: ConfigOption = None,
    address: Annotated[bool, typer.Option("--address", help="Show where it is shipped to, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show an order with its history, refunds, disputes, and what its person was told."""
    from bot.cli.order_tables import show_one, whole_body

    async def look() -> None:
        async with office_of(config) as office:
            dossier = await dossier_at(office, number)
            if as_json:
                print_lines([whole_body(dossier, address=address)])
            else:
                show_one(dossier, office.settings.zone, Console(highlight=False), address=address)

    run_to_end(look())


@orders.command("evidence")
def evidence(
    number: NumberArgument,
    config: ConfigOption = None,
    out: Annotated[
        Path, typer.Option("--out", help="The folder it is put into, or the ZIP file that it becomes.")
    ] = Path(),
) -> None:
    """Pack the evidence of an order for a payer's bank: a page to print, and Stripe's fields as text."""

    async def collect() -> None:
        async with office_of(config) as office:
            dossier = await dossier_at(office, number)
            file = out / f"evidence-{dossier.order.id}.zip" if out.is_dir() else out
            if file.exists():
                fail(f"{file} is there already; nothing was written. Name another file.")
            try:
                packed = await office.evidence(dossier.order.id)
            except ValueError as error:
                fail(str(error))
            write_new(file, packed)
            typer.echo(f"wrote {file}: it holds personal data, and only you can read it")

    run_to_end(collect())


def _since(typed: str, zone: ZoneInfo) -> datetime | None:
    """Read a day, which begins at midnight in the shop's zone, or an instant. ValueError where it is neither."""
    if not typed:
        return None
    try:
        return datetime.combine(date.fromisoformat(typed), time(), zone)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"--since {typed}: write a day like 2026-11-24, or an instant") from None
    if at.tzinfo is None:
        raise ValueError(f"--since {typed}: an instant needs its zone, like {typed}+01:00")
    return at
