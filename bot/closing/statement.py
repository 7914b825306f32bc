"""The final statement: what was sold, given, returned and taken, what goes on, and who was never told, per currency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.closing.liabilities import Liability
from bot.money import Money, total
from bot.ports import Counted, Tally

Section = Literal[
    "purchases",
    "gifts",
    "refunds",
    "disputes",
    "subscriptions",
    "notices",
    "liabilities",
    "kept",
    "clicks",
    "deletions",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: so many of something, and what they come to; without an amount where there is none."""

    section: Section
    #: A state, stage, status or kind: "buy fulfilled", "renewal paid".
    what: str
    count: int
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class FinalStatement:
    """The statement at one instant."""

    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Tallies:
    """What the books added up, read in one unit."""

    at: datetime
    orders: Sequence[Tally] = ()
    refunds: Sequence[Counted] = ()
    disputes: Sequence[Counted] = ()
    pledges: Sequence[Counted] = ()
    #: News that was never told, by kind.
    waiting: Mapping[str, int] | None = None
    open: Sequence[Liability] = ()
    #: How often the places to buy instead were clicked, by name.
    clicks: Mapping[str, int] | None = None
    #: How many histories were deleted, by feature.
    deletions: Mapping[str, int] | None = None


def state(tallies: Tallies) -> FinalStatement:
    """Write the statement. "kept" is what was paid, less what went back and what lost disputes took, fees not counted."""
    return FinalStatement(
        tallies.at, (*_lines(tallies), *_clicks(tallies.clicks or {}), *_deletions(tallies.deletions or {}))
    )


def _lines(tallies: Tallies) -> Iterator[Line]:
    for each in tallies.orders:
        name = str(each.state) if each.origin == "chat" else f"{each.origin} {each.state}"
        yield Line("purchases" if each.kind == "buy" else "gifts", name, each.orders, each.paid)
    for refund in tallies.refunds:
        yield Line("refunds", _named(refund), refund.count, refund.amount)
    for dispute in tallies.disputes:
        yield Line("disputes", _named(dispute), dispute.count, dispute.amount)
    for pledge in tallies.pledges:
        yield Line("subscriptions", _named(pledge), pledge.count, pledge.amount)
    for kind, count in (tallies.waiting or {}).items():
        yield Line("notices", kind, count)
    for kind in sorted({each.kind for each in tallies.open}):
        some = [each for each in tallies.open if each.kind == kind]
        amounts = [each.amount for each in some if each.amount is not None]
        for currency in sorted({amount.currency for amount in amounts}):
            mine = [amount for amount in amounts if amount.currency == currency]
            yield Line("liabilities", kind, len(mine), total(mine, currency))
        if bare := len(some) - len(amounts):
            yield Line("liabilities", kind, bare)
    yield from _kept(tallies.orders)


def _clicks(clicks: Mapping[str, int]) -> Iterator[Line]:
    for place, count in clicks.items():
        if count:
            yield Line("clicks", place, count)


def _deletions(deletions: Mapping[str, int]) -> Iterator[Line]:
    for feature, count in deletions.items():
        yield Line("deletions", feature, count)


def _kept(orders: Sequence[Tally]) -> Iterator[Line]:
    for kind, name in (("buy", "purchases"), ("donate", "gifts")):
        for currency in sorted({each.paid.currency for each in orders if each.kind == kind}):
            mine = [each for each in orders if each.kind == kind and each.paid.currency == currency]
            amount = total((each.paid - each.refunded - each.taken for each in mine), currency)
            yield Line("kept", name, sum(each.orders for each in mine if each.paid), amount)


def _named(each: Counted) -> str:
    return " ".join(word for word in (each.kind, each.state) if word)
