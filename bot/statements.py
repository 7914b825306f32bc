"""A statement: a month of one account's balance in one currency, every line of it in one class, sums equal to the cent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.errors import StatementDiffers
from bot.money import Money, total
from bot.orders import Order
from bot.ports.payments import Transaction
from bot.selling import like_a_number

Class = Literal["charge", "refund", "dispute", "other", "payout"]
#: What a line is of; "link" is what a Payment Link sold, which no order is kept of.
Kind = Literal["gift", "purchase", "renewal", "link", ""]

#: The classes, as they follow each other on a statement.
CLASSES: Final[tuple[Class, ...]] = ("charge", "refund", "dispute", "other", "payout")


@dataclass(frozen=True, slots=True)
class Month:
    """A civil month in a zone: from its first instant to before the first instant of the next one."""

    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str, zone: ZoneInfo) -> Month:
        """Read "2026-11". Raises ValueError for anything else."""
        found = re.fullmatch(r"(?!0000|9999)([0-9]{4})-(0[1-9]|1[0-2])", text)
        if not found:
            raise ValueError(f"{text!r} is no month; write it like 2026-11")
        return cls(int(found[1]), int(found[2]), zone)

    @property
    def since(self) -> datetime:
        """Its first instant, in its zone."""
        return datetime(self.year, self.number, 1, tzinfo=self.zone)

    @property
    def until(self) -> datetime:
        """The first instant that is no more of it, in its zone."""
        year, number = divmod(self.year * 12 + self.number, 12)
        return datetime(year, number + 1, 1, tzinfo=self.zone)

    def holds(self, at: datetime) -> bool:
        """Tell whether an instant is of it. In UTC: within one zone Python compares what the clocks show."""
        return self.since.astimezone(UTC) <= at.astimezone(UTC) < self.until.astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One balance transaction, with the order that it belongs to. Amounts are of the balance: gross - fee = net."""

    at: datetime  # in the zone of the month
    type: Class
    word: str  # the provider's own
    kind: Kind
    order: str
    label: str  # the cause or the goods
    gross: Money  # below zero where it leaves the balance
    fee: Money
    net: Money
    payout: str
    transaction: str
    payment_intent: str
    #: The same in the payer's currency, where that is another than the balance's.
    original: Money | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What the lines of a class come to."""

    lines: int
    gross: Money
    fee: Money
    net: Money


@dataclass(frozen=True, slots=True)
class Payout:
    """What went to the bank; below zero where it came back."""

    id: str
    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """What moved a balance in a month. Without opening and closing it is of one cause's lines among others."""

    account: str
    currency: str
    month: Month
    cause: str
    entries: tuple[Entry, ...]
    sums: Mapping[Class, Sum]
    total: Sum
    opening: Money | None = None
    closing: Money | None = None

    @property
    def strangers(self) -> int:
        """How many lines bear the number of an order that is not in the database."""
        return sum(not entry.kind and like_a_number(entry.order) for entry in self.entries)

    @property
    def payouts(self) -> Sequence[Payout]:
        """What went to the bank in the month, oldest first."""
        return [Payout(each.payout, each.at, Money(-each.gross.minor, self.currency)) for each in self.of("payout")]

    def of(self, name: Class) -> Sequence[Entry]:
        """Give the lines of a class, oldest first."""
        return [entry for entry in self.entries if entry.type == name]


def state(
    month: Month,
    transactions: Sequence[Transaction],
    orders: Mapping[str, Order],
    *,
    account: str,
    label: Callable[[Order], str],
    cause: str = "",
    closing: Mapping[str, Money] | None = None,
    links: Mapping[str, str] | None = None,
) -> Sequence[Statement]:
    """Make the statements of an account's month, one for each currency of its balance.

    `orders` has the order of each transaction that has one, by the transaction's id. With `cause` only what belongs to
    its gifts is stated. `closing` is what the balance came to at the end of the month, by currency. `links` names
    what Payment Links sold, by the payment intent. Raises
    StatementDiffers rather than leave out a line, count one twice or state a sum that is not the provider's.
    """
    _whole(month, transactions, account)
    if cause and account != cause:
        _known(transactions, orders, account)
    held = closing or {}
    chosen = [each for each in transactions if not cause or _of_cause(orders.get(each.id), account, cause)]
    named = {each.net.currency for each in chosen} | {name for name, amount in held.items() if amount}
    made = []
    for currency in sorted(named):
        mine = [each for each in chosen if each.net.currency == currency]
        entries = tuple(
            _entry(each, orders.get(each.id), month.zone, label, (links or {}).get(each.payment_intent, ""))
            for each in mine
        )
        statement = _added_up(entries, month=month, account=account, currency=currency, cause=cause)
        if closing:
            ends = held.get(currency, Money(0, currency))
            statement = replace(statement, opening=ends - statement.total.net, closing=ends)
        _equal(statement, mine)
        made.append(statement)
    return made


def order_of(transaction: Transaction, by_payment: Mapping[str, Order], by_number: Mapping[str, Order]) -> Order | None:
    """Give the order that a transaction belongs to: by its payment, else by the number it bears; never of another account."""
    found = by_payment.get(transaction.payment_intent) or by_number.get(transaction.order)
    return found if found and found.account == transaction.account else None


def goods_or_cause(order: Order, causes: Mapping[str, str]) -> str:
    """Say what an order is for: the name of its cause, else its lines."""
    if order.donation is not None:
        return causes.get(order.donation.cause, order.donation.cause)
    return ", ".join(f"{line.quantity} × {line.label}" for line in order.lines)


def _whole(month: Month, transactions: Sequence[Transaction], account: str) -> None:
    """Refuse what cannot be stated: a line twice, of another account or month, or that does not add up by itself."""
    twice = [name for name, times in Counter(each.id for each in transactions).items() if times > 1]
    if twice:
        raise StatementDiffers(account, f"balance transaction {twice[0]} was listed twice")
    for each in transactions:
        if each.account != account:
            raise StatementDiffers(account, f"balance transaction {each.id} is of account {each.account or 'shop'}")
        if not month.holds(each.created):
            raise StatementDiffers(account, f"balance transaction {each.id} is not of {month}")
        if each.type not in CLASSES:
            raise StatementDiffers(account, f"balance transaction {each.id} is of no class: {each.type}")
        if each.amount - each.fee != each.net:
            what = f"balance transaction {each.id}: {each.amount} less {each.fee} is not {each.net}"
            raise StatementDiffers(account, what)


def _known(transactions: Sequence[Transaction], orders: Mapping[str, Order], account: str) -> None:
    """Refuse to pick out a cause's lines where it is not known whose some are."""
    strange = [each for each in transactions if like_a_number(each.order) and each.id not in orders]
    if strange:
        what = (
            f"{len(strange)} lines bear numbers of orders that this database does not know, such as {strange[0].order}"
        )
        raise StatementDiffers(account, f"{what}; is DATABASE_URL the shop's?")


def _equal(statement: Statement, transactions: Iterable[Transaction]) -> None:
    """Compare what is stated with what was listed, each added up by itself."""
    listed = sum(each.net.minor for each in transactions)
    classes = sum(each.net.minor for each in statement.sums.values())
    rows = sum(each.gross.minor - each.fee.minor for each in statement.entries)
    if not listed == classes == rows == statement.total.net.minor:
        figures = f"Stripe lists {listed}, the lines come to {rows}, the classes to {classes}"
        raise StatementDiffers(statement.account, f"{statement.currency}, in minor units: {figures}")


def _of_cause(order: Order | None, account: str, cause: str) -> bool:
    """Tell whether a line is of a cause: every one of the cause's own account, elsewhere those of its gifts."""
    return account == cause or (order is not None and order.donation is not None and order.donation.cause == cause)


def _entry(
    transaction: Transaction, order: Order | None, zone: ZoneInfo, label: Callable[[Order], str], link: str
) -> Entry:
    return Entry(
        at=transaction.created.astimezone(zone),
        type=transaction.type,
        word=transaction.kind,
        kind=_kind(order) if order or not link else "link",
        order=order.id if order else transaction.order,
        label=label(order) if order else link,
        gross=transaction.amount,
        fee=transaction.fee,
        net=transaction.net,
        payout=transaction.payout,
        transaction=transaction.id,
        payment_intent=transaction.payment_intent,
        original=transaction.original,
    )


def _kind(order: Order | None) -> Kind:
    if order is None:
        return ""
    if order.origin == "renewal":
        return "renewal"
    return "gift" if order.kind == "donate" else "purchase"


def _added_up(entries: tuple[Entry, ...], *, month: Month, account: str, currency: str, cause: str) -> Statement:
    sums = {name: _sum([entry for entry in entries if entry.type == name], currency) for name in CLASSES}
    return Statement(account, currency, month, cause, entries, sums, _sum(entries, currency))


def _sum(entries: Sequence[Entry], currency: str) -> Sum:
    return Sum(
        len(entries),
        total((entry.gross for entry in entries), currency),
        total((entry.fee for entry in entries), currency),
        total((entry.net for entry in entries), currency),
    )
