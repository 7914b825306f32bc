"""What Discord remembers: posts, interactions, and a clock that can be set forward."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.platforms.discord.bodies import EPHEMERAL, LOADING
from tests.platforms.discord.servers import Channel

if TYPE_CHECKING:
    from tests.platforms.discord.people import Person

EPOCH_MS = 1_420_070_400_000  # the first second of 2015, where snowflakes begin
ANSWER_WITHIN = 3.0
TOKEN_LIVES = 15 * 60.0
PATIENCE = 30.0  # seconds a test waits for something to show before it fails
GLANCE = 0.01  # seconds between two looks

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class Clock:
    """Real time plus what a test has skipped; it also makes the ids, which carry their instant."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._count = itertools.count(1)

    def now(self) -> float:
        """Give the seconds since 1970."""
        return time.time() + self._skipped

    def advance(self, seconds: float) -> None:
        """Skip some seconds."""
        self._skipped += seconds

    def snowflake(self) -> int:
        """Make a new id."""
        return ((int(self.now() * 1000) - EPOCH_MS) << 22) | (next(self._count) & 0x3FFFFF)


class Changes:
    """Wakes whoever waits for something to become true."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Say that something has changed."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, true: Callable[[], bool], what: Callable[[], str], patience: float = PATIENCE) -> None:
        """Wait until it is true, at most `patience` seconds of real time; then fail saying what was waited for.

        It looks at every change here, and every few milliseconds for what changes elsewhere.
        """
        deadline = time.monotonic() + patience
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(what())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._event.wait(), GLANCE)


@dataclass(eq=False)
class Post:
    """A message: public in its channel, or ephemeral and then seen by its viewer alone."""

    id: int
    channel: Channel
    author: dict[str, Any]
    at: float
    content: str = ""
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    flags: int = 0
    viewer: "Person | None" = None
    interaction: "Interaction | None" = None
    reference: dict[str, Any] | None = None
    mentions: list[dict[str, Any]] = field(default_factory=list)
    edits: int = 0
    deleted: bool = False

    @property
    def private(self) -> bool:
        """Whether only one person can see it: an ephemeral post, or a direct message."""
        return self.viewer is not None or self.channel.guild is None

    @property
    def loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.content or self.embeds or self.components)

    @property
    def text(self) -> str:
        """Everything one can read on it, buttons included, one line each."""
        lines = [self.content]
        for embed in self.embeds:
            lines += [embed.get("author", {}).get("name", ""), embed.get("title", ""), embed.get("description", "")]
            for entry in embed.get("fields", []):
                lines.append(f"{entry['name']}: {entry['value']}")
            lines.append(embed.get("footer", {}).get("text", ""))
        for row in self.components:
            for component in row["components"]:
                lines.append(component.get("label") or component.get("placeholder") or "")
                lines += [option["label"] for option in component.get("options", [])]
        return "\n".join(line for line in lines if line)

    def change(self, body: dict[str, Any]) -> None:
        """Take over the fields that a body has; a field that is null is emptied."""
        if "content" in body:
            self.content = body["content"] or ""
        if "embeds" in body:
            self.embeds = body["embeds"] or []
        if "components" in body:
            self.components = body["components"] or []
        self.flags &= ~LOADING

    def wire(self) -> dict[str, Any]:
        """Give the message object."""
        sent: dict[str, Any] = {
            "id": str(self.id),
            "type": 20 if self.interaction else 0,
            "channel_id": str(self.channel.id),
            "author": self.author,
            "content": self.content,
            "timestamp": datetime.fromtimestamp(self.at, UTC).isoformat(),
            "edited_timestamp": datetime.fromtimestamp(self.at, UTC).isoformat() if self.edits else None,
            "tts": False,
            "mention_everyone": False,
            "mentions": self.mentions,
            "mention_roles": [],
            "attachments": [],
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "flags": self.flags,
        }
        if self.interaction:
            sent["application_id"] = sent["webhook_id"] = str(self.interaction.application_id)
            sent["interaction_metadata"] = {
                "id": str(self.interaction.id),
                "type": self.interaction.type,
                "user": self.interaction.person.wire(),
                "authorizing_integration_owners": {},
            }
        if self.reference:
            sent["message_reference"] = self.reference
        return sent


@dataclass(eq=False)
class Interaction:
    """Something a person did, waiting for its answer."""

    id: int
    token: str
    type: int
    application_id: int
    person: "Person"
    channel: Channel
    born: float
    data: dict[str, Any]
    source: Post | None = None
    option_type: int | None = None
    answered: int | None = None
    #: Why its delivery to an endpoint failed for good, where it did.
    failed: str = ""
    original: Post | None = None
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    followups: list[Post] = field(default_factory=list)
    later: int = 0

    @property
    def settled(self) -> bool:
        """Whether the person sees the outcome: a deferral alone is none."""
        if self.answered == DEFERRED_MESSAGE:
            return self.original is not None and not self.original.loading
        if self.answered == DEFERRED_UPDATE:
            return self.later > 0
        return self.answered is not None

    def wire(self, permissions: int) -> dict[str, Any]:
        """Give the interaction object as INTERACTION_CREATE carries it."""
        guild = self.channel.guild
        sent: dict[str, Any] = {
            "id": str(self.id),
            "application_id": str(self.application_id),
            "type": self.type,
            "data": self.data,
            "channel_id": str(self.channel.id),
            "channel": self.channel.wire(),
            "token": self.token,
            "version": 1,
            "app_permissions": str(permissions),
            "locale": self.person.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
            "context": 0 if guild else 1,
            "attachment_size_limit": 10_485_760,
        }
        if self.source is not None:
            sent["message"] = self.source.wire()
        if guild is None:
            return {**sent, "user": self.person.wire()}
        return {
            **sent,
            "guild_id": str(guild.id),
            "guild": guild.partial(),
            "guild_locale": guild.locale,
            "member": self.person.member(permissions=permissions),
        }

    def post(self, clock: Clock, bot: dict[str, Any], flags: int) -> Post:
        """Make an empty post in answer to it; the ephemeral flag makes it one for this person alone."""
        viewer = self.person if flags & EPHEMERAL else None
        return Post(
            id=clock.snowflake(),
            channel=self.channel,
            author=bot,
            at=clock.now(),
            flags=flags,
            viewer=viewer,
            interaction=self,
        )
