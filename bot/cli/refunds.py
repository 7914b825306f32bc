"""`tillbot orders refund`, `approve` and `decline`: money given back by an operator, and what waits for a second one."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.account import account
from bot.cli.order_options import JsonOption, NumberArgument, TestOption, dossier_at, office_of, print_lines
from bot.cli.terminal import ConfigOption, fail, run_to_end
from bot.errors import BadAmount, BeyondLeft, MixedCurrencies, OwnRequest, Refused, TooLate
from bot.refunds import RefundEntry, Stage, at_a_terminal

if TYPE_CHECKING:
    from bot.app.office import Office
    from bot.dossier import Dossier
    from bot.money import Money

ByOption = Annotated[
    str, typer.Option("--by", help="Who says so, for the record; the account that runs the command is kept beside it.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]
WaitingArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The refund's number, or its order's.")]

#: The longest reason for declining that is kept, in characters.
_MOST_REASON: Final = 200
#: What a refund's number has behind its order's.
_REFUND: Final = re.compile(r"-R\d+$", re.IGNORECASE)
_OUTCOMES: Final = {
    Stage.ASKED: (
        "{id}: {amount} wait for a second admin, who approves or declines it in the chat, "
        "or with `tillbot orders approve {id}` from another account than yours."
    ),
    Stage.APPROVED: "{id}: {amount} are written down to go back; Stripe has not answered yet, and the shop goes on with it.",
    Stage.DONE: "{id}: {amount} went back.",
    Stage.REFUSED: "{id}: {amount} did not go back: {why}.",
    Stage.FAILED: "{id}: {amount} went back, and the payer's bank returned them.",
}


def refund(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; the buyer reads it.")],
    amount: Annotated[str, typer.Argument(help="How much, in the order's currency; all that is left without.")] = "",
    config: ConfigOption = None,
    by: ByOption = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    test: TestOption = False,
) -> None:
    """Give an order's money back, in full or in part; exit 1 if Stripe or the shop's rules say no."""
    if not reason.strip():
        fail("Say why: --reason TEXT. The buyer reads it.")

    async def give_back() -> None:
        async with office_of(config, test=test) as office:
            dossier = await dossier_at(office, number)
            wanted = _amount(amount, dossier.order.total.currency)
            if not yes:
                _confirm_all(dossier, wanted)
            try:
                entry = await office.refund(dossier.order.id, wanted, reason.strip(), by=_asker(by))
            except (Refused, BadAmount, MixedCurrencies) as error:
                fail(_no(error))
            _say(entry, as_json=as_json)

    run_to_end(give_back())


def approve(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    number: WaitingArgument,
    config: ConfigOption = None,
    by: ByOption = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    test: TestOption = False,
) -> None:
    """Approve a refund that waits for a second admin; whoever asked for it cannot, under whatever name."""

    async def agree() -> None:
        async with office_of(config, test=test) as office:
            dossier, entry = await _waiting(office, number)
            if not yes:
                what = f"{entry.amount} of {dossier.order.id}"
                _confirm(f"{what}, as {entry.asked_by} asked ({entry.reason})", what)
            try:
                agreed = await office.approve(entry.id, by=_asker(by))
            except Refused as error:
                fail(_no(error))
            _say(agreed, as_json=as_json)

    run_to_end(agree())


def decline(
    number: WaitingArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the order's history, for admins.")],
    config: ConfigOption = None,
    by: ByOption = "",
    as_json: JsonOption = False,
) -> None:
    """Decline a refund that waits for a second admin, one's own too; no money moves."""
    why = " ".join(reason.split())[:_MOST_REASON]
    if not why:
        fail("Say why: --reason TEXT. It stands in the order's history.")

    async def turn_down() -> None:
        async with office_of(config) as office:
            _, entry = await _waiting(office, number)
            entry = await office.decline(entry.id, why, by=_asker(by))
            if as_json:
                _print(entry)
            elif entry.why == "declined":
                typer.echo(f"{entry.id}: {entry.amount} do not go back.")
            else:  # somebody was quicker
                _say(entry, as_json=False)

    run_to_end(turn_down())


async def _waiting(office: Office, number: str) -> tuple[Dossier, RefundEntry]:
    """Find the refund that is meant. Exits where none waits, or where it is not clear which."""
    dossier = await dossier_at(office, _REFUND.sub("", number))
    asked = [entry for entry in dossier.returns.refunds if entry.stage is Stage.ASKED]
    if _REFUND.search(number):
        asked = [entry for entry in asked if entry.id == number.upper()]
    if not asked:
        fail(f"Nothing of {number} waits for a second admin.")
    if len(asked) > 1:
        fail(f"Say which: {_named(asked)}.")
    return dossier, asked[0]


def _named(entries: Sequence[RefundEntry]) -> str:
    return ", ".join(f"{entry.id} ({entry.amount})" for entry in entries)


def _asker(name: str) -> str:
    return at_a_terminal(account(), name)


def _amount(typed: str, currency: str) -> Money | None:
    from bot.money import Money, parse

    try:
        return parse(typed, currency) if typed else None
    except BadAmount as error:
        fail(f"{error}. Nothing was given back. An amount is written like {Money(1250, currency).typed()}.")


def _confirm_all(dossier: Dossier, wanted: Money | None) -> None:
    from bot.refunds import left_of

    order = dossier.order
    what = f"{wanted or left_of(order, dossier.returns.refunds)} of {order.id}"
    _confirm(f"{what} ({order.kind}, paid {order.paid or order.total})", what)


def _confirm(question: str, what: str) -> None:
    """Ask before money moves. Exits where nobody can be asked, or says no."""
    if not sys.stdin.isatty():
        fail(f"This gives back {what}. Say --yes where nobody can be asked.")
    typer.confirm(f"Give back {question}?", abort=True)


def _say(entry: RefundEntry | None, *, as_json: bool) -> None:
    """Say what came of it, and exit 1 where no money went, or it came back."""
    failed = entry is not None and entry.stage in {Stage.REFUSED, Stage.FAILED}
    if as_json:
        _print(entry)
    else:
        typer.echo(_outcome(entry), err=failed)
    if failed:
        sys.exit(1)


def _print(entry: RefundEntry | None) -> None:
    from bot.cli.order_tables import refund_body

    print_lines([] if entry is None else [refund_body(entry)])


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
        case OwnRequest():
            return f"This account ({account()}) asked for it: somebody else has to approve it, from an account of their own."
        case BadAmount(typed=typed, currency=currency):
            return f"{typed} {currency} is nothing to give back."
        case _:
            return f"Nothing was given back: {type(error).__name__}."
