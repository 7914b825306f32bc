"""`tillbot migrate` and `backup`: the tables brought up to date, a shop moved to a server, a copy while it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.cli.terminal import database_url, fail, run_to_end
from bot.errors import StoreUnavailable


def migrate(
    to: Annotated[
        str, typer.Option("--to", help="Move the shop from its file to postgresql://USER@HOST/DATABASE.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a table.")] = False,
) -> None:
    """Bring the database's tables up to date; with --to, move everything to a server."""
    if not to:
        from adapters.database import migrate as brought_up_to_date

        run_to_end(brought_up_to_date(database_url()))
        typer.echo("The database is up to date.")
        return

    from adapters.database.moving import move

    async def moving() -> None:
        with _Bars() as bars:
            moved = await move(database_url(), to, progress=bars.show)
        for each in moved:
            found = {"table": each.table, "rows": each.rows, "sha256": each.checksum}
            typer.echo(json.dumps(found) if as_json else f"{each.table}: {each.rows} rows, {each.checksum[:12]}")
        if not as_json:
            typer.echo("Everything is there, compared row by row. Set DATABASE_URL to the server, and start the shop.")

    run_to_end(moving())


def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes.", dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
) -> None:
    """Copy the shop's database to a file, also while the shop runs."""
    from adapters.database.backing_up import backup as backed_up

    try:
        with _Bars() as bars:
            backed_up(database_url(), file, replace=replace, progress=lambda done, of: bars.show("pages", done, of))
    except FileExistsError:
        fail(f"{file} is there already; nothing was written. Name another file, or say --replace.")
    except ValueError as error:
        fail(f"Not done here: {error}")
    except StoreUnavailable as error:
        fail(f"The database cannot be backed up: {error}")
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror or error}")
    typer.echo(f"{file} is a whole copy. To go back to it: stop the shop, and put it in the database's place.")


class _Bars:
    """Progress bars on a terminal; off it nothing."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        self._bars = Progress(*columns, console=console, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, name: str, done: int, of: int) -> None:
        """Show how far something has come."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=of)
        self._bars.update(self._tasks[name], completed=done, total=of)
