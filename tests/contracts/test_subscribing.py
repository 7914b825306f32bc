"""The contract of Payments over months: renewals that fail and are mended, changes, the portal; and what reconciling asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import PaymentsRefused, PaymentsUnavailable
from bot.money import Money
from bot.orders import Line
from bot.ports import Invoice, Payments, Subscription
from tests.contracts.checkouts import GIFT, MUGS, eur, paid, seen
from tests.contracts.providers import Provider

AGO = timedelta(minutes=5)


async def _invoice(payments: Payments, kind: str) -> Invoice:
    _, subject = await seen(payments, kind)
    assert isinstance(subject, Invoice)
    return subject


async def _subscription(payments: Payments, kind: str = "customer.subscription.updated") -> Subscription:
    _, subject = await seen(payments, kind)
    assert isinstance(subject, Subscription)
    return subject


async def test_begun(provider: Provider, payments: Payments) -> None:
    """A subscription says what each period costs; its first invoice was tried once and is not tried again."""
    session = await paid(provider, GIFT)
    invoice = await _invoice(payments, "invoice.paid")
    assert (invoice.attempts, invoice.next_attempt) == (1, None)
    stopped = await payments.stop(session.subscription)
    assert (stopped.amount, stopped.order) == (eur(1000), GIFT.order)


async def test_renewal_declined(provider: Provider, payments: Payments) -> None:
    """A renewal that is declined is told with when it is tried again and where it can be paid; its subscription is troubled."""
    session = await paid(provider, GIFT)
    name = await provider.renewal(session.subscription, paid=False)
    failed = await _invoice(payments, "invoice.payment_failed")
    assert (failed.id, failed.subscription, failed.order) == (name, session.subscription, GIFT.order)
    assert (failed.first, failed.paid, failed.total, failed.attempts) == (False, False, eur(1000), 1)
    assert failed.next_attempt is not None
    assert timedelta(hours=1) < failed.next_attempt - datetime.now(UTC) < timedelta(days=10)
    assert failed.pay_url.startswith("http")
    troubled = await _subscription(payments)
    assert (troubled.id, troubled.status) == (session.subscription, "troubled")


async def test_mended(provider: Provider, payments: Payments) -> None:
    """What was declined can be paid with another card: the invoice is paid, by the payment it named, and all is well."""
    session = await paid(provider, GIFT)
    await provider.renewal(session.subscription, paid=False)
    failed = await _invoice(payments, "invoice.payment_failed")
    await provider.mend(failed)
    mended = await _invoice(payments, "invoice.paid")
    assert (mended.id, mended.paid, mended.attempts, mended.next_attempt) == (failed.id, True, 2, None)
    payment = await payments.payment(mended.payment_intent)
    assert (payment.received, payment.declines, payment.order) == (eur(1000), 1, "")
    assert mended.payment_intent == failed.payment_intent
    assert (await _subscription(payments)).status == "active"


async def test_retried_until_it_ends(provider: Provider, payments: Payments) -> None:
    """Each further try that is declined is told; a subscription that is given up has ended."""
    session = await paid(provider, GIFT)
    name = await provider.renewal(session.subscription, paid=False)
    await provider.retry(name, paid=False)
    again = await _invoice(payments, "invoice.payment_failed")
    assert (again.id, again.attempts) == (name, 2)
    await provider.cancel(session.subscription)
    assert (await _subscription(payments, "customer.subscription.deleted")).status == "ended"
    with pytest.raises(PaymentsRefused):
        await payments.change(session.subscription, eur(2000), key="c")


async def test_retried_well(provider: Provider, payments: Payments) -> None:
    """A try that succeeds pays the invoice."""
    session = await paid(provider, GIFT)
    name = await provider.renewal(session.subscription, paid=False)
    await provider.retry(name, paid=True)
    invoice = await _invoice(payments, "invoice.paid")
    assert (invoice.id, invoice.attempts) == (name, 2)
    assert (await _subscription(payments)).status == "active"


async def test_changed(provider: Provider, payments: Payments) -> None:
    """A change holds from the next invoice on, moves no money now, and is made once for each key."""
    session = await paid(provider, GIFT)
    changed = await payments.change(session.subscription, eur(1500), key="c1")
    assert (changed.amount, changed.status, changed.order) == (eur(1500), "active", GIFT.order)
    assert await payments.change(session.subscription, eur(1500), key="c1") == changed
    assert await _subscription(payments) == changed
    events = await payments.events(since=datetime.now(UTC) - AGO)
    assert [event.type for event in events].count("customer.subscription.updated") == 1
    assert [event.type for event in events].count("invoice.paid") == 1
    await provider.renew(session.subscription)
    assert (await _invoice(payments, "invoice.paid")).total == eur(1500)


async def test_change_in_doubt(provider: Provider, payments: Payments) -> None:
    """A change whose answer was lost is made once when it is asked for again."""
    session = await paid(provider, GIFT)
    provider.fail("after")
    with pytest.raises(PaymentsUnavailable):
        await payments.change(session.subscription, eur(1500), key="c")
    assert (await payments.change(session.subscription, eur(1500), key="c")).amount == eur(1500)
    with pytest.raises(PaymentsRefused):
        await payments.change(session.subscription, eur(1600), key="c")


async def test_not_to_be_changed(provider: Provider, payments: Payments) -> None:
    """Another currency, and a subscription of more than one thing, are refused."""
    session = await paid(provider, GIFT)
    with pytest.raises(PaymentsRefused):
        await payments.change(session.subscription, Money(1500, "USD"), key="c")
    lines = (Line("water", "water", "Clean water", 2, eur(500)),)
    two = await paid(provider, replace(GIFT, order="TWO", lines=lines), key="two")
    with pytest.raises(PaymentsRefused):
        await payments.change(two.subscription, eur(1500), key="c2")


async def test_changed_in_the_dashboard(provider: Provider, payments: Payments) -> None:
    """What the dashboard changes is told."""
    session = await paid(provider, GIFT)
    await provider.reprice(session.subscription, 700)
    assert (await _subscription(payments)).amount == eur(700)


async def test_cancelled_in_the_dashboard(provider: Provider, payments: Payments) -> None:
    """What the dashboard ends has ended at once."""
    session = await paid(provider, GIFT)
    await provider.cancel(session.subscription)
    ended = await _subscription(payments, "customer.subscription.deleted")
    assert (ended.id, ended.status) == (session.subscription, "ended")


async def test_ended_at_once(provider: Provider, payments: Payments) -> None:
    """A subscription that is ended has ended, nothing of it is given back, and ending it again says the same."""
    session = await paid(provider, GIFT)
    ended = await payments.end(session.subscription)
    assert (ended.id, ended.status, ended.order) == (session.subscription, "ended", GIFT.order)
    assert (await payments.end(session.subscription)).status == "ended"
    assert (await payments.session(session.id)).refunded.minor == 0
    with pytest.raises(PaymentsRefused):
        await payments.end("sub_unknown")


async def test_portal(provider: Provider, payments: Payments) -> None:
    """In the portal the payer ends the subscription with its period, or takes that back; each is told."""
    session = await paid(provider, GIFT)
    url = await payments.portal(session.subscription, return_url="https://shop.example/")
    assert url.startswith("http")
    assert url != await payments.portal((await paid(provider, GIFT, key="o")).subscription, return_url=url)
    await provider.at_portal(session.subscription, "cancel")
    assert (await _subscription(payments)).status == "stopping"
    await provider.at_portal(session.subscription, "resume")
    assert (await _subscription(payments)).status == "active"


async def test_undelivered(provider: Provider, payments: Payments) -> None:
    """Events that no webhook took can be listed apart from those that one did."""
    since = datetime.now(UTC) - AGO
    provider.webhooks(lost=False)
    await paid(provider)
    await provider.delivered()
    assert await payments.events(since=since, undelivered=True) == []
    provider.webhooks(lost=True)
    lost = await payments.expire((await payments.open(MUGS, key="lost")).id)
    provider.webhooks(lost=False)
    await payments.expire((await payments.open(MUGS, key="kept")).id)
    await provider.delivered()
    events = await payments.events(since=since, undelivered=True)
    assert [(event.type, event.object_id) for event in events] == [("checkout.session.expired", lost.id)]
    assert events[0] in await payments.events(since=since)


async def test_complete_sessions(provider: Provider, payments: Payments) -> None:
    """The complete sessions made since an instant are listed oldest first, with what became of their payments."""
    since = datetime.now(UTC) - AGO
    first, gift = await paid(provider), await paid(provider, GIFT, key="g")
    await payments.open(MUGS, key="open")
    await payments.expire((await payments.open(MUGS, key="expired")).id)
    later = await payments.open(MUGS, key="later")
    await provider.pay(later, "later")
    await payments.refund(first.payment_intent, eur(100), key="r")
    sessions = await payments.sessions(since=since)
    assert [session.id for session in sessions] == [first.id, gift.id, later.id]
    assert list(sessions) == [await payments.session(session.id) for session in sessions]
    assert sessions[0].refunded == eur(100)
    assert await payments.sessions(since=datetime.now(UTC) + AGO) == []


async def test_missing(payments: Payments) -> None:
    """What is not there is refused, and not in doubt."""
    for call in (
        payments.payment("pi_none"),
        payments.change("sub_none", eur(100), key="c"),
        payments.portal("sub_none", return_url="https://shop.example/"),
    ):
        with pytest.raises(PaymentsRefused) as refused:
            await call
        assert refused.value.code == "resource_missing"


async def test_going_on(provider: Provider, payments: Payments) -> None:
    """Subscriptions are listed, oldest first, until they have ended: troubled and stopping ones too."""
    assert list(await payments.going_on()) == []
    sessions = [await paid(provider, replace(GIFT, order=number), key=number) for number in ("A", "B", "C")]
    names = [session.subscription for session in sessions]
    await provider.renewal(names[0], paid=False)
    await payments.stop(names[1])
    await provider.cancel(names[2])
    found = await payments.going_on()
    assert [(each.id, each.order, each.status) for each in found] == [
        (names[0], "A", "troubled"),
        (names[1], "B", "stopping"),
    ]
