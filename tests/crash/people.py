"""People at a door, as the load needs them: they ask, ask again when nothing came, press, and remember what they saw."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar

from bot.tokens import Signer
from tests.crash.evidence import Shown, Wish
from tests.crash.gate import Gate
from tests.platforms.slack import AppFault, Message, Person, SlackStandIn, payloads
from tests.platforms.slack.acknowledgement import apply_to_command
from tests.platforms.slack.reading import label_of

#: An order's number, as its card shows it.
NUMBER: Final = re.compile(r"Number:?\s+([A-Z0-9]{8})\b")
#: Seconds for which somebody waits for an answer before they think that nothing came.
PATIENCE: Final = 3.0
#: What somebody sees of a shop that is down, or goes down while it answers.
TROUBLE: Final = (AppFault, ClientError, TimeoutError, ConnectionError)


@dataclass
class Asking:
    """A wish, while it is being asked: `again` delivers the very same interaction once more."""

    key: str
    person: str
    text: str
    sent: list[float] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    pay: str = ""

    @property
    def order(self) -> str:
        """The order it was answered with; "" where none came."""
        return min(self.orders, default="")

    def wish(self) -> Wish:
        """Write it down."""
        return Wish(self.key, self.person, self.text, tuple(self.sent), frozenset(self.orders))


class Visitor(Protocol):
    """Somebody who asks for things."""

    async def ask(self, text: str) -> Asking:
        """Type a command; whether it was answered, the asking knows."""
        ...

    async def again(self, asking: Asking) -> None:
        """Have the same interaction delivered once more, as a platform may."""
        ...

    async def cancel(self, asking: Asking) -> None:
        """Press Cancel."""
        ...

    async def go_to_pay(self, asking: Asking) -> str:
        """Press Pay, and give where it leads; "" where nothing can be pressed."""
        ...


class SlackPerson:
    """Somebody in Slack."""

    def __init__(self, slack: SlackStandIn, name: str, channel: str) -> None:
        self.slack = slack
        self.person: Person = slack.person(name)
        self.person.join(channel)
        self.key = f"slack:{slack.workspace.team}/{name}"
        self._channel = channel
        self._fields: dict[str, dict[str, str]] = {}

    async def ask(self, text: str) -> Asking:
        """Type a slash command, and read what comes to its response_url."""
        workspace = self.slack.workspace
        hook = self.slack.response_url("commands", self.person.id, self._channel)
        command, _, rest = text.partition(" ")
        fields = payloads.slash_command(
            workspace,
            self.person.id,
            self.slack.channel(self._channel),
            command=command,
            text=rest,
            response_url=hook,
        )
        asking = Asking(f"{self.key}:{fields['trigger_id']}", self.key, text)
        self._fields[asking.key] = fields
        await self.again(asking)
        return asking

    async def again(self, asking: Asking) -> None:
        """Deliver the same fields once more."""
        fields = self._fields[asking.key]
        before = len(self.slack.workspace.postings)
        asking.sent.append(time.time())
        try:
            ack = await self.slack.deliver_command(fields)
            place = self.slack.channel(self._channel)
            apply_to_command(ack, self.slack.workspace, self.person.id, place, fields["response_url"])
            async with asyncio.timeout(PATIENCE):
                while not self._read(asking, fields["response_url"], before):
                    await self.slack.workspace.change()
        except TROUBLE:
            return

    async def cancel(self, asking: Asking) -> None:
        """Press Cancel on the newest card of the order."""
        await self._press(asking, "Cancel")

    async def go_to_pay(self, asking: Asking) -> str:
        """Press Pay: Slack opens the page, and tells the app."""
        message = self._card(asking.order, "Pay ")
        if message is None:
            return ""
        url = str(next(element["url"] for _, element in message.elements if label_of(element).startswith("Pay ")))
        await self._press(asking, "Pay ")
        return url

    async def _press(self, asking: Asking, label: str) -> None:
        message = self._card(asking.order, label)
        if message is None:
            return
        whole = next(button for button in message.buttons if button.startswith(label))
        try:
            await self.person.press(whole, message=message)
        except TROUBLE:
            return

    def _card(self, number: str, label: str) -> Message | None:
        """Find the newest message of an order with a button that begins so."""
        return next(
            (
                message
                for message in reversed(self.person.seen())
                if number and number in message.said and any(button.startswith(label) for button in message.buttons)
            ),
            None,
        )

    def _read(self, asking: Asking, hook: str, before: int) -> bool:
        answers = [posting for posting in self.slack.workspace.postings[before:] if posting.hook == hook]
        asking.orders |= {number for posting in answers[:1] for number in NUMBER.findall(posting.said)}
        return bool(answers)


class WebPerson:
    """Somebody with a browser; the page is seldom open, so that news waits for their next word."""

    def __init__(self, gate: Gate, signer: Signer) -> None:
        self._gate = gate
        self._own = secrets.token_hex(16)
        self.key = f"web:{self._own}"
        self.shown: list[Shown] = []
        self._session = ClientSession(
            cookie_jar=CookieJar(unsafe=True),
            cookies={"tillbot": signer.sign("cookie", self._own)},
            timeout=ClientTimeout(total=15),
        )
        self._replies: list[dict[str, Any]] = []

    async def ask(self, text: str) -> Asking:
        """Type at the prompt, with an Idempotency-Key."""
        name = secrets.token_hex(8)
        asking = Asking(f"{self.key}:{name}", self.key, text)
        await self.again(asking)
        return asking

    async def again(self, asking: Asking) -> None:
        """Send the same message with the same key."""
        asking.sent.append(time.time())
        replies = await self._post("/web/messages", {"text": asking.text}, asking.key.rpartition(":")[2])
        if replies:
            asking.orders |= {reply["order"] for reply in replies[:1] if reply.get("order")}

    async def cancel(self, asking: Asking) -> None:
        """Press Cancel on the order's card."""
        for reply, action in self._actions(asking.order, "button"):
            del reply
            if action["label"] == "Cancel":
                await self._post("/web/actions", {"action": action["action"], "value": action["value"]})
                return

    async def go_to_pay(self, asking: Asking) -> str:
        """Give where Pay leads."""
        return next((str(action["url"]) for _, action in self._actions(asking.order, "link")), "")

    async def hear(self) -> None:
        """Say a word, so that what was kept is told."""
        await self._post("/web/messages", {"text": "/help"})

    async def close(self) -> None:
        """Close the browser."""
        await self._session.close()

    def _actions(self, order: str, kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [
            (reply, action)
            for reply in reversed(self._replies)
            if order and reply.get("order") == order
            for action in reply["actions"]
            if action["kind"] == kind
        ]

    async def _post(self, path: str, body: dict[str, str], key: str = "") -> Sequence[dict[str, Any]]:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            async with self._session.post(self._gate.address + path, json=body, headers=headers) as response:
                if response.status != 200:
                    return ()
                replies: list[dict[str, Any]] = (await response.json())["replies"]
        except TROUBLE:
            return ()
        self._replies += replies
        self.shown += [Shown(time.time(), self.key, _text(reply)) for reply in replies]
        return replies


def _text(reply: dict[str, Any]) -> str:
    facts = [f"{name}: {value}" for name, value in reply["facts"]]
    return "\n".join([reply["title"], reply["body"], *facts])
