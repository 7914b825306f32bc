"""Forgetting in SQLite: not even the file's unused bytes tell who it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.database import Database
from bot.orders import Buyer
from bot.rounds import Outcome, Telling
from tests.contracts.samples import a_full_order, a_pledge

#: In each column that may tell something of a person, a text that is found nowhere else.
MARKS = ("wsp-mark", "usr-mark", "fr-MARK", "reply-mark", "digest-mark", "asked-mark", "url-mark", "track-mark")
MORE = ("problem-mark", "street-mark", "dedication-mark", "mend-mark", "news-mark", "fact-mark", "job-mark")


async def test_no_trace_stays_in_the_file(tmp_path: Path) -> None:
    """Once the database is closed, no byte of its files says what was erased; the order's number and amounts are there."""
    file = tmp_path / "shop.sqlite3"
    buyer = Buyer("slack", "wsp-mark/usr-mark", "usr-mark", "wsp-mark", "fr-MARK", "reply-mark", "digest-mark")
    order = a_full_order("KEPTORDER")
    assert order.donation is not None
    order = replace(
        order,
        buyer=buyer,
        asked_by="asked-mark",
        session_url="url-mark",
        tracking="track-mark",
        problem="problem-mark",
        ship_to="street-mark",
        donation=replace(order.donation, dedication="dedication-mark"),
    )
    pledge = a_pledge("KEPTORDER", person=buyer.key, state="ended", mend_url="mend-mark", donation=order.donation)
    async with await Database.open(f"sqlite:///{file}") as database:
        for turn in range(40):  # so many that whole pages become free
            async with database.store.unit() as unit:
                if turn == 0:
                    await unit.orders.add(order, "new")
                    await unit.pledges.put(pledge)
                    told = Telling("buy:1", 7, buyer.key, "slack", "wsp-mark", "slack:wsp-mark", outcome=Outcome.TOLD)
                    await unit.rounds.add([told, replace(told, days=1, outcome=Outcome.DUE)])
                await unit.news.add(buyer.key, "paid", "KEPTORDER", f"news-mark {'x' * 200}")
                await unit.facts.put(f"kept:{buyer.key}:{turn}", f"fact-mark {'x' * 200}")
                await database.jobs.defer(unit, "tell", {"person": buyer.key, "id": turn, "text": "job-mark"})
    assert all(mark in _bytes(file) for mark in (*MARKS, *MORE)), "they were written"
    async with await Database.open(f"sqlite:///{file}") as database, database.store.unit() as unit:
        await unit.people.forget(buyer.key, "erased:1")
        assert [(each.outcome, each.people) for each in await unit.rounds.tallies()] == [(Outcome.TOLD, 1)]
    left = _bytes(file)
    assert [mark for mark in (*MARKS, *MORE) if mark in left] == []
    assert "KEPTORDER" in left
    assert "erased:1" in left


def _bytes(file: Path) -> str:
    return "".join(each.read_bytes().decode("latin-1") for each in sorted(file.parent.iterdir()))
