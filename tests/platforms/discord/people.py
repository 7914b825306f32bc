"""The people in front of the screen: what they do, and what each of them can see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.platforms.discord import components as kinds
from tests.platforms.discord.client import Filled, NotOnScreenError, check_option, chosen, shown, submitted
from tests.platforms.discord.servers import Channel, Guild
from tests.platforms.discord.world import (
    ANSWER_WITHIN,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Post,
)

if TYPE_CHECKING:
    from tests.platforms.discord.stand_in import DiscordStandIn


class DidNotRespondError(AssertionError):
    """Discord tells the person "The application did not respond"."""


@dataclass(frozen=True)
class Answer:
    """What came of something a person did."""

    interaction: Interaction
    stand_in: DiscordStandIn = field(repr=False)

    @property
    def post(self) -> Post | None:
        """The post it led to: the reply, or the message the pressed button sits on; else None."""
        if self.interaction.original is not None:
            return self.interaction.original
        return self.interaction.followups[0] if self.interaction.followups else None

    @property
    def text(self) -> str:
        """Everything one can read on that post."""
        return self.post.text if self.post else ""

    @property
    def private(self) -> bool:
        """Whether nobody else sees it."""
        return self.post is None or self.post.private

    @property
    def modal(self) -> dict[str, Any] | None:
        """The modal it opened, if it did."""
        return self.interaction.modal

    async def settled(self) -> Answer:
        """Wait until the outcome is there; fails after three of the platform's seconds without an acknowledgement."""
        world, interaction = self.stand_in, self.interaction

        def late() -> bool:
            old = world.clock.now() - interaction.born > ANSWER_WITHIN
            return interaction.answered is None and (old or bool(interaction.failed))

        await world.changes.until(lambda: interaction.answered is not None or late(), self._what)
        if interaction.answered is None:
            raise DidNotRespondError(f"The application did not respond {interaction.failed}".strip())
        await world.changes.until(lambda: interaction.settled, self._what)
        return self

    def _what(self) -> str:
        refused = [(request.path, request.refusal) for request in self.stand_in.requests if request.refusal]
        return f"answered with {self.interaction.answered}, and nothing followed; refused were {refused}"


@dataclass(eq=False)
class Person:
    """Somebody with an account; they act in the first channel of their guild unless told otherwise."""

    stand_in: DiscordStandIn = field(repr=False)
    id: int
    name: str
    locale: str
    guild: Guild | None
    dm: Channel
    roles: list[int] = field(default_factory=list)
    dms_closed: bool = False
    joined_at: str = "2026-01-01T00:00:00+00:00"
    modal: dict[str, Any] | None = None
    _modal_from: Interaction | None = field(default=None, repr=False)

    def wire(self) -> dict[str, Any]:
        """Give the user object."""
        return {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "public_flags": 0,
        }

    def member(self, *, permissions: int | None = None) -> dict[str, Any]:
        """Give the guild member object."""
        sent: dict[str, Any] = {
            "user": self.wire(),
            "nick": None,
            "avatar": None,
            "roles": [str(role) for role in self.roles],
            "joined_at": self.joined_at,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
        }
        return sent if permissions is None else {**sent, "permissions": str(permissions)}

    # What they see.

    def screen(self) -> list[Post]:
        """Every post this person can see, oldest first."""
        return [post for post in self.stand_in.posts() if self._can_see(post)]

    def _can_see(self, post: Post) -> bool:
        if post.deleted or (post.viewer is not None and post.viewer is not self):
            return False
        if post.channel.guild is None:
            return post.channel is self.dm
        return post.channel.guild is self.guild and (post.channel.only is None or self in post.channel.only)

    def private_posts(self) -> list[Post]:
        """Every post that this person alone can see."""
        return [post for post in self.screen() if post.private]

    def seen(self, text: str) -> list[Post]:
        """Give the visible posts on which this can be read, oldest first."""
        return [post for post in self.screen() if text in post.text]

    async def sees(self, text: str, *, private: bool | None = None) -> Post:
        """Wait until this can be read somewhere, and give the newest such post."""

        def found() -> list[Post]:
            return [post for post in self.seen(text) if private is None or post.private is private]

        await self.stand_in.changes.until(
            lambda: bool(found()),
            lambda: f"{text!r} does not show; what does:\n" + "\n---\n".join(post.text for post in self.screen()),
        )
        return found()[-1]

    def link(self, label: str, post: Post | None = None) -> str:
        """Give the address behind a link button."""
        return str(self._button(label, post)[1]["url"])

    def _button(self, label: str, post: Post | None) -> tuple[Post, dict[str, Any]]:
        for seen in [post] if post else reversed(self.screen()):
            if not self._can_see(seen):
                continue
            for component in kinds.walk(seen.components):
                if component["type"] == kinds.BUTTON and component.get("label") == label:
                    return seen, component
        shown = [component.get("label") for post in self.screen() for component in kinds.walk(post.components)]
        raise NotOnScreenError(f"there is no button {label!r}; there are {shown}")

    # What they do.

    def _place(self, channel: Channel | None) -> Channel:
        if channel is not None:
            return channel
        return self.guild.channels[0] if self.guild else self.dm

    async def say(self, text: str, channel: Channel | None = None) -> Post:
        """Send a text message."""
        place = self._place(channel)
        stand_in = self.stand_in
        mention = f"<@{stand_in.bot_id}>"
        post = Post(
            id=stand_in.clock.snowflake(),
            channel=place,
            author=self.wire(),
            at=stand_in.clock.now(),
            content=text,
            mentions=[stand_in.bot] if mention in text else [],
        )
        await stand_in.publish(post, member=self.member() if place.guild else None)
        return post

    async def slash(
        self, command: str, /, *, channel: Channel | None = None, wait: bool = True, **options: str | float | bool
    ) -> Answer:
        """Use a slash command with typed options, as the client lets one; `wait=False` does not wait for the answer."""
        data, _ = self._command(command, options, self._place(channel))
        return await self._act(COMMAND, data, self._place(channel), wait=wait)

    async def complete(
        self, command: str, /, *, channel: Channel | None = None, **options: str | float | bool
    ) -> list[tuple[str, Any]]:
        """Type into an option (the last one given) and give what is suggested, as (name, value)."""
        data, kinds_of = self._command(command, options, self._place(channel), partial=True)
        focused = data["options"][-1]
        focused["focused"] = True
        declared = kinds_of[focused["name"]]
        if not declared.get("autocomplete"):
            raise NotOnScreenError(f"/{command} suggests nothing for {focused['name']}")
        answer = await self._act(AUTOCOMPLETE, data, self._place(channel), option_type=declared["type"])
        return [(choice["name"], choice["value"]) for choice in answer.interaction.choices or []]

    def _command(
        self, name: str, options: dict[str, Any], place: Channel, *, partial: bool = False
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        registered = self.stand_in.command(name, place.guild, self.locale)
        contexts = registered.get("contexts")
        if contexts is not None and (0 if place.guild else 1) not in contexts:
            raise NotOnScreenError(f"/{name} cannot be used here")
        declared = {option["name"]: option for option in registered.get("options") or []}
        by_local_name = {
            (option.get("name_localizations") or {}).get(self.locale, option["name"]): option["name"]
            for option in declared.values()
        }
        sent = []
        for given, value in options.items():
            key = by_local_name.get(given, given)
            if key not in declared:
                raise NotOnScreenError(f"/{name} has no option {given!r}; it has {sorted(by_local_name)}")
            if not partial:
                check_option(declared[key], value)
            sent.append({"name": key, "type": declared[key]["type"], "value": value})
        missing = [option["name"] for option in declared.values() if option.get("required")]
        if not partial and (missing := [key for key in missing if key not in {option["name"] for option in sent}]):
            raise NotOnScreenError(f"/{name} needs {missing}")
        data = {"id": registered["id"], "name": registered["name"], "type": 1, "options": sent}
        return data, declared

    async def press(self, label: str, post: Post | None = None, *, wait: bool = True) -> Answer:
        """Press the newest visible button with this label, or the one on the given post."""
        found, button = self._button(label, post)
        if button.get("disabled") or "url" in button:
            raise NotOnScreenError(f"the button {label!r} does nothing in Discord")
        data = {"component_type": kinds.BUTTON, "custom_id": button["custom_id"], "id": button["id"]}
        return await self._act(COMPONENT, data, found.channel, source=found, wait=wait)

    async def choose(self, *values: str, post: Post | None = None, wait: bool = True) -> Answer:
        """Choose in the newest visible select that offers these, by label or value."""
        for seen in [post] if post else reversed(self.screen()):
            for component in kinds.walk(seen.components):
                if component["type"] == kinds.STRING_SELECT and not component.get("disabled"):
                    meant = chosen(component, list(values))
                    if meant is not None:
                        data = {
                            "component_type": kinds.STRING_SELECT,
                            "custom_id": component["custom_id"],
                            "id": component["id"],
                            "values": meant,
                        }
                        return await self._act(COMPONENT, data, seen.channel, source=seen, wait=wait)
        raise NotOnScreenError(f"no select offers {values}")

    async def fill(self, values: dict[str, Filled] | None = None, *, wait: bool = True) -> Answer:
        """Fill the open modal's fields, named by label, and submit it; fields not named keep what they show."""
        if self.modal is None or self._modal_from is None:
            raise NotOnScreenError("no modal is open")
        wanted = dict(values or {})
        sent = [submitted(field, wanted) for field in self.modal["components"]]
        if wanted:
            raise NotOnScreenError(f"the modal has no field {sorted(wanted)}; it has {self.fields()}")
        data = {"custom_id": self.modal["custom_id"], "components": sent}
        opener = self._modal_from
        return await self._act(MODAL_SUBMIT, data, opener.channel, source=opener.source, wait=wait)

    def fields(self) -> dict[str, Any]:
        """Give the open modal's fields by label, with what each of them shows now."""
        if self.modal is None:
            return {}
        return {field["label"]: shown(field["component"]) for field in self.modal["components"] if "component" in field}

    def opened(self, modal: dict[str, Any] | None, interaction: Interaction | None) -> None:
        """Show a modal, or show none any more."""
        self.modal, self._modal_from = modal, interaction

    async def _act(
        self,
        kind: int,
        data: dict[str, Any],
        channel: Channel,
        *,
        source: Post | None = None,
        option_type: int | None = None,
        wait: bool = True,
    ) -> Answer:
        interaction = await self.stand_in.interact(
            kind, person=self, data=data, channel=channel, source=source, option_type=option_type
        )
        answer = Answer(interaction, self.stand_in)
        return await answer.settled() if wait else answer
