"""`tillbot retire`: what an operator does to a retirement by hand. A shop that runs follows within a second."""

from __future__ import annotations

import getpass
import json
import os
import sys
import uuid
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end
from bot.errors import ActRefused
from bot.retirement import Deed, stage

if TYPE_CHECKING:
    from bot.acting import Lasting, Wanted
    from bot.app.office import Office
    from bot.clicks import Clicked
    from bot.retirement import Memory, Plan

retire = typer.Typer(help="Retire buying, a product or a campaign: how it stands, and what is done by hand.")

FeatureArgument = Annotated[str, typer.Argument(metavar="FEATURE", help="buy, product.ID or campaign.NAME.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, instants in ISO 8601.")]

_NO: Final = {
    "unknown": "Nothing called {feature} retires here.",
    "withdrawn": "{feature} was called off or taken back before. To retire it again, write new dates in the config.",
    "closed": "{feature} has closed already, and can only be taken back: tillbot retire rollback {feature}.",
    "paused": "{feature} is on hold already.",
    "not_paused": "{feature} is not on hold.",
    "not_later": "That is not later than the date in force. For a sooner one, edit the config.",
    "why": "Say why: --reason TEXT.",
    "no_brownouts": "No brownout is to come: nothing was changed.",
    "not_waiting": "No edit of {feature} waits for approval.",
}


@retire.command("status")
def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show how each retirement stands, what was done to it by hand, and which edit waits."""
    from bot.clicks import clicked

    async def look() -> None:
        async with _office(config) as office:
            acting = (await office.house()).telling.till.acting
            memory, now = await acting.memory(), await acting.now()
            async with office.database.store.reading() as unit:
                clicks = await clicked(unit, memory.in_force.values())
            for feature in memory.plans:
                mine = [each for each in clicks if each.feature == feature]
                _show(memory, feature, now, mine, as_json=as_json)
            if not memory.plans and not as_json:
                typer.echo("Nothing retires in this shop.")

    run_to_end(look())


@retire.command("pause")
def pause(feature: FeatureArgument, config: ConfigOption = None, reason: ReasonOption = "", by: ByOption = "") -> None:
    """Put a retirement on hold: nothing of it closes until it is resumed."""
    _act(config, feature, "pause", reason, by)


@retire.command("resume")
def resume(feature: FeatureArgument, config: ConfigOption = None, reason: ReasonOption = "", by: ByOption = "") -> None:
    """Let a retirement go on; what was still to come moves by as long as it was on hold."""
    _act(config, feature, "resume", reason, by)


@retire.command("postpone")
def postpone(
    feature: FeatureArgument,
    to: Annotated[str, typer.Option("--to", metavar="INSTANT", help="With its zone: 2027-02-01T10:00+01:00.")],
    config: ConfigOption = None,
    reason: ReasonOption = "",
    by: ByOption = "",
) -> None:
    """Close later: everything that has not come yet moves along."""
    try:
        at = datetime.fromisoformat(to)
    except ValueError:
        fail(f"--to {to}: write an instant, like 2027-02-01T10:00+01:00.")
    if at.tzinfo is None:
        fail(f"--to {to}: an instant needs its zone, like {to}+01:00.")
    _act(config, feature, "postpone", reason, by, to=at)


@retire.command("rollback")
def rollback(
    feature: FeatureArgument,
    config: ConfigOption = None,
    reason: ReasonOption = "",
    by: ByOption = "",
    yes: YesOption = False,
) -> None:
    """Take a retirement back, and open again. What cannot be undone is said first."""
    _act(config, feature, "rollback", reason, by, ask=not yes)


@retire.command("now")
def now(
    feature: FeatureArgument,
    config: ConfigOption = None,
    reason: ReasonOption = "",
    by: ByOption = "",
    yes: YesOption = False,
) -> None:
    """Close at once, in an emergency, with no second opinion asked for. What cannot be undone is said first."""
    _act(config, feature, "now", reason, by, ask=not yes)


brownout = typer.Typer(help="Brownouts: windows before a closing in which nothing new can be bought.")
retire.add_typer(brownout, name="brownout")


@brownout.command("stop")
def brownout_stop(
    feature: Annotated[
        str, typer.Argument(metavar="[FEATURE]", help="buy, product.ID or campaign.NAME; all without.")
    ] = "",
    config: ConfigOption = None,
    reason: ReasonOption = "",
    by: ByOption = "",
) -> None:
    """End the brownout that is on, at once, and let none come any more. The closing stays as it is."""

    async def stop() -> None:
        async with _office(config) as office:
            acting = (await office.house()).telling.till.acting
            try:
                async with office.database.store.unit() as unit:
                    plans = await acting.stop_brownouts(unit, feature, reason.strip(), by=_who(by), key=_key())
            except ActRefused as error:
                fail(_NO[error.why].format(feature=error.feature))
            for plan in plans:
                typer.echo(f"{plan.feature}: no brownout any more; a shop that runs follows within a second.")

    run_to_end(stop())


@retire.command("approve")
def approve(feature: FeatureArgument, config: ConfigOption = None, by: ByOption = "") -> None:
    """Agree to an edit to a sooner date that waits."""

    async def agree() -> None:
        async with _office(config) as office:
            acting = (await office.house()).telling.till.acting
            try:
                async with office.database.store.unit() as unit:
                    plan = await acting.approve(unit, feature, by=_who(by), key=_key())
            except ActRefused as error:
                fail(_NO[error.why].format(feature=error.feature))
            typer.echo(f"{feature}: approved to close on {_iso(plan)}; a shop that runs follows within a second.")

    run_to_end(agree())


def _act(
    config: Path | None,
    feature: str,
    deed: Deed,
    reason: str,
    by: str,
    *,
    to: datetime | None = None,
    ask: bool = False,
) -> None:
    """Do something to a retirement; what is refused is said on standard error, with exit 1."""
    from bot.acting import Wanted

    async def act() -> None:
        async with _office(config) as office:
            wanted = Wanted(feature, deed, reason.strip(), to)
            try:
                await _done(office, wanted, _who(by), ask=ask)
            except ActRefused as error:
                fail(_NO[error.why].format(feature=error.feature))

    run_to_end(act())


async def _done(office: Office, wanted: Wanted, by: str, *, ask: bool) -> None:
    acting = (await office.house()).telling.till.acting
    if wanted.deed == "rollback":
        typer.echo(_lasting(await acting.lasting(wanted.feature)))
    if wanted.deed == "now":
        typer.echo(_ending(await acting.ending(wanted.feature)))
    if ask:
        if not sys.stdin.isatty():
            fail(f"Nothing has been done. Say --yes to {wanted.deed} {wanted.feature}.")
        typer.confirm(f"{wanted.deed} {wanted.feature}?", abort=True)
    async with office.database.store.unit() as unit:
        plan = await acting.act(unit, wanted, by=by, key=_key())
        at = acting.desk.clock.shows(unit.now)
    typer.echo(f"{wanted.feature}: {_state(plan, at)}, {_iso(plan)}; a shop that runs follows within a second.")


def _show(memory: Memory, feature: str, at: datetime, clicks: Sequence[Clicked], *, as_json: bool) -> None:
    plan, waiting = memory.in_force[feature], memory.waiting.get(feature)
    acts = memory.of(feature)
    if as_json:
        body = {
            "feature": feature,
            "state": _state(plan, at),
            "standing": plan.standing or None,
            "announced": plan.announced.isoformat(),
            "closes": plan.closes.isoformat(),
            "closes_in_config": memory.plans[feature].closes.isoformat(),
            "refused": memory.refused[feature][0] if feature in memory.refused else None,
            "waiting": waiting.closes.isoformat() if waiting else None,
            "brownouts": _lights(plan),
            "clicks": [
                {
                    "place": each.place.name,
                    "total": each.total,
                    "days": {day.isoformat(): many for day, many in each.days.items()},
                }
                for each in clicks
            ],
            "acts": [{"deed": act.deed, "at": act.at.isoformat(), "by": act.by, "why": act.why} for act in acts],
        }
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    typer.echo(
        f"{feature}: {_state(plan, at)}, announced {plan.announced.astimezone(plan.zone).isoformat()}, closes {_iso(plan)}"
    )
    for starts, ends in _windows(plan):
        typer.echo(f"  brownout {starts} to {ends}, {_lights(plan)['state']}")
    for each in clicks:
        typer.echo(f"  clicks on {each.place.name}: {each.total}")
    for act in acts:
        typer.echo(f"  {act.at.isoformat(timespec='seconds')}  {act.deed}  {act.by}  {act.why}".rstrip())
    if waiting:
        typer.echo(f"  waits for tillbot retire approve {feature}: closes {_iso(waiting)}")
    elif feature in memory.refused:
        typer.echo("  the edit in the config is refused; tillbot audit says why")


def _lights(plan: Plan) -> dict[str, object]:
    """Say which brownouts a plan has, and whether they come."""
    state = "stopped" if plan.lit else "ready" if plan.delivered else "waiting for the announcement to arrive"
    return {
        "state": state if plan.brownouts else "none",
        "windows": [{"starts": starts, "ends": ends} for starts, ends in _windows(plan)],
    }


def _windows(plan: Plan) -> list[tuple[str, str]]:
    at = plan.zone
    return [(part.starts.astimezone(at).isoformat(), part.ends.astimezone(at).isoformat()) for part in plan.brownouts]


def _state(plan: Plan, at: datetime) -> str:
    return "cancelled" if plan.standing == "cancelled" else str(stage(plan, at))


def _lasting(lasting: Lasting) -> str:
    return (
        f"What a rollback does not undo: checkouts that were ended: {lasting.checkouts}; monthly purchases that were "
        f"stopped: {lasting.monthly}; sellers and channels that were told: {lasting.sellers}."
    )


def _ending(ending: Lasting) -> str:
    return (
        f"What this does at once, and no rollback undoes: checkouts that it ends: {ending.checkouts}; monthly purchases that "
        f"it stops: {ending.monthly}; sellers and channels that are told: {ending.sellers}."
    )


def _iso(plan: Plan) -> str:
    return plan.closes.astimezone(plan.zone).isoformat()


def _who(by: str) -> str:
    return f"cli:{by or getpass.getuser()}"


def _key() -> str:
    return f"command line:{uuid.uuid4().hex}"


def _office(config: Path | None) -> AbstractAsyncContextManager[Office]:
    from bot.app.office import Office

    return Office.open(config_path(config), database_url(), os.environ, sandbox=False, keys=False)
