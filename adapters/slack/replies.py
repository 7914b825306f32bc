"""Replies: the addresses at which a message can still be edited, written down so that news can use them later."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

#: A response_url answers five times within half an hour (https://docs.slack.dev/interactivity/handling-user-interaction).
HOOK_SECONDS: Final = 30 * 60
#: What is kept back of it, for the way there.
_MARGIN_SECONDS: Final = 10
#: How many pressed cards are remembered.
_MOST_HELD: Final = 10_000


@dataclass(frozen=True, slots=True)
class Reply:
    """The response_url of a private message, which edits it; `since` is the second (Unix time) it was given."""

    hook: str
    since: int

    def packed(self) -> str:
        """Write it down, to be kept with an order."""
        return f"{self.since} {self.hook}"

    @classmethod
    def unpacked(cls, packed: str) -> "Reply | None":
        """Read what was written down; None where there is nothing."""
        since, _, hook = packed.partition(" ")
        return cls(hook, int(since)) if since.isdecimal() and hook else None

    def lives(self, now: float) -> bool:
        """Tell whether Slack still takes an answer there."""
        return now - self.since < HOOK_SECONDS - _MARGIN_SECONDS


class Held:
    """The cards people hold: where each order's card was last pressed, which alone lets Slack edit it.

    A card that answers a slash command cannot be edited by the command's response_url (Slack posts a new message:
    https://github.com/slackapi/bolt-python/issues/1268), but pressing its Pay link tells us one that can.
    Kept in memory: after a restart news goes by direct message.
    """

    def __init__(self) -> None:
        self._replies: OrderedDict[tuple[str, str, str], Reply] = OrderedDict()

    def put(self, team: str, user: str, order: str, reply: Reply) -> None:
        """Remember where the card of an order was pressed; a press that speaks of nothing is not remembered."""
        if not order:
            return
        self._replies[team, user, order] = reply
        self._replies.move_to_end((team, user, order))
        while len(self._replies) > _MOST_HELD:
            self._replies.popitem(last=False)

    def get(self, team: str, user: str, order: str) -> Reply | None:
        """Give where the card of an order was last pressed."""
        return self._replies.get((team, user, order))
