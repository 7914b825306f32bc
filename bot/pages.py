"""The buyer's pages: where a pay link leads, and what is there after paying, after going back, and after closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from bot.chat import Card, Scene
from bot.orders import Order, State
from bot.reading import Reading
from bot.retirement import Capability, Plan, Stage, allows, stage
from bot.sealing import seal


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go there to pay."""

    url: str


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
    closed_at: datetime
    announced_at: datetime
    #: The address of the retirement's status page.
    link: str
    alternates: tuple[str, ...] = ()


class Cards(Protocol):
    """The cards of the pages. `commands` furnishes them."""

    def order(self, scene: Scene, order: Order) -> Card:
        """Draw an order as it stands."""
        ...

    def buyers(self, scene: Scene, plan: Plan, product: str) -> Card:
        """Say what has retired, and where to buy instead."""
        ...

    def announced(self, scene: Scene, plan: Plan) -> Card:
        """Say what will retire."""
        ...

    def plain(self, scene: Scene, key: str, until: datetime | None = None) -> Card:
        """Say what the words "page.KEY" and "page.KEY_title" say."""
        ...


@dataclass(frozen=True, slots=True)
class OrderPages:
    """What each page shows. A token that was not signed by us finds nothing."""

    reading: Reading
    scene: Callable[[str], Scene]
    cards: Cards

    async def pay(self, token: str, locale: str, address: str) -> Redirect | Page | Gone:  # noqa: ARG002 - the web gives it
        """Lead to the checkout of an order, or say why not."""
        scene = self.scene(locale)
        order = await self.reading.by_token(token)
        if order is None:
            return self._unknown(scene)
        plan = scene.shop.plan("buy") if order.kind == "buy" else None
        unpaid = order.state in {State.DRAFT, State.AWAITING, State.EXPIRED, State.CANCELLED}
        if plan and unpaid and not allows(plan, Capability.COMPLETE_OPEN, scene.now):
            return self._gone(scene, plan, order)
        if order.state is State.AWAITING and not order.ending:
            await self.reading.went_to_pay(order)
            return Redirect(order.session_url)
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
        plan = scene.shop.plan("buy")
        now = stage(plan, scene.now)
        if plan is None or now is Stage.OPEN:
            return Page(self.cards.plain(scene, "retirement"), 404, {"features": {}})
        data = {
            "features": {
                plan.feature: {
                    "state": str(now),
                    "announced": plan.announced.isoformat(),
                    "closes": plan.closes.isoformat(),
                    "zone": plan.zone.key,
                    "alternatives": [{"name": place.name, "url": place.url} for place in plan.alternatives],
                    "contact": plan.contact,
                }
            }
        }
        if now.closed:
            return Page(self.cards.buyers(scene, plan, ""), data=data)
        return Page(self.cards.announced(scene, plan), data=data)

    def _unknown(self, scene: Scene) -> Page:
        return Page(self.cards.plain(scene, "unknown"), 404)

    def _gone(self, scene: Scene, plan: Plan, order: Order) -> Gone:
        product = order.lines[0].product if order.lines else ""
        return Gone(
            card=self.cards.buyers(scene, plan, product),
            closed_at=plan.closes,
            announced_at=plan.announced,
            link=f"{self.reading.desk.addresses.public}/retirement",
            alternates=tuple(place.url for place in plan.alternatives),
        )
