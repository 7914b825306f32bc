"""The crash test: a real process is killed with -9, again and again, and every promise holds in the end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.databases import SETTINGS, File, Setting
from tests.crash.evidence import Evidence
from tests.crash.invariants import INVARIANTS, broken
from tests.crash.storm import Storm, between, over


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
async def test_every_promise_holds_through_kills(
    setting: Setting, request: pytest.FixtureRequest, tmp_path: Path, kills: int, seed: int
) -> None:
    """Killed at any instant while everything else fails too, nobody pays twice, and nothing is lost, doubled or left."""
    print(f"seed {seed}: uv run pytest tests/crash/test_storm.py --seed {seed} --kills {kills}")  # noqa: T201 - to repeat it
    place = setting.make(request, tmp_path)
    async with over(place, tmp_path, seed, processes=setting.processes) as storm:
        await storm.rage(kills)
        await storm.calm()
        evidence = await storm.evidence()
        print(table(storm, evidence))  # noqa: T201 - for BENCH.md
        assert not broken(evidence), f"seed {seed}: {json.dumps(broken(evidence), indent=2)}"
        assert len(evidence.kills) >= kills
        assert all(any(webhook.by is shop for webhook in storm.gate.heard) for shop in storm.gate.shops)
        # Where a webhook was dropped or a message held up, every kill meanwhile counts: those aimed there have to be seen too.
        assert storm.ways["charged"] >= 1
        assert storm.ways["heard"] >= 1
        assert between(evidence, storm.gate, heard=False) >= 1
        assert between(evidence, storm.gate, heard=True) >= 1


async def test_planted_bugs_are_found(tmp_path: Path, seed: int) -> None:
    """A shop that takes each delivery of an interaction for a new wish, and a pending payment for a paid one, is found out."""
    print(f"seed {seed}")  # noqa: T201 - to repeat it
    plants = ("no_wish", "believes_processing")
    async with over(File(tmp_path), tmp_path, seed, plants=plants) as storm:
        storm.crowd.wishes_for = ("/buy zine",)
        storm.crowd.fates = ("pay by bank",)
        await storm.rage(2)
        await storm.calm()
        found = broken(await storm.evidence())
    assert "nothing is delivered unpaid" in found
    assert "a wish is one order" in found


def table(storm: Storm, evidence: Evidence) -> str:
    """Say what happened, a line each, as BENCH.md keeps it."""
    states = Counter(str(order.state) for order in evidence.orders)
    rows = {
        "kills": len(evidence.kills),
        "of them between charge and webhook": between(evidence, storm.gate, heard=False),
        "of them between webhook and delivery": between(evidence, storm.gate, heard=True),
        "of them aimed at a webhook that was at the door": storm.ways["charged"],
        "of them aimed at a webhook that was just answered": storm.ways["heard"],
        "of them before it served": storm.ways["start"],
        "wishes": len(evidence.wishes),
        "orders": len(evidence.orders),
        **{f"orders {state}": many for state, many in sorted(states.items())},
        "charges": sum(entry.kind == "charge" for entry in evidence.ledger),
        "refunds": sum(entry.kind == "refund" for entry in evidence.ledger),
        "refunds that the staff asked for": len(evidence.refunds),
        "webhooks at the door": sum(webhook.stage == "before" for webhook in storm.gate.heard),
        "news": len(evidence.news),
        "promises broken": len(broken(evidence)),
        "promises looked at": len(INVARIANTS),
    }
    return "\n".join(f"| {name} | {value} |" for name, value in rows.items())
