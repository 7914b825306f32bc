"""The provider of a rehearsal: it knows what our rows say, keeps the port's promises, and notes what moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import PaymentsRefused
from bot.orders import Buyer, Line, Order, Pledge, State
from bot.ports import Dispute
from bot.rehearsing import Account, PlayedClock
from tests.app.harbour import eur

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = Buyer("slack", "T1/U1", "U1", "T1", "en")
OPEN = Order(
    id="OPEN",
    kind="buy",
    state=State.AWAITING,
    buyer=ANN,
    total=eur(1250),
    created=NOON,
    asked_by="asked",
    account="",
    livemode=True,
    expires=NOON + timedelta(minutes=30),
    lines=(Line("mug/blue", "mug", "Mug", 1, eur(1250)),),
    session="cs_1",
)
PAID = replace(OPEN, id="PAID", state=State.PAID, session="cs_2", payment_intent="pi_2", paid=eur(1250), paid_at=NOON)


@pytest.fixture
def clock() -> PlayedClock:
    return PlayedClock(NOON)


@pytest.fixture
def account(clock: PlayedClock) -> Account:
    account = Account("", livemode=True, clock=clock)
    for order in (OPEN, PAID):
        account.remember(order, (), ())
    return account


async def test_a_session_is_paid_once(account: Account) -> None:
    """What is paid takes its money once, and can then not be ended."""
    account.pay("cs_1")
    account.pay("cs_1")
    session = await account.expire("cs_1")
    assert (session.status, session.payment, session.total) == ("complete", "paid", eur(1250))
    assert [(each.kind, each.order, each.amount) for each in account.moved] == [("charge", "OPEN", eur(1250))]
    assert account.asked == []
    assert [event.object_id for event in account.news()] == ["cs_1"]
    assert account.news() == []


async def test_an_end_that_was_asked_for_is_noted(account: Account) -> None:
    """An open session that is ended stays ended, whoever comes to pay; that it was asked for is noted once."""
    await account.expire("cs_1")
    await account.expire("cs_1")
    account.pay("cs_1")
    assert [(each.what, each.order) for each in account.asked] == [("session", "OPEN")]
    assert account.moved == []


async def test_a_session_expires_by_itself(account: Account, clock: PlayedClock) -> None:
    """It ends at its own time, and nobody asked for that."""
    assert account.next_due == OPEN.expires
    clock.reach(OPEN.expires - timedelta(seconds=1))
    account.pass_time()
    assert (await account.session("cs_1")).status == "open"
    clock.reach(OPEN.expires)
    account.pass_time()
    assert (await account.expire("cs_1")).status == "expired"
    assert account.asked == []


async def test_a_refund_is_made_once_for_each_key(account: Account) -> None:
    """The same key gives nothing back again, and never more goes back than came in."""
    await account.refund("pi_2", eur(250), key="one")
    again = await account.refund("pi_2", eur(250), key="one")
    assert again.refunded == eur(250)
    with pytest.raises(PaymentsRefused):
        await account.refund("pi_2", eur(1001), key="two")
    rest = await account.refund("pi_2", None, key="three")
    assert rest.refunded == eur(1250)
    assert [each.amount for each in account.moved] == [eur(250), eur(1000)]


async def test_a_dispute_holds_the_money(account: Account) -> None:
    """Nothing goes back of what a bank holds, as the port says."""
    account.remember(PAID, (), [Dispute("du_1", "", True, "pi_2", eur(1250), "open", "fraudulent", None)])
    with pytest.raises(PaymentsRefused) as refused:
        await account.refund("pi_2", None, key="one")
    assert refused.value.code == "charge_disputed"


async def test_a_subscription_that_was_stopped_renews_no_more(account: Account, clock: PlayedClock) -> None:
    """It is charged at the end of its period, until one in which it was stopped; then it has ended."""
    until = NOON + timedelta(days=3)
    account.remember_pledge(Pledge("PAID", ANN.key, "", "sub_1", "", eur(400), "active", until=until, kind="buy"))
    clock.reach(until)
    account.pass_time()
    await account.stop("sub_1")
    clock.reach(until + timedelta(days=40))
    account.pass_time()
    assert [(each.kind, each.order, each.amount) for each in account.moved] == [("renewal", "PAID", eur(400))]
    assert await account.going_on() == []


async def test_what_is_not_settled_settles(account: Account, clock: PlayedClock) -> None:
    """A delayed payment takes its money some days later."""
    late = replace(OPEN, id="LATE", state=State.PROCESSING, session="cs_3", payment_intent="pi_3")
    account.remember(late, (), ())
    assert (await account.session("cs_3")).payment == "processing"
    clock.reach(NOON + timedelta(days=6))
    account.pass_time()
    assert (await account.session("cs_3")).payment == "paid"
    assert ("charge", "LATE") in [(each.kind, each.order) for each in account.moved]
