"""`tillbot export stripe`: a Payment Link for each thing that can be sold without the shop, made by Stripe's API."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.order_options import TestOption, office_of
from bot.cli.terminal import ConfigOption, fail, run_to_end
from bot.errors import PaymentsRefused, PaymentsUnavailable, WrongAccount

if TYPE_CHECKING:
    from bot.app.links import Plan
    from bot.app.office import Office


def to_stripe(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    end: Annotated[bool, typer.Option("--end", help="End all links that were made, and make none.")] = False,
    message: Annotated[
        str, typer.Option("--message", help="What links that end say; else the reason why buying retires.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, amounts in minor units.")] = False,
    test: TestOption = False,
    config: ConfigOption = None,
) -> None:
    """Make a Payment Link for each thing, which sells when the chat does not. Says first what; asks before it acts."""
    from bot.app.links import planned

    async def make() -> None:
        async with office_of(config, test=test) as office:
            plan = await planned(office, end=end)
            plan = replace(plan, over=message or plan.over)
            _show(plan, as_json=as_json)
            if not yes:
                if not sys.stdin.isatty():
                    fail("Nothing was done. Say --yes where nobody can be asked.")
                typer.confirm("End all links at Stripe?" if end else "Make Stripe's links so?", abort=True)
            await _publish(office, plan, as_json=as_json)

    run_to_end(make())


async def _publish(office: Office, plan: Plan, *, as_json: bool) -> None:
    from bot.app.links import published

    try:
        found = await published(office, plan)
    except PaymentsRefused as error:
        fail(f"Stripe refused ({error.code}). What was done before stays; say it again when that is mended.")
    except PaymentsUnavailable:
        fail("Stripe cannot be reached. What was done before stays; say it again: nothing is made twice.")
    except WrongAccount:
        fail("The key is of the other mode than what Stripe answers: test and live must not mix.")
    for each in found:
        typer.echo(json.dumps(asdict(each)) if as_json else f"{each.outcome.ljust(7)}  {each.variant}  {each.url}")


def _show(plan: Plan, *, as_json: bool) -> None:
    from bot.cli.channel_tables import show

    if as_json:
        for remark in plan.remarks:
            typer.echo(json.dumps(asdict(remark), ensure_ascii=False))
        return
    show(plan.remarks, Console(highlight=False))
    for offer in plan.offers:
        typer.echo(f"{offer.variant}: {offer.name}, {offer.price}")
    typer.echo(f"{len(plan.offers)} links.")
