"""Interactions: slash commands, completion, buttons, selects and modals, each answered within its three seconds."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, assert_never

import discord
from discord import InteractionType
from discord.app_commands import Choice as Completion

from adapters.discord import cards, commands, forms, private
from adapters.discord.identifiers import Act, Fill, Mend, PickUp, read
from adapters.discord.people import Drafts, Locales, Regulars, data_of, person, place
from bot.chat import Answers, Card, Context, Form, Opening, Step, Then
from bot.conversation import Conversation
from bot.errors import NotYours

_log: Final = logging.getLogger(__name__)

#: "Unknown Webhook": Discord does not know yet of the answer that this follows, if that went as an HTTP response
#: (https://github.com/discord/discord-api-docs/issues/7220).
_NOT_YET: Final = 10015
#: Seconds between attempts to follow up such an answer.
_PAUSES: Final = (0.1, 0.5, 1.0, 3.0)

Interaction = discord.Interaction[Any]


async def _somebody_elses(_: Context, __: Answers) -> Card:
    raise NotYours


_SOMEBODY_ELSES: Final = Then(Step("discord.somebody_elses", _somebody_elses), Answers())


def invitation(title: str, label: str, custom_id: str) -> cards.Drawn:
    """Draw a card whose one button opens a form or an answer: only a press can do that."""
    drawn = cards.card(Card(title=title))
    return cards.Drawn(drawn.embed, (cards.button(label, custom_id, "primary"),))


class Interactions:
    """Takes what Discord sends, asks the conversation, and answers where it was asked.

    Presses are found by their custom_id alone, so that every button ever sent works in every process.
    """

    def __init__(self, conversation: Conversation, locales: Locales, regulars: Regulars | None) -> None:
        self._conversation = conversation
        self._locales = locales
        self._regulars = regulars
        self._drafts = Drafts()

    async def take(self, interaction: Interaction) -> None:
        """Answer one interaction. A press that is acknowledged too late does nothing: the person is told it failed."""
        try:
            self._locales.learn(interaction.user.id, interaction.locale.value)
            await self._take(interaction, self._context(interaction, str(interaction.id)))
            if self._regulars is not None:
                await self._regulars.came(interaction.user)
        except discord.HTTPException as error:
            _log.warning("interaction not answered", extra={"status": error.status, "code": error.code})
        except Exception:  # noqa: BLE001 - whatever it was, the next one is heard
            _log.exception("interaction not answered")

    async def _take(self, interaction: Interaction, ctx: Context) -> None:
        data = data_of(interaction)
        match interaction.type:
            case InteractionType.autocomplete:
                await self._complete(interaction, ctx, data)
            case InteractionType.application_command:
                await self._answer(interaction, ctx, self._command(ctx, data))
            case InteractionType.component:
                await self._pressed(interaction, ctx, data)
            case InteractionType.modal_submit:
                await self._submitted(interaction, ctx, data)
            case _:
                _log.info("interaction of an unknown type", extra={"type": interaction.type.value})

    def _context(self, interaction: Interaction, key: str) -> Context:
        guild = interaction.guild_id
        return self._conversation.context(
            person(interaction.user.id, guild, interaction.locale.value, private.roles(interaction.user)),
            place(guild, interaction.channel_id),
            key=key,
            reply=interaction.token,
        )

    def _command(self, ctx: Context, data: dict[str, Any]) -> Opening:
        name = str(data.get("name", ""))
        command = self._conversation.find(name)
        if command is None:
            return self._conversation.hear(ctx, f"/{name}")
        return self._conversation.open(ctx, command, commands.typed(data))

    async def _complete(self, interaction: Interaction, ctx: Context, data: dict[str, Any]) -> None:
        option, typed = commands.focused(data)
        found = self._conversation.suggest(ctx, f"{data.get('name', '')}.{option}", typed)
        listed = [Completion(name=name, value=value) for name, value in commands.suggestions(found)]
        await interaction.response.autocomplete(listed)

    async def _pressed(self, interaction: Interaction, ctx: Context, data: dict[str, Any]) -> None:
        match read(str(data.get("custom_id", ""))):
            case Act(id=action, value=value):
                listed = data.get("values")
                chosen: Sequence[object] = listed if isinstance(listed, list) and listed else [value] if value else []
                answers = Answers.of(value=[str(one) for one in chosen]) if chosen else Answers()
                await self._answer(interaction, ctx, self._conversation.press(ctx, action, answers))
            case Mend(id=step, value=value):
                await self._answer(interaction, ctx, self._mended(interaction, ctx, step, value))
            case PickUp() as pick_up:
                await self._pick_up(interaction, ctx, pick_up)
            case Fill() | None:
                await self._answer(interaction, ctx, self._conversation.press(ctx, "", Answers()))

    async def _pick_up(self, interaction: Interaction, ctx: Context, pick_up: PickUp) -> None:
        if pick_up.user != interaction.user.id:
            await self._answer(interaction, ctx, _SOMEBODY_ELSES)
            return
        said = self._context(interaction, str(pick_up.message))
        await self._answer(interaction, said, self._conversation.hear(said, pick_up.text))

    async def _submitted(self, interaction: Interaction, ctx: Context, data: dict[str, Any]) -> None:
        fill = read(str(data.get("custom_id", "")))
        if not isinstance(fill, Fill):
            await self._answer(interaction, ctx, self._conversation.press(ctx, "", Answers()))
            return
        answers = forms.filled(data, fill.value)
        errors = self._conversation.wrong(ctx, fill.id, answers)
        if not errors:
            await self._answer(interaction, ctx, self._conversation.press(ctx, fill.id, answers))
            return
        self._drafts.keep(interaction.user.id, fill.id, answers)
        form = self._form(ctx, fill.id)
        drawn = cards.card(forms.wrong(form if isinstance(form, Form) else None, errors, ctx.tongue))
        label = ctx.tongue.word("discord.correct")
        mend = cards.button(label, Mend(fill.id, fill.value).packed(), "primary")
        await _send(interaction, cards.Drawn(drawn.embed, (mend,)), private=True)

    def _form(self, ctx: Context, step: str) -> Opening:
        command = self._conversation.find(step.partition(".")[0])
        if command is None:
            return self._conversation.press(ctx, step, Answers())
        return self._conversation.open(ctx, command, {})

    def _mended(self, interaction: Interaction, ctx: Context, step: str, value: str) -> Opening:
        opening = self._form(ctx, step)
        if not isinstance(opening, Form) or opening.to.id != step:
            return opening
        return forms.refilled(opening, self._drafts.of(interaction.user.id, step), value)

    async def _answer(self, interaction: Interaction, ctx: Context, opening: Opening) -> None:
        match opening:
            case Form():
                await self._open(interaction, ctx, opening)
                return
            case Card():
                await _send(interaction, cards.card(opening), private=opening.private)
            case Then():
                await interaction.response.defer(ephemeral=True, thinking=True)
                drawn = cards.card(await self._conversation.run(ctx, opening))
                await interaction.edit_original_response(embed=drawn.embed, view=drawn.view())
            case _:
                assert_never(opening)
        async with self._conversation.missed(ctx) as kept:
            for card in kept:
                await _follow(interaction, cards.card(card))

    async def _open(self, interaction: Interaction, ctx: Context, form: Form) -> None:
        if interaction.type is InteractionType.modal_submit:
            label = ctx.tongue.word("discord.fill_in")
            again = Mend(form.to.id, form.value).packed()
            await _send(interaction, invitation(form.title, label, again), private=True)
            return
        modal = forms.modal(form)
        modal.stop()  # the SDK keeps no finished modal; what is submitted is found by its custom_id
        await interaction.response.send_modal(modal)


async def _send(interaction: Interaction, drawn: cards.Drawn, *, private: bool) -> None:
    await interaction.response.send_message(embed=drawn.embed, view=drawn.view(), ephemeral=private)


async def _follow(interaction: Interaction, drawn: cards.Drawn) -> None:
    """Send one more private message. It waits for Discord to know of the answer that it follows."""
    for pause in _PAUSES:
        try:
            await interaction.followup.send(embed=drawn.embed, view=drawn.view(), ephemeral=True)
        except discord.NotFound as error:
            if error.code != _NOT_YET:
                raise
            await asyncio.sleep(pause)
        else:
            return
    await interaction.followup.send(embed=drawn.embed, view=drawn.view(), ephemeral=True)
