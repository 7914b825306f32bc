"""`tillbot retire reminders`: how far the reminders of a closing are, and what became of them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from bot.cli.terminal import ConfigOption, config_path, database_url, run_to_end
from bot.rounds import Outcome, Round, outcomes, time_left

if TYPE_CHECKING:
    from bot.app.office import Office

#: Seconds between two looks at a round that runs.
LOOK: Final = 1.0
#: What stands over each column, in the order of the table.
_NAMES: Final = {
    Outcome.TOLD: "told",
    Outcome.CLOSED: "closed",
    Outcome.GONE: "gone",
    Outcome.OPTED_OUT: "opted out",
    Outcome.UNREACHED: "not reached",
    Outcome.DROPPED: "dropped",
    Outcome.DUE: "waiting",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A round, what became of its people, and how long it still takes."""

    round: Round
    people: Mapping[Outcome, int]
    left: timedelta

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.round.ended is None

    @property
    def done(self) -> int:
        """Of how many it is known what became of them."""
        return self.all - self.people.get(Outcome.DUE, 0)

    @property
    def all(self) -> int:
        """How many people are known to be concerned."""
        return sum(self.people.values())


def reminders(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a round and line.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, max=1000, help="How many rounds, the newest first.")] = 20,
) -> None:
    """Show each round of reminders: who was told, who could not be, who waits; on a terminal, until the last has ended."""
    from bot.app.office import Office

    async def show() -> None:
        async with Office.open(config_path(config), database_url(), os.environ, sandbox=True, keys=False) as office:
            found = await _standing(office, most)
            if not as_json:
                found = await _watch(office, most, found)
            _say(found, as_json=as_json)

    run_to_end(show())


async def _standing(office: Office, most: int) -> Sequence[Standing]:
    """Look at the newest rounds. What an estimate needs of the quiet hours is in the plan that is in the config."""
    from bot.retirement import allowed, left

    async with office.database.store.reading() as unit:
        found, now = await unit.rounds.newest(most=most), unit.now
        counts = [await unit.rounds.tallies(each.closing, each.days) for each in found]
    standing = []
    for each, tallies in zip(found, counts, strict=True):
        plan = office.settings.plans.get(each.feature)
        quiet = left(allowed(plan, now), now) if plan is not None else timedelta(0)
        takes = time_left(tallies)
        standing.append(Standing(each, outcomes(tallies), quiet + takes if takes else takes))
    return standing


async def _watch(office: Office, most: int, found: Sequence[Standing]) -> Sequence[Standing]:
    """On a terminal, show a bar for each round that runs, until none does."""
    console = Console(stderr=True)
    if not console.is_terminal or not any(each.runs for each in found):
        return found
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"))
    tasks: dict[tuple[str, int], TaskID] = {}
    with Progress(*columns, console=console, transient=True) as bars:
        while any(each.runs for each in found):
            for each in found:
                name = (each.round.closing, each.round.days)
                if name not in tasks and each.runs:
                    tasks[name] = bars.add_task(f"{each.round.feature}, {_step(each.round.days)}", left="")
                if name in tasks:
                    bars.update(tasks[name], completed=each.done, total=each.all, left=_left(each))
            await asyncio.sleep(LOOK)
            found = await _standing(office, most)
    return found


def _say(found: Sequence[Standing], *, as_json: bool) -> None:
    if as_json:
        for each in found:
            typer.echo(json.dumps(_json(each), ensure_ascii=False))
        return
    if not found:
        typer.echo("Nobody has been reminded yet.")
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        for each in found:
            typer.echo("\t".join(_cells(each)))
        return
    table = Table(*("feature", "step", "due", "stands", *_NAMES.values()))
    for each in found:
        table.add_row(*_cells(each))
    console.print(table)


def _cells(each: Standing) -> list[str]:
    stands = f"ended {_iso(each.round.ended)}" if each.round.ended else f"runs, {_left(each)}"
    people = [str(each.people.get(outcome, 0)) for outcome in _NAMES]
    named = (
        people
        if Console().is_terminal
        else [f"{name} {many}" for name, many in zip(_NAMES.values(), people, strict=True)]
    )
    return [each.round.feature, _step(each.round.days), _iso(each.round.due), stands, *named]


def _json(each: Standing) -> dict[str, object]:
    return {
        "feature": each.round.feature,
        "closing": each.round.closing,
        "days": each.round.days,
        "due": _iso(each.round.due),
        "opened": _iso(each.round.opened),
        "ended": _iso(each.round.ended) if each.round.ended else None,
        "people": {outcome.value: each.people.get(outcome, 0) for outcome in _NAMES},
        "seconds_left": round(each.left.total_seconds()) if each.runs else 0,
    }


def _step(days: int) -> str:
    if days == 0:
        return "at the closing"
    plural = "" if abs(days) == 1 else "s"
    return f"{abs(days)} day{plural} {'before' if days > 0 else 'after'}"


def _left(each: Standing) -> str:
    """Say about how long it takes, in the unit that is read at a glance."""
    if each.round.stage == "finding":
        return "still looking who is concerned"
    minutes = each.left.total_seconds() / 60
    if minutes < 1:
        return "less than a minute left"
    return f"about {round(minutes)} min left" if minutes < 90 else f"about {round(minutes / 60)} h left"  # noqa: PLR2004


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
