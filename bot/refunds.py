"""An entry of the refund book: money of one order that is asked, or was found, to go back, and how far that has come."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.money import Money, total
from bot.orders import Order

#: Who asked for a refund that was made elsewhere, as in the provider's dashboard.
ELSEWHERE: Final = "elsewhere"
#: What stands before the name of whoever says something by the command line.
_TERMINAL: Final = "command line: "
_ACCOUNT: Final = re.compile(r".* \((?P<account>[^()]+)\)", re.DOTALL)


class Stage(StrEnum):
    """How far a refund has come."""

    ASKED = "asked"  # waits for a second admin
    APPROVED = "approved"  # to be made; the provider may have made it, and only its answer be lost
    DONE = "done"
    REFUSED = "refused"  # by a second admin, or by the provider: nothing went back
    FAILED = "failed"  # the provider had made it, and the payer's bank sent it back


#: Stages in which the money is, or may be, on its way out.
COUNTED: Final = frozenset({Stage.ASKED, Stage.APPROVED, Stage.DONE})
#: Stages in which something is still to be done.
OPEN: Final = frozenset({Stage.ASKED, Stage.APPROVED})


@dataclass(frozen=True, slots=True)
class RefundEntry:
    """One refund of one order. What the provider says of it is the last word, whatever stood here."""

    id: str  # the order's number, and how many came before: "T7K3M9QX-R1"
    order: str
    amount: Money
    reason: str
    #: Whose wish it was: a person's key, what `at_a_terminal` gives, or ELSEWHERE.
    asked_by: str
    #: The interaction that asked; unique, so that the same one twice is one refund.
    asked_with: str
    stage: Stage
    asked_at: datetime
    #: Who let it go ahead or declined it; the one who asked, where one admin is enough.
    decided_by: str = ""
    decided_at: datetime | None = None
    #: The provider's id of it, once that is known.
    provider_id: str = ""
    #: Why it was refused, in a word or the provider's code.
    why: str = ""

    @property
    def key(self) -> str:
        """The idempotency key with which the provider is asked: derived from this entry, so that it outlives us."""
        return f"refund:{self.id}"


def order_of(refund_id: str) -> str:
    """Give the number of the order that a refund's number begins with."""
    return refund_id.rpartition("-R")[0]


def left_of(order: Order, entries: Iterable[RefundEntry]) -> Money:
    """Tell how much of an order may still be asked back: what was paid, less what went or may yet go.

    What the order says was refunded counts even where no entry explains it: the books may be older than it.
    """
    none = Money(0, order.total.currency)
    known = list(entries)
    waiting = total((entry.amount for entry in known if entry.stage in OPEN), none.currency)
    back = max(order.refunded or none, total((e.amount for e in known if e.stage is Stage.DONE), none.currency))
    return max(none, (order.paid or none) - back - waiting - (order.disputed_away or none))


def counted(order: Order) -> int:
    """Tell what of an order counts towards its cause, in minor units: less what was given back or disputed away."""
    gone = (order.refunded.minor if order.refunded else 0) + (order.disputed_away.minor if order.disputed_away else 0)
    return max(0, order.total.minor - gone)


def at_a_terminal(account: str, name: str = "") -> str:
    """Name who asks by the command line: the account that runs it and, where one is given, a name for the record."""
    said = " ".join(name.split())
    return f"{_TERMINAL}{said} ({account})" if said and said != account else f"{_TERMINAL}{account}"


def same_admin(one: str, other: str) -> bool:
    """Tell whether two who ask or decide are one: at a terminal the account tells, whatever name was typed."""
    return _known_by(one) == _known_by(other)


def _known_by(asker: str) -> str:
    if not asker.startswith(_TERMINAL):
        return asker
    named = _ACCOUNT.fullmatch(asker)
    return f"{_TERMINAL}{named['account']}" if named else asker
