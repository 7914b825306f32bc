"""Who speaks, where, what they filled in, and all that one interaction knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.facing import Facing, facing
from bot.retirement import Capability, Scope
from bot.words import Tongue

if TYPE_CHECKING:
    from bot.chat.commands import Command
    from bot.shop import Shop
    from bot.till import Till


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks. `id` is unique on the platform (Slack: "T1/U1"); `user` is the bare id that a config would list."""

    platform: str
    id: str
    user: str
    workspace: str = ""
    locale: str = ""
    admin: bool = False
    #: Ids of the platform's groups the person is in (Discord roles, Slack user groups), where the adapter knows them.
    groups: tuple[str, ...] = ()
    #: Where requests come from (an IP address), where the platform shows it; used for limits only, never logged.
    address: str = ""

    @property
    def key(self) -> str:
        """The name under which orders of this person are kept: "slack:T1/U1"."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said: a channel of a platform, or `private` between the person and the bot."""

    platform: str
    workspace: str = ""
    channel: str = ""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person filled in, chose or pressed: names to one or many values. A button's value is named "value"."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Give the one value of a field, or "" where it was left empty."""
        return next(iter(self.values.get(name, ())), "").strip()

    def many(self, name: str) -> tuple[str, ...]:
        """Give every value of a field of many choices."""
        return self.values.get(name, ())

    @property
    def value(self) -> str:
        """The value that the pressed button, or the form, carried."""
        return self["value"]

    @classmethod
    def of(cls, **values: str | Sequence[str]) -> Answers:
        """Make answers by name: Answers.of(product="mug", options=["anonymous"])."""
        return cls({name: (value,) if isinstance(value, str) else tuple(value) for name, value in values.items()})


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a card is made from: the shop as it is, the reader's language, the calendar's now, the door to the use cases."""

    shop: Shop
    tongue: Tongue
    till: Till
    now: datetime
    #: The platform and workspace that it is shown on, where they are known: a retirement may have other dates there.
    where: Scope = field(default_factory=Scope)

    def facing(self, product: str = "", region: str = "", capability: Capability = Capability.CHECKOUT_NEW) -> Facing:
        """Tell what whoever reads this faces, of a product and shipped to a country (ISO 3166-1) where they are known."""
        scope = replace(self.where, product=product, region=region)
        return facing(self.shop.settings.plans.values(), self.now, scope, capability)


@dataclass(frozen=True, kw_only=True)
class Context(Scene):
    """One interaction: a scene, with who speaks and where."""

    person: Person
    place: Place
    #: Every command that can be said.
    menu: tuple[Command, ...] = ()
    #: The interaction's own id: the same twice (a platform's retry) is the same wish, and makes one order.
    key: str
    #: Opaque to us: with it the adapter can edit what it answers here, while the platform lets it.
    reply: str = ""
