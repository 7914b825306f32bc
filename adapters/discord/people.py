"""Who speaks to us and where, as Discord tells it."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import discord

from bot.chat import Answers, Person, Place
from bot.conversation import Conversation

PLATFORM: Final = "discord"

_MOST_KNOWN: Final = 10_000


class Locales:
    """The language people have set, as their last interaction said: a text message does not tell."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, str] = OrderedDict()

    def learn(self, user: int, locale: str) -> None:
        """Remember a person's locale."""
        self._known[user] = locale
        self._known.move_to_end(user)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def of(self, user: int, guild: discord.Guild | None) -> str:
        """Give a person's locale, else their server's, else ""."""
        return self._known.get(user) or (guild.preferred_locale.value if guild else "")


class Drafts:
    """What was typed into forms that were refused, by person and step. Kept in memory: it only saves typing again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], Answers] = OrderedDict()

    def keep(self, user: int, step: str, answers: Answers) -> None:
        """Keep what a person typed last."""
        self._kept[user, step] = answers
        self._kept.move_to_end((user, step))
        while len(self._kept) > _MOST_KNOWN:
            self._kept.popitem(last=False)

    def of(self, user: int, step: str) -> Answers:
        """Give what a person typed last, or nothing."""
        return self._kept.get((user, step), Answers())


class Regulars:
    """Who was seen in which server since when they joined it, so that whoever came back gets again what they hold.

    Discord tells of newcomers only with the members intent, and of none while the bot was away: so their first word
    after joining tells as well, to each process anew.
    """

    def __init__(self, conversation: Conversation, locales: Locales) -> None:
        self._conversation = conversation
        self._locales = locales
        self._seen: OrderedDict[tuple[int, int], object] = OrderedDict()

    async def came(self, member: discord.User | discord.Member) -> None:
        """Note that somebody joined a server, or said something there."""
        if not isinstance(member, discord.Member) or member.bot:
            return
        key = (member.id, member.guild.id)
        if key in self._seen and self._seen[key] == member.joined_at:
            return
        self._seen[key] = member.joined_at
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST_KNOWN:
            self._seen.popitem(last=False)
        locale = self._locales.of(member.id, member.guild)
        await self._conversation.joined(person(member.id, member.guild.id, locale))


def person(user: int, guild: int | None, locale: str, roles: Sequence[str] = ()) -> Person:
    """Make the person."""
    return Person(PLATFORM, str(user), str(user), str(guild or ""), locale, groups=tuple(roles))


def place(guild: int | None, channel: int | None) -> Place:
    """Make the place: without a server around it, a channel is between the person and the bot."""
    return Place(PLATFORM, str(guild or ""), str(channel or ""), private=guild is None)


def data_of(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Give what an interaction carries."""
    data: object = interaction.data
    return data if isinstance(data, dict) else {}
