"""A database with an order in every state that a retirement has to count, written as the shop writes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.database import Database
from bot.money import Money
from bot.orders import Buyer, Donation, Line, Order, Pledge, State
from bot.ports import Dispute
from bot.refunds import RefundEntry, Stage
from tests.conformance.world import SHOP

CONFIG: Final = (
    SHOP
    + """
[coupon.SPENT]
percent = 5
total = 1

[coupon.ZINES]
percent = 5
products = ["zine"]

[retirement.buy]
announced = 2030-01-01T09:00:00
closes = 2030-02-15T00:00:00
fulfil = 2030-03-01T00:00:00
zone = "Europe/Paris"
reason.en = "The platform no longer offers buying."
contact = "shop@harbour.example"

[[retirement.buy.override]]
platform = "slack"
workspace = "T1"
closes = 2030-02-20T00:00:00

[[retirement.buy.exception]]
name = "the quay"
platform = "discord"
until = 2030-02-25T00:00:00

[[retirement.buy.alternative]]
name = "Our stall"
url = "https://harbour.example/stall"

[retirement.product.mug]
announced = 2029-12-01T09:00:00
closes = 2030-01-10T00:00:00
zone = "Europe/Paris"
reason.en = "Mugs break."
reason.fr = "Les tasses se cassent."
"""
)


def eur(minor: int) -> Money:
    """Give an amount of euros, in cents."""
    return Money(minor, "EUR")


ANN: Final = Buyer("slack", "T1/U1", "U1", "T1", "fr")
BOB: Final = Buyer("web", "bob", "bob", "", "en")
CID: Final = Buyer("discord", "33", "33", "G1", "en")
DEE: Final = Buyer("web", "dee", "dee", "", "en")


def bought(  # noqa: PLR0917 - a row of a table
    number: str, who: Buyer, product: str, price: int, state: State, now: datetime, **more: object
) -> Order:
    """Make a purchase of one piece, an hour old."""
    order = Order(
        id=number,
        kind="buy",
        state=state,
        buyer=who,
        total=eur(price),
        created=now - timedelta(hours=1),
        asked_by=f"asked {number}",
        account="",
        livemode=False,
        expires=now + timedelta(minutes=30),
        lines=(Line(product, product.partition("/")[0], product, 1, eur(price), "ship"),),
        session=f"cs_{number}",
        payment_intent=f"pi_{number}",
    )
    if state in {State.PAID, State.FULFILLED, State.REFUNDED}:
        order = replace(order, paid=eur(price), paid_at=now - timedelta(minutes=50))
    return replace(order, **more)  # type: ignore[arg-type]  # of its own fields


async def fill(url: str) -> None:
    """Write one of everything: open, processing, paid, undelivered, refunded, disputed, monthly, given and untold."""
    now = datetime.now(UTC)
    async with await Database.open(url) as database, database.store.unit() as unit:
        for order in (
            bought("DRAFT", ANN, "mug/blue", 1250, State.DRAFT, now, session=""),
            bought("OPEN", ANN, "print", 4500, State.AWAITING, now),
            bought("SETTLES", BOB, "mug/white", 1251, State.PROCESSING, now),
            bought("UNSENT", BOB, "mug/blue", 1252, State.PAID, now, refunded=eur(52)),
            bought("SENT", CID, "zine", 400, State.FULFILLED, now, code="SPENT"),
            bought("BACK", CID, "mug/blue", 1253, State.REFUNDED, now, refunded=eur(1253)),
            bought("FOUGHT", DEE, "mug/blue", 1254, State.FULFILLED, now, disputed=True),
            bought("LOST", DEE, "mug/blue", 1255, State.PAID, now, disputed_away=eur(1255)),
            bought("OLD", Buyer("web", "old", "old", "", "en"), "mug/blue", 1256, State.FULFILLED, now, created=AGO),
            bought("MONTHLY", DEE, "zine", 401, State.FULFILLED, now, every="month", subscription="sub_1"),
            bought("M-2", DEE, "zine", 401, State.FULFILLED, now, every="month", origin="renewal"),
            bought("EXPIRED", BOB, "mug/blue", 1250, State.EXPIRED, now),
            replace(
                bought("GIFT", BOB, "x", 1000, State.PAID, now),
                kind="donate",
                lines=(),
                donation=Donation("kitchen", eur(1000)),
            ),
            replace(
                bought("GIVEN", BOB, "x", 777, State.AWAITING, now),
                kind="donate",
                lines=(),
                donation=Donation("kitchen", eur(777)),
            ),
        ):
            await unit.orders.add(order, "new")
        for number, order_id, stage, amount in (
            ("1", "BACK", Stage.DONE, 1253),
            ("1", "UNSENT", Stage.DONE, 52),
            ("2", "UNSENT", Stage.APPROVED, 30),
            ("1", "SENT", Stage.ASKED, 31),
            ("1", "GIFT", Stage.ASKED, 500),
        ):
            name = f"{order_id}-R{number}"
            await unit.refunds.put(RefundEntry(name, order_id, eur(amount), "why", "x", name, stage, now))
        for dispute, payment, status, amount in (
            ("du_1", "pi_FOUGHT", "open", 1254),
            ("du_2", "pi_LOST", "lost", 1255),
            ("du_3", "pi_GIFT", "open", 1000),
        ):
            await unit.disputes.put(
                Dispute(dispute, "", False, payment, eur(amount), status, "fraudulent", now)  # type: ignore[arg-type]
            )
        monthly = Pledge(
            "MONTHLY", DEE.key, "", "sub_1", "", eur(401), "active", kind="buy", product="zine", label="Zine"
        )
        await unit.pledges.put(monthly)
        await unit.pledges.put(replace(monthly, id="GOES", state="stopping", subscription="sub_2", product="mug"))
        await unit.pledges.put(replace(monthly, id="WENT", state="ended", subscription="sub_3"))
        await unit.pledges.put(
            Pledge(
                "GIFTS", BOB.key, "", "sub_4", "kitchen", eur(2500), "active", donation=Donation("kitchen", eur(2500))
            )
        )
        await unit.news.add(BOB.key, "shipped", "UNSENT")
        told = await unit.news.add(BOB.key, "paid", "UNSENT")
        await unit.news.told(BOB.key, told.id, "sent")


#: Longer ago than who is told of a retirement by default.
AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
