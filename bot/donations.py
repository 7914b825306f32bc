"""What is given: causes with their legal recipients, and gifts with their fee sums."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.money import Money, gross_up

Rhythm = Literal["once", "monthly"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause that takes gifts. `account` names the Stripe account that gets them: its id where it has its own, else ""."""

    id: str
    name: str
    description: str
    #: The legal recipient, its registration number and address, as receipts must say them.
    recipient: str
    registration: str
    currency: str
    presets: tuple[Money, ...] = ()
    goal: Money | None = None
    account: str = ""
    picture: str = ""
    #: What Stripe keeps of a gift, for "cover the fees": per cent and a fixed part.
    fee_percent: Decimal = Decimal("1.5")
    fee_fixed: Money | None = None


@dataclass(frozen=True, slots=True)
class Gift:
    """What a person wants to give: `net` is what they typed; with `cover_fees` they are charged `gross`."""

    cause: Cause
    net: Money
    rhythm: Rhythm = "once"
    dedication: str = ""
    anonymous: bool = False
    cover_fees: bool = False

    @property
    def gross(self) -> Money:
        """What is charged: (net + fixed) / (1 - percent), rounded up, where the giver covers the fees."""
        if not self.cover_fees:
            return self.net
        fixed = self.cause.fee_fixed or Money(0, self.net.currency)
        return gross_up(self.net, percent=self.cause.fee_percent, fixed=fixed)
