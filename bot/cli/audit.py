"""`tillbot audit`: the log of what operators did, and whether any line of it was altered."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal import ConfigOption, config_path, database_url, run_to_end

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bot.app.office import Office
    from bot.audit import AuditLine

audit = typer.Typer(help="List what operators did, oldest first; verify that no line was altered.")


@audit.callback(invoke_without_command=True)
def listed(
    ctx: typer.Context,
    config: ConfigOption = None,
    after: Annotated[int, typer.Option("--after", min=0, help="Only lines behind this number.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with its hash.")] = False,
) -> None:
    """List what operators did, oldest first."""
    if ctx.invoked_subcommand is not None:
        return

    async def look() -> None:
        async with _office(config) as office, office.database.store.reading() as unit:
            async for line in unit.audit.lines(after=after):
                typer.echo(_json(line) if as_json else _text(line))

    run_to_end(look())


@audit.command("verify")
def verified(config: ConfigOption = None) -> None:
    """Verify that every line is as it was written; exit 1 and say which one is not."""
    from bot.audit import verify

    wrong = ""

    async def look() -> None:
        nonlocal wrong
        async with _office(config) as office, office.database.store.reading() as unit:
            count, last, wrong = await verify(unit.audit.lines())
        if wrong:
            typer.echo(f"The first {count} lines hold; then {wrong}.", err=True)
        else:
            typer.echo(
                f"{count} lines hold. The last hash is {last}: keep it elsewhere, to find lines cut off the end."
            )

    run_to_end(look())
    if wrong:
        raise typer.Exit(1)


def _text(line: AuditLine) -> str:
    entry = line.entry
    details = " ".join(f"{name}={value}" for name, value in json.loads(entry.details).items() if value)
    parts = (str(line.number), line.at.isoformat(timespec="seconds"), entry.who, entry.what, entry.subject, details)
    return "  ".join(part for part in (*parts, entry.why) if part)


def _json(line: AuditLine) -> str:
    entry = line.entry
    body = {
        "number": line.number,
        "at": line.at.isoformat(),
        "who": entry.who,
        "what": entry.what,
        "subject": entry.subject,
        "why": entry.why,
        "config": entry.config,
        "details": json.loads(entry.details),
        "hash": line.hash,
    }
    return json.dumps(body, ensure_ascii=False)


def _office(config: Path | None) -> AbstractAsyncContextManager[Office]:
    from bot.app.office import Office

    return Office.open(config_path(config), database_url(), os.environ, sandbox=False, keys=False)
