"""The Slack door over HTTP: slack-bolt verifies and acknowledges, the conversation answers."""

import asyncio
import logging
import re
import time
from collections import OrderedDict
from dataclasses import replace
from typing import Final, assert_never

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import payloads
from adapters.slack.cards import LINK, OPTIONS, message, options
from adapters.slack.connection import Connection
from adapters.slack.forms import Errand, answers, field_errors, modal
from adapters.slack.locales import Locales
from adapters.slack.mrkdwn import Json
from adapters.slack.payloads import Body, Said
from adapters.slack.replies import Reply
from adapters.slack.tasks import Tasks
from bot.chat import LONGEST_VALUE, Button, Card, Command, Context, Form, Opening, Person, Place, Then
from bot.conversation import Conversation
from bot.errors import Later, Unreachable

_log: Final = logging.getLogger(__name__)

PATH: Final = "/slack/events"
#: Seconds in which a modal must have opened: what is left of Slack's three after asking for a locale, less the way back.
_OPENING: Final = 1.7
_ANY: Final = re.compile("")
#: How many events are remembered, so that Slack's repetitions are not answered twice.
_MOST_HEARD: Final = 10_000


class SlackDoor:
    """One app in one workspace. Serve `routes()`; call `aclose()` before closing the connection."""

    def __init__(
        self, conversation: Conversation, connection: Connection, *, signing_secret: str, prefix: str = ""
    ) -> None:
        if not signing_secret:
            raise ValueError("without a signing secret nothing that arrives could be believed")
        self._conversation = conversation
        self._connection = connection
        self._prefix = prefix
        self._locales = Locales(connection)
        self._tasks = Tasks()
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._closed = False

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            """Answer Bolt's question for the token: there is one workspace, hence one token."""
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=connection.bot_token)

        self._bolt = AsyncApp(
            name="tillbot",
            client=AsyncWebClient(base_url=connection.api_base),  # Bolt itself calls nothing
            authorize=authorize,
            signing_secret=signing_secret,
            process_before_response=True,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,  # ours are told from people's in payloads.heard
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        for register, listener in (
            (self._bolt.command, self._command),
            (self._bolt.action, self._action),
            (self._bolt.view, self._submission),
            (self._bolt.options, self._suggestion),
            (self._bolt.event, self._event),
        ):
            register(_ANY)(listener)

        @self._bolt.error
        async def broke(error: Exception) -> None:
            """Log what Slack sent and nobody could read; Bolt's own line would repeat what it holds."""
            _log.error("request not understood", exc_info=error)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to serve."""
        return [web.post(PATH, self._receive)]

    async def aclose(self) -> None:
        """Take nothing more, and let what was acknowledged be answered."""
        self._closed = True
        await self._tasks.drain()
        await self._locales.aclose()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self._closed:
            return web.Response(status=web.HTTPServiceUnavailable.status_code)
        try:
            asked = await to_bolt_request(request)
        except (ValueError, LookupError, TypeError, AttributeError):
            return web.Response(status=web.HTTPBadRequest.status_code)
        body: object = asked.body  # whatever JSON it was
        if not isinstance(body, dict):
            return web.Response(status=web.HTTPBadRequest.status_code)
        return await to_aiohttp_response(await self._bolt.async_dispatch(asked))

    # ------------------------------------------------------------------------------------------------------ listeners

    async def _command(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, text = payloads.command(body, self._prefix)
        ctx = await self._context(said)
        opening = self._conversation.hear(ctx, text)
        shown = await self._open(said, opening, text)
        self._tasks.spawn(self._follow(ctx, said, opening, answered=shown is not None))
        return await ack(_whole(shown)) if shown else await ack()

    async def _action(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, action, given = payloads.pressed(body)
        said = replace(said, direct=self._connection.is_direct(said.user, said.channel))
        own = said.ephemeral or said.direct
        reply = Reply(said.hook, int(time.time())) if own and said.hook else None
        if reply:  # before the step runs: the news that it makes may be faster than its answer
            self._connection.held.put(said.team, said.user, given.value, reply)
        if action == LINK:
            return await ack()
        step = self._conversation.step(action)
        ctx = await self._context(said, reply if step else None)
        opening = self._conversation.press(ctx, action, given)
        shown = await self._open(said, opening, f"{action} {given.value}")
        self._tasks.spawn(self._follow(ctx, said, shown or opening, reply=reply if step else None))
        return await ack()

    async def _submission(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, errand = payloads.submitted(body)
        view = body["view"]
        ctx = await self._context(said)
        given = answers(view, errand.value)
        wrong = self._conversation.wrong(ctx, view["callback_id"], given)
        if wrong:
            return await ack(response_action="errors", errors=field_errors(view, wrong))
        opening = self._conversation.press(ctx, view["callback_id"], given)
        self._tasks.spawn(self._follow(ctx, said, opening))
        return await ack()

    async def _suggestion(self, ack: AsyncAck, body: Body) -> BoltResponse:
        said, option, text = payloads.suggesting(body)
        ctx = await self._context(said)
        return await ack(options=options(self._conversation.suggest(ctx, option, text))[:OPTIONS])

    async def _event(self, ack: AsyncAck, body: Body) -> BoltResponse:
        heard = payloads.heard(body)
        if heard is None or self._repeated(heard[0].key):
            return await ack()
        self._tasks.spawn(self._answer_typed(*heard))
        return await ack()

    def _repeated(self, key: str) -> bool:
        if key in self._heard:
            return True
        self._heard[key] = None
        while len(self._heard) > _MOST_HEARD:
            self._heard.popitem(last=False)
        return False

    # -------------------------------------------------------------------------------------------------------- answers

    async def _context(self, said: Said, reply: Reply | None = None) -> Context:
        person = Person("slack", f"{said.team}/{said.user}", said.user, said.team, await self._locales.of(said.user))
        place = Place("slack", said.team, said.channel, private=said.direct)
        return self._conversation.context(person, place, key=said.key, reply=reply.packed() if reply else "")

    async def _open(self, said: Said, opening: Opening, text: str) -> Card | None:
        """Open a form at once, and give what is to be shown now: a card, or an invitation where no form could open."""
        match opening:
            case Card():
                return opening
            case Then():
                return None
            case Form():
                errand = Errand(opening.value, said.hook, said.channel, said.thread, private=said.direct)
                asked = self._connection.web.views_open(trigger_id=said.trigger, view=modal(opening, errand))
                try:
                    async with asyncio.timeout(_OPENING):
                        await self._connection.call(asked)
                except (Unreachable, Later, TimeoutError) as error:
                    _log.warning("form did not open", extra={"form": opening.to.id, "why": repr(error)})
                    return self._invitation(opening, text)
                return None
            case _ as never:
                assert_never(never)

    def _invitation(self, form: Form, text: str) -> Card:
        """Offer a form as a button, where Slack opens none by itself: what was typed travels with it."""
        word, _, rest = text.strip().partition(" ")
        command = self._conversation.find(word)
        actions = (_opener(form, command, rest),) if command else ()
        return Card(form.title, (form.intro,) if form.intro else (), actions=actions)

    async def _answer_typed(self, said: Said, text: str) -> None:
        """Answer a direct message or a mention, which no form can follow by itself."""
        if said.direct:
            self._connection.knows_direct(said.user, said.channel)
        ctx = await self._context(said)
        opening = self._conversation.hear(ctx, text)
        await self._follow(ctx, said, self._invitation(opening, text) if isinstance(opening, Form) else opening)

    async def _follow(
        self, ctx: Context, said: Said, opening: Opening, *, answered: bool = False, reply: Reply | None = None
    ) -> None:
        """Answer after the acknowledgement, then tell what could not be told before.

        With a reply, the card that was pressed gives way to its answer; a refusal, which speaks of no order, leaves it.
        """
        card = await self._conversation.run(ctx, opening) if isinstance(opening, Then) else opening
        if isinstance(card, Card) and not answered:
            edit = reply is not None and bool(card.order or card.tone not in ("warn", "bad"))
            if edit and reply:
                self._connection.held.put(said.team, said.user, card.order, reply)
            await self._answer(said, card, edit=edit)
        for news in await self._conversation.missed(ctx):
            if not _says_the_same(news, card):
                await self._answer(said, news)

    async def _answer(self, said: Said, card: Card, *, edit: bool = False) -> None:
        """Say a card where it was asked for, else in a direct message; a private one is seen by nobody else."""
        try:
            if said.hook and (edit or not said.direct):
                await self._connection.respond(said.hook, card, replace=edit, thread=said.thread)
            elif said.direct:
                await self._connection.post(said.channel, card)
            elif card.private:
                await self._connection.whisper(said.channel, said.user, card, said.thread)
            else:
                await self._connection.post(said.channel, card, said.thread)
        except (Unreachable, Later) as error:
            _log.info("answered by direct message", extra={"why": repr(error)})
            await self._connection.tell(said.user, card)


def _whole(card: Card) -> Json:
    """Draw a card for an acknowledgement, which Slack does not take back: a picture that it cannot load would spoil it."""
    drawn = message(card, picture=False)
    kind = "ephemeral" if card.private else "in_channel"
    return {"response_type": kind, "text": drawn.text, "blocks": list(drawn.blocks)}


def _says_the_same(news: Card, answer: Opening) -> bool:
    """Tell whether news is what the answer has just said: a step may itself make the news that is told after it."""
    return isinstance(answer, Card) and bool(news.order) and (news.order, news.state) == (answer.order, answer.state)


def _opener(form: Form, command: Command, rest: str) -> Button:
    return Button(form.title, command, rest if len(rest) <= LONGEST_VALUE else "", style="primary")
