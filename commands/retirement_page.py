"""What the retirement's page and its calendar say: every feature that ends, with its date, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.chat import Card, Scene
from bot.retirement import Capability, Plan, Stage, stage
from bot.words import Moment, Rich, plain
from commands import notice
from commands.told import Told


def retirement_card(scene: Scene, plans: Sequence[Plan]) -> Card:
    """Say what ends: Buy by its notice, products and campaigns by name, each with its date."""
    buy = next((plan for plan in plans if plan.feature == "buy"), None)
    card = _of_buy(scene, buy) if buy else _plain(scene, "ending")
    facts = tuple((named(scene, plan), _when(scene, plan)) for plan in plans if plan is not buy)
    return replace(card, facts=(*card.facts, *facts))


def named(scene: Scene, plan: Plan) -> str:
    """Name the products that the plan of a product or of a campaign retires."""
    known = scene.shop.catalogue.named
    names = [known[product].name for product in plan.products if product in known]
    return scene.tongue.language.names(names or list(plan.products), scene.tongue.locale)


@dataclass(frozen=True, slots=True)
class Events:
    """What the calendar's events say."""

    scene: Scene

    def summary(self, plan: Plan, capability: Capability | Literal["brownout"]) -> str:
        """Name an event; that of a plan of some goods says which in the end."""
        word = self.scene.tongue.word
        event = word(f"calendar.{capability}", shop=self.scene.shop.settings.name)
        return event if plan.feature == "buy" else word("calendar.of", event=event, goods=named(self.scene, plan))

    def description(self, plan: Plan) -> str:
        """Say why it ends, and whom to ask."""
        word, pick = self.scene.tongue.word, self.scene.tongue.pick
        contact = word("notice.contact", contact=plan.contact) if plan.contact else ""
        return "\n".join(part for part in (pick(plan.reason), contact) if part)


@dataclass(frozen=True, slots=True)
class Lines(Events):
    """What the feed says."""

    @property
    def shop(self) -> str:
        """The shop's name."""
        return self.scene.shop.settings.name

    @property
    def locale(self) -> str:
        """The language that it is said in."""
        return self.scene.tongue.locale

    def title(self) -> str:
        """Name the feed."""
        return f"{self.shop} · {self.scene.tongue.word('page.ending_title')}"

    def headline(self, plan: Plan) -> str:
        """Say what ends and when, or that it is on hold or taken back."""
        return f"{named(self.scene, plan) or self.shop} · {plain(_when(self.scene, plan))}"


def _of_buy(scene: Scene, plan: Plan) -> Card:
    match stage(plan, scene.now):
        case Stage.PAUSED:
            return _plain(scene, "paused")
        case Stage.ROLLED_BACK:
            return _plain(scene, "rolled_back")
        case now if now.closed:
            return notice.buyers(scene, plan)
        case _:
            return notice.announced(scene, plan)


def _plain(scene: Scene, key: str) -> Card:
    return Card(scene.tongue.word(f"page.{key}_title"), (scene.tongue.say(f"page.{key}"),), tone="warn")


def _when(scene: Scene, plan: Plan) -> Rich:
    date = Moment(plan.closes, scene.tongue.language.instant(plan.closes, plan.zone, scene.tongue.locale))
    match stage(plan, scene.now):
        case Stage.PAUSED:
            return scene.tongue.say("retirement.paused")
        case Stage.ROLLED_BACK:
            return scene.tongue.say("retirement.rolled_back")
        case now if now.closed:
            return scene.tongue.say("retirement.ended", date=date)
        case Stage.BROWNOUT:
            return scene.tongue.say("retirement.brownout", date=date, until=Told(scene, plan).until())
        case _:
            return scene.tongue.say("retirement.ends", date=date)
