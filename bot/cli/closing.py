"""`tillbot retire plan`, `verify` and `report`: what would change, what is still owed, and how it ended. They only read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.retiring import retire
from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end, write_new

if TYPE_CHECKING:
    from bot.app.office import Office
    from bot.closing import Preview
    from bot.retirement import Plan

__all__ = ["retire"]

JsonOption = Annotated[bool, typer.Option("--json", help="JSON: ISO instants, minor units.")]
FeatureOption = Annotated[
    str, typer.Option("--feature", help="Only of this one: buy, product.ID or campaign.NAME; all purchases without.")
]


@retire.command("plan")
def plan(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what each retirement in the config would change, and whom it concerns. Nothing is done."""
    from bot.cli.closing_tables import preview_body, show_preview

    async def look() -> None:
        async with _office(config) as office:
            found = await _previews(office)
            if as_json:
                typer.echo(json.dumps({"features": [preview_body(each) for each in found]}, ensure_ascii=False))
                return
            console = Console(highlight=False)
            if not found:
                console.print("Nothing in the config retires.", soft_wrap=True, markup=False)
            for each in found:
                show_preview(each, console)
            console.print("Nothing was changed.", soft_wrap=True, markup=False)

    run_to_end(look())


@retire.command("verify")
def verify(config: ConfigOption = None, feature: FeatureOption = "", as_json: JsonOption = False) -> None:
    """Tell whether nothing is owed any more; else list what is, and exit 1."""
    from bot.cli.closing_tables import liability_body, show_liabilities
    from bot.closing import gather, liabilities
    from bot.deleting import overdue

    owed = False

    async def look() -> None:
        nonlocal owed
        async with _office(config) as office:
            plans = (await office.live())().settings.plans
            plan = _plan(plans, feature)
            found = liabilities(await gather(office.database.store, office.database.jobs), plan)
            async with office.database.store.reading() as unit:
                found += await overdue(unit, [plan] if plan else plans.values(), unit.now)
            owed = bool(found)
            if as_json:
                body = {"open": len(found), "liabilities": [liability_body(each) for each in found]}
                typer.echo(json.dumps(body, ensure_ascii=False))
            else:
                show_liabilities(found, office.settings.zone, Console(highlight=False))

    run_to_end(look())
    if owed:
        raise typer.Exit(1)


@retire.command("report")
def report(
    config: ConfigOption = None,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the lines to this file, for a spreadsheet.")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write one self-contained page of HTML, to print.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give the final statement: orders, gifts, refunds, disputes, subscriptions, and what nobody could be told."""
    from bot.cli.closing_tables import show_statement
    from bot.closing import gather_statement, state
    from bot.closing.statement_files import to_csv, to_json

    async def count() -> None:
        async with _office(config) as office:
            plans = (await office.live())().settings.plans.values()
            statement = state(await gather_statement(office.database.store, office.database.jobs, plans))
            if csv is not None:
                write_new(csv, to_csv(statement).encode())
                typer.echo(f"wrote {csv}", err=True)
            if page is not None:
                write_new(page, office.statement_page(statement).encode())
                typer.echo(f"wrote {page}", err=True)
            if as_json:
                typer.echo(to_json(statement))
            elif csv is None and page is None:
                show_statement(statement, office.settings.zone, Console(highlight=False))

    run_to_end(count())


async def _previews(office: Office) -> list[Preview]:
    """Count for each plan in force, in the order of the config."""
    from bot.app.channels import packing
    from bot.closing import gather, preview, readiness, spoken
    from bot.feeds import Fetches
    from bot.orders import State
    from bot.quieting import quiet_people
    from bot.retirement import months_before

    shop = (await office.live())()
    settings = shop.settings
    fetched = await Fetches(office.database.store).last()
    found = await gather(office.database.store, office.database.jobs)
    paid = (State.PAID, State.FULFILLED, State.REFUNDED)
    previews = []
    for each in settings.plans.values():
        async with office.database.store.reading() as unit:
            now = unit.now
            bought = await unit.orders.standing(paid, since=months_before(now, each.reminders.months))
            previews.append(
                preview(
                    each,
                    now,
                    found=found,
                    bought=bought,
                    coupons=settings.coupons,
                    uses={code: await unit.orders.uses(code) for code in settings.coupons},
                    quiet=await quiet_people(unit),
                    dead=shop.dead,
                    locales=spoken(settings, bought),
                    zone=settings.zone,
                    places=readiness(
                        each,
                        settings.catalogue,
                        packing(settings),
                        public_url=settings.web.public_url,
                        fetched=fetched,
                    ),
                )
            )
    return previews


def _plan(plans: Mapping[str, Plan], feature: str) -> Plan | None:
    if feature and feature not in plans:
        fail(f"{feature} is not retired. The config retires: {', '.join(plans) or 'nothing'}.")
    return plans.get(feature)


def _office(config: Path | None) -> AbstractAsyncContextManager[Office]:
    """Open what is read; no Stripe key is needed."""
    from bot.app.office import Office

    return Office.open(config_path(config), database_url(), os.environ, sandbox=False, keys=False)
