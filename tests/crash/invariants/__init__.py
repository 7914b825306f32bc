"""The promises, as pure functions of the evidence: each gives a sentence for everything that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.crash.evidence import Evidence
from tests.crash.invariants import goods, money, standing, words

Invariant = Callable[[Evidence], Iterable[str]]

#: By the name that a broken one is reported with.
INVARIANTS: Final[Mapping[str, Invariant]] = {
    "no order is lost": standing.no_order_lost,
    "a wish is one order": standing.one_order_a_wish,
    "every move is on the table": standing.legal_moves,
    "nothing is stuck": standing.nothing_stuck,
    "every charge has its order": money.every_charge_has_its_order,
    "nobody is charged twice": money.nobody_charged_twice,
    "an order has one checkout session": money.one_session_an_order,
    "refunds are equal on both sides": money.refunds_equal,
    "a refund is made once": money.refunds_made_once,
    "gifts are counted": money.gifts_counted,
    "stock is conserved": goods.stock_conserved,
    "what is paid is delivered once": goods.delivered_once,
    "nothing is delivered unpaid": goods.nothing_unpaid,
    "every outcome is told": words.every_outcome_told,
    "what counts as told was shown": words.told_is_shown,
    "the staff knows every paid order": words.staff_told,
}


def broken(evidence: Evidence) -> dict[str, list[str]]:
    """Give what is broken, by the invariant's name."""
    found = {name: list(invariant(evidence)) for name, invariant in INVARIANTS.items()}
    return {name: complaints for name, complaints in found.items() if complaints}
