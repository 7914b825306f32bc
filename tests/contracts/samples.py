"""Orders, pledges and events to write down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.money import Money
from bot.orders import Buyer, Donation, Line, Order, Pledge, State
from bot.ports import Event
from bot.shipping import Shipping

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ANN = Buyer("slack", "T1/U1", "U1", "T1", "fr-FR", reply="https://hooks.example/1", address="digest-of-an-address")
BOB = Buyer("web", "bob", "bob", "", "en")


def an_order(number: str, **changes: Any) -> Order:
    """Make an order of one mug, changed as told."""
    order = Order(
        id=number,
        kind="buy",
        state=State.DRAFT,
        buyer=ANN,
        total=Money(1250, "EUR"),
        created=NOON,
        asked_by=f"interaction {number}",
        account="",
        livemode=False,
        expires=NOON,
        lines=(Line("mug/blue", "mug", "Mug, blue", 1, Money(1250, "EUR")),),
    )
    return replace(order, **changes)


def a_full_order(number: str) -> Order:
    """Make an order in which no column has its default."""
    return Order(
        id=number,
        kind="donate",
        state=State.PAID,
        buyer=ANN,
        total=Money(2575, "EUR"),
        created=NOON,
        asked_by="interaction of the full one",
        account="water",
        livemode=True,
        expires=NOON.replace(hour=13),
        origin="renewal",
        lines=(
            Line("mug/blue", "mug", "Mug, blue 🫖", 2, Money(1250, "EUR"), fulfil="ship", message="with care"),
            Line("zine", "zine", "Zine", 1, Money(400, "EUR")),
        ),
        discount=Money(325, "EUR"),
        code="WELCOME10",
        shipping=Shipping("DE", {"en": "Post", "fr": "La Poste"}, Money(450, "EUR"), ("FR", "DE")),
        donation=Donation(
            cause="water",
            net=Money(2500, "EUR"),
            rhythm="monthly",
            dedication='À "Zoé"',
            anonymous=True,
            cover_fees=True,
            recipient="Example Water Trust",
            registration="W000000001",
        ),
        attempt=3,
        session="cs_1",
        session_url="https://checkout.example/cs_1",
        payment_intent="pi_1",
        subscription="sub_1",
        paid=Money(3025, "EUR"),
        refunded=Money(5, "EUR"),
        disputed=True,
        disputed_away=Money(7, "EUR"),
        ending="expired",
        late_payment="pi_2",
        receipt="2026-000007",
        tracking="1Z",
        problem="broken in the post",
        terms="Fourteen days.",
        ship_to="Example\n1 Example Quay",
        paid_at=NOON.replace(minute=59),
        every="month",
    )


def a_pledge(number: str, **changes: Any) -> Pledge:
    """Make a monthly gift, changed as told."""
    pledge = Pledge(
        id=number,
        person=ANN.key,
        account="water",
        subscription=f"sub_{number}",
        cause="water",
        amount=Money(2500, "EUR"),
        state="active",
        until=NOON,
        donation=Donation("water", Money(2500, "EUR"), "monthly"),
    )
    return replace(pledge, **changes)


def an_event(number: str, account: str = "") -> Event:
    """Make a hint that something happened."""
    return Event(number, account, livemode=False, type="checkout.session.completed", object_id="cs_1", created=NOON)
