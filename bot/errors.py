"""What can go wrong, as one tree; every error carries data, so that whoever catches it can say it in any language.

TillbotError
├── Refused                 a person asked for what cannot be; the reply is a card, nothing happened
│   ├── UnknownProduct      no such product; carries the nearest ones
│   ├── UnknownCause        no such cause
│   ├── SoldOut             nothing left of it
│   ├── BeyondStock         less left than asked for
│   ├── BeyondLimit         more than one order may hold
│   ├── BelowMinimum        less than Stripe takes
│   ├── BadQuantity         no whole number of at least one
│   ├── BadCode             a coupon code that does not apply, and why
│   ├── StillProcessing     the same thing is being paid already; carries that order's number
│   ├── TooMany             too many checkout sessions from this person, address or shop
│   ├── Braked              too many declined payments of this person, address or shop; carries when it goes on
│   ├── Closed              what they want has retired
│   ├── ActRefused          nothing that can be done to a retirement as it stands
│   ├── NotListed           no new card is posted for what retires
│   ├── Outdated            another replica has newer prices: the shop is being updated
│   ├── NotYours            somebody else's order
│   ├── NotAllowed          for admins only
│   ├── UnknownOrder        no such order
│   ├── UnknownRefund       no such refund
│   ├── BeyondLeft          more than is left of an order to give back
│   ├── OwnRequest          a refund that another admin has to approve
│   └── TooLate             the order has moved on and this no longer fits
├── BadAmount               text that is no amount, or an amount its currency cannot hold
├── MixedCurrencies         two currencies in one sum
├── IllegalMove             an order asked to go where the table does not lead
├── PaymentsError
│   ├── PaymentsRefused     Stripe said no, and will say no again
│   ├── PaymentsUnavailable Stripe did not answer, or not clearly: it may have acted
│   └── WrongAccount        an object of another account, or of the other livemode
├── Unauthentic             a webhook or request that does not prove where it comes from
├── Unreachable             a person or channel that cannot be told anything now
├── StatementDiffers        a statement whose sums are not Stripe's, and which is therefore not made
├── UnreadableFile          a catalogue from elsewhere that cannot be read; carries the line
├── StoreUnavailable        the database cannot take a write: full, read-only, gone
└── BadConfig               a config that cannot be used; carries every problem with its line
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.catalogue import Variant
    from bot.money import Money
    from bot.retirement import Capability, Plan


class TillbotError(Exception):
    """The root of everything Tillbot raises on purpose."""


class Refused(TillbotError):
    """A person asked for what cannot be. Nothing was reserved, written or charged."""


@dataclass
class UnknownProduct(Refused):
    """No product of that name; `nearest` are the closest that are sold."""

    typed: str
    nearest: Sequence[Variant] = ()


@dataclass
class UnknownCause(Refused):
    """No cause of that name; `names` are those there are."""

    typed: str
    names: Sequence[str] = ()


@dataclass
class SoldOut(Refused):
    """Nothing is left of it; of anything at all, where it has no name."""

    name: str


@dataclass
class BeyondStock(Refused):
    """Fewer are left than were asked for."""

    name: str
    asked: int
    left: int


@dataclass
class BeyondLimit(Refused):
    """One order may hold at most `limit` of it."""

    name: str
    asked: int
    limit: int


@dataclass
class BadQuantity(Refused):
    """What was typed is no whole number of at least one."""

    typed: str


@dataclass
class BelowMinimum(Refused):
    """The total is less than the smallest charge Stripe takes in that currency."""

    total: Money
    minimum: Money


@dataclass
class BadCode(Refused):
    """A coupon code that does not apply, and what it would take.

    `why` is one of unknown, early (before `day`), ended (after `day`), product (for `names` only), minimum (the goods
    come to `sum`, less than `bound`), currency, used_up, used (by this person, as often as they may), free (nothing would
    be left to pay), small (`sum` would be left, less than `bound`, Stripe's smallest charge).
    """

    code: str
    why: str
    day: date | None = None
    names: Sequence[str] = ()
    sum: Money | None = None
    bound: Money | None = None


@dataclass
class StillProcessing(Refused):
    """The same person's order of the same thing is paid and not settled yet: perhaps they believe that it failed."""

    number: str
    name: str
    variant: str
    quantity: int
    code: str


@dataclass
class NotShipped(Refused):
    """The shop does not ship there. `country` is a code of ISO 3166-1, or "" where what was typed names no country."""

    typed: str
    country: str = ""


@dataclass
class TooMany(Refused):
    """Too many checkout sessions in the last hour. `whose` is one of person, address, shop."""

    whose: str


@dataclass
class Braked(Refused):
    """Too many payments were declined in a short while. `whose` is one of person, address, shop; it goes on at `until`."""

    whose: str
    until: datetime


@dataclass
class Closed(Refused):
    """What was asked for is retired, as `plan` announced: buying, or only the `capability` that is named."""

    plan: Plan
    capability: Capability | None = None


@dataclass
class ActRefused(Refused):
    """What an admin wanted to do to a retirement cannot be done.

    `why` is one of unknown (no such feature retires), withdrawn (it was called off or rolled back), closed (it has closed,
    and can only be rolled back), paused, not_paused, not_later (the new instant is not after the one in force), why (a
    reason is missing), not_waiting (no edit of it waits for approval), no_brownouts (none is to come; feature may be "").
    """

    feature: str
    why: str


class NotListed(Refused):
    """No new card is posted for what retires."""


class Outdated(Refused):
    """Another version of the config is active than this process has: its prices may be wrong, and are not taken."""


class NotYours(Refused):
    """Somebody else's order or gift."""


class NotAllowed(Refused):
    """For admins only."""


@dataclass
class UnknownOrder(Refused):
    """No order of that number."""

    number: str


@dataclass
class UnknownRefund(Refused):
    """No refund of that number."""

    number: str


@dataclass
class BeyondLeft(Refused):
    """More was to be given back of an order than is left of what was paid."""

    number: str
    asked: Money
    left: Money


@dataclass
class OwnRequest(Refused):
    """A refund that its own asker may not approve: it takes two."""

    number: str


@dataclass
class TooLate(Refused):
    """The order is already `state`, and what was asked no longer fits."""

    number: str
    state: str


@dataclass
class BadAmount(TillbotError):
    """Text that is no amount. `why` is one of form, ambiguous, decimals, currency, sign, size."""

    typed: str
    why: str
    currency: str = ""

    def __str__(self) -> str:
        """Say it in English, for logs and config errors."""
        return {
            "form": f'"{self.typed}" is no amount',
            "ambiguous": f'"{self.typed}" can be read in two ways',
            "decimals": f'"{self.typed}" has more decimals than {self.currency} has',
            "currency": f'"{self.typed}" names a currency other than {self.currency}',
            "sign": f'"{self.typed}" is less than zero',
            "size": f'"{self.typed}" is more than can be charged at once',
        }[self.why]


@dataclass
class MixedCurrencies(TillbotError):
    """Two currencies met in one sum or comparison."""

    one: str
    other: str


@dataclass
class IllegalMove(TillbotError):
    """An order was asked to go from `source` to `target`, which is not in the table."""

    order: str
    source: str
    target: str


class PaymentsError(TillbotError):
    """Something between us and Stripe."""


@dataclass
class PaymentsRefused(PaymentsError):
    """Stripe said no and will say no again to the same request. `code` is Stripe's error code."""

    code: str
    message: str = ""
    param: str = ""


@dataclass
class PaymentsUnavailable(PaymentsError):
    """Stripe did not answer, or answered 409, 429 or 5xx: it may have acted. Ask again with the same key."""

    what: str


@dataclass
class WrongAccount(PaymentsError):
    """An object that belongs to another account, or to the other livemode, than the order says."""

    expected: str
    found: str


@dataclass
class Unauthentic(TillbotError):
    """A webhook or request that does not prove where it comes from. `why` is safe to log."""

    why: str


@dataclass
class Unreachable(TillbotError):
    """A person or a channel that cannot be told anything now. `why` is safe to log; it is not tried for ever.

    `gone` is set where it is not this one alone: the workspace has sent the app away, or is no more. `ours` is set where
    the platform refuses us ourselves: what we were given to speak with is wrong, and an operator has to see to it.
    """

    why: str
    for_good: bool = True
    gone: bool = False
    ours: bool = False


@dataclass
class StatementDiffers(TillbotError):
    """A statement that would not agree with the payment provider to the cent. `account` is "" for the shop's own."""

    account: str
    what: str

    def __str__(self) -> str:
        """Say of which account, and what differs."""
        return f"account {self.account or 'shop'}: {self.what}"


class StoreUnavailable(TillbotError):
    """The database cannot take a write now: full, read-only, locked or gone."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a config file: where, which key, what is wrong, what would be right.

    `line` counts from 1; 0 where there is no such thing as a line, as in the environment.
    """

    file: str
    line: int
    key: str
    what: str
    instead: str = ""

    def __str__(self) -> str:
        """Say it in one line, as editors and admins can use it."""
        subject = f"{self.key}: " if self.key else ""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {subject}{self.what}" + (f"; {self.instead}" if self.instead else "")


@dataclass
class BadConfig(TillbotError):
    """A config that cannot be used, with every problem found, in the order of the lines."""

    problems: Sequence[Problem]

    def __str__(self) -> str:
        """Give all problems, a line each."""
        return "\n".join(str(problem) for problem in self.problems)


@dataclass
class UnreadableFile(TillbotError):
    """A file from elsewhere that cannot be read: its line (0 where it is the file as a whole), and why."""

    line: int
    why: str

    def __str__(self) -> str:
        """Say it with its line."""
        return f"line {self.line}: {self.why}" if self.line else self.why


@dataclass
class Later(TillbotError):
    """Raised by a job's handler: wake me at `at`; this was no failed attempt."""

    at: datetime
