"""Closing: the shop's process is killed at step after step of it, and the last one that lives has finished it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from adapters.database import Database
from bot.orders import State
from tests.adapters.sandbox.buyer import CARD, SEPA
from tests.conformance.world import RETIREMENT, eventually
from tests.crash.databases import File
from tests.crash.evidence import Evidence
from tests.crash.gathering import open_session, settle_at
from tests.crash.invariants import broken
from tests.crash.storm import Storm, over
from tests.platforms.slack import Message

#: Seconds that a process may take to come to its step, on a busy machine.
LIFE: Final = 60.0
#: Between two looks whether it has come to it.
LOOK: Final = 0.5
#: More processes than a closing outlives, each of which comes one step further than the one before.
DEATHS: Final = 60
#: Fewer than it takes.
FEWEST: Final = 10
CARDS: Final = "CPOST"
SELLERS: Final = "Selling here has ended"
ENDED: Final = "Buying in this chat ended"


async def sell(storm: Storm) -> dict[str, str]:
    """Have one order be open, one wait for its bank, one be paid and not delivered, one be a gift; and a card posted."""
    (shop,), crowd = storm.gate.shops, storm.crowd
    await shop.start()
    storm.slack.channel(CARDS)
    await crowd.boss.ask(f"/shop post mug <#{CARDS}|posts>")
    asked: dict[str, str] = {}
    wanted = {"open": "/buy zine", "bank": "/buy mug white", "paid": "/buy mug blue", "gift": "/donate 5 to kitchen"}
    for who, (name, wish) in zip(crowd.slackers, wanted.items(), strict=False):
        asking = await who.ask(wish)
        crowd.asked.append(asking)
        asked[name] = asking.order
    for name, number in (("bank", SEPA), ("paid", CARD)):
        await crowd.submit(open_session(storm.sandbox, asked[name]), number)
    settle_at(storm.sandbox, time.time() + 3600)

    wanted_now = {"open": State.AWAITING, "bank": State.PROCESSING, "paid": State.PAID, "gift": State.AWAITING}
    async with await Database.open(storm.place.url) as database:

        async def known() -> bool:
            async with database.store.reading() as unit:
                found = {order.id: order.state for order in await unit.orders.newest()}
            return all(found.get(asked[name]) is state for name, state in wanted_now.items())

        await eventually(known, "payments are not known", within=LIFE)
    await eventually(lambda: "[Buy]" in str([card.said for card in posted(storm)]), "no card is posted", within=LIFE)
    await shop.kill()
    storm.kills.append(time.time())
    return asked


def posted(storm: Storm) -> list[Message]:
    """Give the cards that stand in the channel for everybody."""
    return [each for each in storm.slack.workspace.channels[CARDS].messages if each.seen_by is None]


async def close(storm: Storm) -> None:
    """Write the closing into the file: it has come by the time that the next process starts."""
    now = datetime.now(UTC)
    dates = {"announced": now - timedelta(days=40), "closes": now}
    text = RETIREMENT.format(**{name: at.isoformat(timespec="seconds") for name, at in dates.items()})
    file = storm.folder / "shop.toml"
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


async def finished(storm: Storm, asked: Mapping[str, str]) -> bool:
    """Tell whether all of a closing is done: the open checkout ended, its buyer, the sellers and the card say so."""
    async with await Database.open(storm.place.url) as database, database.store.reading() as unit:
        order = await unit.orders.get(asked["open"])
        told = await unit.news.untold(storm.crowd.slackers[0].key)
        running = await unit.rounds.running()
    cards = [card.said for card in posted(storm)]
    return (
        order is not None
        and order.state is State.EXPIRED
        and not told
        and not running
        and all(ENDED in card for card in cards)
        and len(_sellers(storm)) > 1
    )


def _sellers(storm: Storm) -> set[str]:
    """Give where sellers read in Slack that selling has ended."""
    return {
        name
        for name, channel in storm.slack.workspace.channels.items()
        if any(SELLERS in str(message.said) for message in channel.messages)
    }


async def killed_at(storm: Storm, step: int, asked: Mapping[str, str]) -> bool:
    """Have a process be killed at the end of a step; False where all was done before it came to that."""
    (shop,) = storm.gate.shops
    (storm.folder / "dies").write_text(str(step))
    await shop.spawn()
    async with asyncio.timeout(LIFE):
        while not (died := await shop.died(LOOK)):
            if await finished(storm, asked):
                break
    await shop.kill()
    storm.kills.append(time.time())
    return died


async def test_killed_at_step_after_step_a_closing_is_finished_once(tmp_path: Path) -> None:
    """Open, at the bank, paid, given: each comes to its end, all are told once, or again if it was in flight at a kill."""
    async with over(File(tmp_path), tmp_path, seed=1) as storm:
        asked = await sell(storm)
        await close(storm)
        deaths = 0
        while await killed_at(storm, deaths + 1, asked):
            deaths += 1
            assert deaths < DEATHS, "it never ends"
        assert deaths > FEWEST, "hardly anything was done between the deaths"
        (tmp_path / "dies").unlink()
        settle_at(storm.sandbox, time.time())
        await storm.calm()
        evidence = await storm.evidence()
        assert not broken(evidence), json.dumps(broken(evidence), indent=2)
        ends = {"open": State.EXPIRED, "bank": State.PAID, "paid": State.PAID, "gift": State.EXPIRED}
        assert {name: _state(evidence, number) for name, number in asked.items()} == ends
        why = [move.why for move in evidence.history[asked["gift"]]]
        assert "closed" not in str(why), "a gift ends by its own time alone"
        sellers: dict[str, list[float]] = {}
        for shown in sorted(evidence.shown, key=lambda shown: shown.at):
            if SELLERS in shown.text:
                sellers.setdefault(shown.person, []).append(shown.at)
        assert set(sellers) == {"", storm.crowd.boss.key}, "the channel and the admin"
        for times in sellers.values():
            repeats = list(pairwise(times))
            assert all(any(one <= kill <= again for kill in evidence.kills) for one, again in repeats), repeats
        (card,) = posted(storm)
        assert ENDED in card.said
        assert "[Buy]" not in card.said
        kinds = Counter((news.order, news.kind) for news in evidence.news)
        assert kinds[asked["open"], "closed"] == 1
        assert max(kinds.values()) == 1


def _state(evidence: Evidence, number: str) -> State:
    order = evidence.order(number)
    assert order is not None
    return order.state
