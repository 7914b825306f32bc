"""`tillbot reconcile` and `tillbot statement`: agreeing with Stripe."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Self
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end, write_new
from bot.errors import PaymentsError, PaymentsRefused, StatementDiffers
from bot.money import Money

if TYPE_CHECKING:
    from bot.app.office import Office
    from bot.reconciling import Difference
    from bot.settings import Settings
    from bot.statements import Month, Statement
    from bot.words import Tongue

TestOption = Annotated[bool, typer.Option("--test", help="A sandbox may stand in Stripe's place.")]
AccountOption = Annotated[
    str, typer.Option("--account", help="One Stripe account: shop, or the id of a cause that has its own.")
]

#: What stands before each difference, and its colour.
_MARKS: Final = {
    "mended": ("mended ", "green"),
    "mendable": ("to mend", "yellow"),
    "person": ("YOU    ", "red"),
    "information": ("note   ", "blue"),
}


def reconcile(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    config: ConfigOption = None,
    since: Annotated[int, typer.Option("--since", min=1, max=3650, metavar="DAYS", help="How far back.")] = 30,
    account: AccountOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be mended.")] = False,
    test: TestOption = False,
) -> None:
    """Compare Stripe with the orders here, mend what is certain, and list what is not; exit 1 if that needs a person."""
    from bot.app.office import Office

    left = 0

    async def compare() -> None:
        nonlocal left
        async with Office.open(config_path(config), database_url(), os.environ, sandbox=test) as office:
            accounts = [_account(office.settings, account)] if account else None
            with _Bars(shown=not as_json) as bars:
                found = await office.reconcile(days=since, accounts=accounts, dry=dry, progress=bars.show)
            left = sum(each.outcome == "person" for each in found)
            for each in found:
                _say(each, office.tongue, as_json=as_json)
            if not as_json:
                typer.echo(_summary(found))

    run_to_end(compare())
    if left:
        raise typer.Exit(1)


def statement(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    month: Annotated[str, typer.Option("--month", help="Like 2026-11, in the shop's zone.")],
    config: ConfigOption = None,
    cause: Annotated[str, typer.Option("--cause", help="Only the gifts to one cause, by its id.")] = "",
    account: AccountOption = "",
    file: Annotated[Path | None, typer.Option("--csv", help="Write a CSV file.", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, amounts in minor units.")] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="List every line there ever was, and compare with the balance.")
    ] = False,
    test: TestOption = False,
) -> None:
    """State a month of each Stripe account, to the cent: gross, fee, net, refunds, disputes, payouts."""
    from bot.app.office import Office
    from bot.cli.statement_tables import show
    from bot.statement_files import to_csv, to_json
    from bot.statements import Month

    try:
        Month.read(month, ZoneInfo("UTC"))
    except ValueError as error:
        fail(f"--month: {error}.")
    if file is not None and as_json:
        fail("Choose one of --csv and --json.")
    if file is not None and file.exists():
        fail(f"{file} is there already; nothing was written. Name another file.")

    async def state() -> None:
        async with Office.open(config_path(config), database_url(), os.environ, sandbox=test) as office:
            wanted = Month.read(month, office.settings.zone)
            made = await _statements(office, wanted, account, cause, prove=prove)
            if file is not None:
                write_new(file, to_csv(made).encode())
                typer.echo(f"wrote {file}: {sum(len(each.entries) for each in made)} lines")
            elif as_json:
                typer.echo(to_json(wanted, made))
            else:
                show(wanted, made, Console(highlight=False), cause=cause)
            unknown = sum(each.strangers for each in made)
            if unknown:
                typer.echo(f"{unknown} lines bear numbers of orders that this database does not know.", err=True)

    run_to_end(state())


async def _statements(office: Office, month: Month, account: str, cause: str, *, prove: bool) -> Sequence[Statement]:
    """Make the statements that were asked for. Exits where they cannot be made."""
    settings, books = office.settings, office.bookkeeping()
    if cause and cause not in settings.causes:
        fail(f"There is no cause {cause!r}. There are: {', '.join(settings.causes) or 'none'}.")
    if month.since > books.now():
        fail(f"{month} has not begun.")
    accounts = [_account(settings, account)] if account else _accounts_of(settings, cause)
    made: list[Statement] = []
    for each in accounts:
        try:
            made += await books.statements(each, month, cause=cause, prove=prove)
        except StatementDiffers as error:
            fail(f"No statement, since it would not agree with Stripe: {error}")
        except PaymentsError as error:
            why = f"{error.code} {error.message}" if isinstance(error, PaymentsRefused) else type(error).__name__
            fail(
                f"No statement: Stripe cannot be asked about account {each or 'shop'} ({why}). Try again later; "
                "`tillbot doctor` tries its key."
            )
    return made


def _accounts_of(settings: Settings, cause: str) -> Sequence[str]:
    """Name the accounts to state: of a cause its own, if it has one, and the shop's, where its gifts may have gone too."""
    if not cause:
        return list(settings.account_keys)
    return list(dict.fromkeys((settings.causes[cause].account, "")))


def _account(settings: Settings, name: str) -> str:
    """Find the account that is named on the command line."""
    if name in settings.account_keys:
        return name
    if name != "shop":
        names = ", ".join(each or "shop" for each in settings.account_keys)
        fail(f"There is no account {name!r}. There are: {names}.")
    return ""


def _say(difference: Difference, tongue: Tongue, *, as_json: bool) -> None:
    says, todo = difference.says(tongue), difference.todo(tongue)
    if as_json:
        pairs = difference.values.items()
        values = {name: asdict(value) if isinstance(value, Money) else value for name, value in pairs}
        body = {
            "kind": difference.kind,
            "outcome": difference.outcome,
            "account": difference.account or "shop",
            "order": difference.order or None,
            "object": difference.object or None,
            "says": says,
            "todo": todo or None,
            "values": values,
        }
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    mark, colour = _MARKS[difference.outcome]
    typer.echo(f"{typer.style(mark, fg=colour)}  {says}" + (f"\n         {todo}" if todo else ""))


def _summary(found: Sequence[Difference]) -> str:
    if not found:
        return "Stripe and the orders here agree."
    many = Counter[str](each.outcome for each in found)
    parts = {
        "mended": "mended",
        "mendable": "to be mended without --dry-run",
        "person": "for you",
        "information": "for your information",
    }
    return ", ".join(f"{many[name]} {word}" for name, word in parts.items() if many[name]) + "."


class _Bars:
    """A bar for each step of a comparison, on a terminal; nothing off it."""

    def __init__(self, *, shown: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(console=console, disable=not (shown and console.is_terminal), transient=True)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, step: str, done: int, of: int) -> None:
        """Show how far a step has come."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step)
        self._progress.update(self._tasks[step], completed=done, total=of)
