"""Text messages: `!buy mug 2` in a channel, a mention, or plain words in direct messages."""

import logging
from collections.abc import Callable
from typing import Any, Final

import discord

from adapters.discord import cards, private
from adapters.discord.identifiers import PickUp
from adapters.discord.interactions import invitation
from adapters.discord.markdown import escape
from adapters.discord.people import Locales, Regulars, person, place
from bot.chat import Card, Context, Form, Then
from bot.conversation import Conversation

_log: Final = logging.getLogger(__name__)

_KINDS: Final = (discord.MessageType.default, discord.MessageType.reply)


class Messages:
    """Answers text. What is private goes by direct message; the channel only sees that there is an answer."""

    def __init__(
        self, conversation: Conversation, locales: Locales, regulars: Regulars | None, *, prefix: Callable[[], str]
    ) -> None:
        self._conversation = conversation
        self._locales = locales
        self._regulars = regulars
        self._prefix = prefix

    async def take(self, message: discord.Message, me: int) -> None:
        """Answer a message, if it speaks to us; `me` is the bot's own id."""
        if message.author.bot or message.webhook_id is not None or message.type not in _KINDS:
            return
        text = self._said(message.content.strip(), me, direct=message.guild is None)
        if text is None:
            return
        guild = message.guild.id if message.guild else None
        locale = self._locales.of(message.author.id, message.guild)
        who = person(message.author.id, guild, locale, private.roles(message.author))
        ctx = self._conversation.context(who, place(guild, message.channel.id), key=str(message.id))
        try:
            await self._answer(message, ctx, text)
        except discord.HTTPException as error:
            _log.warning("message not answered", extra={"status": error.status, "code": error.code})
        if self._regulars is not None:
            await self._regulars.came(message.author)

    def _said(self, content: str, me: int, *, direct: bool) -> str | None:
        for mention in (f"<@{me}>", f"<@!{me}>"):
            if content.startswith(mention):
                return content.removeprefix(mention).strip()
        prefix = self._prefix()
        if prefix and content.startswith(prefix) and content[len(prefix) :][:1].isalpha():
            return content.removeprefix(prefix)
        return content if direct and content else None

    async def _answer(self, message: discord.Message, ctx: Context, text: str) -> None:
        opening = self._conversation.hear(ctx, text)
        pick_up = PickUp(message.author.id, message.id, text or "help").packed()
        if isinstance(opening, Form):
            label = ctx.tongue.word("discord.fill_in")
            await _reply(message, invitation(opening.title, label, pick_up))
            return
        card = await self._conversation.run(ctx, opening) if isinstance(opening, Then) else opening
        if not ctx.place.private and card.private:
            await self._privately(message, ctx, card, pick_up)
            return
        await _reply(message, cards.card(card))
        if ctx.place.private:
            await self._missed(message.channel, ctx)

    async def _privately(self, message: discord.Message, ctx: Context, card: Card, pick_up: str) -> None:
        drawn = cards.card(card)
        try:
            sent = await message.author.send(embed=drawn.embed, view=drawn.view())
        except discord.HTTPException as error:
            _log.info("no direct message possible", extra={"status": error.status, "code": error.code})
            said = "discord.waiting"
        else:
            said = "discord.sent"
            await self._missed(sent.channel, ctx)
        view = discord.ui.View(timeout=None)
        view.add_item(cards.button(ctx.tongue.word("discord.pick_up"), pick_up))
        view.stop()
        await message.channel.send(escape(ctx.tongue.word(said)), view=view, **_in_reply_to(message))

    async def _missed(self, channel: discord.abc.Messageable, ctx: Context) -> None:
        async with self._conversation.missed(ctx) as kept:
            for drawn in map(cards.card, kept):
                await channel.send(embed=drawn.embed, view=drawn.view())


async def _reply(message: discord.Message, drawn: cards.Drawn) -> None:
    await message.channel.send(embed=drawn.embed, view=drawn.view(), **_in_reply_to(message))


def _in_reply_to(message: discord.Message) -> dict[str, Any]:
    return {"reference": message.to_reference(fail_if_not_exists=False), "mention_author": False}
