"""What a scene needs of a platform: people who type, fill in, press and read. One driver a door implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self, runtime_checkable

from bot.settings import Settings


@dataclass(frozen=True)
class Seen:
    """What a person has before them: a card or a form, as text, whatever the platform draws it with."""

    #: Everything one can read on it: title, paragraphs, facts, progress in words, footer, field errors.
    text: str
    #: Labels of what can be pressed that runs something.
    buttons: tuple[str, ...] = ()
    #: Labels of what leads outside, with the address.
    links: Mapping[str, str] = field(default_factory=dict)
    #: Names of the fields, where it is a form; () where it is a card.
    fields: tuple[str, ...] = ()

    @property
    def is_form(self) -> bool:
        """Whether it waits to be filled in."""
        return bool(self.fields)


class Visitor(Protocol):
    """A person at a door, who sees what the platform shows to them and nothing else."""

    async def say(self, text: str) -> Seen:
        """Type a command as one does on this platform ("/buy mug 2") and read the answer: a form, or the (last) card."""
        ...

    async def fill(self, **values: str | Sequence[str]) -> Seen:
        """Fill in the form that is open, by field name, and submit it; fields not named keep what stands in them.

        Gives the answer, or the form again with its errors (wherever the platform shows them).
        """
        ...

    async def press(self, label: str) -> Seen:
        """Press a button of the newest card that has it (labels are compared by their beginning) and read the answer."""
        ...

    async def suggest(self, option: str, typed: str) -> Sequence[str]:
        """Type into an option ("buy.product") and give the labels that are suggested."""
        ...

    async def hears(self, text: str) -> Seen:
        """Wait (10 s at most, then AssertionError) until something private that holds `text` is before this person."""
        ...

    async def close_ears(self) -> None:
        """Make every way end by which this person could be told something without having spoken first."""
        ...

    async def everything(self) -> Sequence[Seen]:
        """Give all that is before this person now, oldest first, edited messages as they read now."""
        ...


class Door(Protocol):
    """A platform with its stand-in, connected to a running shop."""

    name: str

    @classmethod
    async def open(cls) -> Self:
        """Start the platform's stand-in."""
        ...

    async def person(self, name: str, *, locale: str = "en") -> Visitor:
        """Give somebody by name: the same name is the same person."""
        ...

    async def staff(self) -> Visitor:
        """Give an admin, who also reads (and presses on) what is posted in the staff channel."""
        ...

    async def deputy(self) -> Visitor:
        """Give another admin, who does not read the staff channel."""
        ...

    async def public(self) -> Sequence[str]:
        """Give the text of everything that was ever posted where everybody reads, without the staff channel."""
        ...

    def config(self) -> str:
        """Give the TOML of this door's tables: [web], [slack] or [discord], with [notify] and [admins]."""
        ...

    def environ(self) -> Mapping[str, str]:
        """Give the environment of this door: tokens, and where its API is."""
        ...

    async def connect(self, address: str) -> None:
        """Begin: the shop serves at `address` now. Called again after a restart of the shop, at another address."""
        ...

    async def close(self) -> None:
        """End whatever this driver started."""
        ...


@dataclass(frozen=True)
class Standing:
    """A card that stands where everybody reads, and how often it was edited."""

    seen: Seen
    edits: int


@runtime_checkable
class ChannelDoor(Door, Protocol):
    """A door with a channel that everybody reads."""

    async def set_up(self, settings: Settings) -> None:
        """Set the app up on the platform as the operator does, with what Tillbot prints for these settings."""
        ...

    def staff_channel(self) -> str:
        """Name the staff's channel as a person types it, or as their client then sends it."""
        ...

    async def invite(self) -> None:
        """Let the bot into that channel, where it has to be asked in."""
        ...

    async def standing(self) -> Sequence[Standing]:
        """Give what the bot has standing there, oldest first."""
        ...
