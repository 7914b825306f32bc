"""Everybody is reminded, though the process that tells them is killed midway, again and again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.database import Database
from bot.orders import Buyer, State
from bot.reminding import LANES
from bot.rounds import Outcome, outcomes
from tests.conformance.world import HOOKS, KEYS, RETIREMENT
from tests.contracts.samples import an_order
from tests.crash.process import Shop
from tests.crash.test_posted_cards import CONFIG
from tests.platforms.slack import SlackStandIn

PEOPLE = 5000
#: After so many were told, it is killed.
KILLS = (600, 2100, 3900)
#: The one step, in the table of reminders that the retirement ends with.
STEP = "days = [7]\n"
WORDS = "A reminder: Buy will close here"


def config(now: datetime) -> str:
    """Give the config of a shop of which a step came due an hour ago."""
    closes = now + timedelta(days=7) - timedelta(hours=1)
    dates = {"announced": now - timedelta(days=40), "closes": closes}
    return CONFIG + RETIREMENT.format(**{name: at.isoformat(timespec="seconds") for name, at in dates.items()}) + STEP


async def sell(url: str, now: datetime) -> None:
    """Have everybody have bought something last week, so that everybody is concerned."""
    async with await Database.open(url) as database, database.store.unit() as unit:
        for n in range(PEOPLE):
            buyer = Buyer("slack", f"T1/UB{n:04}", f"UB{n:04}", "T1", "en")
            order = an_order(f"O{n:04}", buyer=buyer, state=State.FULFILLED, paid_at=now - timedelta(days=7))
            await unit.orders.add(order, "new")


def heard(slack: SlackStandIn) -> Counter[str]:
    """Count the reminders that each person has before them."""
    reminders = [posting for posting in slack.workspace.postings if WORDS in posting.said]
    return Counter(slack.workspace.channels[posting.channel].direct or "" for posting in reminders)


async def until(slack: SlackStandIn, many: int) -> None:
    """Wait until so many messages stand before people."""
    async with asyncio.timeout(120):
        while len(slack.workspace.postings) < many:
            await slack.workspace.change()


async def ended(url: str) -> Mapping[Outcome, int]:
    """Wait until the round has ended, and count what became of everybody."""
    async with await Database.open(url) as database, asyncio.timeout(30):
        while True:
            async with database.store.reading() as unit:
                if not await unit.rounds.running():
                    return outcomes(await unit.rounds.tallies())
            await asyncio.sleep(0.1)


async def test_kills_during_a_broadcast_repeat_what_was_under_way_and_forget_nobody(tmp_path: Path) -> None:
    """5,000 people, three times kill -9: each is told, and once again at most whose message was under way at a kill."""
    now = datetime.now(UTC)
    file, url = tmp_path / "shop.toml", f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    file.write_text(config(now), encoding="utf-8")
    await sell(url, now)
    async with SlackStandIn() as slack:
        for n in range(PEOPLE):
            slack.person(f"UB{n:04}")
        slack.person("UBOSS")
        environ = {
            **KEYS,
            **HOOKS,
            "STRIPE_API_BASE": "http://127.0.0.1:9",  # nobody is there: nothing is bought here
            "TILLBOT_SECRET": "a secret of the tests, long enough",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_BASE": slack.api_url,
        }
        shop = Shop(file, url, environ)
        try:
            await shop.start()
            for many in KILLS:
                await until(slack, many)
                await shop.kill()
                assert many <= len(slack.workspace.postings) < many + PEOPLE // 10
                await shop.start()
            await until(slack, PEOPLE)
            counted = await ended(url)
        finally:
            await shop.kill()
        told = heard(slack)
        assert set(told) == {f"UB{n:04}" for n in range(PEOPLE)}
        again = [person for person, many in told.items() if many > 1]
        assert len(again) <= LANES * len(KILLS)
        assert all(told[person] == 2 for person in again)
        assert counted == {Outcome.TOLD: PEOPLE + 1}  # and the admin, in words of their own
        assert not shop.errors
