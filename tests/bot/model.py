"""A plain model of a till: a handful of sums that anybody can check by eye, and the shop that they are of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from bot.orders import State
from tests.bot.rig import SHOP

#: What is offered of each thing, and what one of it costs, in cents.
OFFERED: Final = {"print": 2, "mug/blue": 8, "zine": None, "club": None}
PRICES: Final = {"print": 4500, "mug/blue": 1250, "zine": 400, "club": 600}
#: How many orders a code is good for in all, and of one person.
TOTALS: Final = {"FEW": 2, "ONCE": None, "BIG": None}
EACH: Final = {"FEW": None, "ONCE": 1, "BIG": None}
#: What they take off: so many cents, or so many per cent.
CENTS: Final = {"": 0, "FEW": 100, "BIG": 500}
PER_CENT: Final = {"ONCE": 50}
#: The smallest charge in cents: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
SMALLEST: Final = 50
#: Above so many cents given back of one order, a second admin has to approve.
ALONE: Final = 2000
TEXT: Final = (
    SHOP.replace("stock = 1\n", "stock = 2\n", 1).replace(
        'slack = ["boss"]', 'slack = ["boss", "deputy"]\napprovals = 2\nrefunds_above = "20.00"'
    )
    + """
[product.club]
name = "Harbour club"
price = "6.00"
every = "month"

[coupon.FEW]
amount = "1.00"
total = 2

[coupon.ONCE]
percent = 50
per_person = 1

[coupon.BIG]
amount = "5.00"

[limits]
person = 100000
shop = 100000
"""
)
PEOPLE: Final = ("ann", "ben")
CAUSES: Final = ("water", "kitchen")


@dataclass
class Sum:
    """One order as the model has it; amounts in cents."""

    who: str
    what: str  # a variant, or a cause
    quantity: int
    total: int
    state: State
    code: str = ""
    discount: int = 0
    price: int = 0  # of each further month; 0 where it is paid once
    paid: int = 0
    #: Each refund that was made, oldest first.
    made: list[int] = field(default_factory=list)
    #: What waits for a second admin, by the refund's number.
    waiting: dict[str, int] = field(default_factory=dict)
    #: The dispute that is open and what it is about; then what was lost: a charge that was lost gives nothing back.
    open: str = ""
    contested: int = 0
    away: int = 0
    how: str = ""

    @property
    def back(self) -> int:
        """What went back."""
        return sum(self.made)

    @property
    def left(self) -> int:
        """What may still be asked back."""
        return max(0, self.paid - self.back - sum(self.waiting.values()) - self.away)

    @property
    def kept(self) -> int:
        """What stays with whom it was paid to."""
        return max(0, self.paid - self.back - self.away)

    @property
    def held(self) -> bool:
        """Whether Stripe gives nothing of it back: a bank has asked for it, or has taken it."""
        return bool(self.open or self.away)

    def give_back(self, cents: int) -> None:
        """Let Stripe give so much back, if it can; what is given back whole ends the order."""
        if not self.held and 0 < cents <= self.paid - self.back:
            self.made.append(cents)
            if self.back == self.paid:
                self.state = State.REFUNDED

    @property
    def shipping(self) -> int:
        """What is paid on top, in cents."""
        return 450 if self.what == "mug/blue" else 0

    @property
    def gift(self) -> bool:
        """Whether it is a gift."""
        return self.what in CAUSES


@dataclass
class Months:
    """A subscription as the model has it."""

    state: str
    amount: int
    unpaid: str = ""


def discount_of(code: str, goods: int) -> int:
    """Give what a code takes off, never more than there is, in cents."""
    return goods * PER_CENT[code] // 100 if code in PER_CENT else min(CENTS[code], goods)
