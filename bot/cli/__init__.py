"""The command line. Each command is imported when it is said, and imports what it needs when it runs."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from bot.cli.late import LateGroup


class _Commands(LateGroup):
    """Every command, in the order of the help."""

    places: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "demo": ("bot.cli.serving:demo",),
        "run": ("bot.cli.serving:run",),
        "sandbox": ("bot.cli.serving:sandbox",),
        "init": ("bot.cli.setting_up:init",),
        "check": ("bot.cli.setting_up:check",),
        "staff": ("bot.cli.setting_up:staff",),
        "doctor": ("bot.cli.setting_up:doctor",),
        "reconcile": ("bot.cli.money:reconcile",),
        "statement": ("bot.cli.money:statement",),
        "backup": ("bot.cli.database:backup",),
        "migrate": ("bot.cli.database:migrate",),
        "erase": ("bot.cli.own_data:erase",),
        "import": ("bot.cli.channels:import_",),
        "orders": ("bot.cli.orders:orders",),
        "jobs": ("bot.cli.jobs:jobs",),
        "retire": ("bot.cli.closing:retire", "bot.cli.reminders:reminders", "bot.cli.rehearsing:rehearse"),
        "export": (
            "bot.cli.exporting:export",
            "bot.cli.channels:to_channel=CHANNEL",
            "bot.cli.own_data:orders",
            "bot.cli.links:to_stripe=stripe",
        ),
        "audit": ("bot.cli.audit:audit",),
        "manifest": ("bot.cli.platforms:manifest",),
        "invite": ("bot.cli.platforms:invite",),
        "register": ("bot.cli.platforms:register",),
    }


app = typer.Typer(
    cls=_Commands, help="A till that lives in your chat.", no_args_is_help=True, pretty_exceptions_enable=False
)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"tillbot {version('tillbot')}")
        raise typer.Exit


@app.callback()
def tillbot(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Be a till that lives in your chat."""


def main() -> None:
    """Run the command line."""
    gc.disable()  # what is imported stays: looking through it for rubbish is a tenth of a short command
    try:
        app()
    finally:
        gc.freeze()  # nor at the end
