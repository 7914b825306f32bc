"""The balance of the fake provider: a line for all that moves it, with its fee and the payout it went by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from bot.money import Money, exponent, total
from bot.ports import Transaction

#: What the fake keeps of each charge: per cent of it, and so much of one major unit.
PERCENT: Final = Decimal("1.5")
FIXED: Final = Decimal("0.25")
#: What a dispute costs, in major units; it is not given back when the dispute is won.
DISPUTED: Final = Decimal(15)


@dataclass(slots=True)
class Balance:
    """The lines of one account, oldest first."""

    account: str
    clock: Callable[[], datetime]
    name: Callable[[str], str]
    lines: list[Transaction] = field(default_factory=list)

    def charge(self, amount: Money, payment_intent: str, order: str, *, delayed: bool = False) -> None:
        """Take a payment's money in, less the fee."""
        fee = amount.percent(PERCENT) + _major(FIXED, amount.currency)
        line = self._line("charge", "payment" if delayed else "charge", amount, fee)
        self.lines.append(replace(line, payment_intent=payment_intent, order=order))

    def refund(self, amount: Money, payment_intent: str, order: str, *, failed: bool = False) -> None:
        """Give money back, or take it back where that failed."""
        moved = amount if failed else amount * -1
        line = self._line("refund", "refund_failure" if failed else "refund", moved, amount * 0)
        self.lines.append(replace(line, payment_intent=payment_intent, order=order))

    def dispute(self, amount: Money, payment_intent: str, order: str, *, won: bool = False) -> None:
        """Let a bank take disputed money, with a fee, or give it back."""
        fee = amount * 0 if won else _major(DISPUTED, amount.currency)
        line = self._line("dispute", "adjustment", amount if won else amount * -1, fee)
        self.lines.append(replace(line, payment_intent=payment_intent, order=order))

    def pay_out(self, currency: str) -> str:
        """Send all that is there in a currency to the bank; gives the payout's id."""
        payout = self.name("po")
        waiting = [line for line in self.lines if not line.payout and line.net.currency == currency]
        leaves = total((line.net for line in waiting), currency) * -1
        self.lines[:] = [replace(line, payout=payout) if line in waiting else line for line in self.lines]
        self.lines.append(replace(self._line("payout", "payout", leaves, leaves * 0), payout=payout))
        return payout

    def between(self, since: datetime, until: datetime) -> list[Transaction]:
        """List the lines from `since` to before `until`, in whole seconds."""
        first, last = since.replace(microsecond=0), until.replace(microsecond=0)
        return [line for line in self.lines if first <= line.created < last]

    def held(self) -> list[Money]:
        """Say what is there, an amount for each currency."""
        currencies = sorted({line.net.currency for line in self.lines})
        return [total((line.net for line in self.lines if line.net.currency == each), each) for each in currencies]

    def _line(self, type_: str, kind: str, amount: Money, fee: Money) -> Transaction:
        return Transaction(
            id=self.name("txn"),
            account=self.account,
            type=type_,  # type: ignore[arg-type]  # one of its words, as every caller above has it
            kind=kind,
            amount=amount,
            fee=fee,
            net=amount - fee,
            created=self.clock().replace(microsecond=0),
        )


def _major(amount: Decimal, currency: str) -> Money:
    return Money(0, currency).rounded(amount.scaleb(exponent(currency)), ROUND_HALF_UP)
