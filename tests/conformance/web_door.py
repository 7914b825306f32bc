"""The web door: the scenes played through the JSON API and its events, as the page in a browser uses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, Self

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar

from bot.staff import staff_path
from bot.tokens import Signer
from tests.conformance.doors import Seen

SECRET: Final = "a secret of the web door, long enough"
#: Seconds that anything may take.
PATIENCE: Final = 30.0
#: Seconds after which a lost stream of events is opened again.
PAUSE: Final = 0.05

Reply = dict[str, Any]


class WebVisitor:
    """Somebody with the page open: what they said was answered, and the news comes by itself."""

    def __init__(self, door: WebDoor, locale: str) -> None:
        self._door = door
        self._http = ClientSession(
            cookie_jar=CookieJar(unsafe=True),
            headers={"Accept-Language": locale},
            timeout=ClientTimeout(total=None, sock_connect=PATIENCE),
        )
        self._shown: list[Reply] = []
        self._changed = asyncio.Event()
        self._open = asyncio.Event()
        self._last = 0
        self._reading: asyncio.Task[None] | None = None

    async def enter(self, path: str = "/") -> None:
        """Open the page, and wait until its events are open too."""
        async with self._http.get(self._door.address + path) as response:
            assert response.status == 200, await response.text()
        self._reading = asyncio.create_task(self._read())
        await asyncio.wait_for(self._open.wait(), PATIENCE)

    async def leave(self) -> None:
        """Close the page."""
        await self.close_ears()
        await self._http.close()

    async def say(self, text: str) -> Seen:
        """Type at the prompt."""
        return await self._post("/web/messages", {"text": text})

    async def fill(self, **values: str | Sequence[str]) -> Seen:
        """Fill in the newest form; a choice is named by its value, or by its label's beginning."""
        form = next(reply for reply in reversed(self._shown) if reply["kind"] == "form")
        names = {field["name"] for field in form["fields"]}
        assert values.keys() <= names, f"the form has {names}"
        filled = {field["name"]: _meant(field, values.get(field["name"], field["value"])) for field in form["fields"]}
        missing = [field["label"] for field in form["fields"] if field["required"] and not filled[field["name"]]]
        if missing:  # the browser would not send it
            again = _read(form)
            return Seen(f"{again.text}\nPlease fill in: {', '.join(missing)}", fields=again.fields)
        self._shown.remove(form)
        return await self._post("/web/actions", {"action": form["submit"], "values": filled, "value": form["value"]})

    async def press(self, label: str) -> Seen:
        """Press the newest button, or choose the newest option, whose label begins so."""
        for reply in reversed(self._shown):
            for text, body in _pressable(reply):
                if text.startswith(label):
                    return await self._post("/web/actions", body)
        raise LookupError(f"no button {label!r} on {[_read(reply).buttons for reply in self._shown]}")

    async def suggest(self, option: str, typed: str) -> Sequence[str]:
        """Type into a field that is completed."""
        answer = await self._ask("/web/suggestions", {"option": option, "text": typed})
        return [choice["label"] for choice in answer["choices"]]

    async def hears(self, text: str) -> Seen:
        """Wait until a card, answered or streamed, holds the text."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._changed.clear()
                    for reply in reversed(self._shown):
                        if text in (seen := _read(reply)).text:
                            return seen
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never heard {text!r}; there is {await self.everything()}") from None

    async def close_ears(self) -> None:
        """Lose the stream of events, and open no other."""
        if self._reading:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None

    async def everything(self) -> Sequence[Seen]:
        """Give every reply and every piece of news on the page."""
        return [_read(reply) for reply in self._shown]

    async def _post(self, path: str, body: Mapping[str, object]) -> Seen:
        replies = (await self._ask(path, body))["replies"]
        self._show(*replies)
        return _read(next((reply for reply in replies if reply["kind"] == "form"), replies[0]))

    async def _ask(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        headers = {"Origin": self._door.address, "Sec-Fetch-Site": "same-origin"}
        async with self._http.post(self._door.address + path, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    def _show(self, *replies: Reply) -> None:
        self._shown += replies
        self._changed.set()

    async def _read(self) -> None:
        """Read the events for as long as the page is open; a lost connection resumes where it broke off."""
        while True:
            with suppress(ClientError, ConnectionError):
                headers = {"Last-Event-ID": str(self._last)} if self._last else {}
                async with self._http.get(self._door.address + "/web/events", headers=headers) as response:
                    self._open.set()
                    async for line in response.content:
                        self._take(line.decode())
            await asyncio.sleep(PAUSE)

    def _take(self, line: str) -> None:
        name, _, value = line.rstrip("\n").partition(": ")
        if name == "id":
            self._last = int(value)
        elif name == "data":
            self._show(json.loads(value))


class WebDoor:
    """The door `web`. Make it with `open`."""

    name = "web"

    def __init__(self) -> None:
        self.address = ""
        self._people: dict[str, WebVisitor] = {}

    @classmethod
    async def open(cls) -> Self:
        """Need nothing: the shop serves its page itself."""
        return cls()

    async def person(self, name: str, *, locale: str = "en") -> WebVisitor:
        """Give somebody with a browser of their own."""
        return await self._visitor(name, locale, "/")

    async def staff(self) -> WebVisitor:
        """Give somebody who opened the staff link."""
        return await self._visitor("the staff", "en", staff_path(Signer(SECRET)))

    async def deputy(self) -> WebVisitor:
        """Give somebody else who opened a staff link."""
        return await self._visitor("the deputy", "en", staff_path(Signer(SECRET)))

    async def public(self) -> Sequence[str]:
        """Give nothing: a page is one person's, and there is no place where everybody reads."""
        return ()

    def config(self) -> str:
        """Switch the chat on, and tell the staff on the web."""
        return """
[web]
chat = true

[notify]
web = "staff"
"""

    def environ(self) -> Mapping[str, str]:
        """Give the secret that signs the staff link."""
        return {"TILLBOT_SECRET": SECRET}

    async def connect(self, address: str) -> None:
        """Go to the shop's address; open pages find it again by themselves."""
        self.address = address

    async def close(self) -> None:
        """Close every page."""
        for visitor in self._people.values():
            await visitor.leave()

    async def _visitor(self, name: str, locale: str, path: str) -> WebVisitor:
        if name not in self._people:
            self._people[name] = WebVisitor(self, locale)
            await self._people[name].enter(path)
        return self._people[name]


def _meant(field: Reply, value: str | Sequence[str]) -> str | list[str]:
    options = {option["value"]: option["label"] for option in field["options"]}

    def one(text: str) -> str:
        named = (key for key, label in options.items() if label.startswith(text))
        return text if not text or text in options else next(named, text)

    return one(value) if isinstance(value, str) else [one(each) for each in value]


def _pressable(reply: Reply) -> list[tuple[str, dict[str, object]]]:
    """Give what runs something: the label, and what is sent."""
    found: list[tuple[str, dict[str, object]]] = []
    for action in reply["actions"]:
        if action["kind"] == "button":
            found.append((action["label"], {"action": action["action"], "value": action["value"]}))
        elif action["kind"] == "select":
            found += [
                (option["label"], {"action": action["action"], "value": option["value"]})
                for option in action["options"]
            ]
    return found


def _read(reply: Reply) -> Seen:
    lines = [reply["title"], reply["body"]]
    lines += [f"{name}: {value}" for name, value in reply["facts"]]
    lines += [reply["progress"]["text"]] if "progress" in reply else []
    for field in reply["fields"]:
        lines += [field["label"], field["hint"], field["error"], *(option["label"] for option in field["options"])]
    lines += [reply.get("error", ""), reply.get("footer", "")]
    return Seen(
        text="\n".join(filter(None, lines)),
        buttons=tuple(label for label, _ in _pressable(reply)),
        links={action["label"]: action["url"] for action in reply["actions"] if action["kind"] == "link"},
        fields=tuple(field["name"] for field in reply["fields"]),
    )
