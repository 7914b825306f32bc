"""Interactions: what people do in Slack is handed to the conversation, and its answers are brought to them."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from adapters.slack.cards import message, options
from adapters.slack.connection import Connection
from adapters.slack.forms import Errand, modal
from adapters.slack.home import home
from adapters.slack.mrkdwn import Json
from adapters.slack.payloads import Said
from adapters.slack.people import People
from adapters.slack.replies import Reply
from adapters.slack.tasks import Tasks
from bot.chat import LONGEST_VALUE, Answers, Button, Card, Command, Context, Form, Opening, Person, Place, Then
from bot.conversation import Conversation
from bot.errors import Later, Unreachable

_log: Final = logging.getLogger(__name__)

#: Seconds in which a modal must have opened: what is left of Slack's three after asking for a locale, less the way back.
_OPENING: Final = 1.7


@dataclass(frozen=True, slots=True)
class Turn:
    """One interaction, with the connection to the workspace that it happened in, and to no other."""

    said: Said
    connection: Connection


class Interactions:
    """Each method answers one kind of interaction. What has to wait goes on as a task after the acknowledgement."""

    def __init__(self, conversation: Conversation, people: People, tasks: Tasks) -> None:
        self._conversation = conversation
        self._people = people
        self._tasks = tasks

    async def command(self, turn: Turn, text: str) -> Json | None:
        """Answer a slash command: what the acknowledgement says, or None."""
        ctx = await self._context(turn)
        opening = self._conversation.hear(ctx, text)
        shown = await self._open(turn, opening, text)
        self._tasks.spawn(self._follow(ctx, turn, opening, answered=shown is not None))
        return _whole(shown) if shown else None

    async def press(self, turn: Turn, action: str, given: Answers, *, leads: bool) -> None:
        """Answer a button or a select; one that only `leads` outside tells us where its card can be edited."""
        connection = turn.connection
        said = replace(turn.said, direct=connection.is_direct(turn.said.user, turn.said.channel))
        turn = replace(turn, said=said)
        own = said.ephemeral or said.direct
        reply = Reply(said.hook, int(time.time())) if own and said.hook else None
        if reply:  # before the step runs: the news that it makes may be faster than its answer
            connection.held.put(said.team, said.user, given.value, reply)
        if leads:
            return
        step = self._conversation.step(action)
        ctx = await self._context(turn, reply if step else None)
        opening = self._conversation.press(ctx, action, given)
        shown = await self._open(turn, opening, f"{action} {given.value}")
        self._tasks.spawn(self._follow(ctx, turn, shown or opening, reply=reply if step else None))

    async def submit(self, turn: Turn, step: str, given: Answers) -> Mapping[str, str]:
        """Answer a form, or give what is wrong with it by field."""
        ctx = await self._context(turn)
        wrong = self._conversation.wrong(ctx, step, given)
        if not wrong:
            opening = self._conversation.press(ctx, step, given)
            self._tasks.spawn(self._follow(ctx, turn, opening))
        return wrong

    async def suggest(self, turn: Turn, option: str, text: str) -> list[Json]:
        """Complete an option."""
        return options(self._conversation.suggest(await self._context(turn), option, text))

    def hear(self, turn: Turn, text: str) -> None:
        """Answer a direct message or a mention, which no form can follow by itself."""
        self._tasks.spawn(self._answer_typed(turn, text))

    def enter(self, turn: Turn) -> None:
        """Show a person their App Home."""
        self._tasks.spawn(self._show_home(turn))

    def join(self, turn: Turn) -> None:
        """Give somebody who came back to the workspace what they hold there."""
        self._tasks.spawn(self._welcome_back(turn))

    async def _welcome_back(self, turn: Turn) -> None:
        ctx = await self._context(turn)
        await self._conversation.joined(ctx.person)

    async def _context(self, turn: Turn, reply: Reply | None = None) -> Context:
        said = turn.said
        known = await self._people.of(turn.connection, said.team, said.user)
        person = Person("slack", f"{said.team}/{said.user}", said.user, said.team, known.locale, groups=known.groups)
        place = Place("slack", said.team, said.channel, private=said.direct or said.home)
        return self._conversation.context(person, place, key=said.key, reply=reply.packed() if reply else "")

    async def _open(self, turn: Turn, opening: Opening, text: str) -> Card | None:
        """Open a form at once, and give what is to be shown now: a card, or an invitation where no form could open."""
        match opening:
            case Card():
                return opening
            case Then():
                return None
            case Form():
                said, connection = turn.said, turn.connection
                errand = Errand(
                    opening.value, said.hook, said.channel, said.thread, private=said.direct, home=said.home
                )
                asked = connection.web.views_open(trigger_id=said.trigger, view=modal(opening, errand))
                try:
                    async with asyncio.timeout(_OPENING):
                        await connection.call(asked)
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

    async def _answer_typed(self, turn: Turn, text: str) -> None:
        if turn.said.direct:
            turn.connection.knows_direct(turn.said.user, turn.said.channel)
        ctx = await self._context(turn)
        opening = self._conversation.hear(ctx, text)
        await self._follow(ctx, turn, self._invitation(opening, text) if isinstance(opening, Form) else opening)

    async def _show_home(self, turn: Turn) -> None:
        ctx = await self._context(turn)
        try:
            await turn.connection.publish(turn.said.user, home(await self._conversation.home(ctx)))
        except (Unreachable, Later) as error:
            _log.info("home not shown", extra={"why": repr(error)})

    async def _follow(
        self, ctx: Context, turn: Turn, opening: Opening, *, answered: bool = False, reply: Reply | None = None
    ) -> None:
        """Answer after the acknowledgement, then tell what could not be told before.

        With a reply, the card that was pressed gives way to its answer; a refusal, which speaks of no order, leaves it.
        """
        card = await self._conversation.run(ctx, opening) if isinstance(opening, Then) else opening
        if isinstance(card, Card) and not answered:
            edit = reply is not None and bool(card.order or card.tone not in ("warn", "bad"))
            if edit and reply:
                turn.connection.held.put(turn.said.team, turn.said.user, card.order, reply)
            await _answer(turn, card, edit=edit)
        async with self._conversation.missed(ctx) as kept:
            for news in kept:
                if not _says_the_same(news, card):
                    await _answer(turn, news)
        if turn.said.home and not isinstance(card, Form):
            await self._show_home(turn)


async def _answer(turn: Turn, card: Card, *, edit: bool = False) -> None:
    """Say a card where it was asked for, else in a direct message; a private one is seen by nobody else."""
    said, connection = turn.said, turn.connection
    try:
        if said.hook and (edit or not said.direct):
            await connection.respond(said.hook, card, replace=edit, thread=said.thread)
        elif said.home or not said.channel:
            await connection.tell(said.user, card)
        elif said.direct:
            await connection.post(said.channel, card, said.thread)
        elif card.private:
            await connection.whisper(said.channel, said.user, card, said.thread)
        else:
            await connection.post(said.channel, card, said.thread)
    except (Unreachable, Later) as error:
        _log.info("answered by direct message", extra={"why": repr(error)})
        await connection.tell(said.user, card)


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
