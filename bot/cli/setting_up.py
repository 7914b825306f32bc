"""`tillbot init`, `check`, `staff` and `doctor`: what an operator says before the shop runs, or when it is not well."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end
from bot.errors import BadConfig


def init(folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("config")) -> None:
    """Write a config folder and .env.example to begin with."""
    from config.initial import write_initial

    try:
        written = write_initial(folder)
    except FileExistsError as error:
        fail(f"{error.filename or error.args[0]} is there already; nothing was written. Name another folder.")
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Edit {folder / 'shop.toml'}, then: tillbot check {folder / 'shop.toml'}")


def check(file: Annotated[Path | None, typer.Argument(help="The config to check.")] = None) -> None:
    """Check the config; exact errors and exit 1 if it is bad."""
    from config.read import read

    path = config_path(file)
    try:
        settings = read(path)
    except BadConfig as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None
    products, causes = len(settings.catalogue.products), len(settings.causes)
    typer.echo(f"{path} is good. Products: {products}, causes: {causes}, retirements: {len(settings.plans)}.")


def staff() -> None:
    """Print the link that makes a browser the staff's, for the web chat; it can be opened for an hour."""
    from bot.staff import staff_path
    from bot.tokens import Signer
    from config.read import read
    from config.secrets import Secrets

    try:
        settings = read(config_path(None))
        path = staff_path(Signer(Secrets(os.environ).need("TILLBOT_SECRET")))
    except BadConfig as error:
        fail(str(error))
    base = settings.web.public_url.rstrip("/") or f"http://{settings.web.host}:{settings.web.port}"
    typer.echo(base + path)


def doctor(
    config: ConfigOption = None,
    test: Annotated[bool, typer.Option("--test", help="A sandbox may stand in Stripe's place.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Try every credential, permission, webhook and registration, and say what to do; exit 1 if something is not well."""
    from dataclasses import asdict

    from bot.app.doctor import findings

    ills = 0

    async def examine() -> None:
        nonlocal ills
        database = database_url()
        async for found in findings(config_path(config), database, os.environ, sandbox=test):
            ills += not found.well
            if as_json:
                typer.echo(json.dumps(asdict(found), ensure_ascii=False))
                continue
            mark = typer.style("well", fg="green") if found.well else typer.style("ILL ", fg="red")
            typer.echo(f"{mark}  {found.subject}: {found.says}" + (f"\n      {found.todo}" if found.todo else ""))

    run_to_end(examine())
    if ills:
        raise typer.Exit(1)
