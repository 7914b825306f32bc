"""The contract of Payments where money goes back: refunds made anywhere, declines, disputes, and the balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import PaymentsRefused
from bot.money import Money, total
from bot.ports import Dispute, Payment, Payments, Refund, Session, Transaction
from tests.contracts.checkouts import GIFT, MUGS, eur, paid, seen
from tests.contracts.providers import Provider

AGO = timedelta(minutes=5)


async def _balance(payments: Payments) -> list[Transaction]:
    now = datetime.now(UTC)
    return list(await payments.transactions(since=now - AGO, until=now + AGO))


async def test_payment(provider: Provider, payments: Payments) -> None:
    """A payment says what it took, for which order, and that nothing of it went back."""
    session = await paid(provider)
    payment = await payments.payment(session.payment_intent)
    assert payment == Payment(
        id=session.payment_intent,
        account="water",
        livemode=False,
        order=MUGS.order,
        received=eur(2500),
        refunded=eur(0),
    )


async def test_declines_are_counted(provider: Provider, payments: Payments) -> None:
    """Each declined attempt on an order's payment is told by an event, with how many there were and why the last was."""
    opened = await payments.open(MUGS, key="k")
    for tries in (1, 2):
        await provider.pay(opened, "declined")
        _, subject = await seen(payments, "payment_intent.payment_failed")
        assert isinstance(subject, Payment)
        assert (subject.order, subject.status, subject.received) == (MUGS.order, "unpaid", eur(0))
        assert (subject.declines, subject.declined) == (tries, "generic_decline")
    await provider.pay(opened)
    taken = await payments.payment((await payments.session(opened.id)).payment_intent)
    assert taken == (await seen(payments, "payment_intent.payment_failed"))[1]
    assert (taken.status, taken.declines, taken.declined, taken.received) == ("paid", 2, "", eur(2500))


async def test_monthly_declines_are_counted(provider: Provider, payments: Payments) -> None:
    """A declined attempt to begin a subscription is told too, of no order that it would know."""
    opened = await payments.open(GIFT, key="k")
    await provider.pay(opened, "declined")
    await provider.pay(opened, "declined")
    _, subject = await seen(payments, "payment_intent.payment_failed")
    assert isinstance(subject, Payment)
    assert (subject.order, subject.declines, subject.received) == ("", 2, eur(0))


async def test_processing(provider: Provider, payments: Payments) -> None:
    """A delayed payment is processing before it is paid, and one that fails counts as declined."""
    for how, ending in (("later", ("paid", 0)), ("later_fails", ("unpaid", 1))):
        opened = await payments.open(MUGS, key=how)
        await provider.pay(opened, "later" if how == "later" else "later_fails")
        session = await payments.session(opened.id)
        assert (await payments.payment(session.payment_intent)).status == "processing"
        await provider.settle(session)
        payment = await payments.payment(session.payment_intent)
        assert (payment.status, payment.declines) == ending


async def test_refunds_by_key_and_by_dashboard(provider: Provider, payments: Payments) -> None:
    """Refunds are listed oldest first; ours carry their key, those of the dashboard none."""
    intent = (await paid(provider)).payment_intent
    await payments.refund(intent, eur(1000), key="ours")
    theirs = await provider.give_back(intent, 300)
    _, payment = await seen(payments, "refund.created")
    assert isinstance(payment, Payment)
    assert payment.refunded == eur(1300)
    assert [(each.key, each.amount, each.status) for each in payment.refunds] == [
        ("ours", eur(1000), "done"),
        ("", eur(300), "done"),
    ]
    assert payment.refunds[1].id == theirs
    assert (await seen(payments, "charge.refunded"))[1] == payment == await payments.payment(intent)


async def test_refund_fails(provider: Provider, payments: Payments) -> None:
    """A refund that fails later is told, no longer counts as refunded, and can be made again."""
    intent = (await paid(provider)).payment_intent
    (refund,) = (await payments.refund(intent, None, key="r")).refunds
    await provider.refund_fails(refund.id)
    _, payment = await seen(payments, "refund.failed")
    assert isinstance(payment, Payment)
    assert payment.refunded == eur(0)
    assert payment.refunds == (Refund(refund.id, "r", eur(2500), "failed"),)
    assert (await payments.refund(intent, None, key="again")).refunded == eur(2500)


async def test_nothing_to_refund(provider: Provider, payments: Payments) -> None:
    """What was never paid cannot be given back."""
    opened = await payments.open(MUGS, key="k")
    await provider.pay(opened, "declined")
    _, subject = await seen(payments, "payment_intent.payment_failed")
    assert isinstance(subject, Payment)
    with pytest.raises(PaymentsRefused):
        await payments.refund(subject.id, None, key="r")


async def test_dispute_opened(provider: Provider, payments: Payments) -> None:
    """A dispute is told when it is opened and when its money is withdrawn: what for, how much, until when to answer."""
    intent = (await paid(provider)).payment_intent
    name = await provider.dispute(intent)
    _, dispute = await seen(payments, "charge.dispute.created")
    assert isinstance(dispute, Dispute)
    assert (dispute.id, dispute.payment_intent, dispute.amount) == (name, intent, eur(2500))
    assert (dispute.status, dispute.reason) == ("open", "fraudulent")
    assert (dispute.account, dispute.livemode) == ("water", False)
    assert dispute.due is not None
    assert timedelta(days=5) < dispute.due - datetime.now(UTC) < timedelta(days=30)
    assert (await seen(payments, "charge.dispute.funds_withdrawn"))[1] == dispute


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_dispute_decided(provider: Provider, payments: Payments, outcome: str) -> None:
    """A dispute that is decided is told as won or lost; one that is won brings the money back."""
    name = await provider.dispute((await paid(provider)).payment_intent)
    await provider.decide(name, "won" if outcome == "won" else "lost")
    _, dispute = await seen(payments, "charge.dispute.closed")
    assert isinstance(dispute, Dispute)
    assert dispute.status == outcome
    events = await payments.events(since=datetime.now(UTC) - AGO)
    back = [event for event in events if event.type == "charge.dispute.funds_reinstated"]
    assert len(back) == (outcome == "won")
    moved = [line.amount for line in await _balance(payments) if line.type == "dispute"]
    assert total(moved, "EUR") == eur(0 if outcome == "won" else -2500)


async def test_no_refund_while_disputed(provider: Provider, payments: Payments) -> None:
    """While a dispute holds the money nothing is given back, nor after it was lost; after it was won it is."""
    intent = (await paid(provider)).payment_intent
    name = await provider.dispute(intent)
    with pytest.raises(PaymentsRefused) as refused:
        await payments.refund(intent, None, key="r1")
    assert refused.value.code == "charge_disputed"
    await provider.decide(name, "won")
    assert (await payments.refund(intent, None, key="r2")).refunded == eur(2500)
    other = (await paid(provider, key="other")).payment_intent
    await provider.decide(await provider.dispute(other), "lost")
    with pytest.raises(PaymentsRefused) as refused:
        await payments.refund(other, eur(100), key="r3")
    assert refused.value.code == "charge_disputed"


async def test_inquiry(provider: Provider, payments: Payments) -> None:
    """An inquiry is open and takes nothing; closed it is won; or it becomes a dispute, and takes the money."""
    intent = (await paid(provider)).payment_intent
    first = await provider.dispute(intent, inquiry=True)
    _, dispute = await seen(payments, "charge.dispute.created")
    assert isinstance(dispute, Dispute)
    assert dispute.status == "open"
    await provider.decide(first, "won")
    _, dispute = await seen(payments, "charge.dispute.closed")
    assert isinstance(dispute, Dispute)
    assert dispute.status == "won"
    assert [line for line in await _balance(payments) if line.type == "dispute"] == []
    second = await provider.dispute(intent, inquiry=True)
    await provider.escalate(second)
    assert (await seen(payments, "charge.dispute.updated"))[0].object_id == second
    _, dispute = await seen(payments, "charge.dispute.funds_withdrawn")
    assert isinstance(dispute, Dispute)
    assert (dispute.id, dispute.status) == (second, "open")
    assert (await payments.refund((await paid(provider, key="o")).payment_intent, None, key="r")).refunded == eur(2500)


async def _busy(provider: Provider) -> tuple[Session, Session]:
    """Sell, give back, lose a dispute, win another, and take a payment that settles later."""
    first, second = await paid(provider), await paid(provider, replace(MUGS, order="OTHER"), key="o")
    await provider.payments.refund(first.payment_intent, eur(1000), key="r")
    await provider.refund_fails(await provider.give_back(first.payment_intent, 200))
    await provider.decide(await provider.dispute(first.payment_intent), "lost")
    await provider.decide(await provider.dispute(second.payment_intent), "won")
    opened = await provider.payments.open(replace(MUGS, order="LATER"), key="l")
    await provider.pay(opened, "later")
    await provider.settle(await provider.payments.session(opened.id))
    return first, second


async def test_transactions(provider: Provider, payments: Payments) -> None:
    """Each movement of the balance is a line, oldest first, that leads to its payment and order; amount - fee = net."""
    first, second = await _busy(provider)
    lines = await _balance(payments)
    assert all(line.amount - line.fee == line.net for line in lines)
    assert [line.created for line in lines] == sorted(line.created for line in lines)
    assert len({line.id for line in lines}) == len(lines)
    assert [(line.type, line.kind, line.amount, line.order) for line in lines] == [
        ("charge", "charge", eur(2500), MUGS.order),
        ("charge", "charge", eur(2500), "OTHER"),
        ("refund", "refund", eur(-1000), MUGS.order),
        ("refund", "refund", eur(-200), MUGS.order),
        ("refund", "refund_failure", eur(200), MUGS.order),
        ("dispute", "adjustment", eur(-1500), MUGS.order),
        ("dispute", "adjustment", eur(-2500), "OTHER"),
        ("dispute", "adjustment", eur(2500), "OTHER"),
        ("charge", "payment", eur(2500), "LATER"),
    ]
    assert [line.payment_intent for line in lines[:3]] == [
        first.payment_intent,
        second.payment_intent,
        first.payment_intent,
    ]
    assert all(bool(line.fee) == (line.type == "charge") for line in lines if line.type in {"charge", "refund"})
    assert {line.account for line in lines} == {"water"}
    assert {line.payout for line in lines} == {""}


async def test_payouts(provider: Provider, payments: Payments) -> None:
    """A payout takes all that is there; each line says which one it went by, and what came later none."""
    await _busy(provider)
    before = total((line.net for line in await _balance(payments)), "EUR")
    payout = await provider.pay_out()
    await paid(provider, key="after")
    lines = await _balance(payments)
    (own,) = (line for line in lines if line.type == "payout")
    assert (own.amount, own.fee, own.payout) == (before * -1, eur(0), payout)
    assert Counter(line.payout for line in lines) == {payout: 10, "": 1}
    assert total((line.net for line in lines if line.payout == payout), "EUR") == eur(0)
    second = await provider.pay_out()
    assert Counter(line.payout for line in await _balance(payments)) == {payout: 10, second: 2}


async def test_transactions_of_a_span(provider: Provider, payments: Payments) -> None:
    """Only what was written in the span is listed: its beginning belongs to it, its end does not."""
    await paid(provider)
    (line,) = await _balance(payments)
    second = timedelta(seconds=1)
    assert list(await payments.transactions(since=line.created, until=line.created + second)) == [line]
    assert list(await payments.transactions(since=line.created + second, until=line.created + AGO)) == []
    assert list(await payments.transactions(since=line.created - AGO, until=line.created)) == []


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 500), ("ISK", 500), ("KWD", 5120), ("HUF", 100050)])
async def test_transactions_in_special_currencies(
    provider: Provider, payments: Payments, currency: str, minor: int
) -> None:
    """Lines in currencies that the provider counts in its own way are what was paid."""
    price = Money(minor, currency)
    checkout = replace(MUGS, lines=(replace(MUGS.lines[0], quantity=1, price=price),), total=price)
    session = await paid(provider, checkout)
    await payments.refund(session.payment_intent, price, key="r")
    charge, refund = await _balance(payments)
    assert (charge.amount, refund.amount, refund.net) == (price, price * -1, price * -1)
    assert Money(0, currency) < charge.fee < price
    assert charge.net == price - charge.fee


async def test_held(provider: Provider, payments: Payments) -> None:
    """What is held is the sum of all lines, before a payout and after it."""
    assert not any(await payments.held())
    await _busy(provider)
    lines = await _balance(payments)
    assert [amount for amount in await payments.held() if amount] == [total((line.net for line in lines), "EUR")]
    await provider.pay_out()
    assert not any(await payments.held())
