"""Perks: what a product or a gift grants on a chat platform, for ever or for a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Perk:
    """A role, a channel or a user group. `target` is its id on the platform; `workspace` the server or workspace it is in."""

    id: str
    platform: str
    kind: Literal["role", "channel", "usergroup"]
    target: str
    name: str
    workspace: str = ""
    #: How many days it lasts; None for ever (for a monthly gift: as long as that goes on).
    days: int | None = None
