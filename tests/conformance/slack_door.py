"""The Slack doors, over HTTP and Socket Mode: the scenes played through slack-bolt and the Slack stand-in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Self

from adapters.slack.door import PATH
from bot.app.doors import slack_manifest
from bot.settings import Settings
from commands.menu import MENU
from config.words import Words
from tests.conformance.doors import Seen, Standing
from tests.platforms.slack import Incomplete, Message, Person, SlackStandIn, View
from tests.platforms.slack.block_kit import options_of
from tests.platforms.slack.reading import label_of, lines_of, text_of
from tests.platforms.slack.workspace import Json

CHANNEL: Final = "CSHOP"
STAFF_CHANNEL: Final = "CSTAFF"
STAFF: Final = "USTAFF"
DEPUTY: Final = "UDEPUTY"
#: Seconds that an answer may take.
PATIENCE: Final = 30.0

_LOCALES: Final = {"en": "en-US", "fr": "fr-FR"}


class SlackVisitor:
    """Somebody at their Slack client."""

    def __init__(self, person: Person) -> None:
        self.person = person
        #: Channels that are read as if they were said to this person: the staff's, for the staff.
        self.reads: frozenset[str] = frozenset()

    async def say(self, text: str) -> Seen:
        """Type a slash command in the channel; anything else is written to the app directly."""
        since = self._now()
        if text.startswith("/"):
            command, _, rest = text.partition(" ")
            await self.person.slash(command, rest, CHANNEL)
        else:
            await self.person.say(text)
        return await self._answer(since)

    async def fill(self, **values: str | Sequence[str]) -> Seen:
        """Fill in the open modal by its fields' names, and send it."""
        since = self._now()
        for name, value in values.items():
            await self.person.enter({name: await self._offered(name, value)})
        try:
            ack = await self.person.fill()
        except Incomplete as incomplete:
            return _form(self.person.form, str(incomplete))
        return _form(self.person.form) if ack.errors else await self._answer(since)

    async def press(self, label: str) -> Seen:
        """Press the newest button, or choose the newest option, whose label begins so."""
        since = self._now()
        for message in reversed(self.person.seen()):
            for name in _pressable(message):
                if name.startswith(label):
                    if name in message.buttons:
                        await self.person.press(name, message=message)
                    else:
                        await self.person.choose(name)
                    return await self._answer(since)
        raise LookupError(f"no button {label!r}; on screen: {self.person.screen()!r}")

    async def suggest(self, option: str, typed: str) -> Sequence[str]:
        """Type into the field of the form that completes this option; the form is opened for it where it is not."""
        opened = self.person.modal is None
        if opened:
            await self.person.slash(f"/{option.partition('.')[0]}", channel=CHANNEL)
        try:
            return await self.person.suggest(option, typed)
        finally:
            if opened:
                await self.person.dismiss()

    async def hears(self, text: str) -> Seen:
        """Wait until a private message holds the text."""

        def found() -> Message | None:
            heard = [*self._staff(), *self._private()]
            return next((each for each in reversed(heard) if text in _read(each).text), None)

        return _read(await self.person.until(found, PATIENCE, f"never heard {text!r}"))

    async def close_ears(self) -> None:
        """Let Slack refuse every direct message, and every answer the app still could edit."""
        for method in ("conversations.open", "chat.postMessage"):
            self.person.slack.refuse(method, "user_disabled", times=1_000)

    async def everything(self) -> Sequence[Seen]:
        """Give the app's messages on screen, oldest first, and the modal that lies over them."""
        shown = [_read(message) for message in self.person.seen() if message.author != self.person.id]
        return [*shown, *([_form(self.person.modal)] if self.person.modal else [])]

    def _staff(self) -> list[Message]:
        """Give what is posted for the staff, which only its members see."""
        return self.person.seen(STAFF_CHANNEL)

    def _private(self) -> list[Message]:
        return [
            message
            for message in self.person.seen()
            if message.author != self.person.id
            and (message.seen_by == self.person.id or message.channel in {self.person.direct, *self.reads})
        ]

    def _now(self) -> int:
        return len(self.person.slack.workspace.postings)

    async def _answer(self, since: int) -> Seen:
        """Read the modal that opened, or else the first message that answers what was done last.

        What has a response_url is answered there, news may come between; where that was refused, and what has none, is
        answered by the first message that is new or changed for this person alone.
        """
        if self.person.modal is not None:
            return _form(self.person.modal)
        slack, hook = self.person.slack, self.person.hook

        def found() -> Message | None:
            private = {(message.channel, message.ts): message for message in self._private()}
            fallen = any(made.method == "response_url" for made in slack.refusals)
            answers = [each for each in slack.workspace.postings[since:] if fallen or each.hook == hook]
            fresh = (private.get((posting.channel, posting.ts)) for posting in answers)
            return next((message for message in fresh if message is not None), None)

        return _read(await self.person.until(found, PATIENCE, "never got an answer"))

    async def _offered(self, name: str, value: str | Sequence[str]) -> str | Sequence[str]:
        """Find what is meant among the choices of a field: a value, or a label by its beginning."""
        block = next(block for block in self.person.form.inputs if block["block_id"] == name)
        element = block["element"]
        if element["type"] == "external_select" and isinstance(value, str):
            labels = [*await self.person.suggest(name, value), *await self.person.suggest(name, "")]
            return next((label for label in labels if label.startswith(value)), value)
        options = options_of(element)
        if options and isinstance(value, str):
            return _meant(options, value)
        return [_meant(options, each) for each in value] if options else value


class SlackHttp:
    """The door `slack-http`. Make it with `open`."""

    name = "slack-http"

    def __init__(self, slack: SlackStandIn) -> None:
        self.slack = slack
        self._people: dict[str, SlackVisitor] = {}

    @classmethod
    async def open(cls) -> Self:
        """Start the stand-in, with a channel for everybody and one for the staff."""
        slack = await SlackStandIn().__aenter__()
        slack.channel(CHANNEL, bot=False)
        slack.channel(STAFF_CHANNEL, "staff")
        return cls(slack)

    async def person(self, name: str, *, locale: str = "en") -> SlackVisitor:
        """Give a member of the workspace who reads the channel."""
        if name not in self._people:
            user = "U" + "".join(letter for letter in name.upper() if letter.isalnum())
            self._people[name] = SlackVisitor(self.slack.person(user, locale=_LOCALES.get(locale, locale)))
            self._people[name].person.join(CHANNEL)
        return self._people[name]

    async def staff(self) -> SlackVisitor:
        """Give the admin, who is in the staff channel too."""
        visitor = await self.person(STAFF.removeprefix("U"))
        visitor.person.join(STAFF_CHANNEL)
        visitor.reads = frozenset({STAFF_CHANNEL})
        return visitor

    async def deputy(self) -> SlackVisitor:
        """Give the other admin."""
        return await self.person(DEPUTY.removeprefix("U"))

    async def public(self) -> Sequence[str]:
        """Give what more than one person could ever read, the staff channel left out."""
        return [posting.said for posting in self.slack.public_posts() if posting.channel != STAFF_CHANNEL]

    async def set_up(self, settings: Settings) -> None:
        """Make the app by the manifest that `tillbot manifest slack` prints."""
        if settings.web.public_url or settings.slack.socket:
            self.slack.make(slack_manifest(settings, MENU, Words.load(), many=False))

    def staff_channel(self) -> str:
        """Name the staff's channel as a person types it."""
        return f"#{self.slack.channel(STAFF_CHANNEL).name}"

    async def invite(self) -> None:
        """Let the app into the channel that everybody reads."""
        self.slack.channel(CHANNEL).bot = True

    async def standing(self) -> Sequence[Standing]:
        """Give the app's messages in the channel that all of it can see."""
        messages = self.slack.channel(CHANNEL).messages
        return [Standing(_read(message), message.edits) for message in messages if message.seen_by is None]

    def config(self) -> str:
        """Switch Slack on, tell the staff in its channel, and let the admin be one."""
        return f"""
[slack]
enabled = true

[notify]
slack = "{STAFF_CHANNEL}"

[admins]
slack = ["{STAFF}", "{DEPUTY}"]
"""

    def environ(self) -> Mapping[str, str]:
        """Give the app's credentials, and where the stand-in listens."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_BASE": self.slack.api_url,
        }

    async def connect(self, address: str) -> None:
        """Set the app's request URL."""
        self.slack.events_url = address + PATH

    async def close(self) -> None:
        """Stop the stand-in."""
        await self.slack.__aexit__(None, None, None)


class SlackSocket(SlackHttp):
    """The door `slack-socket`: the same scenes over Socket Mode. Make it with `open`."""

    name = "slack-socket"

    def __init__(self, slack: SlackStandIn) -> None:
        super().__init__(slack)
        slack.sockets.used = True

    def config(self) -> str:
        """Switch Slack on, by Socket Mode."""
        return super().config().replace("enabled = true", "enabled = true\nsocket = true", 1)

    def environ(self) -> Mapping[str, str]:
        """Give the app's credentials, an app-level token in place of the signing secret."""
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_BASE": self.slack.api_url,
        }

    async def connect(self, address: str) -> None:
        """Wait until the app has connected to Slack; it needs no address of its own."""
        del address
        await self.slack.sockets.connection()


def _meant(options: Sequence[Json], value: str) -> str:
    labels = [text_of(option["text"]) for option in options]
    if value in labels or any(option["value"] == value for option in options):
        return value
    return next((label for label in labels if label.startswith(value)), value)


def _pressable(message: Message) -> list[str]:
    """Give the labels that run something: buttons without an address, and the options of selects."""
    labels: list[str] = []
    for _, element in message.elements:
        if element["type"] == "button":
            labels += [] if "url" in element else [label_of(element)]
        else:
            labels += [text_of(option["text"]) for option in options_of(element)]
    return labels


def _read(message: Message) -> Seen:
    links = {label_of(each): each["url"] for _, each in message.elements if "url" in each}
    drawn = {f"[{label}]" for label in message.buttons}
    lines = list(lines_of(message.blocks)) if message.blocks else [message.said]
    text = "\n".join(line for line in lines if line not in drawn)
    return Seen(text, tuple(_pressable(message)), links)


def _form(view: View, more: str = "") -> Seen:
    fields = tuple(block["block_id"] for block in view.inputs)
    return Seen("\n".join(filter(None, (view.said, more))), fields=fields)
