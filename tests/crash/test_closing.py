"""Closing: the shop's process is killed at instant after instant of it, and the last one that lives has finished it."""

from __future__ import annotations

import json
import time
from collections import Counter
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

#: At which instant each process is killed in turn. Each goes on where the one before fell, so that what is left of the
#: closing is less each time; the later ones get further into what their predecessors had no time for.
DEATHS: Final = (1, 3, 6, 10, 15, 21, 28, 36, 45)
#: Seconds that a process may take to come to its instant, on a busy machine.
LIFE: Final = 60.0
CARDS: Final = "CPOST"
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


async def test_killed_at_instant_after_instant_a_closing_is_finished_once(tmp_path: Path) -> None:
    """Open, at the bank, paid, given: each comes to its end, all are told once, or again if it was in flight at a kill."""
    async with over(File(tmp_path), tmp_path, seed=1) as storm:
        asked = await sell(storm)
        await close(storm)
        (shop,) = storm.gate.shops
        for death in DEATHS:
            (tmp_path / "dies").write_text(str(death))
            await shop.spawn()
            assert await shop.died(LIFE), f"it never came to instant {death}: {''.join(shop.log)}"
            await shop.kill()
            storm.kills.append(time.time())
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
            if "Selling here has ended" in shown.text:
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
