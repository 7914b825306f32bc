"""`tillbot migrate` and `backup`: where orders are kept, brought up to date, moved and copied."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bot.cli.terminal import database_url, fail, run_to_end
from bot.errors import StoreUnavailable

if TYPE_CHECKING:
    from adapters.database.transfer import Carried

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def migrate(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            envvar="TILLBOT_MIGRATE_TO",
            show_envvar=True,
            help="Move the shop from SQLite to this empty postgresql:// database.",
        ),
    ] = "",
    undo_move: Annotated[
        bool, typer.Option("--undo-move", help="Take the file that was moved into use again, as it was then.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the database's tables up to date; with --to, move the shop to PostgreSQL: all of it, or nothing."""
    from adapters.database import migrate as bring_up_to_date
    from adapters.database.migrations import HEAD

    if to and undo_move:
        fail("Choose one of --to and --undo-move.")

    async def work() -> None:
        if undo_move:
            from adapters.database.moved import undo_move as take_back

            undone = await take_back(database_url())
            if as_json:
                typer.echo(json.dumps({"undone": undone}))
            else:
                typer.echo(
                    "The file is in use again, as it was when it was moved. Start nothing on the server any more."
                    if undone
                    else "The shop of this file has not moved; nothing was changed."
                )
            return
        if not to:
            await bring_up_to_date(database_url())
            typer.echo(json.dumps({"version": HEAD}) if as_json else f"The tables are up to date ({HEAD}).")
            return
        from adapters.database.transfer import transfer

        with _shown(quiet=as_json) as progress:
            carried = await transfer(database_url(), to, progress)
        if as_json:
            for table in carried:
                typer.echo(json.dumps(asdict(table)))
            return
        _show(carried)
        typer.echo(
            "Moved. Set DATABASE_URL to the new address and start; keep the old file until you have seen it run."
        )

    run_to_end(work())


def backup(
    file: Annotated[Path, typer.Argument(help="Where to put the copy.", dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy the database to a file, also while the shop runs (SQLite)."""
    from adapters.database.backup import back_up, dump_command, is_server

    url = database_url()
    if is_server(url):
        fail(f"PostgreSQL is backed up by its own means, with the password in PGPASSWORD:\n{dump_command(url, file)}")

    async def work() -> None:
        try:
            copied = await asyncio.to_thread(back_up, url, file, replace=replace)
        except FileExistsError:
            fail(f"{file} is there already; nothing was written. Name another file, or say --replace.")
        except StoreUnavailable as error:
            fail(f"No backup was made. {error}")
        if as_json:
            typer.echo(json.dumps({"file": str(file), **asdict(copied)}))
        else:
            typer.echo(f"{file}: {copied.orders} orders, {copied.size} bytes, checked.")

    run_to_end(work())


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far it is, a bar a table, on a terminal; elsewhere say nothing meanwhile."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {}

        def progress(table: str, done: int, of: int) -> None:
            if table not in tasks:
                tasks[table] = bars.add_task(table, total=of)
            bars.update(tasks[table], completed=done)

        yield progress


def _show(carried: Sequence[Carried]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        for table in carried:
            typer.echo(f"{table.table}\t{table.rows}\t{table.checksum}")
        return
    drawn = Table("table", "rows", "checksum, equal on both sides")
    for table in carried:
        drawn.add_row(table.table, str(table.rows), table.checksum)
    console.print(drawn)
