"""Posting: public cards with a Buy or Donate button in a channel, kept in step with stock, goals and the closing.

What is posted is remembered with a digest of how it was drawn. Every few seconds each is drawn again; where it would look
different a job edits it. So a closing, an edit of the config or a restart midway needs no list of what is left to do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.chat import Card, Context, Scene
from bot.desk import Desk
from bot.errors import NotAllowed, Unreachable
from bot.ports import Json, Voice
from bot.retirement import Capability, allows
from bot.sealing import seal

#: Seconds between two edits of one card over its stock or goal; what closes is edited at once.
GENTLY: Final = timedelta(seconds=30)


class Cards(Protocol):
    """The public cards. `commands` furnishes them."""

    def posted(self, scene: Scene, subject: str) -> Card | None:
        """Draw "product:ID" or "cause:ID" as it is now, its notice where it has retired; None where it is gone."""
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

    @property
    def name(self) -> str:
        """The fact under which it is kept."""
        return f"posted:{self.id}"


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts cards and keeps them in step."""

    desk: Desk
    cards: Cards
    scene: Callable[[], Scene]
    voices: Callable[[], Mapping[str, Voice]]

    async def post(self, ctx: Context, subject: str, channel: str) -> None:
        """Post a product's or a cause's card in a channel of the platform where it was asked. Raises NotAllowed."""
        if not ctx.person.admin:
            raise NotAllowed
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
        subject, platform = str(payload["subject"]), str(payload["platform"])
        channel, number = str(payload["channel"]), str(payload["id"])
        card, voice = self._draw(subject), self.voices().get(platform)
        if card is None or voice is None:
            return
        async with self.desk.store.reading() as unit:
            if await unit.facts.get(f"posted:{number}") is not None:
                return
        reference = await voice.post(channel, card, key=f"post:{number}")
        digest = _digest(card)
        async with self.desk.store.unit() as unit:
            posted = Posted(number, subject, platform, channel, reference, digest, digest, unit.now.isoformat())
            await unit.facts.put(posted.name, _write(posted))

    async def tick(self) -> None:
        """Find the cards that would look different now, and have them edited."""
        async with self.desk.store.reading() as unit:
            standing = [_read(text) for text in (await unit.facts.named("posted:")).values()]
            now = unit.now
        for posted in standing:
            card = self._draw(posted.subject)
            if card is None or _digest(card) in {posted.shown, posted.wanted}:
                continue
            if not self._urgent(posted) and now - datetime.fromisoformat(posted.at) < GENTLY:
                continue
            async with self.desk.store.unit() as unit:
                wanted = replace(posted, wanted=_digest(card))
                await unit.facts.put(wanted.name, _write(wanted))
                await self.desk.jobs.defer(unit, "repost", {"id": posted.id})

    async def repost(self, payload: Json) -> None:
        """Job "repost": bring one card in step with what it speaks of."""
        async with self.desk.store.reading() as unit:
            text = await unit.facts.get(f"posted:{payload['id']}")
        if text is None:
            return
        posted = _read(text)
        card, voice = self._draw(posted.subject), self.voices().get(posted.platform)
        if card is None or voice is None:
            return
        digest = _digest(card)
        if digest != posted.shown:
            try:
                await voice.amend(posted.channel, posted.reference, card)
            except Unreachable as error:
                if not error.for_good:
                    raise
                await self._forget(posted)
                return
        async with self.desk.store.unit() as unit:
            done = replace(posted, shown=digest, wanted=digest, at=unit.now.isoformat())
            await unit.facts.put(posted.name, _write(done))

    async def _forget(self, posted: Posted) -> None:
        """Forget a card that nobody can edit any more: it was deleted, or its channel is gone."""
        async with self.desk.store.unit() as unit:
            await unit.facts.take(posted.name)

    def _urgent(self, posted: Posted) -> bool:
        scene = self.scene()
        return posted.subject.startswith("product:") and not allows(
            scene.shop.plan("buy"), Capability.CHECKOUT_NEW, scene.now
        )

    def _draw(self, subject: str) -> Card | None:
        scene = self.scene()
        card = self.cards.posted(scene, subject)
        return replace(seal(scene, card), private=False) if card else None


def _digest(card: Card) -> str:
    return hashlib.sha256(repr(card).encode()).hexdigest()[:16]


def _write(posted: Posted) -> str:
    return json.dumps({name: getattr(posted, name) for name in posted.__slots__})


def _read(text: str) -> Posted:
    return Posted(**json.loads(text))
