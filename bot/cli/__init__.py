"""The command line. Each command imports what it needs when it runs: a cold `tillbot check` loads no SDK."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from bot.cli.audit import audit
from bot.cli.channels import import_
from bot.cli.closing import retire
from bot.cli.database import backup, migrate
from bot.cli.exporting import export
from bot.cli.jobs import jobs
from bot.cli.links import to_stripe
from bot.cli.money import reconcile, statement
from bot.cli.orders import orders
from bot.cli.own_data import erase
from bot.cli.platforms import invite, manifest, register
from bot.cli.rehearsing import rehearse
from bot.cli.reminders import reminders
from bot.cli.serving import demo, run, sandbox
from bot.cli.setting_up import check, doctor, init, say_version, staff

app: Final = typer.Typer(help="A till that lives in your chat.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", is_eager=True, callback=say_version)
    ] = False,
) -> None:
    """Take what stands before a command."""


for command in (demo, run, sandbox, init, check, staff, doctor, reconcile, statement, backup, migrate, erase):
    app.command()(command)
retire.command()(reminders)
retire.command()(rehearse)
app.command("import")(import_)
export.command("stripe")(to_stripe)
app.add_typer(orders, name="orders")
app.add_typer(jobs, name="jobs")
app.add_typer(retire, name="retire")
app.add_typer(export, name="export")
app.add_typer(audit, name="audit")
app.add_typer(manifest, name="manifest")
app.add_typer(invite, name="invite")
app.add_typer(register, name="register")


def main() -> None:
    """Run the command line."""
    app()
