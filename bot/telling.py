"""Telling: private news to the person it concerns, orders to the staff; where nobody can be reached, news is kept."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.announcing import HEARD, heard_by, holds
from bot.chat import Card, Scene
from bot.closings import plans_in
from bot.desk import Desk
from bot.errors import Later, Unreachable
from bot.holding import held
from bot.orders import Buyer, Order
from bot.outbox import alert_in
from bot.overtaking import OVERTAKEN, overtaken
from bot.ports import Json, News, Voice
from bot.reading import telling
from bot.retirement import Plan
from bot.returns import Returns, returns_of
from bot.sealing import seal
from bot.till import Till
from bot.words import Language, Tongue

_log: Final = logging.getLogger(__name__)

#: The pause until what somebody else is about to say is looked at again: a staff card, kept news.
PAUSE: Final = timedelta(seconds=1)


class Cards(Protocol):
    """The cards that Tillbot sends by itself. `commands` furnishes them."""

    def news(self, scene: Scene, item: News, order: Order | None) -> Card:
        """Tell the buyer what became of their order."""
        ...

    def staff(self, scene: Scene, order: Order, returns: Returns) -> Card:
        """Show the staff an order, what goes back of it, and what can be done with it."""
        ...

    def sellers(self, scene: Scene, plan: Plan, kind: str, was: datetime | None) -> Card:
        """Tell sellers what a retirement has come to (`bot.announcing.Notice`); `was` is the date that no longer holds."""
        ...

    def alert(self, scene: Scene, text: str) -> Card:
        """Tell admins that something needs them, a line each."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """Carries cards to people."""

    desk: Desk
    till: Till
    language: Language
    cards: Cards
    voices: Callable[[], Mapping[str, Voice]]
    #: Brings the shop's snapshot up to date, so that a thank-you counts the gift it thanks for.
    refresh: Callable[[], Awaitable[None]]

    def scene(self, locale: str = "") -> Scene:
        """Set the scene for a reader's locale, the shop's default one for the staff."""
        shop = self.desk.shop()
        resolved = self.language.resolve(locale or shop.settings.default_locale)
        tongue = Tongue(self.language, resolved, shop.settings.zone)
        return Scene(shop=shop, tongue=tongue, till=self.till, now=self.desk.clock.now())

    async def tell(self, payload: Json) -> None:
        """Job "tell": tell one person one piece of news, unless they know. Kept for their next word where it cannot be."""
        async with self.desk.store.reading() as unit:
            news = await unit.news.get(str(payload["person"]), int(payload["id"] or 0))
            order = await unit.orders.get(news.subject) if news else None
            old = news is not None and overtaken(news, await unit.news.about(news.person, news.subject))
            kept = news is not None and any(each.id == news.id for each in await unit.news.kept(news.person))
            now = unit.now
        if news is None or order is None or news.told:
            return
        if old:
            await self.till.reading.told(news, OVERTAKEN)
            return
        if not kept:  # then no word tells it meanwhile
            await self._tell_now(news, order)
            return
        async with held(self.desk.store, telling(news.person)) as ours:
            if not ours:
                raise Later(now + PAUSE)
            async with self.desk.store.reading() as unit:
                again = await unit.news.get(news.person, news.id)
            if again is not None and not again.told:
                await self._tell_now(news, order)

    async def _tell_now(self, news: News, order: Order) -> None:
        voice = self.voices().get(order.buyer.platform)
        if order.kind == "donate":  # else the snapshot is new enough as it is
            await self.refresh()
        scene = self.scene(order.buyer.locale)
        card = seal(scene, self.cards.news(scene, news, order))
        try:
            how = await _tell(voice, order.buyer, card, f"{news.person}:{news.id}")
        except Unreachable as error:
            _log.info("news kept for the next word", extra={"order": order.id, "why": error.why})
            async with self.desk.store.unit() as unit:
                await unit.news.keep(news.person, news.id)
            if not error.for_good:
                raise  # the job tries again; the person's next word may be faster
            return
        await self.till.reading.told(news, how)

    async def staff(self, payload: Json) -> None:
        """Job "staff": post an order in the staff channels, or bring the card that is there up to date."""
        number = str(payload["order"])
        async with held(self.desk.store, f"staff:{number}") as ours:
            if ours:
                await self._staff(number)
                return
        async with self.desk.store.reading() as unit:  # else two cards would stand there, or the older one last
            raise Later(unit.now + PAUSE)

    async def _staff(self, number: str) -> None:
        async with self.desk.store.reading() as unit:
            order = await unit.orders.get(number)
            posts = await unit.facts.named(f"post:{number}:")
            returns = await returns_of(unit, order) if order else Returns()
        if order is None:
            return
        scene = self.scene()
        card = seal(scene, self.cards.staff(scene, order, returns))
        missing: Unreachable | None = None
        for platform, channel in self.desk.shop().settings.notify.items():
            name = f"post:{order.id}:{platform}"
            try:
                await self._post(platform, channel, card, name, posts.get(name, ""))
            except Unreachable as error:
                missing = error
        if missing is not None:
            raise missing

    async def _post(self, platform: str, channel: str, card: Card, name: str, reference: str) -> None:
        """Post a staff card and keep its reference under `name`, or amend the one that is there."""
        voice = self.voices().get(platform)
        if voice is None:
            return
        if not reference:
            reference = await voice.post(channel, card, key=f"staff:{card.order}")
            async with self.desk.store.unit() as unit:
                await unit.facts.put(name, reference)
            return
        try:
            await voice.amend(channel, reference, card)
        except Unreachable as error:
            if not error.for_good:
                raise
            _log.info("staff card not amended", extra={"order": card.order, "why": error.why})  # somebody deleted it

    async def sellers(self, payload: Json) -> None:
        """Job "sellers": tell one staff channel, or one admin, what a retirement has come to, if that still is so."""
        async with self.desk.store.reading() as unit:  # the snapshot may be older than what is told here
            plan = (await plans_in(self.desk, unit)).get(str(payload["feature"]))
        kind = str(payload["kind"])
        if plan is not None and plan.closing_key == payload["closing"] and holds(plan, kind):
            scene, was = self.scene(), str(payload.get("was") or "")
            card = seal(scene, self.cards.sellers(scene, plan, kind, datetime.fromisoformat(was) if was else None))
            # a version before this one gave no key of its own
            key = str(payload.get("key") or f"{payload['closing']}:{kind}")
            await self._to_sellers(payload, card, f"sellers:{key}")
            if kind in HEARD:
                async with self.desk.store.unit() as unit:
                    await unit.facts.put(heard_by(plan, payload), unit.now.isoformat())

    async def alert(self, payload: Json) -> None:
        """Job "alert": tell one staff channel, or one admin, that something needs them."""
        async with self.desk.store.reading() as unit:
            text = await unit.facts.get(str(payload["key"]))
        await self._to_sellers(payload, self.cards.alert(self.scene(), text or ""), str(payload["key"]))

    async def raise_alert(self, key: str, text: str) -> None:
        """Have every staff channel and admin told, once for each key ("alert:...")."""
        async with self.desk.store.unit() as unit:
            await alert_in(self.desk, unit, key, text)

    async def _to_sellers(self, payload: Json, card: Card, key: str) -> None:
        voice = self.voices().get(str(payload["platform"]))
        if voice is None:
            return
        try:
            if payload["channel"]:
                await voice.post(str(payload["channel"]), card, key=key)
            else:
                user = str(payload["user"])
                await voice.tell(Buyer(voice.platform, user, user, "", ""), card, key=key)
        except Unreachable as error:
            if payload["channel"] or not error.for_good:
                raise  # a channel that we are not in may be mended: tried for hours, then kept where staff sees it
            _log.warning("staff not reached", extra={"platform": voice.platform, "why": error.why})


async def _tell(voice: Voice | None, buyer: Buyer, card: Card, key: str) -> str:
    if voice is None:
        raise Unreachable("platform switched off")
    return await voice.tell(buyer, card, key=key)
