"""A running web door on loopback, with a client that keeps cookies and all that stands behind it."""
# ruff: noqa: D102, ARG002 - the ports' own docstrings say what each method does, and what it is given

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar

from adapters.web.beside import Beside
from adapters.web.chat import WebChat
from adapters.web.metrics import Metrics
from adapters.web.pages import BuyerPages
from adapters.web.server import Server
from bot.chat import Button, Card, Context, Link
from bot.own_data import File, Form
from bot.pages import Gone, Page, Redirect
from bot.public_calendar import Sunset
from bot.tokens import Signer
from tests.adapters.web.counter import Spoken, conversation, greet, order
from tests.adapters.web.newsroom import Room

SIGNER = Signer("a secret of sixteen characters")
CLOSED = datetime(2017, 2, 1, tzinfo=UTC)
ANNOUNCED = datetime(2017, 1, 19, 9, 30, tzinfo=UTC)


class Shown:
    """Implements adapters.web.pages.Pages with three tokens."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        #: The state of the order that the page of thanks is about.
        self.state = "paid"

    async def pay(self, token: str, locale: str, address: str) -> Redirect | Page | Gone:
        self.addresses.append(address)
        if token == "ending":
            ending = Sunset(CLOSED, ANNOUNCED, "https://shop.example/retirement")
            return Redirect("https://checkout.example/session", ending)
        if token == "open":
            return Redirect("https://checkout.example/session?x=1#y")
        if token == "closed":
            card = Card(
                "<b>Buy</b> has ended",
                (("Donate goes on.",),),
                actions=(Button("Greet", greet), Link("Elsewhere", "https://elsewhere.example/")),
            )
            return Gone(
                card, Sunset(CLOSED, ANNOUNCED, "https://shop.example/retirement"), ("https://elsewhere.example/a b>c",)
            )
        return Page(Card("No such page"), 404)

    async def thanks(self, token: str, locale: str) -> Page:
        return Page(Card(f"Thanks, {locale}", ((f"It is {self.state}.",),), (("Token", (token,)),), state=self.state))

    async def cancelled(self, token: str, locale: str) -> Page:
        raise RuntimeError("crashed while a person waited")

    async def retirement(self, locale: str) -> Page:
        return Page(Card("What retires"), data={"closes": "2017-02-01T00:00:00+01:00"})

    async def export(self, token: str, locale: str, form: Form) -> File | Page:
        if token != "mine":
            return Page(Card("No such page"), 404)
        return File(f"orders.{form}", "text/csv" if form == "csv" else "application/json", "{}")

    async def go(self, name: str, item: str, locale: str) -> str | Page:
        if name != "fair":
            return Page(Card("No such page"), 404)
        return f"https://fair.example/é?item={item}"

    async def feed(self, locale: str) -> str:
        return f'<feed xml:lang="{locale}"/>' if self.state == "paid" else ""

    async def calendar(self, locale: str) -> str:
        return f"BEGIN:VCALENDAR\r\nX-LOCALE:{locale}\r\nEND:VCALENDAR\r\n" if self.state == "paid" else ""


@dataclass
class Site:
    """What a test holds: the address, a client, and what stands behind the server."""

    address: str
    http: ClientSession
    server: Server
    chat: WebChat
    room: Room
    spoken: Spoken
    shown: Shown
    ready: dict[str, Any]
    build: Callable[[int], Server]

    async def restart(self) -> None:
        """Come back at the same address, as the same shop, after `server.stop()`."""
        self.server = self.build(int(self.address.rpartition(":")[2]))
        await self.server.start()

    async def post(self, path: str, body: Mapping[str, object], **headers: str) -> dict[str, Any]:
        """POST JSON, expecting 200, and give the answer; header names with _ for -."""
        async with self.http.post(self.address + path, json=body, headers=_named(headers)) as response:
            assert response.status == 200, await response.text()
            answer: dict[str, Any] = await response.json()
            return answer

    async def say(self, text: str, **headers: str) -> list[dict[str, Any]]:
        """Type something, and give the replies."""
        replies: list[dict[str, Any]] = (await self.post("/web/messages", {"text": text}, **headers))["replies"]
        return replies

    async def press(self, action: str, **body: object) -> list[dict[str, Any]]:
        """Press a button or submit a form, and give the replies."""
        replies: list[dict[str, Any]] = (await self.post("/web/actions", {"action": action, **body}))["replies"]
        return replies

    async def get(self, path: str, **headers: str) -> ClientResponse:
        """GET a path without following redirects."""
        response = await self.http.get(self.address + path, headers=_named(headers), allow_redirects=False)
        await response.read()
        return response

    async def who(self) -> str:
        """Tell the key of the person that the client's cookie names."""
        key = (await self.say("/greet"))[0]["facts"][0][1]
        found = re.fullmatch(r"(web:\w+):\w+", key)
        assert found
        return found[1]


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def opening(ctx: Context) -> Sequence[Card]:
    return (
        Card("Buy", (("Mugs and prints, made here.",),), actions=(Button("Order", order, style="primary"),)),
        Card("Donate", (("Every cent goes to clean water.",),), actions=(Button("Greet", greet, style="primary"),)),
    )


def hints(ctx: Context) -> Sequence[str]:
    return ("Type /order mug 2", "Press a button")


@asynccontextmanager
async def running_site(beside: Beside | None = None) -> AsyncIterator[Site]:
    """Start the door with the example conversation, with or without something beside it, and stop it."""
    room, spoken, shown = Room(), Spoken(), Shown()
    talk = conversation(spoken)
    chat = WebChat(talk, SIGNER, room, keep=room.keep, opening=opening, hints=hints, beside=beside)
    ready: dict[str, Any] = {"ok": True}

    async def is_ready() -> tuple[bool, Mapping[str, object]]:
        return bool(ready["ok"]), {"money": "test", "config": "in force"}

    def build(port: int) -> Server:
        routes = [chat.routes(), BuyerPages(talk, SIGNER, shown).routes()]
        return Server(routes, ready=is_ready, metrics=Metrics(), port=port, patience=1)

    server = build(0)
    await server.start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        site = Site(server.address, http, server, chat, room, spoken, shown, ready, build)
        yield site
    await site.server.stop()
