"""The memory of the stand-in: who is there, what was posted, which modals, triggers and response URLs live."""

import asyncio
import copy
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.platforms.slack.block_kit import elements_of
from tests.platforms.slack.reading import label_of, lines_of, links_of, mrkdwn_of, rendered
from tests.platforms.slack.refusal import Refused

Json = dict[str, Any]

ALL_SCOPES = (
    *("app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read", "channels:read"),
    *("groups:read", "channels:manage", "groups:write", "usergroups:read", "usergroups:write"),
)

TRIGGER_SECONDS = 3  # https://docs.slack.dev/interactivity/handling-user-interaction
RESPONSE_URL_SECONDS = 30 * 60  # same page: five times within thirty minutes
RESPONSE_URL_USES = 5


@dataclass
class Message:
    """A message on a screen; `seen_by` names the only reader of an ephemeral one."""

    ts: str
    channel: str
    author: str
    text: str
    blocks: list[Json]
    seen_by: str | None = None
    thread_ts: str | None = None
    edits: int = 0

    @property
    def said(self) -> str:
        """What the message shows: its blocks where it has some, else its text."""
        return "\n".join(lines_of(self.blocks)) if self.blocks else rendered(self.text)

    @property
    def elements(self) -> list[tuple[Json, Json]]:
        """Every element that can be pressed, with the block it stands in."""
        return [(block, element) for block in self.blocks for element in elements_of(block)]

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of the buttons, in order."""
        return tuple(label_of(element) for _, element in self.elements if element["type"] == "button")

    @property
    def links(self) -> tuple[str, ...]:
        """What Slack would turn into a link or a mention, buttons left out."""
        return tuple(links_of(list(mrkdwn_of(self.blocks)) if self.blocks else [(self.text, True)]))


@dataclass(frozen=True)
class Posting:
    """One line of the record of everything ever shown: a message as it then read, and how it came.

    `how` is the method, `acknowledgement` or `response_url`; `hook` the response_url of the interaction it answers; `at`
    the instant, in seconds since the epoch.
    """

    how: str
    channel: str
    ts: str
    said: str
    seen_by: str | None
    hook: str = ""
    at: float = field(default_factory=time.time, compare=False)


@dataclass
class Trigger:
    """A trigger_id: good once, for three seconds. `hook` is the response_url that came with it."""

    user: str
    born: float
    hook: str = ""
    used: bool = False


@dataclass
class ResponseUrl:
    """A response_url: whom and where it answers, and the message it may replace, if it came from one."""

    user: str
    channel: str
    born: float
    source: Message | None
    uses: int = 0


@dataclass
class View:
    """A modal on a person's screen, with what they typed so far and the errors the app put beside fields."""

    user: str
    body: Json
    hook: str = ""
    typed: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The modal's title; an App Home has none."""
        return str(self.body["title"]["text"]) if "title" in self.body else ""

    @property
    def said(self) -> str:
        """Everything the modal shows, errors included."""
        return "\n".join([self.title, *lines_of(self.body["blocks"]), *self.errors.values()])

    @property
    def inputs(self) -> list[Json]:
        """The input blocks, in order."""
        return [block for block in self.body["blocks"] if block["type"] == "input"]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the fields, in order."""
        return tuple(block["label"]["text"] for block in self.inputs)


@dataclass
class Channel:
    """A conversation; `direct` names the person of a direct message, `bot` says whether the app is a member."""

    id: str
    name: str
    direct: str | None = None
    bot: bool = True
    private: bool = False
    people: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)


@dataclass
class Group:
    """A user group; one that is switched off keeps its list."""

    id: str
    users: list[str]
    off: bool = False


class Workspace:
    """One workspace with its app installed."""

    def __init__(self, team: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.team = team
        self.clock = clock
        self.ahead = 0.0
        self.app_id = "A0TILL"
        self.bot_user = "U0BOT"
        self.bot_id = "B0BOT"
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.views: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.groups: dict[str, Group] = {}
        #: The organisation it belongs to, on Enterprise Grid.
        self.enterprise = ""
        #: Whether that organisation has installed the app for all of its workspaces.
        self.org_wide = False
        self.scopes = set(ALL_SCOPES)
        #: The slash commands whose manifest says that channels and people arrive with their ids.
        self.escaped: set[str] = set()
        self.postings: list[Posting] = []
        self._numbers = itertools.count(1)
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Return the stand-in's own seconds, which tests may push forward."""
        return self.clock() + self.ahead

    def number(self) -> int:
        """Return a number never given before."""
        return next(self._numbers)

    def timestamp(self) -> str:
        """Return a message timestamp: seconds, and a serial as its decimals."""
        return f"{int(time.time())}.{self.number():06d}"

    def tell(self) -> None:
        """Wake whoever waits for the screens to change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until something changes on a screen."""
        await self._changed.wait()

    def channel(self, channel: str) -> Channel:
        """Return a conversation by its id, or refuse as Slack does."""
        found = self.channels.get(channel)
        if found is None:
            raise Refused("channel_not_found")
        return found

    def open_direct(self, user: str) -> Channel:
        """Return the direct message between a person and the app, opened if there was none."""
        channel_id = f"D{user[1:]}"
        return self.channels.setdefault(channel_id, Channel(channel_id, "directmessage", user, people={user}))

    def new_trigger(self, user: str, hook: str = "") -> str:
        """Return a trigger_id for a person, in Slack's form `132456.7890123.abcdef`."""
        trigger = f"{self.number()}.7890123.{self.number():08x}"
        self.triggers[trigger] = Trigger(user, self.now(), hook)
        return trigger

    def take_trigger(self, trigger_id: object) -> Trigger:
        """Spend a trigger, or refuse (https://docs.slack.dev/reference/methods/views.open lists the errors)."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if self.now() - trigger.born > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def named(self, blocks: list[Json]) -> list[Json]:
        """Return a copy of blocks with the ids Slack makes up where the app gave none."""
        own = copy.deepcopy(blocks)
        for block in own:
            block.setdefault("block_id", f"b{self.number()}")
            for element in elements_of(block):
                if element["type"] != "image":
                    element.setdefault("action_id", f"a{self.number()}")
        return own

    def post(self, how: str, message: Message, hook: str = "") -> Message:
        """Put a message on the screens of those who may see it."""
        self.channel(message.channel).messages.append(message)
        return self.record(how, message, hook)

    def record(self, how: str, message: Message, hook: str = "") -> Message:
        """Keep what a message says now in the record, and tell who waits."""
        self.postings.append(Posting(how, message.channel, message.ts, message.said, message.seen_by, hook))
        self.tell()
        return message

    def find(self, channel: str, ts: object) -> Message:
        """Return a message that is no ephemeral one, or refuse as Slack does: those cannot be reached by ts."""
        for message in self.channel(channel).messages:
            if message.ts == ts and message.seen_by is None:
                return message
        raise Refused("message_not_found")

    def visible(self, user: str, channel: str | None = None) -> Iterator[Message]:
        """Yield what a person can see, in one conversation or in all of theirs, oldest first."""
        for place in self.channels.values():
            if user in place.people and channel in (None, place.id):
                yield from (message for message in place.messages if message.seen_by in (None, user))

    def view(self, user: str, body: Mapping[str, Any], previous: View | None = None, hook: str = "") -> View:
        """Return a new view as Slack completes it, with id, hash and ids of blocks."""
        number = self.number()
        own: Json = {
            "id": f"V{number:08d}",
            "team_id": self.team,
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            **copy.deepcopy(dict(body)),
            "blocks": self.named(body["blocks"]),
            "hash": f"{int(time.time())}.{number:08x}",
            "previous_view_id": previous.body["id"] if previous else None,
            "root_view_id": previous.body["root_view_id"] if previous else f"V{number:08d}",
            "app_id": self.app_id,
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }
        return View(user, own, previous.hook if previous else hook)
