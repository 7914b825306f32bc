"""What people of a story do, each thing at its instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

#: Whoever moves the clock is this one of the story's people.
YOU: Final = "you"

#: Test numbers that are typed on the hosted page; the second is a bank debit in US dollars, which settles days later:
#: https://docs.stripe.com/testing and https://docs.stripe.com/payments/ach-direct-debit#test-account-numbers.
NUMBERS: Final = {"card": "4242424242424242", "bank": "000123456789"}


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody says something to the bot, and pays what it asks, or does not."""

    at: datetime
    who: str
    says: str
    pays: Literal["", "card", "bank"] = "card"
    #: When the staff sends what was bought; None where nothing is sent.
    ships: datetime | None = None
