"""Closing reaches every posted card, though the process that edits them is killed midway."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.slack.door import PATH
from tests.conformance.world import HOOKS, KEYS, RETIREMENT, SHOP
from tests.crash.process import Shop
from tests.platforms.slack import Message, SlackStandIn

CONFIG = (
    SHOP.replace('stripe_key_env = "WATER_STRIPE_KEY"\n', "")
    + """
[web]
public_url = "https://till.example"
chat = false

[slack]
enabled = true

[admins]
slack = ["UBOSS"]
"""
)
#: One card a channel: Slack takes one message a second in each.
BUY = [f"CBUY{n:02}" for n in range(50)]
GIVE = [f"CGIVE{n}" for n in range(4)]
#: Seconds that Slack takes for an edit, so that the kill finds some done, some under way and some not begun.
SLOW = 0.2


def cards(slack: SlackStandIn, channels: list[str]) -> list[Message]:
    """Give what stands in channels for everybody."""
    messages = [message for channel in channels for message in slack.workspace.channels[channel].messages]
    return [message for message in messages if message.seen_by is None]


async def until(slack: SlackStandIn, channels: list[str], words: str, many: int) -> None:
    """Wait until so many cards in channels hold some words."""
    async with asyncio.timeout(20):
        while sum(words in card.said for card in cards(slack, channels)) < many:
            await slack.workspace.change()


async def test_a_kill_midway_leaves_no_buy_card_and_touches_no_donate_card(tmp_path: Path) -> None:
    """50 posted cards, closing, kill -9 midway: 50 read the notice, no Donate card was touched, nothing is posted anew."""
    config = tmp_path / "shop.toml"
    config.write_text(CONFIG, encoding="utf-8")
    async with SlackStandIn() as slack:
        for channel in BUY + GIVE:
            slack.channel(channel)
        boss = slack.person("UBOSS")
        environ = {
            **KEYS,
            **HOOKS,
            "STRIPE_API_BASE": "http://127.0.0.1:9",  # nobody is there: nothing is bought here
            "TILLBOT_SECRET": "a secret of the tests, long enough",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_BASE": slack.api_url,
        }
        shop = Shop(config, f"sqlite:///{tmp_path / 'shop.sqlite3'}", environ)
        try:
            await shop.start()
            slack.events_url = shop.address + PATH
            for n, channel in enumerate(BUY):
                await boss.slash("/shop", f"post {('mug', 'zine', 'print')[n % 3]} <#{channel}|shop>", "CBUY00")
            for n, channel in enumerate(GIVE):
                await boss.slash("/shop", f"post {('water', 'kitchen')[n % 2]} <#{channel}|gifts>", "CBUY00")
            await until(slack, BUY, "[Buy]", len(BUY))
            await until(slack, GIVE, "[Donate]", len(GIVE))

            slack.delay("chat.update", SLOW, times=200)
            now = datetime.now(UTC)
            closing = {"announced": now - timedelta(days=1), "closes": now - timedelta(seconds=1)}
            text = RETIREMENT.format(**{name: at.isoformat(timespec="seconds") for name, at in closing.items()})
            config.write_text(CONFIG + text, encoding="utf-8")
            await until(slack, BUY, "ended on", len(BUY) // 2)
            await shop.kill()
            midway = sum(card.edits > 0 for card in cards(slack, BUY))
            assert 1 <= midway <= len(BUY) - 1

            await shop.start()
            slack.events_url = shop.address + PATH
            await until(slack, BUY, "ended on", len(BUY))
        finally:
            await shop.kill()
            await slack.settled()
        assert len(cards(slack, BUY + GIVE)) == len(BUY + GIVE)
        assert all("[Buy]" not in card.said and "Facebook Shop" in card.said for card in cards(slack, BUY))
        assert [card.edits for card in cards(slack, GIVE)] == [0] * len(GIVE)
        assert sum(card.edits for card in cards(slack, BUY)) <= len(BUY) + 8  # only what was under way is done again
