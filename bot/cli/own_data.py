"""`tillbot export` and `erase`: what is kept of people, as a file, or forgotten."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end, writing_new

#: Orders that are read and written at once: the file is never whole in memory.
_PAGE: Final = 500


class Form(StrEnum):
    """How it is written."""

    CSV = "csv"
    JSON = "json"


def orders(
    config: ConfigOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file; standard output without.", dir_okay=False)
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="CSV for a spreadsheet; JSON, an object a line.")] = Form.CSV,
    person: Annotated[str, typer.Option("--person", help="Only of a person, by the key that `orders` shows.")] = "",
    address: Annotated[bool, typer.Option("--address", help="With where it is shipped to.")] = False,
) -> None:
    """Write all orders and gifts, newest first. No text in the CSV is a formula; amounts in the JSON are minor units."""
    from bot.app.office import Office
    from bot.history_files import Kept, order_body, to_csv
    from bot.own_data import kept_of

    async def write(put: Callable[[str], object]) -> int:
        opened = Office.open(config_path(config), database_url(), os.environ, sandbox=False, keys=False)
        async with opened as office, office.database.store.reading() as unit:
            if form is Form.CSV:
                put(to_csv((), address=address))
            many, last = 0, None
            while page := await unit.orders.listed(person=person, beyond=last, most=_PAGE):
                if form is Form.CSV:
                    put(to_csv(page, address=address, heading=False))
                else:
                    for order in page:
                        body = order_body(await kept_of(unit, Kept(order)), address=address)
                        put(f"{json.dumps(body, ensure_ascii=False)}\n")
                many, last = many + len(page), page[-1]
        return many

    async def save() -> None:
        if out is None:
            await write(lambda text: typer.echo(text, nl=False))
            return
        with writing_new(out) as file:
            many = await write(lambda text: file.write(text.encode()))
        typer.echo(f"wrote {out}: {many} orders; only you can read it", err=True)

    run_to_end(save())


def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's key, as `tillbot orders` shows it.")],
    config: ConfigOption = None,
    by: Annotated[str, typer.Option("--by", help="Who does it, for the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase what is kept of a person and need not be; exit 1 while something of theirs is open."""
    from bot.app.office import Office

    if not yes:
        if not sys.stdin.isatty():
            fail("This cannot be undone. Say --yes where nobody can be asked.")
        typer.confirm(f"Erase names, addresses, messages and memory of {person}? It cannot be undone.", abort=True)
    open_: list[str] = []

    async def forget() -> None:
        async with Office.open(config_path(config), database_url(), os.environ, sandbox=False, keys=False) as office:
            outcome = await office.erase(person, by=by or getpass.getuser())
            match outcome.stands:
                case "open":
                    open_.extend(outcome.numbers)
                case "soon":
                    typer.echo("The running shop erases it as soon as what they hold on their platform is taken away.")
                case "done":
                    typer.echo(f"Erased. {len(outcome.numbers)} orders stay as amounts and dates.")

    run_to_end(forget())
    if open_:
        fail(f"Nothing was erased. These are not over: {', '.join(open_)}.")
