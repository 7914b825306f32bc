"""The App Home: a person's own page in Slack, drawn of cards."""

from collections.abc import Sequence
from typing import Final

from adapters.slack.cards import message
from adapters.slack.mrkdwn import Json
from adapters.slack.payloads import HOME
from bot.chat import Card

#: https://docs.slack.dev/reference/views/home-tab-views
BLOCKS: Final = 100


def home(cards: Sequence[Card]) -> Json:
    """Draw cards below each other. One that does not fit whole is left out, with all that come after it."""
    blocks: list[Json] = []
    for card in cards:
        drawn: list[Json] = [{"type": "divider"}, *message(card, picture=False).blocks]
        if len(blocks) + len(drawn) > BLOCKS + 1:
            break
        blocks += drawn
    return {"type": HOME, "blocks": blocks[1:]}
