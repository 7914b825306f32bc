"""The buyer's pages: where a pay link leads, and what is there after paying, after going back, and after closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from bot.atom_feed import Lines, atom
from bot.calendar_feed import Words, feed
from bot.changed import changed
from bot.chat import Card, Scene
from bot.clicks import Clicks
from bot.facing import scope_of
from bot.orders import Order, State
from bot.own_data import File, Form, OwnData
from bot.public_calendar import Sunset, announced, body, sunset_of
from bot.reading import Reading
from bot.retirement import Capability, Plan, Scope, alternatives, closes_at
from bot.sealing import seal

#: States in which nothing was paid, so that a pay link may lead to the notice.
_UNPAID: Final = frozenset({State.DRAFT, State.AWAITING, State.EXPIRED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go there to pay; where the address that led there has an end, that is said too."""

    url: str
    sunset: Sunset | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one card. `data` is the same for programs, where the page has a JSON twin."""

    card: Card
    status: int = 200
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gone:
    """What the address led to has retired: the notice, and for programs the instants, the status page, alternatives."""

    card: Card
    sunset: Sunset
    alternates: tuple[str, ...] = ()


class Cards(Protocol):
    """The cards of the pages. `commands` furnishes them."""

    def order(self, scene: Scene, order: Order) -> Card:
        """Draw an order as it stands."""
        ...

    def buyers(self, scene: Scene, plan: Plan, product: str) -> Card:
        """Say what has retired, and where to buy instead."""
        ...

    def retirement(self, scene: Scene, plans: Sequence[Plan]) -> Card:
        """Say what retires or has retired, each with its date."""
        ...

    def events(self, scene: Scene) -> Words:
        """Give what the calendar says."""
        ...

    def lines(self, scene: Scene) -> Lines:
        """Give what the feed says."""
        ...

    def plain(self, scene: Scene, key: str, until: datetime | None = None) -> Card:
        """Say what the words "page.KEY" and "page.KEY_title" say."""
        ...


@dataclass(frozen=True, slots=True)
class OrderPages:
    """What each page shows. A token that was not signed by us finds nothing."""

    reading: Reading
    own: OwnData
    scene: Callable[[str], Scene]
    cards: Cards
    clicks: Clicks

    async def pay(self, token: str, locale: str, address: str) -> Redirect | Page | Gone:  # noqa: ARG002 - the web gives it
        """Lead to the checkout of an order, or say why not."""
        scene = self.scene(locale)
        order = await self.reading.by_token(token)
        if order is None:
            return self._unknown(scene)
        gone = self._gone(scene, order) if order.kind == "buy" and order.state in _UNPAID else None
        if gone is not None:
            return gone
        if order.state is State.AWAITING and not order.ending:
            await self.reading.went_to_pay(order)
            plans = scene.shop.settings.plans.values()
            return Redirect(order.session_url, sunset_of(plans, order, scene.now, self._link))
        return Page(seal(scene, self.cards.order(scene, order)))

    async def thanks(self, token: str, locale: str) -> Page:
        """Thank for a payment, whatever is known of it by now."""
        scene = self.scene(locale)
        order = await self.reading.by_token(token)
        if order is None:
            return self._unknown(scene)
        if order.state in {State.DRAFT, State.AWAITING}:
            waiting = self.cards.plain(scene, "waiting")
            return Page(replace(waiting, order=order.id, state=str(order.state)))
        return Page(seal(scene, self.cards.order(scene, order)))

    async def cancelled(self, token: str, locale: str) -> Page:
        """Say that nothing was paid, and how to go on."""
        scene = self.scene(locale)
        order = await self.reading.by_token(token)
        if order is None:
            return self._unknown(scene)
        card = self.cards.order(scene, order)
        if order.state is State.AWAITING and not order.ending:
            plain = self.cards.plain(scene, "cancelled", order.expires)
            card = replace(card, title=plain.title, text=plain.text)
        return Page(seal(scene, card))

    async def retirement(self, locale: str) -> Page:
        """Say what retires and when; a page of status 404 where nothing does."""
        scene = self.scene(locale)
        plans = announced(scene.shop.settings.plans.values(), scene.now)
        if not plans:
            return Page(self.cards.plain(scene, "retirement"), 404, {"features": {}})
        data = {"features": {plan.feature: body(plan, scene.now, dead=scene.shop.dead) for plan in plans}}
        return Page(self.cards.retirement(scene, plans), data=data)

    async def calendar(self, locale: str) -> str:
        """Write the calendar of what retires (RFC 5545); "" where nothing does."""
        scene = self.scene(locale)
        plans = announced(scene.shop.settings.plans.values(), scene.now)
        public = self.reading.desk.addresses.public
        words = self.cards.events(scene)
        return feed(plans, words, now=scene.now, host=self._host, link=self._link if public else "") if plans else ""

    async def feed(self, locale: str) -> str:
        """Write the feed of what retires (RFC 4287); "" where nothing does."""
        scene = self.scene(locale)
        plans = announced(scene.shop.settings.plans.values(), scene.now)
        if not plans:
            return ""
        async with self.reading.desk.store.reading() as unit:
            when = await changed(unit)
        public, lines = self.reading.desk.addresses.public, self.cards.lines(scene)
        return atom(plans, lines, changed=when, now=scene.now, host=self._host, public=public)

    async def go(self, name: str, item: str, locale: str) -> str | Page:
        """Give the address of a place to buy instead, and count that; a page of status 404 where there is none such.

        It may have been one, in an old message, before it was renamed: the page says where to buy now.
        """
        led = self.clicks.lead(name, item)
        if led:
            return led
        now = await self.retirement(locale)
        return replace(now, status=404) if now.status == 200 else self._unknown(self.scene(locale))  # noqa: PLR2004 - HTTP

    async def export(self, token: str, locale: str, form: Form) -> File | Page:
        """Give a person's own file; a page of status 404 where the link is none of ours, or has ended."""
        return await self.own.file(token, form) or self._unknown(self.scene(locale))

    @property
    def _host(self) -> str:
        return urlsplit(self.reading.desk.addresses.public).hostname or "tillbot"

    @property
    def _link(self) -> str:
        return f"{self.reading.desk.addresses.public}/retirement"

    def _unknown(self, scene: Scene) -> Page:
        return Page(self.cards.plain(scene, "unknown"), 404)

    def _gone(self, scene: Scene, order: Order) -> Gone | None:
        """Give the notice where what an unpaid order is of has closed; None where it can still be paid."""
        scope = scope_of(order)
        there = replace(scene, where=Scope(scope.platform, scope.workspace))
        facing = there.facing(scope.product, scope.region, Capability.COMPLETE_OPEN)
        plan = facing.plan
        if plan is None or not facing.closed:
            return None
        if plan.leftovers.open_checkouts == "finish" and order.state is State.AWAITING and not order.ending:
            return None
        places = alternatives(plan, scene.now, product=scope.product, region=scope.region, dead=scene.shop.dead)
        return Gone(
            card=self.cards.buyers(there, plan, scope.product),
            sunset=Sunset(closes_at(plan, Capability.COMPLETE_OPEN, scope), plan.announced, self._link),
            alternates=tuple(place.url for place in places),
        )
