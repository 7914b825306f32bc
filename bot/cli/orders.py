"""`tillbot orders`: what an operator sees of orders, gives back of them, and hands to a bank that asks."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end
from bot.errors import BadAmount, BeyondLeft, MixedCurrencies, Refused, TooLate, UnknownOrder
from bot.orders import State
from bot.refunds import RefundEntry, Stage

if TYPE_CHECKING:
    from bot.app.office import Office
    from bot.dossier import Dossier
    from bot.money import Money

orders = typer.Typer(help="List orders and gifts, newest first; look one up, give it back, collect evidence.")

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line: ISO instants, minor units.")]
NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The order's number.")]
TestOption = Annotated[bool, typer.Option("--test", help="A sandbox may stand in Stripe's place.")]


class Kind(StrEnum):
    """What was asked for."""

    BUY = "buy"
    DONATE = "donate"


@orders.callback(invoke_without_command=True)
def listed(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    ctx: typer.Context,
    config: ConfigOption = None,
    state: Annotated[list[State] | None, typer.Option("--state", help="Only in this state; can be repeated.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only sales, or only gifts.")] = None,
    person: Annotated[str, typer.Option("--person", help="Only of a person, by the key that the list shows.")] = "",
    since: Annotated[
        str,
        typer.Option("--since", metavar="DAY", help="Only made since then: 2026-11-24, or an instant with its zone."),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List orders and gifts, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from bot.cli.order_tables import body, show

    async def find() -> None:
        async with _office(config) as office:
            async with office.database.store.reading() as unit:
                found = await unit.orders.listed(
                    states=state or (),
                    kind=kind or "",
                    person=person,
                    since=_since(since, office.settings.zone),
                    most=limit,
                )
            if as_json:
                _lines(map(body, found))
            elif found:
                show(found, office.settings.zone, Console(highlight=False))
            else:
                typer.echo("There are no such orders.", err=True)

    run_to_end(find())


@orders.command("show")
def shown(
    number: NumberArgument,
    config: ConfigOption = None,
    address: Annotated[bool, typer.Option("--address", help="Show where it is shipped to, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show an order with its history, refunds, disputes, and what its person was told."""
    from bot.cli.order_tables import show_one, whole_body

    async def look() -> None:
        async with _office(config) as office:
            dossier = await _dossier(office, number)
            if as_json:
                _lines([whole_body(dossier, address=address)])
            else:
                show_one(dossier, office.settings.zone, Console(highlight=False), address=address)

    run_to_end(look())


@orders.command("refund")
def refund(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; the buyer reads it.")],
    amount: Annotated[str, typer.Argument(help="How much, in the order's currency; all that is left without.")] = "",
    config: ConfigOption = None,
    by: Annotated[str, typer.Option("--by", help="Who gives it back, for the record.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: JsonOption = False,
    test: TestOption = False,
) -> None:
    """Give an order's money back, in full or in part; exit 1 if Stripe or the shop's rules say no."""
    from bot.cli.order_tables import refund_body

    if not reason.strip():
        fail("Say why: --reason TEXT. The buyer reads it.")
    failed = False

    async def give_back() -> None:
        nonlocal failed
        async with _office(config, test=test) as office:
            dossier = await _dossier(office, number)
            wanted = _amount(amount, dossier.order.total.currency)
            if not yes:
                _confirm(dossier, wanted)
            try:
                entry = await office.refund(dossier.order.id, wanted, reason.strip(), by=by or getpass.getuser())
            except (Refused, BadAmount, MixedCurrencies) as error:
                fail(_no(error))
            failed = entry is not None and entry.stage in {Stage.REFUSED, Stage.FAILED}
            if as_json:
                _lines([] if entry is None else [refund_body(entry)])
            else:
                typer.echo(_outcome(entry), err=failed)

    run_to_end(give_back())
    if failed:
        raise typer.Exit(1)


@orders.command("evidence")
def evidence(
    number: NumberArgument,
    config: ConfigOption = None,
    out: Annotated[
        Path, typer.Option("--out", help="The folder it is put into, or the ZIP file that it becomes.")
    ] = Path(),
) -> None:
    """Pack the evidence of an order for a payer's bank: a page to print, and Stripe's fields as text."""

    async def collect() -> None:
        async with _office(config) as office:
            dossier = await _dossier(office, number)
            file = out / f"evidence-{dossier.order.id}.zip" if out.is_dir() else out
            if file.exists():
                fail(f"{file} is there already; nothing was written. Name another file.")
            try:
                packed = await office.evidence(dossier.order.id)
            except ValueError as error:
                fail(str(error))
            _write(file, packed)
            typer.echo(f"wrote {file}: it holds personal data, and only you can read it")

    run_to_end(collect())


def _write(file: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, whole or not at all. Exits where it cannot be, or is there by now."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    except OSError as error:
        file.unlink(missing_ok=True)
        fail(f"{file} cannot be written: {error.strerror}")


def _office(config: Path | None, *, test: bool = False) -> AbstractAsyncContextManager[Office]:
    """Open what a command needs; Stripe's keys are asked for when Stripe has to be asked."""
    from bot.app.office import Office

    return Office.open(config_path(config), database_url(), os.environ, sandbox=test, keys=False)


async def _dossier(office: Office, number: str) -> Dossier:
    """Read what is kept of an order. Exits where there is none of that number."""
    from bot.dossier import dossier_of

    try:
        async with office.database.store.reading() as unit:
            return await dossier_of(unit, number)
    except UnknownOrder:
        fail(f"There is no order {number}.")


def _since(typed: str, zone: ZoneInfo) -> datetime | None:
    """Read a day, which begins at midnight in the shop's zone, or an instant. ValueError where it is neither."""
    if not typed:
        return None
    try:
        return datetime.combine(date.fromisoformat(typed), time(), zone)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"--since {typed}: write a day like 2026-11-24, or an instant") from None
    if at.tzinfo is None:
        raise ValueError(f"--since {typed}: an instant needs its zone, like {typed}+01:00")
    return at


def _amount(typed: str, currency: str) -> Money | None:
    from bot.money import parse

    try:
        return parse(typed, currency) if typed else None
    except BadAmount as error:
        fail(str(error))


def _confirm(dossier: Dossier, wanted: Money | None) -> None:
    """Ask before money moves. Exits where nobody can be asked, or says no."""
    from bot.refunds import left_of

    order = dossier.order
    what = wanted or left_of(order, dossier.returns.refunds)
    if not sys.stdin.isatty():
        fail(f"This gives back {what} of {order.id}. Say --yes where nobody can be asked.")
    typer.confirm(f"Give back {what} of {order.id} ({order.kind}, paid {order.paid or order.total})?", abort=True)


_OUTCOMES: Final = {
    Stage.ASKED: "{id}: {amount} wait for a second admin, who approves or declines it in the chat.",
    Stage.APPROVED: "{id}: {amount} are written down to go back; Stripe has not answered yet, and the shop goes on with it.",
    Stage.DONE: "{id}: {amount} went back.",
    Stage.REFUSED: "{id}: {amount} did not go back: {why}.",
    Stage.FAILED: "{id}: {amount} went back, and the payer's bank returned them.",
}


def _outcome(entry: RefundEntry | None) -> str:
    if entry is None:
        return "Nothing is left to give back."
    return _OUTCOMES[entry.stage].format(id=entry.id, amount=entry.amount, why=entry.why)


def _no(error: Refused | BadAmount | MixedCurrencies) -> str:
    """Say why nothing goes back."""
    match error:
        case TooLate(number=number, state=state):
            return f"{number} is {state}: nothing can be given back now."
        case BeyondLeft(number=number, asked=asked, left=left):
            return f"{asked} is more than the {left} that are left of {number}."
        case BadAmount():
            return str(error)
        case _:
            return f"Nothing was given back: {type(error).__name__}."


def _lines(bodies: Iterable[object] | Sequence[object]) -> None:
    for each in bodies:
        typer.echo(json.dumps(each, ensure_ascii=False))
