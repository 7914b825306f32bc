"""What books count up by themselves, so that sums over many rows are made where the rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.money import Money
from bot.orders import State


@dataclass(frozen=True, slots=True)
class Tally:
    """All orders of one kind, origin, state and currency: how many, what was paid, what went back."""

    kind: Literal["buy", "donate"]
    origin: Literal["chat", "renewal"]
    state: State
    orders: int
    paid: Money
    refunded: Money
    #: How many of them gave something back.
    returned: int
    #: What lost disputes took away.
    taken: Money


@dataclass(frozen=True, slots=True)
class Counted:
    """So many rows of a kind that stand alike, and what they come to."""

    kind: str
    state: str
    count: int
    amount: Money
