"""What the sandbox decides by itself: its fees, its rates of exchange, and its patience with payers and disputes.

Stripe's own fees depend on country, card and contract (https://stripe.com/pricing); these are as simple as they can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from adapters.sandbox.currencies import THREE_DECIMAL, WHOLE_ONLY, ZERO_DECIMAL

_DAY = 24 * 60 * 60.0


@dataclass(frozen=True)
class Rules:
    """All of it; whoever runs a sandbox may choose others."""

    percent: Decimal = Decimal("1.5")
    """Taken of each charge, together with `fixed`, which is in major units of the balance's currency."""
    fixed: Decimal = Decimal("0.25")
    dispute: Decimal = Decimal(15)
    """Taken for each dispute, in major units; it is not given back when the dispute is won."""
    rates: Mapping[str, tuple[str, Decimal]] = field(default_factory=dict)
    """By the charge's currency: the one that the balance is kept in instead, and what one major unit is worth in it."""
    payout_after: float | None = _DAY
    """Seconds from the first movement of the balance until all of it is paid out; None for on demand only."""
    evidence_for: float = 9 * _DAY
    """Seconds in which evidence against a dispute is taken; one that is not answered is lost."""
    retries: tuple[float, ...] = (3 * _DAY, 5 * _DAY, 7 * _DAY)
    """Seconds until a declined renewal is tried again, after each try, as in Stripe's custom retry schedule:
    https://docs.stripe.com/billing/revenue-recovery/smart-retries"""
    last_retry: Literal["canceled", "past_due", "unpaid"] = "canceled"
    """What a subscription becomes when the last try is declined too."""
    portal: bool = True
    """Whether the customer portal was set up, as it has to be in the dashboard once."""

    def fee(self, amount: int, currency: str) -> int:
        """Give the fee on a charge, in minor units of the balance's currency."""
        return _rounded(Decimal(amount) * self.percent / 100 + self.fixed.scaleb(_decimals(currency)), currency)

    def dispute_fee(self, currency: str) -> int:
        """Give the fee for a dispute, in minor units."""
        return _rounded(self.dispute.scaleb(_decimals(currency)), currency)

    def settled(self, amount: int, currency: str) -> tuple[int, str, Decimal | None]:
        """Give an amount in the balance's currency, that currency, and the rate if another is charged in."""
        if currency not in self.rates:
            return amount, currency, None
        kept, rate = self.rates[currency]
        return _rounded(Decimal(amount).scaleb(_decimals(kept) - _decimals(currency)) * rate, kept), kept, rate


def _decimals(currency: str) -> int:
    """Tell how many decimals Stripe writes a currency with."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def _rounded(minor: Decimal, currency: str) -> int:
    """Round to what can be paid: the last digits of some currencies are always 0."""
    step = 100 if currency in WHOLE_ONLY else 10 if currency in THREE_DECIMAL else 1
    return int((minor / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
