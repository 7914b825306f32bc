"""How Tillbot tells people in Slack things by itself: by editing the card they hold, else by direct message."""

from collections import OrderedDict
from typing import Final

from adapters.slack.connection import Connection
from adapters.slack.replies import Reply
from adapters.slack.workspaces import (
    WITHIN,
    Workspaces,
    holder_of_channel,
    holder_of_user,
    installed,
    workspaces_of,
)
from bot.chat import Card
from bot.orders import Buyer

#: How many tellings are remembered, so that a repeated one is not shown again.
_MOST: Final = 10_000


class SlackVoice:
    """The port `Voice` on Slack.

    Every method raises Unreachable where Slack refuses, and Later where it asks us to wait (429) or something was said in
    the same channel less than a second ago: a job that lets it pass is called again then. With many workspaces, a channel
    is "T1/C1", or its bare id where only one workspace knows it.
    """

    platform = "slack"

    def __init__(self, workspaces: Connection | Workspaces) -> None:
        self._workspaces = workspaces_of(workspaces)
        #: How it was told, by whom or where, and key: one key may be for many.
        self._done: OrderedDict[tuple[str, str], str] = OrderedDict()

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        """Tell one person privately: "edited" or "sent"."""
        told = (buyer.key, key)
        if told in self._done:
            return self._done[told]
        if buyer.workspace:
            connection, user = await installed(self._workspaces, buyer.workspace), buyer.user
        else:
            connection, user = await holder_of_user(self._workspaces, buyer.user)
        held = connection.held.get(buyer.workspace, buyer.user, card.order)
        for reply in (held, Reply.unpacked(buyer.reply)):
            if await connection.edit(reply, card):
                return self._remember(told, "edited")
        await connection.tell(user, card, paced=True)
        return self._remember(told, "sent")

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        """Post a card in a channel and give its reference."""
        told = (channel, key)
        if told in self._done:
            return self._done[told]
        connection, bare = await holder_of_channel(self._workspaces, channel)
        reference = await connection.post(bare, card, paced=True)
        return self._remember(told, f"{connection.team}{WITHIN}{reference}" if connection.team else reference)

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        """Replace a posted card; the reference names its workspace and channel too, by the id that editing wants."""
        del channel
        place, _, ts = reference.partition(" ")
        connection, bare = await holder_of_channel(self._workspaces, place)
        await connection.amend(f"{bare} {ts}", card)

    def _remember(self, told: tuple[str, str], how: str) -> str:
        self._done[told] = how
        while len(self._done) > _MOST:
            self._done.popitem(last=False)
        return how
