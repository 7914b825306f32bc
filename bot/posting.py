"""Posting: public cards with a Buy or Donate button in a channel, kept in step with stock, goals and the closing.

What is posted is remembered with a digest of how it was drawn. Every few seconds each is drawn again; where it would look
different a job edits it. So a closing, an edit of the config or a restart midway needs no list of what is left to do.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.chat import Card, Context, Scene
from bot.desk import Desk
from bot.errors import NotAllowed, NotListed, Outdated, Unreachable
from bot.ports import Json, Voice
from bot.replicas import check_active
from bot.retirement import Capability, Scope
from bot.sealing import seal

_log: Final = logging.getLogger(__name__)

#: How long a card is left alone between two edits over its stock or goal; what closes is edited at once.
GENTLY: Final = timedelta(seconds=30)
#: After this long an edit that was asked for is asked for anew: its job was parked, for jobs have less patience.
ANEW: Final = timedelta(hours=12)
#: How often a card is tried again that cannot be edited, and how long until it is forgotten: most such messages were
#: deleted, but a token that is wrong for a day looks the same, and must not leave Buy standing.
LOST: Final = timedelta(hours=1)
FORGET: Final = timedelta(days=7)


class Cards(Protocol):
    """The public cards. `commands` furnishes them."""

    def posted(self, scene: Scene, subject: str) -> Card:
        """Draw "product:ID" or "cause:ID" as it is now: the notice where it has retired, and where it is gone, that."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """A card that stands in a channel."""

    id: str
    subject: str
    platform: str
    channel: str
    reference: str
    shown: str  # digest of what was drawn last
    wanted: str  # digest of what is being drawn, so that one job is enough
    at: str  # when it was drawn last
    asked: str = ""  # when the drawing of `wanted` was asked for
    lost: str = ""  # since when it cannot be edited

    @property
    def name(self) -> str:
        """The fact under which it is kept."""
        return f"posted:{self.id}"

    @property
    def sells(self) -> bool:
        """Whether it has, or had, a Buy button."""
        return self.subject.startswith("product:")


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts cards and keeps them in step."""

    desk: Desk
    cards: Cards
    scene: Callable[[], Scene]
    voices: Callable[[], Mapping[str, Voice]]
    #: Has the staff told, once for each key, what went wrong.
    alert: Callable[[str, str], Awaitable[None]]

    async def post(self, ctx: Context, subject: str, channel: str) -> None:
        """Post a product's or a cause's card in a channel of the platform where it was asked. Raises NotAllowed, NotListed."""
        if not ctx.person.admin:
            raise NotAllowed
        kind, _, name = subject.partition(":")
        faced = ctx.facing(name, capability=Capability.LIST_NEW)
        if kind == "product" and faced.closed:
            raise NotListed
        async with self.desk.store.unit() as unit:
            payload: Json = {
                "id": hashlib.sha256(ctx.key.encode()).hexdigest()[:16],
                "subject": subject,
                "platform": ctx.person.platform,
                "channel": channel,
            }
            await self.desk.jobs.defer(unit, "post", payload, key=f"post:{ctx.key}")

    async def post_now(self, payload: Json) -> None:
        """Job "post": put the card in its channel and remember where it stands."""
        number, subject = str(payload["id"]), str(payload["subject"])
        platform, channel = str(payload["platform"]), str(payload["channel"])
        card, voice = self._draw(subject, platform, channel), self.voices().get(platform)
        async with self.desk.store.reading() as unit:
            if voice is None or await unit.facts.get(f"posted:{number}") is not None:
                return
        try:
            reference = await voice.post(channel, card, key=f"post:{number}")
        except Unreachable as error:
            if not error.for_good:
                raise
            await self.alert(f"alert:post:{number}", f"{subject} cannot be posted in {channel}: {error.why}")
            return
        digest = _digest(card)
        async with self.desk.store.unit() as unit:
            posted = Posted(number, subject, platform, channel, reference, digest, digest, unit.now.isoformat())
            await unit.facts.put(posted.name, _write(posted))

    async def tick(self) -> None:
        """Find the cards that would look different now, and have them edited."""
        async with self.desk.store.reading() as unit:
            try:
                await check_active(unit, self.desk.shop().settings.digest)
            except Outdated:
                return  # another replica draws them by a newer config
            standing, now = await unit.facts.named("posted:"), unit.now
        voices = self.voices()
        digests: dict[tuple[str, Scope], str] = {}
        for text in standing.values():
            posted = _read(text)
            drawn = posted.subject, where(posted.platform, posted.channel)
            if drawn not in digests:
                digests[drawn] = _digest(self._draw(posted.subject, posted.platform, posted.channel))
            digest = digests[drawn]
            if posted.platform not in voices or not _due(posted, digest, now, urgent=self._closed(posted)):
                continue
            async with self.desk.store.unit() as unit:
                if await unit.facts.get(posted.name) == text:  # else it was edited, or asked for, since it was read
                    wanted = replace(posted, wanted=digest, asked=unit.now.isoformat())
                    await unit.facts.put(posted.name, _write(wanted))
                    await self.desk.jobs.defer(unit, "repost", {"id": posted.id})

    async def repost(self, payload: Json) -> None:
        """Job "repost": bring one card in step with what it speaks of."""
        async with self.desk.store.reading() as unit:
            text = await unit.facts.get(f"posted:{payload['id']}")
        if text is None:
            return None
        posted = _read(text)
        card, voice = self._draw(posted.subject, posted.platform, posted.channel), self.voices().get(posted.platform)
        if voice is None:
            return await self._note(posted, posted.shown)  # it is asked for anew when the platform is back
        digest = _digest(card)
        if digest != posted.shown:
            try:
                await voice.amend(posted.channel, posted.reference, card)
            except Unreachable as error:
                if not error.for_good:
                    raise
                _log.warning("posted card not edited", extra={"subject": posted.subject, "why": error.why})
                return await self._lose(posted, digest)
        return await self._note(posted, digest)

    async def _note(self, posted: Posted, shown: str) -> None:
        """Write down what a card that was read as `posted` shows now."""
        async with self.desk.store.unit() as unit:
            text = await unit.facts.get(posted.name)
            if text is None:
                return
            kept = _read(text)
            if kept.shown not in {
                posted.shown,
                shown,
            }:  # two edits at once, and who knows which came last: neither counts
                done = replace(kept, shown="", wanted="")
            else:
                wanted = shown if kept.wanted == posted.wanted else kept.wanted
                done = replace(kept, shown=shown, wanted=wanted, at=unit.now.isoformat(), lost="")
            await unit.facts.put(posted.name, _write(done))

    async def _lose(self, posted: Posted, wanted: str) -> None:
        """Note that a card cannot be edited, and forget one that could not be for long."""
        async with self.desk.store.unit() as unit:
            now = unit.now.isoformat()
            lost = replace(posted, wanted=wanted, at=now, asked=now, lost=posted.lost or now)
            if unit.now - datetime.fromisoformat(lost.lost) >= FORGET:
                await unit.facts.take(posted.name)
            else:
                await unit.facts.put(posted.name, _write(lost))

    def _closed(self, posted: Posted) -> bool:
        if not posted.sells:
            return False
        scene = replace(self.scene(), where=where(posted.platform, posted.channel))
        return scene.facing(posted.subject.partition(":")[2]).closed

    def _draw(self, subject: str, platform: str, channel: str) -> Card:
        scene = replace(self.scene(), where=where(platform, channel))
        return replace(seal(scene, self.cards.posted(scene, subject)), private=False)


def where(platform: str, channel: str) -> Scope:
    """Give the scope of a channel; one of many workspaces is named "T1/C1"."""
    workspace, slash, _ = channel.partition("/")
    return Scope(platform, workspace if slash else "")


def _due(posted: Posted, digest: str, now: datetime, *, urgent: bool) -> bool:
    """Tell whether a card that would be drawn so is to be edited now."""
    if digest == posted.shown:
        return False
    if digest == posted.wanted:
        return now - datetime.fromisoformat(posted.asked or posted.at) >= (LOST if posted.lost else ANEW)
    return urgent or now - datetime.fromisoformat(posted.at) >= GENTLY


def _digest(card: Card) -> str:
    return hashlib.sha256(repr(card).encode()).hexdigest()[:16]


def _write(posted: Posted) -> str:
    return json.dumps({name: getattr(posted, name) for name in posted.__slots__})


def _read(text: str) -> Posted:
    return Posted(**json.loads(text))
