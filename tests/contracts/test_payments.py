"""The contract of Payments, on Stripe's SDK against the sandbox, and on the fake: sessions, refunds, subscriptions, events."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import PaymentsRefused, PaymentsUnavailable
from bot.orders import Line
from bot.ports import Checkout, Event, Invoice, Payments, ShippingChoice, Subscription
from tests.contracts.checkouts import GIFT, MUGS, eur, paid, seen
from tests.contracts.providers import Provider


async def test_opened(payments: Payments) -> None:
    """A session that was opened is what was asked for: open, unpaid, ours, and of the right amount."""
    session = await payments.open(MUGS, key="T7K3M9QX:1")
    assert session == await payments.session(session.id)
    assert (session.status, session.payment, session.order) == ("open", "none", "T7K3M9QX")
    assert (session.account, session.livemode) == ("water", False) == (payments.account, payments.livemode)
    assert (session.total, session.subtotal, session.refunded) == (eur(2500), eur(2500), eur(0))
    assert session.expires == MUGS.expires
    assert session.url.startswith("http")


async def test_same_key(payments: Payments) -> None:
    """The same key gives the same session, however often; another key another."""
    names = {(await payments.open(MUGS, key="T7K3M9QX:1")).id for _ in range(3)}
    assert len(names) == 1
    assert (await payments.open(MUGS, key="T7K3M9QX:2")).id not in names


@pytest.mark.parametrize("checkout", [MUGS, replace(MUGS, discount=eur(500), total=eur(2000))])
async def test_doubt_before(provider: Provider, payments: Payments, checkout: Checkout) -> None:
    """A call that got no answer and did nothing leaves no session, and the same key opens one."""
    provider.fail("before")
    with pytest.raises(PaymentsUnavailable):
        await payments.open(checkout, key="k")
    since = datetime.now(UTC) - timedelta(minutes=4)
    assert await payments.find(checkout.order, since=since) is None
    opened = await payments.open(checkout, key="k")
    assert await payments.find(checkout.order, since=since) == opened


async def test_doubt_after(provider: Provider, payments: Payments) -> None:
    """A call that got no answer but did act leaves a session that is found by its order, and by the same key."""
    provider.fail("after")
    with pytest.raises(PaymentsUnavailable):
        await payments.open(MUGS, key="k")
    found = await payments.find(MUGS.order, since=datetime.now(UTC) - timedelta(minutes=4))
    assert found is not None
    assert (await payments.open(MUGS, key="k")).id == found.id


async def test_found(payments: Payments) -> None:
    """An order's newest session is found among those made since an instant, and no stranger's."""
    await payments.open(MUGS, key="k1")
    newest = await payments.open(MUGS, key="k2")
    await payments.open(replace(MUGS, order="OTHER"), key="k3")
    since = datetime.now(UTC) - timedelta(minutes=4)
    assert await payments.find(MUGS.order, since=since) == newest
    assert await payments.find("NOBODYS", since=since) is None
    assert await payments.find(MUGS.order, since=datetime.now(UTC) + timedelta(minutes=4)) is None


async def test_paid(provider: Provider) -> None:
    """A paid session is complete, names its payment, and its event leads to it."""
    session = await paid(provider)
    assert (session.status, session.payment, session.url) == ("complete", "paid", "")
    assert session.payment_intent
    event, subject = await seen(provider.payments, "checkout.session.completed")
    assert (event.account, event.livemode, event.object_id) == ("water", False, session.id)
    assert subject == session


async def test_shipped_and_discounted(provider: Provider) -> None:
    """Discount and shipping are what was asked for, the total holds both, and the address is collected."""
    checkout = replace(
        MUGS,
        discount=eur(500),
        total=eur(2000),
        ship_to=("FR", "DE"),
        shipping=(ShippingChoice("Post", eur(450)), ShippingChoice("Courier", eur(900))),
    )
    session = await paid(provider, checkout)
    assert (session.subtotal, session.discount, session.shipping) == (eur(2500), eur(500), eur(450))
    assert session.total - session.shipping - session.tax == checkout.total
    assert session.ship_to.splitlines()[:2] == ["Test Buyer", "1 Example Street"]
    assert session.country == "FR"


async def test_free_goods_are_shipped_at_a_price(provider: Provider) -> None:
    """A discount takes the goods' price away and never the shipping's; the smallest charge is of both together."""
    rate = ShippingChoice("Post", eur(450))
    checkout = replace(MUGS, discount=eur(2500), total=eur(0), ship_to=("FR",), shipping=(rate,))
    session = await paid(provider, checkout)
    assert (session.total, session.discount, session.shipping) == (eur(450), eur(2500), eur(450))
    too_little = replace(checkout, order="SMALL", shipping=(replace(rate, price=eur(49)),))
    with pytest.raises(PaymentsRefused):
        await provider.payments.open(too_little, key="small")


async def test_declined(provider: Provider, payments: Payments) -> None:
    """A declined card leaves the session open for another."""
    opened = await payments.open(MUGS, key="k")
    await provider.pay(opened, "declined")
    session = await payments.session(opened.id)
    assert (session.status, session.payment, session.payment_intent) == ("open", "none", "")
    await provider.pay(opened)
    assert (await payments.session(opened.id)).payment == "paid"


@pytest.mark.parametrize("checkout", [MUGS, GIFT], ids=["once", "monthly"])
@pytest.mark.parametrize(("how", "ending"), [("later", "paid"), ("later_fails", "failed")])
async def test_settled_later(provider: Provider, payments: Payments, checkout: Checkout, how: str, ending: str) -> None:
    """A delayed payment is processing until it is settled, and then paid or failed; each is told by an event."""
    opened = await payments.open(checkout, key="k")
    await provider.pay(opened, "later" if how == "later" else "later_fails")
    session = await payments.session(opened.id)
    assert (session.status, session.payment) == ("complete", "processing")
    await provider.settle(session)
    assert (await payments.session(opened.id)).payment == ending
    kind = f"checkout.session.async_payment_{'succeeded' if ending == 'paid' else 'failed'}"
    assert (await seen(payments, kind))[0].object_id == opened.id


async def test_expired(provider: Provider, payments: Payments) -> None:
    """An open session can be expired, twice; it is then expired, cannot be paid, and its event leads to it."""
    opened = await payments.open(MUGS, key="k")
    expired = await payments.expire(opened.id)
    assert (expired.status, expired.payment) == ("expired", "none")
    await provider.pay(opened)
    assert await payments.expire(opened.id) == expired
    assert (await seen(payments, "checkout.session.expired"))[1] == expired


async def test_too_late_to_expire(provider: Provider, payments: Payments) -> None:
    """Where the payer was faster, the answer to expiring is the paid session."""
    session = await paid(provider)
    assert await payments.expire(session.id) == session


async def test_refunded(provider: Provider, payments: Payments) -> None:
    """All that is left is given back, once, whatever the key; payment and session say so, and an event."""
    session = await paid(provider)
    for key in ("r", "r", "another"):
        payment = await payments.refund(session.payment_intent, None, key=key)
        assert (payment.id, payment.received, payment.refunded) == (session.payment_intent, eur(2500), eur(2500))
        assert (payment.order, payment.account, payment.livemode) == (MUGS.order, "water", False)
    assert (await payments.session(session.id)).refunded == eur(2500)
    assert (await seen(payments, "charge.refunded"))[1] == await payments.refund(session.payment_intent, None, key="r")


async def test_refunded_in_part(provider: Provider, payments: Payments) -> None:
    """A part is given back once for each key, and never more than is left."""
    intent = (await paid(provider)).payment_intent
    for _ in range(2):
        assert (await payments.refund(intent, eur(1000), key="first")).refunded == eur(1000)
    with pytest.raises(PaymentsRefused):
        await payments.refund(intent, eur(1501), key="too much")
    assert (await payments.refund(intent, eur(1500), key="rest")).refunded == eur(2500)


async def test_refund_in_doubt(provider: Provider, payments: Payments) -> None:
    """A refund whose answer was lost is given once when it is asked for again, if it was not found by looking."""
    intent = (await paid(provider)).payment_intent
    provider.fail("after")
    with suppress(PaymentsUnavailable):
        await payments.refund(intent, eur(1000), key="r")
    assert (await payments.refund(intent, eur(1000), key="r")).refunded == eur(1000)


async def test_monthly(provider: Provider, payments: Payments) -> None:
    """A monthly gift begins a subscription with a first invoice, both of which lead back to the order."""
    session = await paid(provider, GIFT)
    assert session.payment == "paid"
    assert session.subscription
    _, invoice = await seen(payments, "invoice.paid")
    assert isinstance(invoice, Invoice)
    assert (invoice.first, invoice.paid, invoice.total) == (True, True, eur(1000))
    assert (invoice.order, invoice.subscription) == (GIFT.order, session.subscription)
    assert invoice.payment_intent == session.payment_intent
    assert (await payments.refund(session.payment_intent, None, key="r")).refunded == eur(1000)


async def test_renewed(provider: Provider, payments: Payments) -> None:
    """Each further month is an invoice that is not the first, with a payment of its own."""
    session = await paid(provider, GIFT)
    _, first = await seen(payments, "invoice.paid")
    await provider.renew(session.subscription)
    _, second = await seen(payments, "invoice.paid")
    assert isinstance(first, Invoice)
    assert isinstance(second, Invoice)
    assert (second.first, second.paid, second.order) == (False, True, GIFT.order)
    assert second.payment_intent not in {"", first.payment_intent}
    assert first.period_end is not None
    assert second.period_end is not None
    assert timedelta(days=27) < second.period_end - first.period_end < timedelta(days=32)


async def test_stopped(provider: Provider, payments: Payments) -> None:
    """A stopped subscription runs to the end of what is paid for, and then ends; stopping it again changes nothing."""
    session = await paid(provider, GIFT)
    stopping = await payments.stop(session.subscription)
    assert (stopping.status, stopping.order) == ("stopping", GIFT.order)
    assert stopping.until is not None
    assert timedelta(days=27) < stopping.until - datetime.now(UTC) < timedelta(days=32)
    assert await payments.stop(session.subscription) == stopping
    assert (await seen(payments, "customer.subscription.updated"))[1] == stopping
    await provider.renew(session.subscription)
    _, ended = await seen(payments, "customer.subscription.deleted")
    assert isinstance(ended, Subscription)
    assert ended.status == "ended"
    assert (await payments.stop(session.subscription)).status == "ended"


async def test_events(provider: Provider, payments: Payments) -> None:
    """Events since an instant are listed oldest first, each with an id of its own; those before it are not."""
    opened = [await payments.open(MUGS, key=key) for key in ("a", "b")]
    for session in opened:
        await payments.expire(session.id)
    events = await payments.events(since=datetime.now(UTC) - timedelta(minutes=1))
    assert [event.object_id for event in events] == [session.id for session in opened]
    assert len({event.id for event in events}) == len(events)
    assert all(datetime.now(UTC) - event.created < timedelta(minutes=1) for event in events)
    assert await payments.events(since=datetime.now(UTC) + timedelta(minutes=1)) == []


async def test_events_of_no_use(provider: Provider, payments: Payments) -> None:
    """An event that Tillbot has no use for leads to nothing."""
    now = datetime.now(UTC)
    assert (
        await payments.look(Event("evt_1", "water", livemode=False, type="x.y", object_id="z_1", created=now)) is None
    )


@pytest.mark.parametrize(
    "checkout",
    [
        replace(MUGS, lines=(Line("s", "s", "Sticker", 1, eur(20)),), total=eur(20)),
        replace(GIFT, lines=(Line("w", "w", "Clean water", 1, eur(20)),), total=eur(20)),
    ],
    ids=["once", "monthly"],
)
async def test_too_small(payments: Payments, checkout: Checkout) -> None:
    """Less than the smallest charge is refused, with the code that says so."""
    with pytest.raises(PaymentsRefused) as refused:
        await payments.open(checkout, key="k")
    assert refused.value.code == "amount_too_small"


async def test_missing(payments: Payments) -> None:
    """What is not there is refused, and not in doubt."""
    for call in (
        payments.session("cs_test_none"),
        payments.expire("cs_test_none"),
        payments.refund("pi_none", None, key="r"),
        payments.stop("sub_none"),
    ):
        with pytest.raises(PaymentsRefused) as refused:
            await call
        assert refused.value.code == "resource_missing"
