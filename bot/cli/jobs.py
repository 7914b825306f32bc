"""`tillbot jobs`: what failed too often and waits for somebody to look, and how it is begun again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.order_options import JsonOption, office_of, print_lines
from bot.cli.terminal import ConfigOption, fail, run_to_end

if TYPE_CHECKING:
    from bot.ports import Parked

#: The largest number that a row can have, on either database.
MOST: Final = 2**63 - 1

jobs = typer.Typer(help="List the jobs that failed too often; begin them again once the cause is gone.")


@jobs.callback(invoke_without_command=True)
def listed(ctx: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the jobs that failed too often and wait for somebody, the longest waiting first."""
    if ctx.invoked_subcommand is not None:
        return

    async def find() -> None:
        async with office_of(config) as office:
            found = await office.database.jobs.parked()
        if as_json:
            print_lines(
                {"id": job.id, "kind": job.kind, "error": job.error, "since": job.since.isoformat()} for job in found
            )
        elif found:
            _show(found)
        else:
            typer.echo("No job waits for anybody.", err=True)

    run_to_end(find())


@jobs.command()
def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="ID", min=1, max=MOST, help="As the list shows them.")
    ] = None,
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are on the list.")] = False,
) -> None:
    """Have jobs begun again by the shop that runs; exit 1 if one of them does not wait."""
    if bool(numbers) == everything:
        fail("Say which: their numbers, or --all.")

    async def begin() -> None:
        strangers: list[int] = []
        async with office_of(config) as office:
            parked = office.database.jobs
            for number in dict.fromkeys(numbers or ()) or [job.id for job in await parked.parked()]:
                if await parked.retry(number):
                    typer.echo(f"{number} is begun again.")
                else:
                    strangers.append(number)
        if strangers:
            fail(f"Not on the list, and left alone: {', '.join(map(str, strangers))}.")

    run_to_end(begin())


def _show(found: Sequence[Parked]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        for job in found:
            typer.echo(f"{job.id}\t{job.kind}\t{job.since.isoformat()}\t{job.error}")
        return
    drawn = Table("number", "what", "since", "why")
    for job in found:
        drawn.add_row(str(job.id), job.kind, f"{job.since.astimezone():%Y-%m-%d %H:%M}", job.error)
    console.print(drawn, markup=False)
