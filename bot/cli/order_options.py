"""How the commands about one order are told which, and where they find what is kept of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal import config_path, database_url, fail
from bot.errors import UnknownOrder

if TYPE_CHECKING:
    from bot.app.office import Office
    from bot.dossier import Dossier

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line: ISO instants, minor units.")]
NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The order's number.")]
TestOption = Annotated[bool, typer.Option("--test", help="A sandbox may stand in Stripe's place.")]


def office_of(config: Path | None, *, test: bool = False) -> AbstractAsyncContextManager[Office]:
    """Open what a command needs; Stripe's keys are asked for when Stripe has to be asked."""
    from bot.app.office import Office

    return Office.open(config_path(config), database_url(), os.environ, sandbox=test, keys=False)


async def dossier_at(office: Office, number: str) -> Dossier:
    """Read what is kept of an order. Exits where there is none of that number."""
    from bot.dossier import dossier_of

    try:
        async with office.database.store.reading() as unit:
            return await dossier_of(unit, number)
    except UnknownOrder:
        fail(f"There is no order {number}.")


def print_lines(bodies: Iterable[object]) -> None:
    """Print one JSON object a line."""
    for each in bodies:
        typer.echo(json.dumps(each, ensure_ascii=False))
