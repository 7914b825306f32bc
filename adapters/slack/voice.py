"""How Tillbot tells people in Slack things by itself: by editing the card they hold, else by direct message."""

from collections import OrderedDict
from typing import Final

from adapters.slack.connection import Connection
from adapters.slack.replies import Reply
from bot.chat import Card
from bot.orders import Buyer

#: How many tellings are remembered, so that a repeated one is not shown again.
_MOST: Final = 10_000


class SlackVoice:
    """The port `Voice` on Slack.

    Every method raises Unreachable where Slack refuses, and Later where it asks us to wait (429): a job that lets it
    pass is called again then.
    """

    platform = "slack"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._done: OrderedDict[str, str] = OrderedDict()

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: "edited" or "sent"."""
        if key in self._done:
            return self._done[key]
        held = self._connection.held.get(buyer.workspace, buyer.user, card.order)
        for reply in (held, Reply.unpacked(buyer.reply)):
            if await self._connection.edit(reply, card):
                return self._remember(key, "edited")
        await self._connection.tell(buyer.user, card)
        return self._remember(key, "sent")

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a staff channel and give its reference."""
        if key in self._done:
            return self._done[key]
        return self._remember(key, await self._connection.post(channel, card))

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card; the reference names its channel too, by the id that editing wants."""
        del channel
        await self._connection.amend(reference, card)

    def _remember(self, key: str, how: str) -> str:
        self._done[key] = how
        while len(self._done) > _MOST:
            self._done.popitem(last=False)
        return how
