"""Evidence for a payer's bank: what is kept of one order, as sections to read and as the fields that Stripe asks for.

Pure: the same dossier gives the same evidence. It holds personal data, so it goes to the operator alone, and into no log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from bot.dossier import Dossier
from bot.money import total
from bot.orders import SOLD, Move, Order, State
from bot.overtaking import OVERTAKEN
from bot.ports import Told
from bot.refunds import Stage
from bot.settings import Seller
from bot.words import Tongue, plain

#: The most characters of one text field; all of them together may have 150,000, which so few never reach.
#: https://docs.stripe.com/api/disputes/update#update_dispute-evidence
MOST: Final = 20_000
#: States of an order whose money came in; before that there is nothing to dispute.
HAD: Final = SOLD | {State.REFUNDED}
#: What the history says of the terms: that they stood before the payer's eyes, and that paying accepted them.
_TERMS: Final = ("went to pay, terms shown", "terms accepted by paying")
_DELIVERED: Final = ("shipped", "delivered in chat")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a section: what it is called or when it was, and what there is to say."""

    label: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title; `note` says how to read them."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is, for people (`sections`) and for Stripe's form (`fields`, by Stripe's names)."""

    number: str
    title: str
    made: str
    sections: tuple[Section, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sayings:
    """What others put into words: why an order moved, and what a card that its person was told says."""

    why: Callable[[str], str]
    #: Title and lines of a piece of news, drawn from the order as it stood then.
    news: Callable[[Told, Order], tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class _Case:
    """What every section is made from."""

    dossier: Dossier
    seller: Seller
    tongue: Tongue
    sayings: Sayings

    @property
    def order(self) -> Order:
        return self.dossier.order

    def when(self, at: datetime) -> str:
        return plain((self.tongue.moment(at),))

    def day(self, at: datetime) -> str:
        return self.tongue.language.day(at, self.tongue.zone, self.tongue.locale)

    def row(self, at: datetime, text: str) -> Row:
        return Row(self.when(at), text, at)


def evidence(dossier: Dossier, seller: Seller, tongue: Tongue, sayings: Sayings, *, now: datetime) -> Evidence:
    """Make the evidence of a paid order. ValueError for one whose money never came in."""
    if dossier.order.state not in HAD:
        raise ValueError(f"{dossier.order.id} is {dossier.order.state}: no money came in, so none can be disputed")
    case = _Case(dossier, seller, tongue, sayings)
    word = tongue.word
    parts = (
        Section(word("evidence.order"), tuple(_order(case))),
        Section(word("evidence.disputes"), tuple(_disputes(case))),
        Section(word("evidence.goods"), tuple(_goods(case))),
        Section(word("evidence.terms"), tuple(_terms(case)), word("evidence.terms_note")),
        Section(word("evidence.delivery"), tuple(_delivery(case))),
        Section(word("evidence.refunds"), tuple(_refunds(case))),
        Section(word("evidence.history"), tuple(_history(case))),
        Section(word("evidence.messages"), tuple(_messages(case)), word("evidence.messages_note")),
    )
    return Evidence(
        number=dossier.order.id,
        title=word("evidence.title", number=dossier.order.id),
        made=word("evidence.made", at=tongue.moment(now), seller=seller.name),
        sections=tuple(part for part in parts if part.rows),
        fields={name: _cut(text) for name, text in _fields(case) if text},
    )


def as_of(dossier: Dossier, at: datetime) -> Order:
    """Give the order as it stood at an instant, as far as its card shows it."""
    order = dossier.order
    before = [move for move in dossier.moves if move.at <= at]
    back = [e for e in dossier.returns.refunds if e.stage is Stage.DONE and (e.decided_at or e.asked_at) <= at]
    shipped = any(move.why == "shipped" for move in before)
    return replace(
        order,
        state=before[-1].target if before else order.state,
        refunded=total((entry.amount for entry in back), order.total.currency) if back else None,
        tracking=order.tracking if shipped else "",
        problem="",
        disputed=False,
        disputed_away=None,
        ending="",
    )


def _order(case: _Case) -> Iterator[Row]:
    order, word = case.order, case.tongue.word
    yield Row(word("evidence.number"), order.id)
    yield Row(word("evidence.seller"), ", ".join(filter(None, (case.seller.name, case.seller.address))))
    yield case.row(order.created, word("evidence.placed"))
    if order.paid_at:
        yield case.row(order.paid_at, word("evidence.paid"))
    yield Row(word("evidence.customer"), order.buyer.key)
    for key, value in (
        ("evidence.payment", order.payment_intent),
        ("evidence.subscription", order.subscription),
        ("evidence.receipt", order.receipt),
        ("evidence.began_with", case.dossier.begun.order.id if case.dossier.begun else ""),
    ):
        if value:
            yield Row(word(key), value)


def _disputes(case: _Case) -> Iterator[Row]:
    word = case.tongue.word
    for dispute in case.dossier.returns.disputes:
        said = word(f"evidence.dispute_{dispute.status}", amount=dispute.amount, reason=dispute.reason)
        due = word("evidence.due", due=case.tongue.moment(dispute.due)) if dispute.due else ""
        yield Row(dispute.id, "\n".join(filter(None, (said, due))))


def _goods(case: _Case) -> Iterator[Row]:
    order, word, money = case.order, case.tongue.word, case.tongue.money
    for line in order.lines:
        yield Row(word("order.line", quantity=line.quantity, label=line.label), money(line.amount))
    if order.donation:
        yield Row(
            word("evidence.gift"), ", ".join(filter(None, (order.donation.recipient, order.donation.registration)))
        )
    if order.discount:
        yield Row(word("order.discount", code=order.code), f"−{money(order.discount)}")
    paid = order.paid or order.total
    if paid != order.total:
        yield Row(word("order.shipping"), money(paid - order.total))
    yield Row(word("evidence.total"), money(paid))


def _terms(case: _Case) -> Iterator[Row]:
    order, moves = _agreed(case.dossier)
    if not order.terms:
        return
    for move in moves:
        yield case.row(move.at, case.sayings.why(move.why))
    yield Row(case.tongue.word("evidence.terms_text"), order.terms)


def _delivery(case: _Case) -> Iterator[Row]:
    order, word = case.order, case.tongue.word
    for move in case.dossier.moves:
        if move.why in _DELIVERED:
            yield case.row(move.at, case.sayings.why(move.why))
    if order.tracking:
        yield Row(word("order.tracking"), order.tracking)
    if order.ship_to:
        yield Row(word("evidence.ship_to"), order.ship_to)
    for line in order.lines:
        if line.message:
            yield Row(word("evidence.sent", label=line.label), line.message)


def _refunds(case: _Case) -> Iterator[Row]:
    for entry in case.dossier.returns.refunds:
        said = case.tongue.word(f"evidence.refund_{entry.stage}", amount=entry.amount)
        yield case.row(entry.decided_at or entry.asked_at, "\n".join(filter(None, (said, entry.reason))))
    if not case.dossier.returns.refunds and case.order.refunded:
        yield Row(case.tongue.word("order.refunded"), case.tongue.money(case.order.refunded))


def _history(case: _Case) -> Iterator[Row]:
    for move in case.dossier.moves:
        yield case.row(move.at, f"{case.tongue.word(f'state.{move.target}')}: {case.sayings.why(move.why)}")


def _messages(case: _Case) -> Iterator[Row]:
    for told in case.dossier.told:
        if told.how == OVERTAKEN:
            continue
        title, lines = case.sayings.news(told, as_of(case.dossier, told.news.at))
        key = f"evidence.told_{told.how.replace(' ', '_')}" if told.at else "evidence.not_told"
        said = "\n".join((case.tongue.word(key), title, *lines))
        yield case.row(told.at or told.news.at, said)


def _fields(case: _Case) -> Iterator[tuple[str, str]]:
    """Give what can be said by what is kept; the names are Stripe's.

    https://docs.stripe.com/api/disputes/evidence_object
    """
    order, moves = case.order, case.dossier.moves
    name, address = _addressee(order.ship_to)
    yield "customer_name", name
    yield "shipping_address", address
    yield "product_description", _description(case)
    shipped = _last(moves, "shipped")
    if shipped:
        yield "shipping_date", case.day(shipped.at)
        yield "shipping_tracking_number", order.tracking
    served = _last(moves, "delivered in chat")
    if served:
        yield "service_date", case.day(served.at)
        yield "access_activity_log", _text(_delivery_log(case))
    terms = _text(_terms(case))
    yield "refund_policy_disclosure", terms
    if order.monthly:
        yield "cancellation_policy_disclosure", terms
    sections = (_order(case), _goods(case), _refunds(case), _history(case), _messages(case))
    yield "uncategorized_text", "\n\n".join(filter(None, map(_text, sections)))


def _description(case: _Case) -> str:
    order, word = case.order, case.tongue.word
    lines = [word("order.line", quantity=line.quantity, label=line.label) for line in order.lines]
    if order.donation:
        lines.append(f"{word('evidence.gift')}: {order.donation.recipient}")
    return "\n".join(lines)


def _delivery_log(case: _Case) -> Iterator[Row]:
    yield from _delivery(case)
    yield from (row for row, told in zip(_messages(case), case.dossier.told, strict=True) if told.at)


def _agreed(dossier: Dossier) -> tuple[Order, Sequence[Move]]:
    """Give the order at which the terms were accepted, which for a renewal is the first, and when."""
    first = dossier.begun or dossier
    return first.order, [move for move in first.moves if move.why in _TERMS]


def _last(moves: Sequence[Move], why: str) -> Move | None:
    return next((move for move in reversed(moves) if move.why == why), None)


def _addressee(ship_to: str) -> tuple[str, str]:
    """Part a name from an address, and leave out the telephone number that follows it."""
    name, *rest = ship_to.splitlines() or [""]
    if rest and not any(letter.isalpha() for letter in rest[-1]):
        rest.pop()
    return name, "\n".join(rest)


def _text(rows: Iterator[Row] | Sequence[Row]) -> str:
    """Write rows as text, each with its instant in UTC, so that nothing is doubtful where no page is."""
    return "\n".join(
        f"{row.at.astimezone(UTC).isoformat(timespec='seconds')} {row.text}" if row.at else f"{row.label}: {row.text}"
        for row in rows
    )


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
