"""What the contracts of Payments are asked to sell, and how it is paid and heard of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.money import Money
from bot.orders import Line
from bot.ports import Checkout, Event, Payments, Session, Subject
from tests.contracts.providers import Provider


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


MUGS = Checkout(
    order="T7K3M9QX",
    kind="buy",
    lines=(Line("mug-blue", "mug", "Mug, blue", 2, eur(1250)),),
    total=eur(2500),
    # Far off: it is set when tests are collected, and Stripe wants 30 minutes from when a session is made.
    expires=(datetime.now(UTC) + timedelta(hours=12)).replace(microsecond=0),
    success_url="https://shop.example/thanks",
    cancel_url="https://shop.example/cancelled",
    locale="fr-FR",
    terms="You accept the terms at https://shop.example/terms",
)
GIFT = replace(
    MUGS,
    order="G7K3M9QX",
    kind="donate",
    lines=(Line("water", "water", "Clean water", 1, eur(1000)),),
    total=eur(1000),
    monthly=True,
)


async def paid(provider: Provider, checkout: Checkout = MUGS, key: str = "k") -> Session:
    """Open a session and pay it with a card."""
    opened = await provider.payments.open(checkout, key=key)
    await provider.pay(opened)
    return await provider.payments.session(opened.id)


async def seen(payments: Payments, kind: str) -> tuple[Event, Subject | None]:
    """Give the newest event of a type, and what it speaks of."""
    events = await payments.events(since=datetime.now(UTC) - timedelta(minutes=5))
    event = [each for each in events if each.type == kind][-1]
    return event, await payments.look(event)
