"""The web chat: its JSON API, for the page as for scripts, and the page itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web.beside import Beside, move, show
from adapters.web.events import Stream, last_id
from adapters.web.guard import Rejected, answers_of, check_origin, key_of, read_json, text_of
from adapters.web.news import Newsroom, Streams
from adapters.web.page import chat_page
from adapters.web.people import COOKIE, People, Visitor
from adapters.web.render import Reply, render, render_form
from adapters.web.voice import Keep, WebVoice
from adapters.web.watching import Watching
from bot.chat import Answers, Card, Context, Form, Opening, Place, Then
from bot.conversation import Conversation
from bot.tokens import Signer
from bot.words import Tongue

#: How many suggestions are sent for what is being typed.
MOST_SUGGESTIONS: Final = 25

Handler = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]


class WebChat:
    """The web door. `routes()` go to the Server, `voice` to those who tell news."""

    def __init__(
        self,
        conversation: Conversation,
        signer: Signer,
        newsroom: Newsroom,
        *,
        keep: Keep,
        opening: Callable[[Context], Sequence[Card]],
        hints: Callable[[Context], Sequence[str]],
        beside: Beside | None = None,
        public_url: str = "",
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        """Take `opening` and `hints` for the first screen; `public_url` is our own origin where a proxy hides it.

        With `beside` a panel stands beside the conversation.
        """
        self._conversation = conversation
        self._newsroom = newsroom
        self._opening = opening
        self._hints = hints
        self._beside = beside
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        self._people = People(
            signer,
            locales=conversation.language.locales,
            secure=parts.scheme == "https",
            trusted_proxies=trusted_proxies,
        )
        self._streams = Streams()
        self._watching = Watching(self._streams, newsroom.newest)
        self.voice = WebVoice(self._streams, keep)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of the page and its API."""
        return [
            web.get("/", self._known(self._page)),
            web.get("/web/welcome", self._known(self._welcome)),
            web.get("/web/commands", self._known(self._commands)),
            web.get("/web/events", self._known(self._events)),
            web.post("/web/messages", self._known(self._messages)),
            web.post("/web/actions", self._known(self._actions)),
            web.post("/web/suggestions", self._known(self._suggestions)),
            web.get("/staff/{token}", self._known(self._staff)),
            web.post("/web/leave", self._known(self._leave)),
            *self._panel(),
        ]

    def _panel(self) -> list[web.RouteDef]:
        beside = self._beside
        if beside is None:
            return []

        async def shown(request: web.Request, visitor: Visitor) -> web.StreamResponse:
            return await show(beside, self._context(request, visitor))

        async def moved(request: web.Request, visitor: Visitor) -> web.StreamResponse:
            body = await read_json(request, self._origin)
            return await move(beside, self._context(request, visitor), text_of(body, "to"))

        return [web.get("/web/beside", self._known(shown)), web.post("/web/beside", self._known(moved))]

    def _known(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Find out who asks before `handler` runs, give newcomers a cookie, and say refusals in JSON."""

        async def known(request: web.Request) -> web.StreamResponse:
            visitor = self._people.visitor(request)
            try:
                response = await handler(request, visitor)
            except Rejected as rejected:
                # No cookie: another site's form arrives without one, and must not make somebody a stranger.
                return rejected.response()
            if visitor.new and not response.prepared and COOKIE not in response.cookies:
                self._people.remember(response, visitor, request)
            return response

        return known

    def _context(self, request: web.Request, visitor: Visitor) -> Context:
        person = self._people.person(request, visitor)
        return self._conversation.context(person, Place("web"), key=key_of(request))

    # ---------------------------------------------------------------------------------------------- what people say

    async def _messages(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        body = await read_json(request, self._origin)
        text = text_of(body, "text")
        ctx = self._context(request, visitor)
        return await self._answer(request, ctx, self._conversation.hear(ctx, text))

    async def _actions(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        body = await read_json(request, self._origin)
        action, answers = text_of(body, "action"), answers_of(body)
        ctx = self._context(request, visitor)
        wrong = self._conversation.wrong(ctx, action, answers)
        if wrong:
            return _replies([self._again(ctx, action, answers, dict(wrong))])
        return await self._answer(request, ctx, self._conversation.press(ctx, action, answers))

    async def _answer(self, request: web.Request, ctx: Context, opening: Opening) -> web.Response:
        view: Form | Card = await self._conversation.run(ctx, opening) if isinstance(opening, Then) else opening
        replies = [render(view, ctx.tongue.zone)]
        if self._streams.live(ctx.person.key):  # an open page sees the news by itself
            return _replies(replies)
        with suppress(ConnectionError):  # who has gone was told nothing
            async with self._conversation.missed(ctx) as kept:
                response = _replies([*replies, *(render(card, ctx.tongue.zone) for card in kept)])
                if kept:  # they count as told once they are written
                    await response.prepare(request)
                    await response.write_eof()
        return response

    def _again(self, ctx: Context, action: str, answers: Answers, wrong: dict[str, str]) -> Reply:
        """Give the form back as it was filled in, with its errors. Only openers make forms, so the opener is asked."""
        step = self._conversation.step(action)
        command = self._conversation.find(step.id.partition(".")[0]) if step else None
        filled = dict(answers.values)
        if step and command:
            typed = {option.name: answers[option.name] for option in command.options if answers[option.name]}
            for attempt in (typed, {}):
                form = self._conversation.open(ctx, command, attempt)
                if isinstance(form, Form) and form.to.id == step.id:
                    again = render_form(form, ctx.tongue.zone, errors=wrong, filled=filled)
                    return again | {"value": answers.value or form.value}
        return _bare_form(action, answers, wrong)

    async def _suggestions(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        body = await read_json(request, self._origin)
        option, typed = text_of(body, "option"), text_of(body, "text", default="")
        ctx = self._context(request, visitor)
        choices = self._conversation.suggest(ctx, option, typed)[:MOST_SUGGESTIONS]
        return web.json_response({"choices": [{"value": choice.value, "label": choice.label} for choice in choices]})

    # --------------------------------------------------------------------------------------------- what people see

    async def _page(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        ctx = self._context(request, visitor)
        locales = self._conversation.language.locales()
        response = web.Response(
            text=chat_page(
                ctx,
                languages={locale: self._conversation.tongue(locale).word("web.language") for locale in locales},
                chosen="lang" in request.query,
                person=self._people.tag(ctx.person) + (self._beside.tale if self._beside else ""),
                beside=self._beside is not None,
            ),
            content_type="text/html",
        )
        if not visitor.new:
            self._people.remember(response, visitor, request)
        return response

    async def _welcome(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        ctx = self._context(request, visitor)
        replies = [render(card, ctx.tongue.zone) for card in self._opening(ctx)]
        return web.json_response({"replies": replies, "hints": list(self._hints(ctx))})

    async def _commands(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        ctx = self._context(request, visitor)
        word = ctx.tongue.word
        commands = [
            {
                "id": command.id,
                "name": word(f"command.{command.name}"),
                "summary": word(f"command.{command.name}.summary"),
                "options": [
                    {
                        "name": option.name,
                        "label": word(f"option.{option.name}"),
                        "hint": _hint(ctx.tongue, option.name),
                        "type": option.kind,
                        "suggest": f"{command.name}.{option.name}" if option.suggest else "",
                    }
                    for option in command.options
                ],
            }
            for command in self._conversation.commands
            if ctx.person.admin or not command.admin
        ]
        return web.json_response({"commands": commands})

    async def _events(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        check_origin(request, self._origin)
        last = last_id(request)
        person = self._people.person(request, visitor)
        if self._streams.full(person.key, person.address):
            raise Rejected(429, "too_many_pages", "too many pages of yours are open")
        tongue = self._context(request, visitor).tongue
        response = web.StreamResponse()
        if visitor.new:
            self._people.remember(response, visitor, request)
        stream = Stream(
            self._newsroom,
            self._watching,
            person=person,
            lasts=lambda: self._people.name(visitor) == person.id,
            locale=tongue.locale,
            zone=tongue.zone,
        )
        return await stream.run(request, response, last)

    # -------------------------------------------------------------------------------------------------- the staff

    async def _staff(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        staff = self._people.open_staff(request.match_info["token"], visitor)
        if staff is None:
            raise web.HTTPNotFound(text="this staff link is not valid, or no longer")
        response = web.Response(status=303, headers={"Location": "/"})
        self._people.remember(response, staff, request)
        return response

    async def _leave(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        await read_json(request, self._origin)
        response = web.json_response({"ok": True})
        self._people.remember(response, Visitor(visitor.own), request)
        return response


def _hint(tongue: Tongue, option: str) -> str:
    """Say more of an option where somebody wrote more."""
    try:
        return tongue.word(f"option.{option}.hint")
    except KeyError:
        return ""


def _replies(replies: list[Reply]) -> web.Response:
    return web.json_response({"replies": replies})


def _bare_form(action: str, answers: Answers, wrong: dict[str, str]) -> Reply:
    """Draw what is left of a form whose opener now gives another: the wrong fields alone, as text."""
    fields = [
        {
            "name": name,
            "label": name,
            "type": "text",
            "options": [],
            "required": False,
            "value": answers[name],
            "error": text,
            "hint": "",
            "suggestions": [],
        }
        for name, text in wrong.items()
    ]
    return {
        "kind": "form",
        "title": "",
        "body": "",
        "facts": [],
        "fields": fields,
        "submit": action,
        "value": answers.value,
        "error": "",
        "actions": [],
    }
