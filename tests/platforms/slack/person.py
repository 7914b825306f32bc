"""A person at their Slack client: what they type, press and fill in, and what is on their screen."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.platforms.slack import payloads
from tests.platforms.slack.acknowledgement import (
    Ack,
    apply_to_command,
    apply_to_submission,
    expect_nothing,
    suggested,
)
from tests.platforms.slack.block_kit import elements_of, options_of
from tests.platforms.slack.reading import label_of, text_of
from tests.platforms.slack.refusal import AppFault, Refused
from tests.platforms.slack.server import Server
from tests.platforms.slack.workspace import Channel, Json, Message, View


class Incomplete(Exception):
    """The form cannot be sent: a field the client itself checks is empty or out of bounds."""


class Person:
    """One member of the workspace."""

    def __init__(self, slack: Server, user_id: str, locale: str) -> None:
        self.slack = slack
        self.id = user_id
        self.visited: list[str] = []
        #: The response_url of what was done last; "" where it has none.
        self.hook = ""
        #: The envelope of the event that was delivered last.
        self.last: Json = {}
        self._suggestions: dict[str, list[Json]] = {}
        slack.workspace.users[user_id] = {
            "id": user_id,
            "team_id": slack.workspace.team,
            "name": user_id.lower(),
            "real_name": f"Person {user_id}",
            "deleted": False,
            "locale": locale,
            "tz": "Europe/Paris",
            "tz_offset": 7200,
            "is_bot": False,
            "is_admin": False,
            "profile": {"real_name": f"Person {user_id}", "display_name": user_id.lower()},
        }

    @property
    def direct(self) -> str:
        """The id of the direct message with the app."""
        return self.slack.workspace.open_direct(self.id).id

    @property
    def modal(self) -> View | None:
        """The modal on top of the screen, if one is open."""
        stack = self.slack.workspace.views.get(self.id)
        return stack[-1] if stack else None

    @property
    def form(self) -> View:
        """The modal on top of the screen, which must be open."""
        view = self.modal
        if view is None:
            raise LookupError("no modal is open")
        return view

    @property
    def home(self) -> View | None:
        """The App Home as it was published last."""
        return self.slack.workspace.homes.get(self.id)

    async def open_home(self, tab: str = "home") -> Ack:
        """Look at the App Home."""
        event = payloads.app_home_opened(self.slack.workspace, self.id, self.slack.workspace.open_direct(self.id), tab)
        return await self._deliver(event, 0)

    async def press_home(self, label: str) -> Ack:
        """Press the first button of the App Home that has this label."""
        for block in self.home.body["blocks"] if self.home else ():
            for element in elements_of(block):
                if element["type"] == "button" and label_of(element) == label and self.home:
                    self.hook = ""
                    return await self._act(
                        payloads.view_action(self.slack.workspace, self.home, self._pressed(block, element))
                    )
        raise LookupError(f"no button {label!r} in the App Home")

    async def rejoin(self) -> Ack:
        """Come back to the workspace, with none of the channels of before."""
        self.slack.workspace.users[self.id]["deleted"] = False
        return await self._deliver(payloads.team_join(self.slack.workspace, self.id), 0)

    def leave(self) -> None:
        """Deactivate the account: nobody can write to it any more."""
        self.slack.workspace.users[self.id]["deleted"] = True

    def seen(self, channel: str | None = None) -> list[Message]:
        """Return the messages on screen, oldest first, in one conversation or in all."""
        return sorted(self.slack.workspace.visible(self.id, channel), key=lambda message: message.ts)

    def screen(self, channel: str | None = None) -> str:
        """Return everything on screen as text."""
        return "\n".join(message.said for message in self.seen(channel))

    async def sees(self, text: str, channel: str | None = None, seconds: float = 5.0) -> Message:
        """Wait until a message shows a text, and return the newest that does.

        Raises:
            AssertionError: with all that is on screen, if it does not come within so many seconds.
        """

        def found() -> Message | None:
            return next((message for message in reversed(self.seen(channel)) if text in message.said), None)

        return await self.until(found, seconds, f"never saw {text!r}")

    async def until(self, found: Callable[[], Message | None], seconds: float, complaint: str) -> Message:
        """Wait until there is such a message. Raises AssertionError as `sees` does."""
        try:
            async with asyncio.timeout(seconds):
                while (message := found()) is None:
                    await self.slack.workspace.change()
        except TimeoutError:
            raise AssertionError(f"{complaint}; on screen: {self.screen()!r}") from None
        return message

    def _in(self, channel: str) -> Channel:
        if channel == self.direct:
            return self.slack.workspace.channel(channel)
        place = self.slack.channel(channel, bot=False)
        place.people.add(self.id)
        return place

    def join(self, channel: str) -> None:
        """Become a member of a channel."""
        self._in(channel)

    async def slash(self, command: str, text: str = "", channel: str = "C1") -> Ack:
        """Type a slash command and see its answer."""
        place = self._in(channel)
        self.hook = self.slack.response_url("commands", self.id, channel)
        fields = payloads.slash_command(
            self.slack.workspace, self.id, place, command=command, text=text, response_url=self.hook
        )
        ack = await self.slack.deliver_command(fields)
        try:
            apply_to_command(ack, self.slack.workspace, self.id, place, self.hook)
        except Refused as refused:
            raise AppFault("dispatch_failed", f"{refused.error} {refused.messages}") from refused
        return ack

    async def say(self, text: str, retries: int = 0, thread: str | None = None) -> Ack:
        """Write to the app directly, perhaps in a thread; `retries` more deliveries of the event follow, as Slack does."""
        place = self._in(self.direct)
        event = payloads.direct_message(self.slack.workspace, self.id, place, text)
        event |= {"thread_ts": thread} if thread else {}
        self._post(place, text, event["ts"], thread)
        return await self._deliver(event, retries)

    async def mention(self, text: str, channel: str = "C1", thread: str | None = None, retries: int = 0) -> Ack:
        """Write `@tillbot text` in a channel the app is in, perhaps in a thread."""
        self.slack.channel(channel).bot = True
        place = self._in(channel)
        event = payloads.app_mention(self.slack.workspace, self.id, place, text, thread)
        self._post(place, f"@tillbot {text}", event["ts"], thread)
        return await self._deliver(event, retries)

    def _post(self, place: Channel, text: str, ts: str, thread: str | None) -> None:
        place.messages.append(Message(ts, place.id, self.id, text, [], thread_ts=thread))

    async def _deliver(self, event: Json, retries: int) -> Ack:
        self.hook = ""
        envelope = self.last = payloads.event_callback(self.slack.workspace, event)
        ack = await self.slack.deliver_event(envelope)
        for number in range(1, retries + 1):
            ack = await self.slack.deliver_event(envelope, retry=number)
        return ack

    async def press(self, label: str, channel: str | None = None, message: Message | None = None) -> Ack:
        """Press a button, in the open modal if it is there, else in the newest message that has it.

        A button with a URL opens the page and tells the app too, as Slack does.
        """
        view = self.modal
        if view is not None and message is None:
            for block in view.body["blocks"]:
                for element in elements_of(block):
                    if element["type"] == "button" and label_of(element) == label:
                        action = self._pressed(block, element)
                        return await self._act(payloads.view_action(self.slack.workspace, view, action))
        for shown in [message] if message is not None else reversed(self.seen(channel)):
            for block, element in shown.elements:
                if element["type"] == "button" and label_of(element) == label:
                    return await self._act_on(shown, self._pressed(block, element))
        raise LookupError(f"no button {label!r}; on screen: {self.screen(channel)!r}")

    def _pressed(self, block: Json, element: Json) -> Json:
        if "url" in element:
            self.visited.append(element["url"])
        names = ("type", "action_id", "text", "value", "url", "style")
        action = {name: element[name] for name in names if name in element}
        return action | {"block_id": block["block_id"], "action_ts": self.slack.workspace.timestamp()}

    async def choose(self, option: str, channel: str | None = None) -> Ack:
        """Choose an option of a select in the newest message that offers it."""
        for shown in reversed(self.seen(channel)):
            for block, element in shown.elements:
                for offered in options_of(element):
                    if text_of(offered["text"]) == option:
                        action = {
                            "type": element["type"],
                            "action_id": element["action_id"],
                            "block_id": block["block_id"],
                            "selected_option": offered,
                            "placeholder": element.get("placeholder"),
                            "action_ts": self.slack.workspace.timestamp(),
                        }
                        return await self._act_on(shown, action)
        raise LookupError(f"no option {option!r} on screen")

    async def _act_on(self, message: Message, action: Json) -> Ack:
        self.hook = self.slack.response_url("actions", self.id, message.channel, message)
        return await self._act(payloads.message_action(self.slack.workspace, self.id, message, action, self.hook))

    async def _act(self, payload: Json) -> Ack:
        ack = await self.slack.deliver_interaction(payload)
        expect_nothing(ack)
        return ack

    def _field(self, field: str) -> tuple[View, Json]:
        view = self.form
        for block in view.inputs:
            if field in (block["label"]["text"], block["block_id"], block["element"]["action_id"]):
                return view, block
        raise LookupError(f"no field {field!r} among {view.labels}")

    async def suggest(self, field: str, typed: str) -> list[str]:
        """Type into an external select and return what is suggested."""
        view, block = self._field(field)
        if block["element"]["type"] not in ("external_select", "multi_external_select"):
            raise LookupError(f"field {field!r} does not suggest")
        if len(typed) < block["element"].get("min_query_length", 3):  # three is Slack's default
            return []
        payload = payloads.block_suggestion(self.slack.workspace, view, block, typed)
        options = suggested(await self.slack.deliver_interaction(payload))
        self._suggestions.setdefault(block["block_id"], []).extend(options)
        return [text_of(option["text"]) for option in options]

    async def enter(self, values: Mapping[str, str | Sequence[str]]) -> None:
        """Fill in fields, by label, block_id or action_id, without sending the form."""
        for field, value in values.items():
            view, block = self._field(field)
            view.typed[block["block_id"]] = await self._value(block, value)

    async def _value(self, block: Json, value: str | Sequence[str]) -> Any:
        kind = block["element"]["type"]
        if kind in ("plain_text_input", "number_input", "email_text_input"):
            return value or None
        if isinstance(value, str):
            return await self._option(block, value) if value else None
        return [await self._option(block, each) for each in value]

    async def _option(self, block: Json, wanted: str) -> Json:
        known = options_of(block["element"])
        if "external" in block["element"]["type"]:
            await self.suggest(block["block_id"], wanted)
            known = self._suggestions.get(block["block_id"], [])
        for option in known:
            if wanted in (text_of(option["text"]), option["value"]):
                return option
        raise LookupError(f"{wanted!r} is not offered; there are {[text_of(o['text']) for o in known]}")

    async def fill(self, values: Mapping[str, str | Sequence[str]] | None = None) -> Ack:
        """Fill in the open modal and send it.

        Raises:
            Incomplete: if Slack's client would not send it.
        """
        await self.enter(values or {})
        view = self.form
        for block in view.inputs:
            _check(block, view.typed.get(block["block_id"], payloads.initial_value(block["element"])))
        self.hook = view.hook
        ack = await self.slack.deliver_interaction(payloads.view_submission(self.slack.workspace, view))
        try:
            apply_to_submission(ack, self.slack.workspace, view)
        except Refused as refused:
            raise AppFault("dispatch_failed", f"{refused.error} {refused.messages}") from refused
        return ack

    async def dismiss(self) -> None:
        """Close the modal without sending it."""
        view = self.form
        self.slack.workspace.views[self.id].remove(view)
        if view.body["notify_on_close"]:
            await self._act(payloads.view_closed(self.slack.workspace, view))


def _check(block: Json, value: Any) -> None:
    label, element = block["label"]["text"], block["element"]
    if value in (None, "", []):
        if not block.get("optional", False):
            raise Incomplete(f"{label}: please complete this required field")
        return
    if element["type"] == "plain_text_input":
        if not element.get("min_length", 0) <= len(value) <= element.get("max_length", 3000):
            raise Incomplete(f"{label}: too short or too long")
    elif element["type"] == "number_input":
        try:
            number = float(value)
        except ValueError:
            raise Incomplete(f"{label}: not a number it takes") from None
        whole = element["is_decimal_allowed"] or number.is_integer()
        if not whole or not float(element.get("min_value", number)) <= number <= float(
            element.get("max_value", number)
        ):
            raise Incomplete(f"{label}: not a number it takes")
