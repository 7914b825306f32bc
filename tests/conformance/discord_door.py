"""The Discord doors, gateway and HTTP: the scenes played through discord.py and the Discord stand-in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from adapters.discord.endpoint import PATH
from adapters.discord.identifiers import Mend, read
from bot.settings import Settings
from bot.tokenise import tokenise
from tests.conformance.doors import Seen, Standing
from tests.platforms.discord import Answer, DiscordStandIn, NotOnScreenError, Person, Post
from tests.platforms.discord import components as kinds

#: Seconds that an answer may take.
PATIENCE: Final = 30.0
STAFF: Final = "staff"
DEPUTY: Final = "deputy"

_LOCALES: Final = {"en": "en-US"}
_MASKED: Final = re.compile(r"\[((?:[^\]\\]|\\.)+)\]\((https?://[^)]+)\)")
_BUY: Final = ("buy", "acheter")
_DONATE: Final = ("donate", "don")


class DiscordVisitor:
    """Somebody at their Discord client."""

    def __init__(self, person: Person, *, writes: bool = True) -> None:
        self.person = person
        self._platform = person.stand_in
        #: Whether the bot hears text.
        self._writes = writes

    async def say(self, text: str) -> Seen:
        """Use the slash command where what is said fits its options; else write it in the channel, with "!".

        Where text is not heard every option is filled in, and a command that is not there is one that the person's client
        still lists from an older version.
        """
        if text.startswith("!"):
            return await self._write(text)
        command, _, rest = text.removeprefix("/").partition(" ")
        options = _options(command, rest, everything=not self._writes)
        if options is None and self._writes:
            return await self._write(f"!{command} {rest}")
        try:
            answer = await self.person.slash(command, **(options or {}))
        except NotOnScreenError:
            if self._writes:
                return await self._write(f"!{command} {rest}")
            self._platform.commands[None].append({"id": "1", "name": command, "description": "of old"})
            answer = await self.person.slash(command)
        return await self._answered(answer)

    async def _write(self, text: str) -> Seen:
        since = len(self._platform.posts())
        said = await self.person.say(text.strip())

        def found() -> Post | None:
            """Look for what answers it: directly, or in the channel and then not only to say that it was answered."""
            for post in self._platform.posts()[since:]:
                answers = post.reference is not None and post.reference["message_id"] == str(said.id)
                if post.channel is self.person.dm or (answers and post.embeds):
                    return post
            return None

        await self._platform.changes.until(
            lambda: found() is not None, lambda: f"{text!r} got no answer: {self._screen()}", PATIENCE
        )
        answer = found()
        assert answer is not None
        return _read(answer)

    async def fill(self, **values: str | Sequence[str]) -> Seen:
        """Fill in the open modal by its fields' names; where it is refused, its errors and the form again."""
        if self.person.modal is None:
            raise LookupError(f"no form is open: {self._screen()}")
        by_name = {one["component"]["custom_id"]: one for one in self.person.modal["components"] if "component" in one}
        filled: dict[str, str | bool | list[str]] = {}
        for name, value in values.items():
            filled[by_name[name]["label"]] = _offered(by_name[name]["component"], value)
        try:
            return await self._answered(await self.person.fill(filled))
        except NotOnScreenError as error:
            return _form(self.person.modal, str(error))

    async def press(self, label: str) -> Seen:
        """Press the newest button, or choose the newest option, whose label begins so."""
        for post in reversed(self._own_screen()):
            for name in _read(post).buttons:
                if name.startswith(label):
                    return await self._answered(await self._use(name, post))
        raise LookupError(f"no button {label!r}: {self._screen()}")

    async def _use(self, name: str, post: Post) -> Answer:
        buttons = [one["label"] for one in kinds.walk(post.components) if one["type"] == kinds.BUTTON]
        return await (self.person.press(name, post) if name in buttons else self.person.choose(name, post=post))

    async def suggest(self, option: str, typed: str) -> Sequence[str]:
        """Type into an option of the slash command."""
        command, _, name = option.partition(".")
        options: dict[str, Any] = {name: typed}
        return [label for label, _ in await self.person.complete(command, **options)]

    async def hears(self, text: str) -> Seen:
        """Wait until something private holds the text; what is in the staff channel is private too."""

        def found() -> list[Seen]:
            return [seen for post in self._private() if text in (seen := _read(post)).text]

        await self._platform.changes.until(
            lambda: bool(found()), lambda: f"never heard {text!r}: {self._screen()}", PATIENCE
        )
        return found()[-1]

    async def close_ears(self) -> None:
        """Close direct messages, and let the tokens of all interactions so far die."""
        self.person.dms_closed = True
        self._platform.advance(16 * 60)

    async def everything(self) -> Sequence[Seen]:
        """Give what the bot shows, oldest first, and the modal that lies over it."""
        modal = [_form(self.person.modal)] if self.person.modal else []
        return [*(_read(post) for post in self._own_screen()), *modal]

    def _own_screen(self) -> list[Post]:
        return [post for post in self.person.screen() if post.author is self._platform.bot and not post.loading]

    def _private(self) -> list[Post]:
        return [post for post in self._own_screen() if post.private or post.channel.only is not None]

    def _screen(self) -> list[str]:
        return [_read(post).text for post in self._own_screen()]

    async def _answered(self, answer: Answer) -> Seen:
        """Read the modal that opened, or else the card; from one with a form's errors, go back to the form."""
        if answer.modal is not None:
            return _form(answer.modal)
        assert answer.post is not None
        for component in kinds.walk(answer.post.components):
            if isinstance(read(component.get("custom_id", "")), Mend):
                again = await self.person.press(component["label"], answer.post)
                assert again.modal is not None
                return _form(again.modal, _read(answer.post).text)
        return _read(answer.post)


class DiscordDoor:
    """What both doors have: a server with a channel for everybody and one for the staff, and people in it."""

    name: str
    #: Whether the bot hears text.
    hears_text: bool

    def __init__(self, platform: DiscordStandIn) -> None:
        self.platform = platform
        self._guild = platform.guild(channels=("general", "staff"))
        self._people: dict[str, DiscordVisitor] = {}
        self._staff_channel = self._guild.channels[1]
        self._admin = self._visitor(platform.person(STAFF, guild=self._guild))
        self._deputy = self._visitor(platform.person(DEPUTY, guild=self._guild))
        self._staff_channel.only = [self._admin.person]

    @classmethod
    async def open(cls) -> Self:
        """Start the stand-in, with a channel for everybody and one for the staff."""
        return cls(await DiscordStandIn().__aenter__())

    def _visitor(self, person: Person) -> DiscordVisitor:
        return DiscordVisitor(person, writes=self.hears_text)

    async def person(self, name: str, *, locale: str = "en") -> DiscordVisitor:
        """Give a member of the server."""
        if name not in self._people:
            person = self.platform.person(name, locale=_LOCALES.get(locale, locale), guild=self._guild)
            self._people[name] = self._visitor(person)
        return self._people[name]

    async def staff(self) -> DiscordVisitor:
        """Give the admin, who alone sees the staff channel."""
        return self._admin

    async def deputy(self) -> DiscordVisitor:
        """Give the other admin."""
        return self._deputy

    async def public(self) -> Sequence[str]:
        """Give what the bot posted for more than one person, the staff channel left out."""
        posts = self.platform.public_posts()
        return [post.text for post in posts if post.channel is not self._staff_channel]

    async def set_up(self, settings: Settings) -> None:
        """Do nothing: the bot registers its commands itself."""

    def staff_channel(self) -> str:
        """Name the staff's channel as a client sends it, in text and in an option: a mention of its id."""
        return f"<#{self._staff_channel.id}>"

    async def invite(self) -> None:
        """Do nothing: the bot reads what everybody reads."""

    async def standing(self) -> Sequence[Standing]:
        """Give the bot's posts in the channel that all of the server can see."""
        return [Standing(_read(post), post.edits) for post in self.platform.public_posts(self._guild.channels[0])]

    def config(self) -> str:
        """Switch Discord on, tell the staff in its channel, and let the admin be one."""
        return f"""
[discord]
enabled = true
{"" if self.hears_text else "http = true"}

[notify]
discord = "{self._staff_channel.id}"

[admins]
discord = ["{self._admin.person.id}", "{self._deputy.person.id}"]
"""

    def environ(self) -> Mapping[str, str]:
        """Give the bot's token, the application's key, and where the stand-in listens."""
        return {
            "DISCORD_TOKEN": self.platform.token,
            "DISCORD_PUBLIC_KEY": self.platform.endpoint.public_key,
            "DISCORD_API_BASE": self.platform.api_base,
            "DISCORD_GATEWAY": self.platform.gateway_url,
        }

    async def close(self) -> None:
        """Stop the stand-in."""
        await self.platform.__aexit__(None, None, None)


class DiscordGateway(DiscordDoor):
    """The door `discord-gateway`. Make it with `open`."""

    name = "discord-gateway"
    hears_text = True

    async def connect(self, address: str) -> None:  # noqa: ARG002 - the bot calls Discord, not the other way round
        """Wait until the bot is at the gateway, with its commands registered."""
        await self.platform.connected(patience=PATIENCE)


class DiscordHttp(DiscordDoor):
    """The door `discord-http`. Make it with `open`."""

    name = "discord-http"
    hears_text = False
    #: How often the bot had looked at its commands, which it does once it has logged in.
    _looks = 0

    async def connect(self, address: str) -> None:
        """Wait until the bot has logged in, then set the application's interactions endpoint, which Discord verifies."""
        await self.platform.changes.until(
            lambda: self._looked() > self._looks, lambda: "the bot has not logged in", PATIENCE
        )
        await self.platform.changes.until(
            lambda: bool(self.platform.commands.get(None)), lambda: "the bot has registered nothing", PATIENCE
        )
        self._looks = self._looked()
        await self.platform.endpoint.verify(address + PATH)

    def _looked(self) -> int:
        made = [request for request in self.platform.requests if request.method == "GET"]
        return len([request for request in made if request.path.endswith("/commands")])


def _options(command: str, rest: str, *, everything: bool) -> dict[str, Any] | None:
    """Take what is said apart as a person does who fills in the options; None for what one would rather write."""
    words = tokenise(rest)
    if not words:
        return {}
    if command in _DONATE and everything:
        return _gift(words)
    if command == "shop":
        return dict(zip(("action", "order", "note"), words, strict=False))
    if command not in _BUY:
        return None
    options: dict[str, Any] = {}
    if "code" in words[:-1]:
        at = words.index("code")
        options["code"] = words[at + 1]
        del words[at : at + 2]
    if "to" in words[1:-1]:
        at = words.index("to", 1)
        options["country"] = " ".join(words[at + 1 :])
        del words[at:]
    if len(words) > 1 and words[-1].isdecimal():
        options["quantity"] = int(words.pop())
    return {"product": " ".join(words), **options}


def _gift(words: Sequence[str]) -> dict[str, Any]:
    """Take `12,50 € to "Clean water" monthly` apart."""
    said = [word for word in words if word != "monthly"]
    at = said.index("to") if "to" in said else len(said)
    options = {"amount": " ".join(said[:at]), "cause": " ".join(said[at + 1 :])}
    if len(said) < len(words):
        options["rhythm"] = "monthly"
    return {name: value for name, value in options.items() if value}


def _offered(component: dict[str, Any], value: str | Sequence[str]) -> str | list[str]:
    """Find what is meant among the options of a field: a value, or a label by its beginning."""
    wanted = [value] if isinstance(value, str) else list(value)
    options = component.get("options")
    if options is None:
        return value if isinstance(value, str) else ", ".join(value)
    return [_meant(options, one) for one in wanted]


def _meant(options: Sequence[dict[str, Any]], value: str) -> str:
    if any(option["value"] == value for option in options):
        return value
    return next((option["value"] for option in options if option["label"].startswith(value)), value)


def _plain(markdown: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", _MASKED.sub(lambda found: found[1], markdown))


def _read(post: Post) -> Seen:
    buttons: list[str] = []
    links = {
        _plain(label): url for embed in post.embeds for label, url in _MASKED.findall(embed.get("description", ""))
    }
    drawn: list[str] = []
    for component in kinds.walk(post.components):
        if component["type"] == kinds.BUTTON:
            drawn.append(component["label"])
            if "url" in component:
                links[component["label"]] = component["url"]
            else:
                buttons.append(component["label"])
        else:
            buttons += [option["label"] for option in component["options"]]
    text = "\n".join(line for line in post.text.split("\n") if line not in drawn)
    return Seen(_plain(text), tuple(buttons), links)


def _form(modal: dict[str, Any], more: str = "") -> Seen:
    lines = [modal["title"], more]
    for one in modal["components"]:
        lines += [one.get("label", ""), one.get("description", ""), _plain(one.get("content", ""))]
    fields = tuple(one["component"]["custom_id"] for one in modal["components"] if "component" in one)
    return Seen("\n".join(line for line in lines if line), fields=fields)
