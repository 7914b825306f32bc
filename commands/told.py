"""A plan as it is told to one reader: its dates for where they stand, its goods by name, the operator's own words first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from bot.catalogue import Product
from bot.chat import Scene
from bot.retirement import Capability, Plan, Scope, Stage, allows, brownout, closes_at, stage
from bot.words import Moment, Rich

#: How many products of a campaign are named; the others are counted.
_NAMED: Final = 5


@dataclass(frozen=True)
class Told:
    """A plan, who reads of it, and which product they ask about ("" where none). Each sentence asks how it stands."""

    scene: Scene
    plan: Plan
    product: str = ""
    region: str = ""

    @cached_property
    def scope(self) -> Scope:
        """Where the reader stands."""
        return replace(self.scene.where, product=self.product, region=self.region)

    @cached_property
    def stage(self) -> Stage:
        """How the plan stands for the reader."""
        return stage(self.plan, self.scene.now, self.scope)

    @property
    def wide(self) -> bool:
        """Whether all of Buy retires, not some of its goods."""
        return self.plan.feature == "buy"

    @property
    def finishes(self) -> bool:
        """Whether what was begun before the closing is not ended by it, but may be paid as long as Stripe takes it."""
        return self.plan.leftovers.open_checkouts == "finish"

    def allows(self, capability: Capability) -> bool:
        """Tell whether the plan leaves the reader a capability now."""
        return allows(self.plan, capability, self.scene.now, self.scope)

    def day(self, capability: Capability = Capability.CHECKOUT_NEW) -> Moment:
        """Say when a capability ends for the reader, in the zone the plan was written in, whatever the shop's own is."""
        at = closes_at(self.plan, capability, self.scope)
        return self.moment(at)

    def moment(self, at: datetime) -> Moment:
        """Say an instant in the plan's zone."""
        return Moment(at, self.scene.tongue.language.instant(at, self.plan.zone, self.scene.tongue.locale))

    def until(self) -> Moment:
        """Say when the brownout that is on ends, in the plan's zone; where none is, when buying ends."""
        on = brownout(self.plan, self.scene.now, self.scope)
        at = on.ends.astimezone(UTC) if on else closes_at(self.plan, Capability.CHECKOUT_NEW, self.scope)
        return self.moment(at)

    def goods(self) -> str:
        """Name what retires: the product that is asked about, else those of the plan, the first five of them."""
        return self.names((self.product,) if self.product else self.plan.products)

    def names(self, products: Sequence[str]) -> str:
        """Name products, the first five of them."""
        names = [named(self.scene, product) for product in products]
        if len(names) > _NAMED:
            more = self.scene.tongue.word("notice.more_goods", len(names) - _NAMED + 1)
            names = [*names[: _NAMED - 1], more]
        return self.scene.tongue.language.names(names, self.scene.tongue.locale)

    def say(self, key: str, own: str = "", /, **values: object) -> Rich:
        """Say the operator's own sentence `own`, else that of `key`, which for some goods ends in "_goods" and names them."""
        if self.wide:
            return self.own(own, key, **values)
        return self.own(own, f"{key}_goods", goods=self.goods(), **values)

    def own(self, name: str, key: str, /, **values: object) -> Rich:
        """Say the operator's own sentence of that name where there is one in the reader's language, else that of `key`."""
        mine = spoken(self.plan.texts.get(name, {}), self.scene.tongue.locale)
        return self.scene.tongue.fill(mine, **values) if mine else self.scene.tongue.say(key, None, **values)

    def title(self, key: str) -> str:
        """Say a title; that of a plan of some goods ends in "_goods"."""
        return self.scene.tongue.word(key if self.wide else f"{key}_goods")


def spoken(texts: Mapping[str, str], locale: str) -> str:
    """Choose the operator's sentence in the reader's language; "" where they wrote none in it."""
    return texts.get(locale) or texts.get(locale.partition("-")[0].partition("_")[0], "")


def named(scene: Scene, product: str) -> str:
    """Name a product; one that the catalogue has no more by its id."""
    found = product_of(scene, product)
    return found.name if found else product


def product_of(scene: Scene, product: str) -> Product | None:
    """Find a product of the catalogue by its id."""
    return scene.shop.catalogue.named.get(product)
